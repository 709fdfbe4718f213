"""The indexer: brings a project's index up to date, by hand (``--index-only``) or beside an editor.

A run has four phases: read the compile database if it has changed, look for what is stale, index that, and tidy up. The
index is open for writing as long as a run goes on: at rest, another process may write it. How a unit fares among the
workers is in ``indexing``; this module puts the packages together.
"""

import asyncio
import contextlib
import logging
import os
import resource
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from cpplsp.amounts import bytes_text, count_text
from cpplsp.config import Settings
from cpplsp.facts import FAILED_STATES, UnitState
from cpplsp.indexing import Indexing
from cpplsp.preluding import Preludes, scouts_first, tidy
from cpplsp.project.language import possible_languages
from cpplsp.project.project import Project
from cpplsp.runstate import ProcessUse, Progress, RunFile, Summary, run_line
from cpplsp.scheduler.costs import Costs
from cpplsp.scheduler.governor import Governor
from cpplsp.scheduler.pool import UNIT_WITHIN_S, Pool
from cpplsp.scheduler.processes import Nursery
from cpplsp.store import totals
from cpplsp.store.adoption import adopt, find_neighbour, release
from cpplsp.store.connection import (
    CacheError,
    GoneError,
    LockedError,
    check_reported_damage,
    is_damage,
    open_reader,
    report_damage,
)
from cpplsp.store.folders import Origin, note_origin
from cpplsp.store.freshness import RETRIED, Stale, find_stale, prune, refresh_files
from cpplsp.store.index import Index, OpenedIndex
from cpplsp.store.location import find_index
from cpplsp.store.revival import Revived, put_back_known
from cpplsp.store.units import (
    WantedUnit,
    count_with_errors,
    failed_units,
    learnt_units,
    sync_mark,
    sync_units,
    units_of,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

_SAMPLE_EVERY_S = 0.5
_REST = 30.0
"""So many times as long as a sample of all pages takes, none is taken: with 32 workers one takes half a second."""
_PATIENCE_S = (0.1, 0.2, 0.4)
"""Pauses between tries to get the writer's lock: another process that has little to do gives it back in a moment."""
_LOG_EVERY_S = 30.0
_PUT_BACK_PASSES = 4
"""So often what was put back is looked at for what is stale after it: the second time is for what units lack then."""
_ROUNDS = 3
"""How often a run looks for what is stale: files change and workers die while it goes on."""


class _StoppedError(Exception):
    """Reading the compile database was told to end."""


class Indexer:
    """One project's writer: while it runs.

    ``on_progress`` is called from the event loop, often. ``low_priority``: workers let the editor and the build go
    first. ``retry_failed``: units that failed before are tried again, though nothing of theirs has changed.
    ``unit_within_s``: a unit that takes longer hangs. ``beside``: other processes whose memory counts with the run's.
    """

    def __init__(
        self,
        project: Project,
        settings: Settings,
        on_progress: Callable[[Progress], None],
        *,
        low_priority: bool = False,
        retry_failed: bool = False,
        unit_within_s: float = UNIT_WITHIN_S,
        beside: Callable[[], Collection[int]] = tuple,
    ):
        self.path = find_index(project.root, settings.cache_dir, settings.compile_commands_dir)
        self._project = project
        self._settings = settings
        self._on_progress = on_progress
        self._low_priority = low_priority
        self._retry = FAILED_STATES if retry_failed else RETRIED
        self._retries_once = False
        self._is_to_start_over = False
        self._unit_within_s = unit_within_s
        self._beside = beside
        self._index: Index | None = None
        """Open from the beginning to the end of a run."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cpplsp-writer")
        self._mark: str | None = None
        """Of the last time that this indexer synchronised units: whoever did it later may have seen others."""
        self._units = 0
        self._wanted: list[str] = []
        self._indexing: Indexing | None = None
        self._run: asyncio.Task[Any] | None = None
        self._is_stopping = False
        self._changed = asyncio.Event()
        self._governor = Governor(settings.memory_budget, settings.jobs)
        self._run_file = RunFile(self.path)
        self._started_s = 0.0
        self._logged_s = 0.0

    def close(self) -> None:
        """End the thread that writes. Not while a run is going on."""
        self._thread.shutdown(wait=True)

    async def stop(self) -> None:
        """End a run: its workers die, what they had sent is kept."""
        if self._run and not self._run.done():
            self._is_stopping = True
            if self._index:
                self._index.db.interrupt()  # what was begun is rolled back
            self._run.cancel()
            await asyncio.wait([self._run])

    def retry_failed(self) -> None:
        """Let the next run try all units again that failed, once."""
        self._retries_once = True

    def start_over(self) -> None:
        """Let the next run throw away what the index holds, and read everything."""
        self._is_to_start_over = True

    async def prioritise(self, paths: Sequence[str]) -> bool:
        """Let the units of these files (absolute real paths) come next, those of the first before all.

        A file that no unit reads becomes a unit of its own, in a run. True when it takes another run to read that.
        """
        self._wanted = list(paths)
        if self._index is None:
            # A run that begins adopts what is wanted.
            return not self._is_running() and await self._do(self._has_orphans, paths)
        adopted, units = await self._do(_put_first, self._index, paths)
        if self._indexing:
            self._indexing.add(adopted)
            self._indexing.prioritise(units)
            return False
        return bool(adopted)

    def _has_orphans(self, paths: Sequence[str]) -> bool:
        """Whether a run would adopt some of these files; True, too, where there is no index that can say it."""
        if not paths:
            return False
        try:
            with contextlib.closing(open_reader(self.path)) as db:
                index = OpenedIndex(db, self._project.roots)
                return any(
                    find_neighbour(index, path, possible_languages(path)) is not None for path in paths
                )
        except (FileNotFoundError, CacheError):
            return True
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                report_damage(self.path)
            return True

    async def wait_for(self, path: str) -> bool:
        """Wait until no unit that reads a file is still to be read in the run that is going on; whether one was."""
        while self._is_running() and self._indexing is None:
            await self._changed.wait()  # which units there are is still being found out
        if self._index is None or self._indexing is None:
            return False
        units = await self._do(units_of, self._index, path)
        has_waited = False
        while self._indexing and any(unit in self._indexing for unit in units):
            has_waited = True
            await self._changed.wait()
        return has_waited

    def _is_running(self) -> bool:
        return self._run is not None and not self._run.done()

    def _announce(self) -> None:
        """Wake all that wait for something to change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _tell(self, progress: Progress) -> None:
        """Show how far the run is: to whoever asked for it, beside the index, and now and then in the log."""
        progress = replace(progress, started=self._started_s, peak_bytes=self._governor.peak_bytes)
        self._on_progress(progress)
        now = time.monotonic()
        if progress.memory_bytes and now - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = now
            log.info("%s", run_line(progress))
        if self._run_file.note(progress):
            asyncio.get_running_loop().run_in_executor(None, self._run_file.write)

    async def _do(self, function: Callable[..., T], /, *arguments: Any) -> T:
        """Call a function in the thread that writes. A caller that is cancelled still waits for the end of it."""
        call = asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*arguments))
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await call
            raise

    async def run(self) -> Summary:
        """Bring the index up to date, with the writer's lock held from the beginning to the end.

        Raises LockedError when another process writes it, CacheError when it cannot be written, StartError when no
        worker starts. One run at a time. Cancelling it leaves an index that the next run goes on with.
        """
        self._run = asyncio.current_task()
        self._is_stopping = False
        self._started_s, self._logged_s = time.time(), time.monotonic() - _LOG_EVERY_S
        notes: list[str] = []
        try:
            index = await self._open()
            try:
                return await self._pass(index, notes)
            except (sqlite3.DatabaseError, GoneError) as error:
                if isinstance(error, GoneError):
                    reason = f"the index at {self.path} was deleted while it was written"
                elif is_damage(error):
                    reason = f"the index at {self.path} was damaged ({error})"
                else:
                    raise
                await self._do(index.rebuild, reason)
                return await self._pass(index, notes)
        except sqlite3.OperationalError as error:
            raise CacheError(
                f"cannot write the index at {self.path}: {error}. What was indexed is kept: make room, or choose "
                "another folder with --cache-dir, and run again"
            ) from error
        finally:
            opened, self._index = self._index, None
            self._run = None
            self._indexing = None
            self._announce()
            if opened:
                self._run_file.remove()  # while the lock is held: at other times it is another process's
                await self._do(opened.close)

    async def _open(self) -> Index:
        for pause_s in _PATIENCE_S:
            try:
                return await self._do(self._open_now)
            except LockedError:
                await asyncio.sleep(pause_s)
        return await self._do(self._open_now)

    def _open_now(self) -> Index:
        self._index = Index(self.path, self._project.roots)  # here, so that a run that is cancelled finds it
        note_origin(self.path, Origin.of(self._project.root, self._settings.compile_commands_dir))
        return self._index

    async def _pass(self, index: Index, notes: list[str]) -> Summary:
        started_s, started_cpu_s = time.monotonic(), _cpu_s()
        self._governor = governor = Governor(self._settings.memory_budget, self._settings.jobs)
        await self._do(check_reported_damage, self.path)
        if index.rebuilt:
            log.warning("%s and is made anew", index.rebuilt)
            notes.append(f"{index.rebuilt} and is made anew")
            index.rebuilt = ""
        if self._is_to_start_over:
            await self._do(index.rebuild, "it was asked for")
            self._is_to_start_over, index.rebuilt = False, ""
            log.info("the index at %s is made anew, as was asked for", self.path)
        has_changed = await self._read_database(index)
        self._tell(Progress("checking", total=self._units))
        costs = Costs()
        await asyncio.to_thread(governor.sample, ())
        retry = FAILED_STATES if self._retries_once else self._retry
        stale, revived = await self._do(_find_stale, index, retry, governor.room_bytes())
        # Only now is it known which files no unit reads.
        if await self._do(_adopt, index, self._wanted):
            stale, more = await self._do(_find_stale, index, retry, governor.room_bytes())
            revived += more
        first = stale
        has_changed |= bool(revived)
        self._retries_once = False
        ended: dict[int, UnitState] = {}
        workers_max = 0
        for _ in range(_ROUNDS):
            todo = [one for one in stale.units if ended.get(one[0]) not in FAILED_STATES]
            if not todo:
                break
            has_changed = True
            states, workers = await self._index_units(index, todo, stale.claimed, governor, costs)
            ended |= states
            workers_max = max(workers_max, workers)
            stale, more = await self._do(_find_stale, index)
            revived += more
        self._tell(Progress("finishing", done=self._units, total=self._units))
        await asyncio.to_thread(governor.sample, ())
        has_changed |= await self._do(release, index)
        if has_changed:
            await self._do(prune, index)
        preludes = await self._do(tidy, index)
        held = await self._do(totals.count if has_changed else totals.recall, index)
        failed = await self._do(failed_units, index)
        if ended:
            log.info(
                "indexed: %s in %.0f s, at most %s and %s at once, of %s",
                *(count_text(len(ended), "unit"), time.monotonic() - started_s),
                *(count_text(workers_max, "worker"), bytes_text(governor.peak_bytes)),
                bytes_text(governor.budget_bytes()),
            )
        return Summary(
            units=self._units,
            indexed=sum(state in (UnitState.INDEXED, UnitState.ERRORS) for state in ended.values()),
            failed=[{"file": one.path, "reason": one.reason} for one in failed],
            skipped_fresh=first.fresh,
            files=held.files,
            symbols=held.symbols,
            occurrences=held.occurrences,
            wall_s=round(time.monotonic() - started_s, 3),
            cpu_s=round(_cpu_s() - started_cpu_s, 3),
            peak_memory_bytes=governor.peak_bytes,
            peak_worker_bytes=costs.highest_bytes,
            workers_max=workers_max,
            memory_budget_bytes=governor.budget_bytes(),
            cache_path=self.path,
            cache_bytes=await self._do(index.checkpoint),
            preludes=preludes,
            notes=[*notes, *self._project.notes],
            with_errors=await self._do(count_with_errors, index),
            revived=revived,
        )

    async def _read_database(self, index: Index) -> bool:
        """Bring the units up to date with the compile database; whether any went or came."""
        is_as_left = await self._do(sync_mark, index) == self._mark
        if is_as_left and self._mark is not None and await asyncio.to_thread(self._project.is_current):
            return False
        self._tell(Progress("reading"))
        synced = await self._do(sync_units, index, self._wanted_units(), lambda: self._project.complete)
        self._units = synced.units
        self._mark = synced.mark
        return synced.has_changed

    def _wanted_units(self) -> Iterator[WantedUnit]:
        for command in self._project.commands():
            if self._is_stopping:
                raise _StoppedError
            made = self._project.invocation(command)
            if made.dropped:
                log.warning("%s: left out of its compile command: %s", command.file, " ".join(made.dropped))
            yield WantedUnit(command.file, made.directory, made.arguments, made.hash, made.context)

    async def _index_units(
        self,
        index: Index,
        todo: list[tuple[int, str]],
        claimed: dict[str, dict[str, list[bytes]]],
        governor: Governor,
        costs: Costs,
    ) -> tuple[dict[int, UnitState], int]:
        """Index these units: how each ended, and how many workers there were at once."""
        started_s = time.monotonic()

        def report() -> None:
            done, left = len(indexing.ended), indexing.left
            rate = done / max(time.monotonic() - started_s, 0.001)
            self._tell(
                Progress(
                    "indexing",
                    done=max(self._units - left, 0),
                    total=self._units,
                    current=self._display(indexing.current),
                    failed=indexing.failed,
                    memory_bytes=governor.memory_bytes,
                    units_per_s=rate,
                    remaining_s=left / rate if done else None,
                    budget_bytes=governor.budget_bytes(),
                    processes=self._processes(nursery, pool),
                )
            )
            self._announce()

        preludes = Preludes(index, self._do, self._settings.prelude, self._settings.libclang)
        await preludes.open(todo)
        indexing = Indexing(
            index,
            self._do,
            scouts_first(todo) if self._settings.prelude != "off" else todo,
            claimed,
            learnt=await self._do(learnt_units, index, [unit for unit, _ in todo]),
            costs=costs,
            preludes=preludes,
            governor=governor,
            changed=report,
        )
        with governor.running():
            async with Nursery(self._settings.libclang, low_priority=self._low_priority) as nursery:
                pool = Pool(nursery, indexing, governor, unit_within_s=self._unit_within_s)
                self._indexing = indexing
                self._announce()
                await self.prioritise(self._wanted)
                sampler = asyncio.create_task(_sample(governor, nursery, pool, self._beside, report))
                try:
                    await pool.run()
                finally:
                    self._indexing = None
                    sampler.cancel()
                    indexing.close()
        return indexing.ended, pool.most

    def _processes(self, nursery: Nursery, pool: Pool) -> tuple[ProcessUse, ...]:
        """The processes there are, by the last sample: the server, the nursery, then the workers."""
        now, sizes = time.monotonic(), self._governor.sizes
        uses = [ProcessUse(os.getpid(), "server", sizes.get(os.getpid(), 0))]
        if nursery.pid:
            uses.append(ProcessUse(nursery.pid, "nursery", sizes.get(nursery.pid, 0)))
        for pid in pool.pids.values():
            reading = pool.readings.get(pid)
            unit = None
            if reading:
                unit = "a prelude" if reading.job.headers else self._display(reading.job.path)
            seconds = round(now - reading.started_s, 1) if reading else 0.0
            uses.append(ProcessUse(pid, "worker", sizes.get(pid, 0), unit, seconds))
        return tuple(uses)

    def _display(self, path: str | None) -> str | None:
        return self._project.roots.display(*self._project.roots.split(path)) if path else None


