"""Unsaved texts of a project, read by a real worker and laid over its index."""

import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.sources import Sources

from cpplsp import live, preambles
from cpplsp.live import Live
from cpplsp.project.project import Project
from cpplsp.protocol import Job, UnitDone
from cpplsp.store.connection import open_reader
from cpplsp.store.overlay import Overlay


class Desk:
    def __init__(self, sources: Sources):
        self.sources = sources
        project = Project.open(str(sources.root), sources.settings)
        self.root = project.root
        self.overlay: Overlay | None = None
        self.text = ""
        self.live = Live(sources.path, project.roots, sources.settings, self._lay_over)

    def _lay_over(self, overlay: Overlay) -> None:
        self.overlay = overlay

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"

    async def read(self, name: str, **texts: str) -> set[str]:
        """Read a file with these texts (``a_cc="…"``); names of the files that are told of."""
        given = {self.path(one.replace("_", ".")): text.encode() for one, text in texts.items()}
        return {Path(one).name for one in await self.live.read(self.path(name), given, given)}

    def names(self, name: str) -> list[str]:
        """What a file declares, as a reader sees it."""
        with contextlib.closing(open_reader(self.sources.path)) as db:
            if self.overlay is not None and self.overlay.files:
                self.overlay.attach(db)
            return _names(db, name)


def _make_anew(sources: Sources) -> None:
    Path(sources.path).unlink()
    sources.run()


def _names(db: sqlite3.Connection, name: str) -> list[str]:
    rows = db.execute(
        "SELECT d.name FROM file f JOIN reading r ON r.file = f.id JOIN declaration d ON d.shard = r.shard"
        " WHERE f.path = ? ORDER BY d.name",
        (name,),
    )
    return [row[0] for row in rows]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    sources = Sources(tmp_path)
    sources.write(
        a_h="int shared();\n", a_cc='#include "a.h"\nint a = shared();\n', b_cc='#include "a.h"\nint b;\n'
    )
    sources.commands("a.cc", "b.cc")
    made = Desk(sources)
    yield made
    await made.live.close()


@pytest.fixture
async def indexed(desk: Desk) -> Desk:
    await desk.live._do(desk.sources.run)
    return desk


async def test_facts_of_an_unsaved_text_are_seen_until_they_are_dropped(indexed: Desk) -> None:
    assert await indexed.read("a.cc", a_cc='#include "a.h"\nint now = shared();\n') == {"a.cc"}
    assert indexed.names("a.cc") == ["now"]
    assert indexed.names("b.cc") == ["b"]
    await indexed.live.drop([indexed.path("a.cc")])
    assert indexed.names("a.cc") == ["a"]


async def test_a_header_is_read_by_way_of_an_open_file(indexed: Desk) -> None:
    told = await indexed.read("a.h", a_h="int renamed();\n", b_cc='#include "a.h"\nint c;\n')
    assert told == {"a.h", "b.cc"}
    assert (indexed.names("a.h"), indexed.names("b.cc")) == (["renamed"], ["c"])


async def test_open_files_that_include_a_header_are_affected_by_it(indexed: Desk) -> None:
    paths = {indexed.path(name) for name in ("a.cc", "b.cc", "a.h")}
    found = await indexed.live.affected([indexed.path("a.h")], paths)
    assert found == {indexed.path("a.cc"), indexed.path("b.cc")}
    assert await indexed.live.affected([indexed.path("a.cc")], paths) == frozenset()


async def test_the_index_is_asked_for_the_very_text(indexed: Desk) -> None:
    assert await indexed.live.is_indexed(indexed.path("b.cc"), b'#include "a.h"\nint b;\n')
    assert not await indexed.live.is_indexed(indexed.path("b.cc"), b'#include "a.h"\nint c;\n')
    assert not await indexed.live.is_indexed(indexed.path("none.cc"), b"")


async def test_without_an_index_nothing_is_told(desk: Desk) -> None:
    assert await desk.read("a.cc", a_cc="int now;\n") == set()
    assert not await desk.live.is_indexed(desk.path("a.cc"), b"")


async def test_a_file_that_no_unit_reads_is_not_told(indexed: Desk) -> None:
    assert await indexed.read("new.cc", new_cc="int now;\n") == set()


