"""Headers that units read in different ways: the index has what all of them compile, whoever comes first."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from itertools import permutations
from typing import Any, TypeVar

import pytest
from support.cpp import Workspace, libclang, workspace

from cpplsp.facts import FileFacts, UnitState
from cpplsp.indexing import Indexing
from cpplsp.preluding import Preludes
from cpplsp.protocol import Job, UnitDone
from cpplsp.scheduler.costs import Costs
from cpplsp.scheduler.governor import Governor
from cpplsp.scheduler.pool import Loss
from cpplsp.store.freshness import find_stale, prune, refresh_files
from cpplsp.store.units import WantedUnit, sync_units
from cpplsp.worker.session import Session

T = TypeVar("T")

HEADER = b"""#pragma once
int base(int);
#ifdef IMPL
int base(int n) { return n; }
static inline int implied(int n) { int local = base(n); return local; }
#else
inline int replaced(int n) { int local = base(n); return local; }
#endif
#ifdef EXTRA
struct Extra { int member; int get() { return base(member); } };
#ifdef MORE
inline int more(Extra& extra) { return extra.get(); }
#endif
#endif
#include "table.inc"
"""
FILES = {
    "h.h": HEADER,
    "table.inc": b"#ifdef ENTRY\nENTRY(one)\n#endif\n",
    "plain.cc": b'#include "h.h"\nint a = base(1);\n',
    "impl.cc": b'#define IMPL\n#include "h.h"\nint b = implied(2);\n',
    "extra.cc": b'#define EXTRA\n#include "h.h"\nint c = Extra().get();\n',
    "both.cc": b'#define IMPL\n#define EXTRA\n#define MORE\n#include "h.h"\nExtra e;\nint d = more(e);\n',
    "entry.cc": b'#define ENTRY(name) inline int name() { return 1; }\n#include "h.h"\nint f = one();\n',
}
SOURCES = ["plain.cc", "impl.cc", "extra.cc", "both.cc", "entry.cc"]


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of what waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waits for something")


class Workers:
    """Sessions as workers have them, fed by the real books of a run."""

    def __init__(self, space: Workspace, sources: Sequence[str]):
        self.space = space
        self.parses = 0
        self.governor = Governor(None, None)
        self._sessions: dict[int, Session] = {}
        with_arguments = ["-x", "c++", "-std=c++20", "-nostdinc"]
        units = [
            WantedUnit(space.path(name), space.roots.project, with_arguments, name.encode(), "c++")
            for name in sources
        ]
        sync_units(space.index, units, lambda: True)

    def stale(self) -> list[tuple[int, str]]:
        refresh_files(self.space.index)
        return find_stale(self.space.index).units

    def begin(self, order: Sequence[int] | None = None) -> Indexing:
        """A round over what is stale, in an order, with new workers."""
        self.close()
        self.governor = Governor(None, None)
        refresh_files(self.space.index)
        stale = find_stale(self.space.index)
        todo = [stale.units[at] for at in order] if order else stale.units

        async def do(function: Callable[..., T], /, *arguments: Any) -> T:
            return function(*arguments)

        return Indexing(
            self.space.index,
            do,
            todo,
            stale.claimed,
            preludes=Preludes(self.space.index, do, "off"),
            learnt={},
            costs=Costs(),
            governor=self.governor,
            changed=lambda: None,
        )

    async def read(self, indexing: Indexing, worker: int) -> tuple[Job, list[FileFacts], UnitDone] | None:
        """Have a worker read the next unit; nothing of what it sends has come yet."""
        self.governor.release(worker)
        given = await indexing.take(worker, worker, "c++")
        if given is None:
            return None
        job = given.job
        session = self._sessions.get(worker)
        if session is None or session.epoch != job.epoch:
            if session:
                session.close()
            session = self._sessions[worker] = Session(libclang(), "c++", job.epoch)
        sent: list[FileFacts] = []
        done = session.run(job, lambda files: at_once(indexing.claim(job, files)), sent.append)
        self.parses += 1
        return job, sent, done

    @staticmethod
    async def deliver(indexing: Indexing, read: tuple[Job, list[FileFacts], UnitDone]) -> None:
        job, sent, done = read
        for facts in sent:
            await indexing.file(job, facts)
        await indexing.done(job, done)

    async def run(self, order: Sequence[int] | None = None, *, at_once: int = 1) -> None:
        """A whole run: rounds until nothing is stale, by so many workers, of which the last delivers first."""
        while self.stale():
            indexing = self.begin(order)
            order = None
            while True:
                read = [await self.read(indexing, worker) for worker in range(at_once)]
                if not any(read):
                    break
                for one in reversed(read):
                    if one:
                        await self.deliver(indexing, one)
        prune(self.space.index)

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()


@pytest.fixture
def space(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    with workspace() as made:
        monkeypatch.chdir(made.folder)
        yield made


def rows(space: Workspace) -> dict[str, set[tuple[object, ...]]]:
    """All that is in the index, without the ids that depend on the order of writing."""
    tables = {
        "declaration": "t.line, col, symbol, name, definition, begin_line, end_line, scope, type",
        "occurrence": "t.line, col, symbol, length, roles, enclosing",
        "relation": "subject, relation, object",
        "include": "t.line, (SELECT path FROM file WHERE id = t.target)",
    }
    held = {
        table: set(
            space.index.db.execute(
                f"SELECT f.path, {columns} FROM {table} t JOIN shard s ON s.id = t.shard"
                " JOIN file f ON f.id = s.file"
            )
        )
        for table, columns in tables.items()
    }
    held["reading"] = set(
        space.index.db.execute(
            "SELECT f.path, r.context, h.skipped FROM reading r JOIN file f ON f.id = r.file"
            " LEFT JOIN shape h ON h.id = r.shape"
        )
    )
    return held


def indexed(sources: Sequence[str], order: Sequence[int], at_once: int) -> dict[str, set[tuple[object, ...]]]:
    with workspace() as space:
        space.write(FILES)
        workers = Workers(space, sources)
        asyncio.run(workers.run(order, at_once=at_once))
        workers.close()
        assert workers.parses == len(sources), "one round does it"
        return rows(space)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_the_index_is_the_same_in_any_order_of_units(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.chdir("/")
    for sources in (SOURCES[:3], SOURCES[1:4], SOURCES[2:5]):
        found = [indexed(sources, order, at_once) for order in permutations(range(3))]
        assert all(one == found[0] for one in found[1:])


def test_the_index_has_what_each_unit_compiles(space: Workspace) -> None:
    space.write(FILES)
    workers = Workers(space, SOURCES)
    asyncio.run(workers.run())
    workers.close()
    names = {
        row[0]
        for row in space.index.db.execute(
            "SELECT name FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
            " WHERE f.path IN ('h.h', 'table.inc')"
        )
    }
    expected = ("base", "n", "implied", "local", "replaced", "Extra", "member", "get", "more", "extra", "one")
    assert names == set(expected)


def test_a_reading_that_tells_nothing_beside_another_is_not_kept(space: Workspace) -> None:
    space.write(FILES)
    workers = Workers(space, SOURCES)
    asyncio.run(workers.run())
    workers.close()
    found = space.index.db.execute(
        "SELECT count(*) FROM reading r JOIN file f ON f.id = r.file WHERE f.path = 'h.h'"
    ).fetchone()
    assert found == (2,), "both.cc's, and one of extra.cc; what plain.cc and impl.cc read is in them"


def test_what_a_dead_worker_was_to_report_is_reported_by_one_that_was_refused(space: Workspace) -> None:
    space.write(FILES)
    workers = Workers(space, ["both.cc", "impl.cc", "plain.cc"])

    async def run() -> list[tuple[int, str]]:
        indexing = workers.begin()
        died, refused = [await workers.read(indexing, worker) for worker in (0, 1)]
        assert died
        assert refused
        await workers.deliver(indexing, refused)
        loss = Loss(UnitState.CRASHED, "as a test")
        workers.governor.release(0)
        await indexing.lost(died[0], loss)
        plain = await workers.read(indexing, 1)
        assert plain
        await workers.deliver(indexing, plain)
        workers.governor.release(1)
        again = await indexing.take(2, 2, "c++")
        assert again
        await indexing.lost(again.job, loss)
        assert again.job.unit == died[0].unit
        stale = workers.stale()
        await workers.run()
        assert stale == [(refused[0].unit, "c++")]
        return workers.stale()

    assert asyncio.run(run()) == []
    workers.close()
    assert "implied" in {row[0] for row in space.index.db.execute("SELECT name FROM declaration")}


def test_what_the_only_unit_that_compiled_it_no_longer_does_goes(space: Workspace) -> None:
    space.write(FILES)
    workers = Workers(space, ["both.cc", "plain.cc", "impl.cc"])
    asyncio.run(workers.run())
    space.write({"both.cc": b'#include "h.h"\nint d = base(3);\n'})
    asyncio.run(workers.run())
    workers.close()
    held = rows(space)
    with workspace() as other:
        other.write(FILES | {"both.cc": b'#include "h.h"\nint d = base(3);\n'})
        anew = Workers(other, ["both.cc", "plain.cc", "impl.cc"])
        asyncio.run(anew.run())
        anew.close()
        expected = rows(other)
    assert held["declaration"] == expected["declaration"]
    assert held["occurrence"] == expected["occurrence"]
    assert held["reading"] == expected["reading"]


def test_a_changed_header_is_read_anew_in_all_shapes(space: Workspace) -> None:
    space.write(FILES)
    workers = Workers(space, SOURCES)
    asyncio.run(workers.run())
    before = rows(space)
    space.write({"h.h": b"// moved\n" + HEADER})
    asyncio.run(workers.run())
    space.write({"h.h": HEADER})
    asyncio.run(workers.run())
    workers.close()
    assert rows(space) == before
    assert workers.stale() == []
