"""Runs with preludes: the same index, whatever becomes of them."""

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
from importlib.metadata import version
from pathlib import Path

import pytest
from support.sources import Sources

from cpplsp import preluding
from cpplsp.facts import UnitState
from cpplsp.indexer import Indexer
from cpplsp.indexing import Indexing
from cpplsp.manifest import read
from cpplsp.preluding import LEAST_UNITS, SCOUTS, scouts_first
from cpplsp.project.project import Project
from cpplsp.scheduler.pool import Assignment

UNITS = 14
ROWS = (
    "SELECT DISTINCT 'occurrence', f.root, f.path, o.line, o.col, o.symbol, o.length, o.roles, o.enclosing"
    " FROM occurrence o JOIN shard s ON s.id = o.shard JOIN file f ON f.id = s.file"
    " UNION ALL SELECT DISTINCT 'declaration', f.root, f.path, d.line, d.col, d.symbol, d.name, d.kind, d.definition"
    " FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
    " UNION ALL SELECT DISTINCT 'include', f.root, f.path, i.line, t.path, 0, 0, 0, 0"
    " FROM include i JOIN shard s ON s.id = i.shard JOIN file f ON f.id = s.file JOIN file t ON t.id = i.target"
    " ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
)
PRELUDE = "SELECT name <> '', reason, lost, gained, facts > 0 FROM prelude"


def many(folder: Path, *, units: int = UNITS, first: str = "", **settings: object) -> Sources:
    """A project of units that share headers of their own and of the system's."""
    folder.mkdir(exist_ok=True)
    made = Sources(folder, **settings)
    made.write(
        base_h="#pragma once\n#include <cstddef>\n#include <utility>\n#if MODE\n#endif\n"
        "struct Base { virtual ~Base() = default; virtual std::size_t size() const { return 1; } };\n"
        "template <class T> std::pair<T, T> twice(T t) { return {t, t}; }\n",
        more_h='#pragma once\n#include "base.h"\nstruct More : Base { std::size_t size() const override; };\n',
        other_h="#pragma once\nint other(int);\n",
    )
    names = [f"u{number:02}" for number in range(units)]
    for number, name in enumerate(names):
        header = ("more.h", "base.h")[number % 2]
        other = '#include "other.h"\nint other(int i) { return i; }\n' if number == 5 else ""
        text = (
            f'{first}#include "{header}"\n{other}'
            f"int {name}() {{ return int(twice(Base().size()).first) + {number}; }}\n"
        )
        made.write(**{f"{name}_cc": text})
    made.commands(*(f"{name}.cc" for name in names))
    return made