async def test_a_worker_that_is_killed_is_replaced(
    indexed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", f"kill@start:a.cc:{tmp_path / 'struck'}")
    assert await indexed.read("a.cc", a_cc="int now;\n") == {"a.cc"}
    assert indexed.names("a.cc") == ["now"]


async def test_a_text_that_workers_die_of_is_not_told(indexed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", "crash@start:a.cc")
    assert await indexed.read("a.cc", a_cc="int now;\n") == set()
    assert indexed.names("a.cc") == ["a"]
    assert indexed.live.pids == []


async def test_an_index_that_was_made_anew_gets_another_overlay(indexed: Desk) -> None:
    await indexed.read("a.cc", a_cc="int now;\n")
    first = indexed.overlay
    assert first is not None
    await indexed.live._do(_make_anew, indexed.sources)
    assert first.is_of_another_index()
    await indexed.read("a.cc", a_cc="int then;\n")
    assert indexed.overlay is not first
    assert indexed.names("a.cc") == ["then"]


async def test_its_processes_are_told_and_end_with_it(indexed: Desk) -> None:
    assert indexed.live.pids == []
    await indexed.read("a.cc", a_cc="int now;\n")
    pids = indexed.live.pids
    assert len(pids) == 2
    await indexed.live.close()
    assert indexed.live.pids == []
    assert not any(map(psutil.pid_exists, pids))


@pytest.fixture
async def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A file that takes long to read, as far as that is a reason to precompile what it includes."""
    monkeypatch.setattr(preambles, "_SLOW_S", 0.0)
    sources = Sources(tmp_path, prelude="off")
    sources.write(
        a_h="#pragma once\nstruct A { int a; };\nint shared();\n",
        list_h="int FROM_LIST;\n#undef FROM_LIST\n",
        a_cc='#include "a.h"\n#define FROM_LIST listed\n#include "list.h"\nint a = shared();\n',
    )
    sources.commands("a.cc")
    made = Desk(sources)
    await made.live._do(sources.run)
    yield made
    await made.live.close()


async def precompiled(desk: Desk, *unsaved: str) -> str:
    """What is precompiled for a.cc and serves; '' for nothing."""
    assert desk.live._over
    return desk.live._over[1].find(desk.path("a.cc"), [desk.path("a.cc"), *map(desk.path, unsaved)])


def _is_there(path: str) -> bool:
    return os.path.lexists(path)


async def test_what_a_file_includes_is_precompiled_after_a_slow_reading(slow: Desk) -> None:
    text = (slow.sources.root / "a.cc").read_text() + "int now = A().a;\n"
    assert await slow.read("a.cc", a_cc=text) == {"a.cc"}
    alone = slow.names("a.cc")
    assert await precompiled(slow) == ""
    assert await slow.read("a.cc", a_cc=f"{text}\n") == {"a.cc"}
    pch = await precompiled(slow)
    # but for what has no guard, and means something else each time
    assert Path(pch).with_suffix(".h").read_text() == f'#include "{slow.path("a.h")}"\n'
    assert await slow.read("a.cc", a_cc=text) == {"a.cc"}
    assert slow.names("a.cc") == alone == ["FROM_LIST", "a", "now"]
    assert await precompiled(slow) == pch, "it is made once"


async def test_what_is_precompiled_serves_as_long_as_it_is_what_is_there(slow: Desk) -> None:
    for text in ("int now;\n", "int then;\n"):
        await slow.read("a.cc", a_cc=text)
    pch = await precompiled(slow)
    assert pch
    assert await precompiled(slow, "list.h") == pch
    assert await precompiled(slow, "a.h") == ""
    slow.sources.write(a_h="#pragma once\nint other();\n")
    assert await precompiled(slow) == ""
    await slow.read("a.cc", a_cc='#include "a.h"\nint now = other();\n')
    assert slow.names("a.cc") == ["now"]
    assert await precompiled(slow) not in ("", pch)
    assert not _is_there(pch)
    await slow.live.close()
    assert not _is_there(os.path.dirname(pch))


async def test_where_a_prelude_is_stale_the_first_reading_is_not_waited_for(
    slow: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "prelude_name", lambda db, unit: "gone")
    await slow.read("a.cc", a_cc='#include "a.h"\nint now = shared();\n')
    assert slow.names("a.cc") == ["now"]
    assert await precompiled(slow)


async def test_what_cannot_be_precompiled_is_not_tried_for_ever(
    slow: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    precompile = Live._precompile

    async def note(self: Live, worker: Any, task: Any, job: Job) -> str:
        built.append(task.job.path)
        return await precompile(self, worker, task, job)

    monkeypatch.setattr(Live, "_precompile", note)
    slow.sources.write(a_h="#pragma once\n#error not by itself\n")
    await slow.live._do(slow.sources.run)
    for text in ("int now;\n", "int then;\n", "int again;\n"):
        await slow.read("a.cc", a_cc=text)
        assert await precompiled(slow) == ""
    assert built == [slow.path("a.cc")]


async def test_nothing_is_precompiled_while_a_header_is_edited(slow: Desk) -> None:
    for text in ("int now;\n", "int then;\n"):
        await slow.read("a.cc", a_cc=text, a_h="#pragma once\n")
        assert await precompiled(slow) == ""


FUNCTION = "int {0}(int side) {{\n  int local = side;\n  return local;\n}}\n"


@pytest.fixture
async def skimmed(slow: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """What was read of a text with three functions, under what is precompiled for it."""
    monkeypatch.setattr(live, "_LEAST_SPARED", 1)
    slow.text = '#include "a.h"\n' + "".join(map(FUNCTION.format, ("first", "second", "third")))
    slow.text += "/* end */\n"
    for text in (slow.text + "\n", slow.text):
        await slow.read("a.cc", a_cc=text)
    assert await precompiled(slow)
    return slow


async def skim(desk: Desk, text: str, **others: str) -> set[str]:
    """Names of the files that are told of when only what was edited of a.cc is read."""
    given = {
        desk.path(one.replace("_", ".")): text.encode() for one, text in {**others, "a_cc": text}.items()
    }
    return {Path(one).name for one in await desk.live.skim(desk.path("a.cc"), given)}


async def test_only_what_was_edited_is_read(skimmed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    converse = live._converse

    async def spy(worker: Any, job: Job, *others: Any) -> UnitDone:
        given.append(Path((job.unsaved or {})[job.path]).read_text())  # noqa: ASYNC240  # a small file
        return await converse(worker, job, *others)

    monkeypatch.setattr(live, "_converse", spy)
    text = skimmed.text.replace("int second", "int fourth() { return shared(); }\nint second")
    assert await skim(skimmed, text) == {"a.cc"}
    names = skimmed.names("a.cc")
    assert names == sorted(["first", "second", "third", "fourth", *["local", "side"] * 3])
    assert [one.count("int local = side") for one in given] == [0]
    assert await skimmed.read("a.cc", a_cc=text) == {"a.cc"}
    assert skimmed.names("a.cc") == names
    assert [one.count("int local = side") for one in given] == [0, 3]


@pytest.mark.parametrize(
    "why",
    [
        *("an error", "an error before", "functions are gone", "little is spared"),
        *("another text", "never read", "dropped", "a header has changed"),
    ],
)
async def test_what_cannot_be_skimmed_is_not(
    skimmed: Desk, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    text, others = skimmed.text + "int now;\n", {}
    if why == "an error":
        text += "int now = unknown;\n"
    elif why == "an error before":
        header = '#include "other.h"\n'
        skimmed.sources.write(other_h="#pragma once\n")
        await skimmed.read("a.cc", a_cc=header + text.replace("local = side", "local = unknown"))
        text = header + "int unknown;\n" + text.replace("local = side", "local = unknown")
    elif why == "functions are gone":
        text = skimmed.text.replace("int second", "/* int second")  # with the third
    elif why == "little is spared":
        monkeypatch.setattr(live, "_LEAST_SPARED", 7)
    elif why == "another text":
        others = {"b_cc": "int unsaved;\n"}
    elif why == "never read":
        skimmed.live._wholes.clear()
    elif why == "dropped":
        await skimmed.live.drop([skimmed.path("a.cc")])
    else:
        skimmed.sources.write(a_h="#pragma once\nint other();\n")
    before = skimmed.names("a.cc")
    assert await skim(skimmed, text, **others) == set()
    assert skimmed.names("a.cc") == before
    assert await skimmed.read("a.cc", a_cc=text) == {"a.cc"}


async def test_what_takes_long_is_precompiled_before_it_is_skimmed(
    skimmed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preambles.Preambles, "_is_own", lambda self, pch: False)  # as if under a poor prelude
    assert await skim(skimmed, skimmed.text + "int now;\n") == set()


async def test_how_files_were_read_is_kept_of_some(skimmed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_MOST_WHOLES", 0)
    await skimmed.read("a.cc", a_cc=skimmed.text)
    assert await skim(skimmed, skimmed.text + "int now;\n") == set()
