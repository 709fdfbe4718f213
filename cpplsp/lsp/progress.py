"""Progress of indexing, as an editor shows it: a rising percentage, how far it is, and what memory that takes.

As in ``12/633 src/foo.cc · 4 workers (120+96+88+90 MiB), 454 MiB of 2.0 GiB``.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types

from cpplsp.amounts import bytes_text, count_text, mib_text
from cpplsp.lsp.client import Client

if TYPE_CHECKING:
    from cpplsp.runstate import Progress

_TITLE = "indexing"
_REPORT_EVERY_S = 0.1
_MOST_APART = 8
"""The memory of more workers than these is told as a range: an editor has a line for it."""


class ProgressReport:
    """The progress of one run. Shows nothing when there is nothing to index, or where the client cannot show it."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic):
        self._client = client
        self._clock = clock
        self._token = ""
        self._latest: Progress | None = None
        self._waits_for = ""
        self._opening: asyncio.Task[None] | None = None
        self._is_begun = False
        self._is_ended = False
        self._percentage = 0
        self._reported_s = 0.0

    def show(self, progress: "Progress") -> None:
        """Report this state, at most ten times a second. Call it on the event loop."""
        if progress.phase != "indexing" or progress.total == 0 or self._is_ended:
            return
        self._latest = progress
        if self._opening is None:
            self._begin()
        elif self._is_begun and self._clock() - self._reported_s >= _REPORT_EVERY_S:
            self._reported_s = self._clock()
            message, percentage = self._state()
            self._client.report(
                self._token,
                types.WorkDoneProgressReport(cancellable=False, message=message, percentage=percentage),
            )

    def wait(self, reason: str) -> None:
        """Say what keeps the run from beginning. Call it on the event loop."""
        self._waits_for = reason
        if self._opening is None:
            self._begin()

    def end(self) -> None:
        """The run is over."""
        if self._is_begun and not self._is_ended:
            self._client.report(self._token, types.WorkDoneProgressEnd(message=self._outcome()))
        self._is_ended = True

    def _begin(self) -> None:
        self._token = f"{_TITLE}/{uuid.uuid4()}"
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        if not await self._client.create_progress(self._token) or self._is_ended:
            return
        self._is_begun = True
        self._reported_s = self._clock()
        message, percentage = self._state()
        self._client.report(
            self._token,
            types.WorkDoneProgressBegin(_TITLE, cancellable=False, message=message, percentage=percentage),
        )

    def _outcome(self) -> str | None:
        if self._latest is None:
            return None
        failed = f", {self._latest.failed} failed" if self._latest.failed else ""
        return f"{self._latest.done}/{self._latest.total}{failed}"

    def _state(self) -> tuple[str, int]:
        if self._latest is None:
            return self._waits_for, 0
        done, total, current = self._latest.done, self._latest.total, self._latest.current
        memory = _memory(self._latest)
        self._percentage = max(self._percentage, min(100, 100 * done // total))
        told = f"{done}/{total} {current or ''}".rstrip()
        return f"{told} · {memory}" if memory else told, self._percentage


def _memory(progress: "Progress") -> str:
    """What the workers take, and all processes; nothing before the first sample."""
    if not progress.memory_bytes:
        return ""
    sizes = [use.memory_bytes for use in progress.processes if use.role == "worker" and use.memory_bytes]
    shown = "+".join(map(mib_text, sizes))
    if len(sizes) > _MOST_APART:
        shown = f"{mib_text(min(sizes))}–{mib_text(max(sizes))}"
    workers = count_text(progress.workers, "worker") + (f" ({shown} MiB)" if sizes else "")
    return f"{workers}, {bytes_text(progress.memory_bytes)} of {bytes_text(progress.budget_bytes)}"
