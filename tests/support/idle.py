"""A project whose indexer has nothing to do, and notes what it is told."""

import asyncio
from collections.abc import Callable, Sequence

from cpplsp.paths import Roots


class Idle:
    """Both a way to open a project and its indexer. ``fails``: raised by the next calls of that name, one by one.

    ``is_pending``: files are still to be read, until ``has_read``; ``indexed``: units that a run reads,
    ``revived``: that it puts back.
    """

    def __init__(self, project_roots: Roots, /, **fails: list[Exception]):
        self._roots = project_roots
        self._fails = fails
        self.calls: list[str] = []
        self.wanted: list[str] = []
        self.on_progress: Callable[[object], None] = lambda _progress: None
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.has_run = asyncio.Event()
        self.is_pending = False
        self.has_read = asyncio.Event()
        self.needs_a_run = False
        self.indexed = 0
        self.superseded = False
        self.source = "/project/compile_commands.json"
        self.changed = False
        self.revived = 0
        self.units = 3
        self.failed: list[object] = []
        self.with_errors = 0
        self.fails_when_stopped: Exception | None = None
        self._running: asyncio.Task[object] | None = None

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self._fails.get(name):
            raise self._fails[name].pop(0)

    def roots(self) -> Roots:
        self._called("roots")
        return self._roots

    def database(self) -> str:
        return self.source

    def is_superseded(self) -> bool:
        was, self.superseded = self.superseded, False
        return was

    def has_changed(self) -> bool:
        self._called("has_changed")
        return self.changed

    def indexer(self, on_progress: Callable[[object], None]) -> "Idle":
        self._called("indexer")
        self.on_progress = on_progress
        return self

    async def run(self) -> "Idle":
        self._called("run")
        self.has_run.set()
        self._running = asyncio.current_task()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            if self.fails_when_stopped is not None:
                raise self.fails_when_stopped from None
            raise
        return self

    async def stop(self) -> None:
        self._called("stop")
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def retry_failed(self) -> None:
        self._called("retry_failed")

    def start_over(self) -> None:
        self._called("start_over")

    async def prioritise(self, paths: Sequence[str]) -> bool:
        self.wanted = list(paths)
        return self.needs_a_run

    async def wait_for(self, path: str) -> bool:
        was_pending = self.is_pending
        if was_pending:
            await self.has_read.wait()
        return was_pending

    def close(self) -> None:
        self._called("close")

    async def until(self, name: str, times: int) -> None:
        """Wait until something was called so often, some of it by other threads."""
        async with asyncio.timeout(10):
            while self.calls.count(name) < times:  # noqa: ASYNC110
                await asyncio.sleep(0)
