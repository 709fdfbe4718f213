"""What a run is at, for those that look from outside: ``run.json`` beside the index, there as long as the run goes on.

The indexer writes it, ``cpplsp status`` reads it. Nothing depends on it: where it cannot be written a run goes on
without.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from cpplsp.amounts import bytes_text, count_text, mib_text

log = logging.getLogger(__name__)

Phase = Literal["reading", "checking", "indexing", "finishing"]
PHASES: dict[Phase, str] = {
    "reading": "reading compile commands",
    "checking": "looking for changes",
    "indexing": "indexing",
    "finishing": "finishing",
}
"""What a person is told of each."""
ProcessRole = Literal["server", "nursery", "worker"]
"""The process that writes the index, the one that forks workers, and these."""

_NAME = "run.json"
_CLOCK_SLACK_S = 60.0
"""The clock may be set while a run goes on; a process that gets the number of one that died is younger by more."""
_WRITE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """A process of a run: what it took when last sampled (PSS; 0 before that), and what it is at.

    ``unit``: main file that a worker reads, as a person writes it, or ``a prelude`` that it makes; None between two.
    ``seconds``: since it began that.
    """

    pid: int
    role: ProcessRole
    memory_bytes: int
    unit: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: what its own process shows, the JSON object in the file, ``run`` of ``cpplsp status --json``.

    ``done`` of ``total`` units; ``current``: main file started last, as a person writes it. ``memory_bytes``: of all
    ``processes`` when they were last sampled (PSS), ``peak_bytes``: the highest of these sums, ``budget_bytes``: what
    they might take then. ``started``: seconds since 1970. ``pid``: of the process that writes the index.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    current: str | None = None
    failed: int = 0
    memory_bytes: int = 0
    peak_bytes: int = 0
    budget_bytes: int = 0
    processes: tuple[ProcessUse, ...] = ()
    units_per_s: float = 0.0
    remaining_s: float | None = None
    started: float = 0.0
    pid: int = field(default_factory=os.getpid)

    @property
    def workers(self) -> int:
        """How many of the processes read units."""
        return sum(use.role == "worker" for use in self.processes)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, and what the index holds now: also the JSON object of ``--index-only --json``.

    ``revived``: units that are as they were read once, on another branch say, and were put back; ``skipped_fresh``
    counts them too. ``failed``: units that could not be read, now or when last tried: ``file`` and ``reason``.
    ``with_errors``: units that were read but have errors. ``peak_memory_bytes``: the highest sum of PSS over all
    processes that was sampled; ``peak_worker_bytes``: the most unshared memory that a worker took. ``cpu_s``: user and
    system time of all of them.
    """

    units: int
    indexed: int
    failed: list[dict[str, str]]
    skipped_fresh: int
    files: int
    symbols: int
    occurrences: int
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    peak_worker_bytes: int
    workers_max: int
    memory_budget_bytes: int
    cache_path: str
    cache_bytes: int
    preludes: int
    notes: list[str] = field(default_factory=list)
    with_errors: int = 0
    revived: int = 0


class RunFile:
    """The file of one run. ``index``: path of the index beside which it lies."""

    def __init__(self, index: str, clock: Callable[[], float] = time.monotonic):
        self._path = run_path(index)
        self._clock = clock
        self._writing = threading.Lock()
        self._latest: Progress | None = None
        self._written_s = 0.0
        self._phase = ""

    def note(self, state: Progress) -> bool:
        """Take the latest state; whether it is due to be written: each second, and at each new phase."""
        self._latest = state
        now = self._clock()
        if state.phase == self._phase and now - self._written_s < _WRITE_EVERY_S:
            return False
        self._phase, self._written_s = state.phase, now
        return True

    def write(self) -> None:
        """Write the latest state, if the run is not over: readers see all of it, or all of the one before."""
        with self._writing:
            if self._latest is None:
                return
            new = f"{self._path}.new"
            try:
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(msgspec.json.encode(self._latest))
                os.rename(new, self._path)
            except OSError as error:
                log.debug("cannot write %s: %s", self._path, error.strerror)

    def remove(self) -> None:
        """The run is over."""
        with self._writing:
            self._latest = None
            for path in (self._path, f"{self._path}.new"):
                with contextlib.suppress(OSError):
                    os.remove(path)


def shares_text(processes: Sequence[ProcessUse]) -> str:
    """``server 60, nursery 20, workers 100 90 MiB``: those that have been sampled."""
    by_role: dict[str, list[str]] = {}
    for use in processes:
        if use.memory_bytes:
            by_role.setdefault(use.role, []).append(mib_text(use.memory_bytes))
    named = {"worker": "workers"} if len(by_role.get("worker", ())) > 1 else {}
    return ", ".join(f"{named.get(role, role)} {' '.join(sizes)}" for role, sizes in by_role.items()) + " MiB"


def run_line(run: Progress) -> str:
    """A run as a line: ``indexing: 12/633 units, 1 failed, 2 workers, 270 MiB of 2.0 GiB: server 60, …``."""
    parts = [units_text(run)]
    parts += [count_text(run.workers, "worker")] if run.workers else []
    parts += [f"{memory_text(run)}: {shares_text(run.processes)}"] if run.memory_bytes else []
    return f"{PHASES[run.phase]}: {', '.join(parts)}"


def units_text(run: Progress) -> str:
    """``12/633 units, 1 failed``."""
    failed = f", {run.failed} failed" if run.failed else ""
    return f"{run.done}/{count_text(run.total, 'unit')}{failed}"


def memory_text(run: Progress) -> str:
    """``270 MiB of 2.0 GiB``."""
    return f"{bytes_text(run.memory_bytes)} of {bytes_text(run.budget_bytes)}"


def run_path(index: str) -> str:
    """Path of the file beside an index."""
    return os.path.join(os.path.dirname(index), _NAME)


def read_run(index: str) -> Progress | None:
    """The run that writes this index now; None when there is none, or its process has died."""
    try:
        with open(run_path(index), "rb") as stream:
            state = msgspec.json.decode(stream.read(), type=Progress)
    except (OSError, msgspec.MsgspecError):
        return None
    return state if _began_before(state.pid, state.started) else None


def _began_before(pid: int, moment_s: float) -> bool:
    """Whether a process lives that began before this: one that began later got the process id of another."""
    import psutil  # here: a query does without

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.create_time() < moment_s + _CLOCK_SLACK_S
    except (psutil.Error, OverflowError, ValueError):
        return False
