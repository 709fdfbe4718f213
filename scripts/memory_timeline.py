#!/usr/bin/env python3
"""What each process of an indexing run takes, from its start to its end, seen from outside; and whether a budget held.

    .venv/bin/python scripts/memory_timeline.py PROJECT --memory-budget 1G -j 8 [--units db/] [--sample 200]
        [--rate 10] [--csv timeline.csv] [--png timeline.png] [--server-at-most 300M]

PROJECT is a folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says). Its units
(one command a file: those whose path holds --units, of these --sample drawn by --seed) are indexed into a new cache.
Meanwhile the proportional set size (PSS) of every process is read from /proc, --rate times a second, or as often as it
can be. A process is the server, the nursery (which forks the workers), a worker, or another one (a compiler that
is asked for its include folders). --png needs matplotlib.

The exit code is 1 when all together took more than --memory-budget in any sample, or the server more than
--server-at-most; 2 when indexing itself failed.
"""

import argparse
import contextlib
import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from bench import MIB, chosen_units, cpu_of, drawn, pss_bytes
from compare_places import find_database

from cpplsp.config import parse_memory

ROLES = ("server", "nursery", "worker", "other")


@dataclass(frozen=True, slots=True)
class Use:
    """A process in a sample."""

    pid: int
    role: str
    pss_bytes: int


@dataclass(frozen=True, slots=True)
class Sample:
    """All processes at a moment: ``seconds`` since the run was started."""

    seconds: float
    uses: tuple[Use, ...]

    @property
    def sum_bytes(self) -> int:
        """All of them together."""
        return sum(use.pss_bytes for use in self.uses)

    def role_bytes(self, role: str) -> int:
        """Those of a role together."""
        return sum(use.pss_bytes for use in self.uses if use.role == role)


@dataclass
class Timeline:
    """A run that was watched. ``summary``: its own, empty when it failed."""

    samples: list[Sample] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    summary: dict[str, object] = field(default_factory=dict)

    @property
    def peak_bytes(self) -> int:
        """The highest sum."""
        return max((sample.sum_bytes for sample in self.samples), default=0)

    def peak_of(self, role: str) -> int:
        """The most that one process of a role took."""
        return max(
            (use.pss_bytes for sample in self.samples for use in sample.uses if use.role == role), default=0
        )


class Observer:
    """Samples a run of cpplsp and its descendants, until it is told to stop."""

    def __init__(self, pid: int, rate_hz: float):
        self.samples: list[Sample] = []
        self._process = psutil.Process(pid)
        self._rate_hz = rate_hz
        self._roles = {pid: "server"}
        self._stop = threading.Event()
        self._started_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due_s = self._started_s
        while not self._stop.wait(max(due_s - time.monotonic(), 0)):
            due_s = max(due_s + 1 / self._rate_hz, time.monotonic())
            try:
                children = self._process.children(recursive=True)
            except psutil.NoSuchProcess:
                return
            seconds = time.monotonic() - self._started_s
            sizes = [(pid, pss_bytes(pid)) for pid in (self._process.pid, *(one.pid for one in children))]
            self._learn(children)
            uses = tuple(Use(pid, self._roles.get(pid, "other"), size) for pid, size in sizes if size)
            if uses:
                self.samples.append(Sample(seconds, uses))

    def _learn(self, processes: Sequence[psutil.Process]) -> None:
        """Find out what new processes are: once, since a worker keeps its nursery's command line."""
        for process in processes:
            if process.pid not in self._roles:
                with contextlib.suppress(psutil.Error):
                    parent = self._roles.get(process.ppid(), "")
                    self._roles[process.pid] = role_of(parent, process.cmdline())

    def stop(self) -> list[Sample]:
        """Sample no more: what was seen."""
        self._stop.set()
        self._thread.join()
        return self.samples


def role_of(parent_role: str, command: Sequence[str]) -> str:
    """What a process is, by what its parent is and by its command line."""
    if parent_role == "nursery":
        return "worker"
    return "nursery" if parent_role == "server" and "cpplsp.worker" in command else "other"


def watch_indexing(
    cpplsp: Sequence[str],
    root: Path,
    entries: Sequence[dict[str, object]],
    flags: Sequence[str],
    rate_hz: float,
) -> Timeline:
    """Index these entries of a compile database into a cache that is new, and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="timeline-") as scratch:
        Path(scratch, "compile_commands.json").write_text(json.dumps(list(entries)))
        command = [*cpplsp, "--index-only", str(root), "--json", *flags]
        command += ["--compile-commands-dir", scratch, "--cache-dir", f"{scratch}/cache"]
        with Path(scratch, "out").open("wb") as out, Path(scratch, "err").open("wb") as err:
            started_s = time.monotonic()
            process = subprocess.Popen(command, stdout=out, stderr=err)
            observer = Observer(process.pid, rate_hz)
            try:
                cpu_s = cpu_of(process.pid)
            except BaseException:
                process.terminate()
                raise
            process.returncode = 0  # it has been waited for
            wall_s = time.monotonic() - started_s
        timeline = Timeline(observer.stop(), wall_s, cpu_s)
        lines = Path(scratch, "out").read_text("utf-8").splitlines()
        if lines:
            timeline.summary = json.loads(lines[-1])
        else:
            print(Path(scratch, "err").read_text("utf-8", "replace"), file=sys.stderr)
        return timeline


def rows(samples: Sequence[Sample]) -> Iterator[tuple[str, object, str, int]]:
    """``seconds,pid,role,pss_bytes``: a row for each process, then one of role ``sum`` without a pid."""
    for sample in samples:
        seconds = f"{sample.seconds:.3f}"
        yield from ((seconds, use.pid, use.role, use.pss_bytes) for use in sample.uses)
        yield seconds, "", "sum", sample.sum_bytes


def write_csv(samples: Sequence[Sample], path: str) -> None:
    """Write all samples."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("seconds", "pid", "role", "pss_bytes"))
        writer.writerows(rows(samples))


