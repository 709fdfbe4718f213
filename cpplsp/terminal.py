"""What a person sees of indexing: a bar on a terminal, plain lines elsewhere, and a summary at the end.

And of a run that another process is at: its units, its processes, their memory.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from cpplsp.amounts import bytes_text, clock_text, count_text
from cpplsp.runstate import PHASES, Progress, Summary, memory_text, units_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import TaskID

_LINE_EVERY_S = 2.0
_LINE_AFTER_S = 15.0
_DRAW_EVERY_S = 0.1
_STEPS = 20


class ProgressDisplay(Protocol):
    """Something that shows how far indexing is, until it is closed."""

    def show(self, progress: Progress) -> None:
        """Show this state, or leave it out when it comes too soon after the last."""

    def say(self, text: str) -> None:
        """Show a line that stays."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class PlainLines:
    """Progress for a log: a line at each new phase, on each 5 %, and after 15 s of silence."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic):
        self._stream = stream
        self._clock = clock
        self._phase = ""
        self._step = 0
        self._last_s = clock()

    def show(self, progress: Progress) -> None:
        """Write a line when one is due: at most one in 2 s, but for a new phase."""
        now = self._clock()
        silence_s = now - self._last_s
        step = progress.done * _STEPS // progress.total if progress.total else 0
        stepped = step > self._step and silence_s >= _LINE_EVERY_S
        if progress.phase == self._phase and not stepped and silence_s < _LINE_AFTER_S:
            return
        self._phase, self._step, self._last_s = progress.phase, step, now
        print(f"cpplsp: {PHASES[progress.phase]}{_counts(progress)}", file=self._stream, flush=True)

    def say(self, text: str) -> None:
        """Write it."""
        print(f"cpplsp: {text}", file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing to leave: lines stay."""