class Taken:
    """Spies on how units are read: their names, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.under: list[str] = []
        self.alone: list[str] = []
        take = Indexing.take

        async def spy(indexing: Indexing, worker: int, pid: int, context: str | None) -> Assignment | None:
            given = await take(indexing, worker, pid, context)
            if given and not given.job.headers and not given.job.is_sample:
                (self.under if given.job.prelude else self.alone).append(os.path.basename(given.job.path))
            return given

        monkeypatch.setattr(Indexing, "take", spy)

    def clear(self) -> None:
        self.under.clear()
        self.alone.clear()


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    return Taken(monkeypatch)


def folder_of(sources: Sources) -> list[str]:
    folder = os.path.join(os.path.dirname(sources.path), "preludes")
    return sorted(os.path.splitext(name)[1] for name in os.listdir(folder)) if os.path.isdir(folder) else []


def test_the_index_is_the_same_with_and_without_preludes(tmp_path: Path, taken: Taken) -> None:
    rows = {}
    for mode in ("off", "system", "auto"):
        taken.clear()
        sources = many(tmp_path / mode, prelude=mode)
        summary = sources.run()
        assert (summary.indexed, summary.with_errors, summary.failed) == (UNITS, 0, [])
        assert summary.preludes == (mode != "off")
        assert bool(taken.under) == (mode != "off")
        rows[mode] = sources.rows(ROWS)
    assert rows["off"] == rows["system"] == rows["auto"]
    assert len(rows["off"]) > 100


def test_with_many_workers_none_is_read_alone_that_is_cheaper_under_the_prelude(
    tmp_path: Path, taken: Taken
) -> None:
    assert many(tmp_path / "a", jobs=8).run().indexed == UNITS
    assert len(taken.alone) == SCOUTS
    assert len(taken.under) == UNITS - SCOUTS


@pytest.mark.parametrize("fault", ["crash@start", "kill@file"])
def test_where_units_that_show_the_way_fail_others_take_their_place(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    sources = many(tmp_path / "a", jobs=8)
    scouts = [unit for unit, _ in scouts_first([(number, "c") for number in range(UNITS)])[:SCOUTS]]
    monkeypatch.setenv("CPPLSP_FAULT", ";".join(f"{fault}:u{number:02}.cc" for number in scouts))
    summary = sources.run()
    assert (summary.indexed, len(summary.failed), summary.preludes) == (UNITS - SCOUTS, SCOUTS, 1)
    assert len(taken.under) == UNITS - 2 * SCOUTS


def test_a_unit_that_a_person_waits_for_is_not_kept_until_there_is_a_prelude(
    tmp_path: Path, taken: Taken
) -> None:
    sources = many(tmp_path / "a", jobs=8)
    indexer = Indexer(
        Project.open(str(sources.root), sources.settings), sources.settings, sources.progress.append
    )
    wanted = [str(sources.root / f"u{number:02}.cc") for number in range(6)]

    async def run() -> None:
        await indexer.prioritise(wanted)
        await indexer.run()

    asyncio.run(run())
    indexer.close()
    assert set(map(os.path.basename, wanted)) <= set(taken.alone)
    assert taken.under


def test_a_prelude_is_measured_before_it_is_trusted(tmp_path: Path) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    assert sources.rows(PRELUDE) == [(1, "", 0, 0, 1)]
    assert folder_of(sources) == [".h", ".manifest", ".pch"]


def test_units_in_c_share_a_prelude_of_their_own(tmp_path: Path, taken: Taken) -> None:
    rows = []
    for mode in ("off", "auto"):
        taken.clear()
        sources = many(tmp_path / mode, prelude=mode)
        sources.write(
            c_h="#pragma once\n#include <stddef.h>\nstruct c { size_t size; };\n#define SIZE(x) ((x)->size)\n"
        )
        names = [f"c{number:02}" for number in range(30)]
        for name in names:
            sources.write(
                **{
                    f"{name}_c": f'#include "c.h"\nstatic size_t of(struct c *c) {{ return SIZE(c); }}\n'
                    f"size_t {name}(struct c *c) {{ return of(c); }}\n"
                }
            )
        sources.commands(*(f"u{number:02}.cc" for number in range(UNITS)), *(f"{name}.c" for name in names))
        summary = sources.run()
        assert (summary.indexed, summary.with_errors) == (UNITS + 30, 0)
        assert summary.preludes == (2 if mode == "auto" else 0)
        assert any(name.endswith(".c") for name in taken.under) == (mode == "auto")
        rows.append(sources.rows(ROWS))
    assert rows[0] == rows[1]


def targets(folder: Path, *, mentioned: bool = False, **settings: object) -> Sources:
    """The same project as six targets, each with macros of its own."""
    sources = many(folder, units=36, **settings)
    if mentioned:
        text = (sources.root / "base.h").read_text()
        sources.write(base_h=text.replace("#if MODE", "#if TARGET == 3"))
    entries = [
        {
            "directory": str(sources.root),
            "file": f"u{number:02}.cc",
            "command": f"g++ -DCOMMON -DTARGET={number % 6} -DIN_{number % 6} -c u{number:02}.cc",
        }
        for number in range(36)
    ]
    (sources.root / "compile_commands.json").write_text(json.dumps(entries))
    return sources


def test_targets_that_differ_in_macros_share_a_prelude(tmp_path: Path, taken: Taken) -> None:
    rows = {}
    for mode in ("off", "auto"):
        taken.clear()
        sources = targets(tmp_path / mode, prelude=mode, jobs=1)
        summary = sources.run()
        assert (summary.indexed, summary.with_errors) == (36, 0)
        rows[mode] = (
            sources.rows(ROWS),
            sources.rows(
                "SELECT f.path, r.context, v.content FROM reading r JOIN shard s ON s.id = r.shard"
                " JOIN version v ON v.id = s.version JOIN file f ON f.id = r.file WHERE r.context <> '' ORDER BY 1, 2"
            ),
        )
    assert rows["off"] == rows["auto"]
    assert len(taken.under) > 20
    assert summary.preludes == 1
    assert len(sources.rows("SELECT 1 FROM prelude WHERE name <> ''")) == 6
    # Another run is fresh, and one changed unit of any target is read under it.
    assert sources.run().skipped_fresh == 36
    taken.clear()
    sources.write(u04_cc='#include "base.h"\nint changed;\n')
    sources.run()
    assert (taken.under, taken.alone) == (["u04.cc"], [])


def test_a_header_that_mentions_what_targets_differ_in_stays_out(tmp_path: Path) -> None:
    rows = []
    for mode in ("off", "auto"):
        sources = targets(tmp_path / mode, mentioned=True, prelude=mode, jobs=1)
        assert sources.run().with_errors == 0
        rows.append(sources.rows(ROWS))
    assert rows[0] == rows[1]
    for (name,) in sources.rows("SELECT DISTINCT name FROM prelude WHERE name <> ''"):
        manifest = Path(sources.path).parent / "preludes" / f"{name}.manifest"
        paths = [os.path.basename(header.version.path) for header in read(str(manifest)).headers]
        assert "base.h" not in paths


def test_few_units_are_read_alone(tmp_path: Path, taken: Taken) -> None:
    sources = many(tmp_path / "a", units=LEAST_UNITS - 1)
    assert sources.run().preludes == 0
    assert not taken.under
    assert folder_of(sources) == []


def test_one_changed_unit_is_read_under_the_prelude_that_is_there(tmp_path: Path, taken: Taken) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    taken.clear()
    sources.write(u03_cc='#include "more.h"\nint changed() { return int(More().size()); }\n')
    summary = sources.run()
    assert (summary.indexed, summary.skipped_fresh, summary.preludes) == (1, UNITS - 1, 1)
    assert (taken.under, taken.alone) == (["u03.cc"], [])
    assert "u03.cc changed" in sources.names()


def test_a_header_of_the_prelude_that_changes_leaves_it_aside(tmp_path: Path, taken: Taken) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    taken.clear()
    text = (sources.root / "base.h").read_text()
    sources.write(base_h=text.replace("struct Base", "struct Newer {};\nstruct Base"))
    sources.run()
    assert taken.alone
    assert "base.h Newer" in sources.names()
    alone = many(tmp_path / "b", prelude="off")
    alone.write(base_h=(sources.root / "base.h").read_text())
    alone.run()
    assert sources.rows(ROWS) == alone.rows(ROWS)


def test_a_header_of_the_prelude_that_is_touched_leaves_it_in_use(tmp_path: Path, taken: Taken) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    taken.clear()
    os.utime(sources.root / "base.h", (1, 1))
    sources.write(u00_cc=(sources.root / "u00.cc").read_text() + "int more;\n")
    summary = sources.run()
    assert (summary.indexed, taken.under, taken.alone) == (1, ["u00.cc"], [])


def test_a_header_of_the_prelude_that_is_changed_and_changed_back_leaves_it_in_use(
    tmp_path: Path, taken: Taken
) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    (name,) = sources.rows("SELECT name FROM prelude")
    before = (sources.root / "base.h").read_text()
    sources.write(base_h=before + "struct New;\n")
    fewer = [f"u{number:02}.cc" for number in range(3)]
    sources.commands(*fewer)  # too few for another prelude
    assert sources.run().preludes == 0
    sources.write(base_h=before)
    sources.run()
    taken.clear()
    sources.write(u00_cc=(sources.root / "u00.cc").read_text() + "int more;\n")
    assert (sources.run().preludes, taken.under, taken.alone) == (1, ["u00.cc"], [])
    assert sources.rows("SELECT name FROM prelude") == [name]


def test_a_prelude_under_which_facts_differ_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Taken(monkeypatch)
    monkeypatch.setattr(preluding, "MOST_DIFFERING", -1.0)
    sources = many(tmp_path / "a")
    summary = sources.run()
    assert (summary.indexed, summary.preludes) == (UNITS, 0)
    ((is_there, reason, _, _, _),) = sources.rows(PRELUDE)
    assert not is_there
    assert str(reason).endswith(" facts of a sample 0 were lost and 0 gained under it")
    assert set(taken.under) <= set(taken.alone)
    assert folder_of(sources) == []
    # What is known by now is not tried again.
    monkeypatch.undo()
    sources.commands(*(f"u{number:02}.cc" for number in range(UNITS)), flags="-Wall")
    for name in ("u00_cc", "u01_cc"):
        sources.write(**{name: "int i;\n"})
    assert sources.run().preludes == 0


def test_a_prelude_that_fits_no_unit_is_dropped(tmp_path: Path) -> None:
    sources = many(tmp_path / "a", units=20, first="#define MODE 1\n", jobs=1)
    summary = sources.run()
    assert (summary.indexed, summary.with_errors, summary.preludes) == (20, 0, 0)
    ((is_there, reason, _, _, _),) = sources.rows(PRELUDE)
    assert not is_there
    assert str(reason).startswith("too many units do not fit it: its headers ask for what u")
    alone = many(tmp_path / "b", units=20, first="#define MODE 1\n", prelude="off")
    alone.run()
    # Which of the units' macros the header's test names is a matter of who comes first.
    rows, expected = ([row for row in one.rows(ROWS) if row[2] != "base.h"] for one in (sources, alone))
    assert rows == expected


@pytest.mark.parametrize("fault", ["kill@start", "crash@start", "raise@start"])
def test_a_prelude_that_takes_its_worker_along_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", f"{fault}:<prelude>")
    sources = many(tmp_path / "a")
    summary = sources.run()
    assert (summary.indexed, summary.failed, summary.preludes) == (UNITS, [], 0)
    ((is_there, reason, _, _, _),) = sources.rows(PRELUDE)
    assert not is_there
    assert "building it failed" in str(reason) or "could not be built" in str(reason)
    alone = many(tmp_path / "b", prelude="off")
    alone.run()
    assert sources.rows(ROWS) == alone.rows(ROWS)


def test_a_unit_that_takes_its_worker_along_is_read_again_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    monkeypatch.setenv("CPPLSP_FAULT", f"kill@start:u03.cc:{tmp_path / 'marker'}")
    sources.write(u03_cc='#include "more.h"\nint changed;\n')
    sources.run()
    assert (tmp_path / "marker").exists()
    assert sources.states()["u03.cc"] == UnitState.INDEXED
    assert "u03.cc changed" in sources.names()


def test_a_unit_that_does_not_fit_says_why(tmp_path: Path) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    sources.write(u03_cc='#define MODE 1\n#include "base.h"\nint changed;\n')
    sources.run()
    assert sources.rows("SELECT unfit FROM unit WHERE unfit <> ''") == [
        ("its headers ask for what u03.cc says before them: #define MODE",)
    ]


def test_a_prelude_that_is_not_whole_goes(tmp_path: Path) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    (pch,) = Path(sources.path).parent.glob("preludes/*.pch")
    pch.unlink()
    sources.write(u03_cc='#include "more.h"\nint changed;\n')
    assert sources.run().preludes == 0
    assert (folder_of(sources), sources.rows(PRELUDE)) == ([], [])


def test_an_index_that_is_shipped_without_its_preludes_misses_nothing(tmp_path: Path) -> None:
    """docs/prewarm.md has them left out: they are made anew when they are worth it."""
    sources = many(tmp_path)
    assert sources.run().preludes == 1
    shutil.rmtree(os.path.join(os.path.dirname(sources.path), "preludes"))
    summary = sources.run()
    assert (summary.skipped_fresh, summary.notes) == (UNITS, [])
    sources.write(**{f"u{number:02}_cc": '#include "base.h"\nint x;\n' for number in range(UNITS)})
    summary = sources.run()
    assert (summary.indexed, summary.with_errors, summary.preludes) == (UNITS, 0, 1)
    assert folder_of(sources)


def test_a_prelude_of_another_libclang_is_not_used(tmp_path: Path, taken: Taken) -> None:
    sources = many(tmp_path / "a")
    sources.run()
    ((maker,),) = sources.rows("SELECT maker FROM prelude")
    with contextlib.closing(sqlite3.connect(sources.path)) as db, db:
        db.execute("UPDATE prelude SET maker = 'auto, another'")
    taken.clear()
    sources.write(u03_cc='#include "more.h"\nint changed;\n')
    sources.run()
    assert (taken.under, taken.alone) == ([], ["u03.cc"])
    assert maker == f"auto, libclang {version('libclang')}"


def test_scouts_come_first_and_are_the_same_each_time() -> None:
    todo = [(number, "c++") for number in range(40)] + [(number, "c") for number in range(40, 43)]
    ordered = scouts_first(todo)
    assert sorted(ordered) == todo
    assert ordered == scouts_first(todo)
    moved = [one for one, (place, _) in zip(ordered, todo, strict=True) if one[0] != place]
    assert ordered[:SCOUTS] == moved[:SCOUTS]
    assert ordered[SCOUTS:] == sorted(ordered[SCOUTS:])