def over(timeline: Timeline, budget_bytes: int | None, server_bytes: int | None) -> list[str]:
    """What took more than it may: a line for each limit that did not hold."""
    said = []
    for who, limit, taken in (
        ("all processes", budget_bytes, [sample.sum_bytes for sample in timeline.samples]),
        ("the server", server_bytes, [sample.role_bytes("server") for sample in timeline.samples]),
    ):
        if limit is not None and (count := sum(size > limit for size in taken)):
            said.append(
                f"{who} took more than {limit / MIB:.0f} MiB in {count} of {len(taken)} samples: "
                f"{max(taken) / MIB:.1f} MiB at most"
            )
    return said


def plot(title: str, timeline: Timeline, budget_bytes: int | None, path: str) -> None:
    """Areas by role, one on another, and the budget as a line; PNG or SVG by the file's name."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(10, 4), layout="constrained")
    seen = [role for role in ROLES if timeline.peak_of(role)]
    axes.stackplot(
        [sample.seconds for sample in timeline.samples],
        *([sample.role_bytes(role) / MIB for sample in timeline.samples] for role in seen),
        labels=["workers" if role == "worker" else role for role in seen],
        step="post",
    )
    if budget_bytes is not None:
        axes.axhline(budget_bytes / MIB, color="black", linestyle="--", linewidth=1, label="budget")
    axes.set_title(title)
    axes.set_xlabel("seconds")
    axes.set_ylabel("PSS, MiB")
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    figure.legend(loc="outside right upper")
    figure.savefig(path, dpi=120)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """What is indexed, by which cpplsp, and how often it is looked at."""
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--units", default="", help="only files whose path holds this")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many of them, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory-budget", metavar="SIZE", help="as cpplsp takes it: 1G, 512M, 50%%")
    parser.add_argument("--cpplsp", default=f"{sys.executable} -m cpplsp", metavar="PATH")
    parser.add_argument("--rate", type=float, default=10, metavar="HZ", help="samples a second (10)")


def entries_of(root: Path, options: argparse.Namespace) -> list[dict[str, object]]:
    """The entries that the options choose."""
    entries = list(chosen_units(find_database(root, options.compile_commands_dir), options.units))
    if not entries:
        raise SystemExit(f"no unit's path in {root} holds {options.units!r}")
    return drawn(entries, options.sample, options.seed)


def memory_bytes(text: str | None) -> int | None:
    """An amount as cpplsp reads it."""
    return parse_memory(text, psutil.virtual_memory().total) if text else None


def mebibytes(text: str) -> int:
    """``300M``, ``300MiB`` or ``300``, as bytes: what is less than a worker needs is no budget, but a limit."""
    return int(float(text.removesuffix("iB").removesuffix("M")) * MIB)


def main() -> int:
    """Watch a run, and judge it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    add_run_options(parser)
    parser.add_argument("--prelude", choices=("auto", "system", "off"))
    parser.add_argument("-j", "--jobs", type=int)
    parser.add_argument(
        "--server-at-most",
        type=mebibytes,
        metavar="SIZE",
        help="what the server's own process may take: 300M",
    )
    parser.add_argument("--csv", metavar="FILE", help="every sample: seconds,pid,role,pss_bytes")
    parser.add_argument("--png", metavar="FILE", help="memory over time, as PNG or SVG")
    options = parser.parse_args()
    root = Path(options.project).resolve()
    budget_bytes, server_bytes = memory_bytes(options.memory_budget), options.server_at_most
    entries = entries_of(root, options)
    flags = []
    for flag, value in (
        ("-j", options.jobs),
        ("--memory-budget", options.memory_budget),
        ("--prelude", options.prelude),
    ):
        flags += [flag, str(value)] if value is not None else []
    timeline = watch_indexing(options.cpplsp.split(), root, entries, flags, options.rate)
    if not timeline.summary:
        return 2
    samples, summary = timeline.samples, timeline.summary
    most = max((sum(use.role == "worker" for use in sample.uses) for sample in samples), default=0)
    print(
        f"{root.name}: {summary['indexed']} of {len(entries)} units in {timeline.wall_s:.1f} s, "
        f"{timeline.cpu_s:.1f} s of CPU; {most} workers at once\n"
        f"{len(samples)} samples, {len(samples) / timeline.wall_s:.1f} a second\n"
        f"peak of all {timeline.peak_bytes / MIB:.1f} MiB, server {timeline.peak_of('server') / MIB:.1f} MiB, "
        f"nursery {timeline.peak_of('nursery') / MIB:.1f} MiB, "
        f"a worker {timeline.peak_of('worker') / MIB:.1f} MiB"
    )
    if options.csv:
        write_csv(samples, options.csv)
    if options.png:
        jobs = f", -j{options.jobs}" if options.jobs else ""
        plot(f"{len(entries)} units of {root.name}{jobs}", timeline, budget_bytes, options.png)
    said = over(timeline, budget_bytes, server_bytes)
    for line in said:
        print(f"over: {line}", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
