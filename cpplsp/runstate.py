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
from dataclasses import dataclass
from typing import Literal

import msgspec

from cpplsp.amounts import mib_text

log = logging.getLogger(__name__)

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
class RunState:
    """How far a run is: the JSON object in the file, and ``run`` of ``cpplsp status --json``.

    ``pid``: of the process that writes the index. ``started``: seconds since 1970. ``phase``, ``done`` (of ``total``
    units), ``failed`` and ``current``: as in ``indexer.Progress``. ``memory_bytes``: all processes together when last
    sampled; ``peak_bytes``: the highest of these sums; ``budget_bytes``: what they might take then.
    """

    pid: int
    started: float
    phase: str
    done: int = 0
    total: int = 0
    failed: int = 0
    current: str | None = None
    memory_bytes: int = 0
    peak_bytes: int = 0
    budget_bytes: int = 0
    processes: tuple[ProcessUse, ...] = ()


class RunFile:
    """The file of one run. ``index``: path of the index beside which it lies."""

    def __init__(self, index: str, clock: Callable[[], float] = time.monotonic):
        self._path = run_path(index)
        self._clock = clock
        self._writing = threading.Lock()
        self._latest: RunState | None = None
        self._written_s = 0.0
        self._phase = ""

    def note(self, state: RunState) -> bool:
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


def run_path(index: str) -> str:
    """Path of the file beside an index."""
    return os.path.join(os.path.dirname(index), _NAME)


def read_run(index: str) -> RunState | None:
    """The run that writes this index now; None when there is none, or its process has died."""
    try:
        with open(run_path(index), "rb") as stream:
            state = msgspec.json.decode(stream.read(), type=RunState)
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
