"""Unsaved texts of a project, read by a real worker and laid over its index."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from support.sources import Sources

from cpplsp.live import Live
from cpplsp.project.project import Project
from cpplsp.store.connection import open_reader
from cpplsp.store.overlay import Overlay


class Desk:
    def __init__(self, sources: Sources):
        self.sources = sources
        project = Project.open(str(sources.root), sources.settings)
        self.root = project.root
        self.overlay: Overlay | None = None
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
