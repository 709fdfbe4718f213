"""A unit that is tried once more, alone, and a file that a person waits for meanwhile."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.sources import Sources

from cpplsp.facts import UnitState
from cpplsp.indexer import Indexer
from cpplsp.project.project import Project
from cpplsp.runstate import Progress


class Run:
    """A run in which ``a.cc`` crashes and then, alone, computes for good, once each."""

    def __init__(self, sources: Sources, spins: Path, jobs: int):
        settings = replace(sources.settings, jobs=jobs)
        self._spins = spins
        self.latest = Progress("reading")
        self.is_alone = asyncio.Event()
        self.indexer = Indexer(Project.open(str(sources.root), settings), settings, self._look)
        self.task = asyncio.create_task(self.indexer.run())

    def _look(self, progress: Progress) -> None:
        self.latest = progress
        if self._spins.exists() and self.pid_of("a.cc"):
            self.is_alone.set()

    def pid_of(self, unit: str) -> int | None:
        """The worker that reads a unit."""
        return next((use.pid for use in self.latest.processes if use.unit == unit), None)

    async def wait(self, happened: asyncio.Event) -> None:
        """Wait for something, or for the run to end before it does."""
        waiting = asyncio.create_task(happened.wait())
        await asyncio.wait({waiting, self.task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        assert happened.is_set(), self.task


@pytest.fixture
def spins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Made when ``a.cc`` begins to compute for good."""
    made = tmp_path / "spins"
    monkeypatch.setenv("CPPLSP_FAULT", f"crash@start:a.cc:{tmp_path / 'crashes'};spin@start:a.cc:{made}")
    return made


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    made = Sources(tmp_path)
    made.write(a_cc="int a();\n", b_cc="int b();\n", late_h="int late();\n")
    made.commands("a.cc", "b.cc")
    return made


async def test_what_a_person_waits_for_is_read_beside_a_unit_that_is_tried_alone(
    sources: Sources, spins: Path
) -> None:
    run = Run(sources, spins, jobs=2)
    await run.wait(run.is_alone)
    lone, late = run.pid_of("a.cc"), str(sources.root / "late.h")
    await run.indexer.prioritise([late])
    assert await run.indexer.wait_for(late)
    assert "late.h late" in sources.names()
    assert run.pid_of("a.cc") == lone
    await run.indexer.stop()
    run.indexer.close()
    assert sources.states() == {
        "a.cc": UnitState.PENDING,
        "b.cc": UnitState.INDEXED,
        "late.h": UnitState.INDEXED,
    }


async def test_a_unit_that_is_tried_alone_makes_room_and_loses_nothing_but_time(
    sources: Sources, spins: Path
) -> None:
    run = Run(sources, spins, jobs=1)
    await run.wait(run.is_alone)
    late = str(sources.root / "late.h")
    await run.indexer.prioritise([late])
    assert await run.indexer.wait_for(late)
    assert "late.h late" in sources.names()
    summary = await run.task
    run.indexer.close()
    assert (summary.indexed, summary.failed, summary.workers_max) == (3, [], 1)
    assert set(sources.states().values()) == {UnitState.INDEXED}
