"""What a person sees of a run of the indexer."""

import io
import re

import pytest

from cpplsp import terminal
from cpplsp.runstate import Phase, ProcessUse, Progress, Summary

MIB = 1 << 20


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def progress(
    phase: Phase = "indexing", done: int = 0, total: int = 100, workers: int = 0, **more: float
) -> Progress:
    uses = tuple(ProcessUse(number, "worker", 0) for number in range(workers))
    return Progress(phase, done, total, processes=uses, **more)  # type: ignore[arg-type]


def summary(**more: object) -> Summary:
    fields: dict[str, object] = {
        "units": 3,
        "indexed": 2,
        "failed": [],
        "skipped_fresh": 0,
        "files": 1203,
        "symbols": 1,
        "occurrences": 50,
        "wall_s": 1.25,
        "cpu_s": 2.5,
        "peak_memory_bytes": 300 * MIB,
        "peak_worker_bytes": 120 * MIB,
        "workers_max": 2,
        "memory_budget_bytes": 4096 * MIB,
        "cache_path": "/cache/p/index.sqlite",
        "cache_bytes": 5 * MIB,
        "preludes": 0,
        "notes": [],
    }
    return Summary(**(fields | more))  # type: ignore[arg-type]


def test_lines_come_with_phases_and_with_each_five_per_cent() -> None:
    stream, clock = io.StringIO(), Clock()
    lines = terminal.PlainLines(stream, clock)
    lines.show(progress("reading", done=0, total=0))
    lines.show(progress("indexing", done=0))
    for done in range(1, 101):
        clock.now_s += 1
        lines.show(progress(done=done))
    lines.close()
    shown = stream.getvalue().splitlines()
    assert shown[:2] == ["cpplsp: reading compile commands", "cpplsp: indexing: 0/100 units"]
    assert [line.split()[2] for line in shown[2:]] == [f"{done}/100" for done in range(5, 101, 5)]


def test_fast_progress_gives_few_lines_and_a_silent_one_still_shows_life() -> None:
    stream, clock = io.StringIO(), Clock()
    lines = terminal.PlainLines(stream, clock)
    for done in range(100):
        clock.now_s += 0.1
        lines.show(progress(done=done))
    assert len(stream.getvalue().splitlines()) <= 6
    before = stream.getvalue()
    clock.now_s += 16
    lines.show(progress(done=99))
    assert len(stream.getvalue().splitlines()) == len(before.splitlines()) + 1


def test_a_line_says_what_is_known() -> None:
    stream = io.StringIO()
    terminal.PlainLines(stream).show(
        progress(
            done=12,
            total=633,
            units_per_s=1.44,
            remaining_s=443.2,
            workers=2,
            memory_bytes=312 * MIB,
            failed=1,
        )
    )
    assert stream.getvalue() == (
        "cpplsp: indexing: 12/633 units, 1.4/s, 7:23 left, 2 workers, 312 MiB, 1 failed\n"
    )


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    return Screen()


def test_a_bar_is_drawn_on_a_terminal_and_gives_it_back(screen: Screen) -> None:
    bar = terminal.progress_display(screen)
    assert isinstance(bar, terminal.Bar)
    bar.show(progress(done=50, workers=2, memory_bytes=100 * MIB, units_per_s=3))
    bar.say("process 7 is [indexing]")
    bar.close()
    assert "cpplsp: process 7 is [indexing]" in screen.getvalue()
    assert "indexing" in screen.getvalue()
    assert "50/100 units, 3.0/s, 2 workers, 100 MiB" in screen.getvalue()
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    assert screen.getvalue().count(hidden) == screen.getvalue().count(shown) == 1


RUN = Progress(
    *("indexing", 12, 633, "src/b.cc", 1),
    *(270 * MIB, 300 * MIB, 2048 * MIB),
    pid=42,
    started=1000.0,
    processes=(
        ProcessUse(42, "server", 60 * MIB),
        ProcessUse(43, "nursery", 20 * MIB),
        ProcessUse(44, "worker", 190 * MIB, "src/[b].cc", 12.4),
        ProcessUse(45, "worker", 0),
    ),
)


def test_a_run_is_told_process_by_process() -> None:
    assert list(terminal.run_lines(RUN, 1065.0)) == [
        "process 42 is indexing, for 1:05: 12/633 units, 1 failed",
        "memory: 270 MiB of 2.0 GiB, 300 MiB at most",
        "server 42: 60 MiB",
        "nursery 43: 20 MiB",
        "worker 44: 190 MiB, src/[b].cc for 12 s",
        "worker 45: 0 KiB",
    ]


def test_a_run_is_drawn_with_its_processes_and_then_what_there_is(screen: Screen) -> None:
    view = terminal.RunView(screen)
    view.show("/p", RUN, 1065.0)
    drawn = screen.getvalue()
    for text in ("/p: process 42 is indexing, for 1:05", "12/633 units, 1 failed", "270 MiB of 2.0 GiB"):
        assert text in drawn
    assert re.search(r"44 +worker +190 MiB +12 s +src/\[b\]\.cc", drawn)
    view.say(["nothing is being indexed now", "project: [/p]"])
    view.close()
    assert "project: [/p]" in screen.getvalue()
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    assert screen.getvalue().count(hidden) == screen.getvalue().count(shown) == 1


def test_a_pipe_gets_lines() -> None:
    stream = io.StringIO()
    lines = terminal.progress_display(stream)
    assert isinstance(lines, terminal.PlainLines)
    lines.say("process 7 is indexing")
    assert stream.getvalue() == "cpplsp: process 7 is indexing\n"


def test_the_summary_names_notes_and_failures_before_figures() -> None:
    text = terminal.summary_text(
        summary(failed=[{"file": "src/a.cc", "reason": "crashed twice"}], notes=["the index was damaged"])
    )
    assert text.splitlines() == [
        "note: the index was damaged",
        "failed: src/a.cc: crashed twice",
        "3 units: 2 indexed, 0 up to date, 1 failed; 1.2 s, 2.5 s of CPU",
        "memory: 300 MiB at most, 120 MiB in a worker; 2 workers, budget 4.0 GiB",
        "index: 1,203 files, 1 symbol, 50 occurrences; 5 MiB in /cache/p/index.sqlite",
    ]


def test_units_with_errors_are_counted_and_the_way_to_see_them_is_told() -> None:
    text = terminal.summary_text(summary(with_errors=2))
    assert (
        "2 units with errors: their facts are kept, `cpplsp status` says what is wrong" in text.splitlines()
    )


def test_a_run_that_found_nothing_to_do_says_so() -> None:
    text = terminal.summary_text(summary(indexed=0, skipped_fresh=3, wall_s=0.04))
    assert text.splitlines()[0] == "all 3 units up to date; checked in 0.0 s"
    text = terminal.summary_text(summary(indexed=0, skipped_fresh=3, revived=2, wall_s=0.04))
    assert (
        text.splitlines()[0]
        == "all 3 units up to date (2 of them as they were read before); checked in 0.0 s"
    )