def _adopt(index: Index, paths: Sequence[str]) -> list[tuple[int, str]]:
    found = (adopt(index, path, possible_languages(path)) for path in paths)
    return [unit for unit in found if unit]


def _put_first(index: Index, paths: Sequence[str]) -> tuple[list[tuple[int, str]], list[int]]:
    """Units (ids and contexts) that these files become, and the units of all of them.

    In one call: the index may be closed before another one.
    """
    adopted = _adopt(index, paths)
    return adopted, [unit for path in paths for unit in units_of(index, path)]


def _find_stale(
    index: Index, retry: Collection[UnitState] = RETRIED, memory_bytes: int = 0
) -> tuple[Stale, int]:
    """What has to be read, and how many units need not because they were put back (``store.revival``)."""
    refresh_files(index)
    put_back = 0
    stale = find_stale(index, retry, memory_bytes)
    for _ in range(_PUT_BACK_PASSES):
        revived = put_back_known(index, stale)
        if revived == Revived():
            break
        put_back += revived.units
        log.info(
            "put back: %s and %s as they were read before",
            *(count_text(revived.units, "unit"), count_text(revived.readings, "file")),
        )
        stale = find_stale(index, retry, memory_bytes)
    return stale, put_back


async def _sample(
    governor: Governor,
    nursery: Nursery,
    pool: Pool,
    beside: Callable[[], Collection[int]],
    report: Callable[[], None],
) -> None:
    """Watch the memory of all processes, and show it."""
    while True:
        pids = [pid for pid in (nursery.pid, *pool.pids.values()) if pid]
        started_s = time.monotonic()
        await asyncio.to_thread(governor.sample, pids, beside())
        report()
        await asyncio.sleep(max(_SAMPLE_EVERY_S, _REST * (time.monotonic() - started_s)))


def _cpu_s() -> float:
    """User and system time of this process and of those that it waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
