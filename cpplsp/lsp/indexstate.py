"""How far indexing is, as values: a notification of ours, for clients that show more of it than ``$/progress`` tells.

A client that wants it says so in its capabilities: ``{"experimental": {"cpplsp": {"indexState": true}}}``. It is told
of each folder by itself, at each new phase, and a few times a second while units are read.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from cpplsp.runstate import Progress

INDEX_STATE = "cpplsp/indexState"
"""Notification to the client; parameters: an :class:`IndexState`."""

State = Literal[
    "opening", "reading", "checking", "indexing", "finishing", "idle", "paused", "waiting", "failed"
]
"""A phase of a run (``indexer.Progress``), or what there is in place of one: the index is up to date, indexing was
paused by a person, another process writes the index, something went wrong."""

_EVERY_S = 0.25


class IndexState(msgspec.Struct, frozen=True, rename="camel"):
    """How far the indexing of a folder (real path) is.

    ``done`` of ``total`` units, ``failed`` of them in this run – at rest, all that failed; ``with_errors``: known at
    rest only. ``memory_bytes``: of all processes, ``budget_bytes``: what they may take; both 0 at rest. ``message``:
    what is waited for, or what went wrong. ``database``: path of the compile database; '' where there is none, None
    until that is known.
    """

    folder: str
    phase: State
    done: int = 0
    total: int = 0
    failed: int = 0
    with_errors: int = 0
    current: str | None = None
    workers: int = 0
    memory_bytes: int = 0
    budget_bytes: int = 0
    remaining_s: float | None = None
    message: str = ""
    database: str | None = None


class Told(Protocol):
    """What is needed of ``client.Client``."""

    @property
    def takes_index_state(self) -> bool:
        """Whether it wants to be told."""

    def tell(self, method: str, params: msgspec.Struct) -> None:
        """Send a notification."""


class IndexNews:
    """Keeps the state of one folder, and tells the client of it. Everything is called on the event loop."""

    def __init__(self, client: Told, folder: str, clock: Callable[[], float] = time.monotonic):
        self._client = client
        self._folder = folder
        self._clock = clock
        self._told_s = 0.0
        self._database: str | None = None
        self.state = IndexState(folder, "opening")

    def opened(self, database: str) -> None:
        """It is known which compile database there is: '' for none. It is told with what comes next."""
        self._database = database

    def show(self, progress: "Progress") -> None:
        """A run is so far."""
        is_new = progress.phase != self.state.phase
        self.state = IndexState(
            self._folder,
            progress.phase,
            progress.done,
            progress.total,
            progress.failed,
            self.state.with_errors,
            progress.current,
            progress.workers,
            progress.memory_bytes,
            progress.budget_bytes,
            progress.remaining_s,
            database=self._database,
        )
        if is_new or self._clock() - self._told_s >= _EVERY_S:
            self._tell()

    def ended(self, units: int, failed: int, with_errors: int) -> None:
        """A run has brought the index up to date."""
        self.state = IndexState(
            self._folder, "idle", units, units, failed, with_errors, database=self._database
        )
        self._tell()

    def tell(self, phase: State, message: str = "") -> None:
        """There is no run, for this reason; what is known of the index stays."""
        before = self.state
        self.state = IndexState(
            self._folder,
            phase,
            before.done,
            before.total,
            before.failed,
            before.with_errors,
            message=message,
            database=self._database,
        )
        self._tell()

    def _tell(self) -> None:
        self._told_s = self._clock()
        if self._client.takes_index_state:
            self._client.tell(INDEX_STATE, self.state)