class Bar:
    """Progress on a terminal, redrawn in place. Raises ImportError where rich is not installed."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic):
        # Here, since neither the server nor a query needs it and it takes a tenth of a second.
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        self._clock = clock
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[counts]}"),
            console=Console(file=stream),
            auto_refresh=False,  # redrawn by events: no thread in a process that starts others
        )
        self._task: TaskID = self._bar.add_task("starting", total=None, counts="")
        self._phase = ""
        self._last_s = 0.0
        self._bar.start()

    def show(self, progress: Progress) -> None:
        """Redraw, at most ten times a second within a phase."""
        now = self._clock()
        if progress.phase == self._phase and now - self._last_s < _DRAW_EVERY_S:
            return
        self._phase, self._last_s = progress.phase, now
        self._bar.update(
            self._task,
            description=PHASES[progress.phase],
            total=progress.total or None,
            completed=progress.done,
            counts=_counts(progress).removeprefix(": "),
            refresh=True,
        )

    def say(self, text: str) -> None:
        """Write it above the bar."""
        self._bar.console.print(f"cpplsp: {text}", markup=False, highlight=False)

    def close(self) -> None:
        """Draw the last state and give the cursor back."""
        self._bar.stop()


def progress_display(stream: TextIO) -> ProgressDisplay:
    """Choose a bar where a person watches, lines where a file or a pipe does."""
    return Bar(stream) if stream.isatty() else PlainLines(stream)


def _counts(progress: Progress) -> str:
    """``: 12/633 units, 1.4/s, 7:23 left, 2 workers, 312 MiB, 1 failed``, as far as it is known."""
    parts = []
    if progress.total:
        parts.append(f"{progress.done}/{progress.total} units")
    elif progress.done:
        parts.append(f"{progress.done} units")
    if progress.units_per_s > 0:
        parts.append(f"{progress.units_per_s:.1f}/s")
    if progress.remaining_s is not None:
        parts.append(f"{clock_text(progress.remaining_s)} left")
    if progress.workers:
        parts.append(count_text(progress.workers, "worker"))
    if progress.memory_bytes:
        budget = f" of {bytes_text(progress.budget_bytes)}" if progress.budget_bytes else ""
        parts.append(f"{bytes_text(progress.memory_bytes)}{budget}")
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    return ": " + ", ".join(parts) if parts else ""


def _revived_text(units: int) -> str:
    return f" ({units} of them as they were read before)" if units else ""


def summary_text(summary: Summary) -> str:
    """Tell a person what a run did: the failed units by name and reason, then the figures."""
    lines = [f"note: {note}" for note in summary.notes]
    lines += [f"failed: {one['file']}: {one['reason']}" for one in summary.failed]
    if summary.units and summary.skipped_fresh == summary.units:
        lines.append(
            f"all {count_text(summary.units, 'unit')} up to date{_revived_text(summary.revived)}; "
            f"checked in {summary.wall_s:.1f} s"
        )
    else:
        lines.append(
            f"{count_text(summary.units, 'unit')}: {summary.indexed} indexed, "
            f"{summary.skipped_fresh} up to date{_revived_text(summary.revived)}, {len(summary.failed)} failed; "
            f"{summary.wall_s:.1f} s, {summary.cpu_s:.1f} s of CPU"
        )
        lines.append(
            f"memory: {bytes_text(summary.peak_memory_bytes)} at most, "
            f"{bytes_text(summary.peak_worker_bytes)} in a worker; "
            f"{count_text(summary.workers_max, 'worker')}, budget {bytes_text(summary.memory_budget_bytes)}"
        )
    if summary.with_errors:
        lines.append(
            f"{count_text(summary.with_errors, 'unit')} with errors: their facts are kept, "
            "`cpplsp status` says what is wrong"
        )
    lines.append(
        f"index: {count_text(summary.files, 'file')}, {count_text(summary.symbols, 'symbol')}, "
        f"{count_text(summary.occurrences, 'occurrence')}; "
        f"{bytes_text(summary.cache_bytes)} in {summary.cache_path}"
    )
    return "\n".join(lines)


def run_lines(run: Progress, now_s: float) -> Iterator[str]:
    """A run, and each of its processes. ``now_s``: seconds since 1970."""
    yield f"{_heading(run, now_s)}: {units_text(run)}"
    if run.memory_bytes:
        yield f"memory: {memory_text(run)}, {bytes_text(run.peak_bytes)} at most"
    for use in run.processes:
        reads = f", {use.unit} for {use.seconds:.0f} s" if use.unit else ""
        yield f"{use.role} {use.pid}: {bytes_text(use.memory_bytes)}{reads}"


def _heading(run: Progress, now_s: float) -> str:
    phase = PHASES[run.phase]
    return f"process {run.pid} is {phase}, for {clock_text(max(now_s - run.started, 0))}"


class RunView:
    """A run on a terminal, drawn in place as often as it is shown. Raises ImportError where rich is not installed."""

    def __init__(self, stream: TextIO):
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(file=stream, highlight=False), auto_refresh=False)
        self._live.start()

    def show(self, title: str, run: Progress, now_s: float) -> None:
        """Draw a run, its units and memory as bars, its processes as a table."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        bars = Table.grid(padding=(0, 1))
        for name, done, total, told in (
            ("units", run.done, run.total, units_text(run)),
            (
                *("memory", run.memory_bytes, run.budget_bytes),
                f"{memory_text(run)}, {bytes_text(run.peak_bytes)} at most",
            ),
        ):
            bars.add_row(name, ProgressBar(max(total, 1), done, width=30), Text(told))
        table = Table(box=None, padding=(0, 1), pad_edge=False)
        for heading, justify in (("process", "right"), ("", "left"), ("memory", "right"), ("for", "right")):
            table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
        table.add_column("reading", no_wrap=True)
        for use in run.processes:
            seconds = f"{use.seconds:.0f} s" if use.unit else ""
            size = bytes_text(use.memory_bytes) if use.memory_bytes else ""
            table.add_row(str(use.pid), use.role, size, seconds, Text(use.unit or ""))
        self._draw(Group(Text(f"{title}: {_heading(run, now_s)}"), bars, table))

    def say(self, lines: Sequence[str]) -> None:
        """Draw lines of text."""
        from rich.text import Text

        self._draw(Text("\n".join(lines)))

    def _draw(self, what: "RenderableType") -> None:
        self._live.update(what, refresh=True)

    def close(self) -> None:
        """Leave what was drawn last, and give the cursor back."""
        self._live.stop()
