"""Indexing beside the conversation: opens a project, runs its indexer, runs it again when something changed.

A run that is asked for during a run comes after it, once. Whoever else writes the same index is let finish; this server
reads meanwhile, and makes its run when the other one has made its own, or is gone. At rest nobody holds the index, and
nothing is waited for. What goes wrong is shown to the person once, and the server lives on.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cpplsp.lsp.client import Client
from cpplsp.lsp.indexstate import IndexNews, IndexState
from cpplsp.lsp.opening import HasRun, OpensProject, RunsIndex
from cpplsp.lsp.progress import ProgressReport
from cpplsp.paths import Roots
from cpplsp.store.connection import CacheError, LockedError, ReadOnlyError

if TYPE_CHECKING:
    from cpplsp.runstate import ProcessUse, Progress

log = logging.getLogger(__name__)

TAKE_OVER_EVERY_S = 3.0
"""How often a run is tried while another process writes."""
_LOOK_EVERY_S = 2.0
SETTLE_S = 0.2
"""Files change in flocks (a branch switch, a build): how long none may change before a run begins …"""
SETTLE_AT_MOST_S = 2.0
"""… and how long it waits for that."""
_STOP_WITHIN_S = 2.0


class Background:
    """The indexing of one folder, for as long as the server has it."""

    def __init__(
        self, root: str, opener: OpensProject, client: Client, has_run: Callable[[], None] = lambda: None
    ):
        self._root = root
        self._has_run = has_run
        self._opener = opener
        self._client = client
        self._indexer: RunsIndex | None = None
        self._open_files: Sequence[str] = ()
        self._report: ProgressReport | None = None
        self._news = IndexNews(client, root)
        self.processes: Sequence[ProcessUse] = ()
        """Those of the run that is going on, as last told of."""
        self._roots: asyncio.Future[Roots] = asyncio.get_running_loop().create_future()
        self._is_started = asyncio.Event()
        """The indexer runs, or it is known that it cannot now."""
        self._wanted = asyncio.Event()
        self._is_running = False
        self._looked_s = -_LOOK_EVERY_S
        self._looking: asyncio.Task[None] | None = None
        self._may_run = asyncio.Event()
        self._may_run.set()
        self._is_interrupted = False
        """The run that is going on ends, and this lives on."""
        self._prioritising: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._live(), name=f"indexing {root}")

    async def roots(self) -> Roots:
        """The project's roots; just its folder, if it cannot be opened."""
        return await asyncio.shield(self._roots)

    def run_again(self) -> None:
        """Something changed on disk."""
        self._wanted.set()
        if not self._is_running and self._may_run.is_set():
            self._is_started.clear()

    def look(self) -> None:
        """See whether files are compiled otherwise by now, if nobody has for a while: for clients that do not watch."""
        now = time.monotonic()
        if self._indexer is None or self._is_running or now - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now
        self._looking = asyncio.create_task(self._look())
        self._looking.add_done_callback(_log_failure)

    async def _look(self) -> None:
        if await asyncio.to_thread(self._opener.has_changed):
            self.run_again()

    @property
    def state(self) -> IndexState:
        """How far it is."""
        return self._news.state

    async def pause(self) -> None:
        """End the run that is going on, and make none until :meth:`resume`. What was indexed is kept, and answers."""
        if self._may_run.is_set():
            self._may_run.clear()
            await self._interrupt()
            self._news.tell("paused")

    def resume(self) -> None:
        """Go on with what is left, and what has changed since."""
        if not self._may_run.is_set():
            self._may_run.set()
            self.run_again()

    async def retry_failed(self) -> None:
        """Try all units again that failed, paused or not."""
        if self._indexer is not None:
            self._indexer.retry_failed()
        self._may_run.set()
        self.run_again()

    async def start_over(self) -> None:
        """Make the index anew, paused or not."""
        if self._indexer is not None:
            self._indexer.start_over()
            await self._interrupt()
        self._may_run.set()
        self.run_again()

    async def _interrupt(self) -> None:
        if self._indexer is not None and self._is_running:
            self._is_interrupted = True
            await self._indexer.stop()

    def prioritise(self, paths: Sequence[str]) -> None:
        """Note the open files, most wanted first: their units come next."""
        self._open_files = paths
        if self._indexer is not None:
            self._prioritise_no_more()
            self._prioritising = asyncio.create_task(self._put_first(self._indexer, paths))
            self._prioritising.add_done_callback(_log_failure)

    def _prioritise_no_more(self) -> None:
        for task in (self._prioritising, self._refreshing, self._looking):
            if task is not None:
                task.cancel()

    async def _put_first(self, indexer: RunsIndex, paths: Sequence[str]) -> None:
        if await indexer.prioritise(paths):
            self.run_again()
        self._refreshing = asyncio.create_task(self._refresh_when_read(indexer, paths))
        self._refreshing.add_done_callback(_log_failure)

    async def _refresh_when_read(self, indexer: RunsIndex, paths: Sequence[str]) -> None:
        """Have the client colour open files anew once they are indexed: it asks when it opens one, and not again."""
        await self._is_started.wait()
        waited = [await indexer.wait_for(path) for path in paths]
        if any(waited):
            await self._client.refresh_tokens()

    async def wait_for(self, path: str, at_most_s: float) -> None:
        """Return when no unit of this file is waiting any more, or when it has been long enough."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                if self._prioritising is not None:
                    await asyncio.wait([self._prioritising])  # it may find that another run is needed
                await self._is_started.wait()
                if self._indexer is not None:
                    await self._indexer.wait_for(path)

    async def stop(self) -> None:
        """End it: workers too, within two seconds."""
        self._may_run.clear()
        self._is_interrupted = (
            True  # so that what ends the run does not end the wait for the indexer to be closed
        )
        if self._indexer is not None:
            try:
                await asyncio.wait_for(self._indexer.stop(), _STOP_WITHIN_S)
            except TimeoutError:
                log.warning("indexing of %s did not stop in time", self._root)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _live(self) -> None:
        while True:
            try:
                await self._open_and_run()
                continue
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self._tell(error)
            if not self._roots.done():
                self._roots.set_result(Roots(self._root))
            self._is_started.set()
            await self._until_wanted()

    async def _open_and_run(self) -> None:
        """Open the project and run its indexer again and again, till it is to be opened anew; raises what ends that."""
        roots = await asyncio.to_thread(self._opener.roots)
        self._news.opened(self._opener.database())
        if self._roots.done():
            self._roots = asyncio.get_running_loop().create_future()
        self._roots.set_result(roots)
        indexer = await asyncio.to_thread(self._opener.indexer, self._show)
        try:
            self._indexer = indexer
            await self._put_first(indexer, self._open_files)
            while True:
                await self._until_allowed()
                await self._run(indexer)
                await self._until_wanted()
                if await asyncio.to_thread(self._opener.is_superseded):
                    return
        finally:
            self._indexer = None
            self._prioritise_no_more()
            await asyncio.to_thread(indexer.close)

    async def _run(self, indexer: RunsIndex) -> None:
        """Run it as soon as no other process writes the index."""
        self._is_running = True
        self._report = ProgressReport(self._client)
        waited_for = ""
        has_run: HasRun | None = None
        try:
            while self._may_run.is_set():
                try:
                    has_run = await self._try_to_run(indexer)
                    break
                except LockedError as error:
                    if not waited_for:
                        waited_for = f"{error}: its results are used as they come"
                        log.info("%s", waited_for)
                        self._report.wait(waited_for)
                        self._news.tell("waiting", message=waited_for)
                await asyncio.sleep(TAKE_OVER_EVERY_S)
        finally:
            self._is_running = False
            self.processes = ()
            if self._wanted.is_set():
                self._is_started.clear()
            self._report.end()
        if has_run is None:
            return
        self._news.ended(has_run.units, len(has_run.failed), has_run.with_errors)
        self._has_run()
        if has_run.indexed or has_run.revived or waited_for:
            await self._client.refresh_tokens()

    async def _try_to_run(self, indexer: RunsIndex) -> HasRun | None:
        """One run: what it did; None when it was interrupted."""
        self._wanted.clear()
        self._is_interrupted = False
        run = asyncio.ensure_future(indexer.run())
        # Only now: whoever waits for a file waits for a run that knows of it.
        await asyncio.sleep(0)
        self._is_started.set()
        try:
            if self._is_interrupted:  # before it had begun
                await indexer.stop()
            return await run
        except BaseException:
            if self._is_interrupted and run.done() and not _is_cancelled():
                return None
            run.cancel()
            raise

    def _show(self, progress: "Progress") -> None:
        self.processes = progress.processes
        self._news.show(progress)
        if self._report is not None:
            self._report.show(progress)

    async def _until_allowed(self) -> None:
        """Wait while indexing is paused. Questions do not: the index answers with what it has."""
        if not self._may_run.is_set():
            self._is_started.set()
            await self._may_run.wait()

    async def _until_wanted(self) -> None:
        """Wait for a change, and until no more of them come: a branch switch is one."""
        await self._wanted.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_AT_MOST_S):
                while self._wanted.is_set():
                    self._wanted.clear()
                    await asyncio.sleep(SETTLE_S)
        self._wanted.clear()

    def _tell(self, error: Exception) -> None:
        """Show what ended the indexing; what nobody foresaw goes to the log with all there is to know."""
        from cpplsp.project.project import ProjectError
        from cpplsp.scheduler.processes import StartError

        self._news.tell("failed", message=str(error) or repr(error))
        if isinstance(error, ReadOnlyError):
            self._client.show_warning(str(error))
            return
        if isinstance(error, ProjectError | CacheError | StartError):
            self._client.show_error(str(error))
            return
        log.error("indexing of %s failed", self._root, exc_info=error)
        self._client.show_error(
            f"indexing of {os.path.basename(self._root)} failed: {error!r}. It goes on at the next change;"
            " what was indexed is used. Please report this, with the log"
        )


def _is_cancelled() -> bool:
    """Whether the task that asks is to end, rather than one that it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _log_failure(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.warning("the open files could not be put first: %s", error)
