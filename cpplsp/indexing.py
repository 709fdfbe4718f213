"""Units of one run on their way through the workers: which is next, whose header is whose, what is written down."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from cpplsp.content import content_hash, read_content
from cpplsp.facts import FAILED_STATES, FileFacts, FileVersion, UnitState
from cpplsp.preluding import Do, Preludes
from cpplsp.protocol import Job, UnitDone
from cpplsp.scheduler.capacity import Peaks
from cpplsp.scheduler.claims import Claims
from cpplsp.scheduler.queue import QueuedUnit, UnitQueue
from cpplsp.store.freshness import note_version
from cpplsp.store.index import Index
from cpplsp.store.preludes import copy_readings
from cpplsp.store.units import Outcome, Unit, finish_unit, load_unit

log = logging.getLogger(__name__)

_TRIES = 2
_MOST_HELD = 20_000
"""Occurrences of a unit's files that are held before they are written."""


class Indexing:
    """What a pool works on (``scheduler.pool.Work``): the stale units of an index.

    ``todo``: ids and contexts, in the order of indexing. ``claimed``: by context, files whose facts are there, with the
    shapes in which they were read.
    ``preludes``: those of this run, opened. ``do``: calls a function where the index is written. ``allowed``: how many
    workers there may be when so many jobs are waiting or under way. ``changed``: called after each unit that starts
    or ends.
    """

    def __init__(
        self,
        index: Index,
        do: Do,
        todo: Iterable[tuple[int, str]],
        claimed: Mapping[str, Mapping[str, Iterable[bytes]]],
        *,
        preludes: Preludes,
        peaks: Peaks,
        allowed: Callable[[int], int],
        changed: Callable[[], None],
    ):
        self._index = index
        self._do = do
        self._preludes = preludes
        self._allowed = allowed
        self._changed = changed
        self._peaks = peaks
        self._queue = UnitQueue(QueuedUnit(*one) for one in todo)
        self._claims = Claims(claimed)
        self._units: dict[int, Unit] = {}
        self._started_ns: dict[int, int] = {}
        self._held: dict[int, list[FileFacts]] = {}
        """By unit, files that are to be written together: a transaction costs as much as a small file."""
        self._tries: dict[int, int] = {}
        self._versions: dict[tuple[str, bytes], int] = {}
        self.current: str | None = None
        """Main file of the unit that was started last."""
        self.ended: dict[int, UnitState] = {}
        """Units that are done, and how they ended."""

    @property
    def failed(self) -> int:
        """How many units could not be read."""
        return sum(state in FAILED_STATES for state in self.ended.values())

    @property
    def left(self) -> int:
        """How many units wait or are under way."""
        return len(self._queue) + len(self._units)

    @property
    def _jobs(self) -> int:
        """How many jobs wait or are under way, with those that are no units."""
        return self.left + self._preludes.waiting + self._preludes.under_way

    def __contains__(self, unit: int) -> bool:
        """Whether a unit waits or is under way."""
        return unit in self._queue or unit in self._units

    def add(self, units: Iterable[tuple[int, str]]) -> None:
        """Read these units too: ids and contexts."""
        for unit in units:
            self._queue.add(QueuedUnit(*unit))

    def prioritise(self, units: Sequence[int]) -> None:
        """Let these units come next."""
        self._queue.prioritise(units)

    def waiting(self) -> int:
        """How many jobs wait for a worker."""
        return len(self._queue) + self._preludes.waiting

    def allowed(self) -> int:
        """How many workers there may be now."""
        return self._allowed(self._jobs)

    async def take(self, worker: int, context: str | None) -> Job | None:
        """The next job for a worker: what a person waits for, then preludes, then the rest."""
        if not self._queue.is_wanted():
            if build := self._preludes.take_build():
                unit, headers = build
                return self._job(worker, unit, unit.path, headers=headers)
            if sample := await self._preludes.take_sample():
                return self._job(worker, *sample, is_sample=True)
        while queued := self._queue.take(context):
            try:
                unit = await self._do(load_unit, self._index, queued.unit)
            except KeyError:
                continue  # no longer wanted
            self._units[unit.id] = unit
            self._started_ns[unit.id] = time.time_ns()
            self._tries[unit.id] = self._tries.get(unit.id, 0) + 1
            self.current = unit.path
            self._changed()
            return self._job(worker, unit, self._preludes.offer(unit) if self._tries[unit.id] == 1 else "")
        return None

    def _job(
        self,
        worker: int,
        unit: Unit,
        prelude: str,
        *,
        is_sample: bool = False,
        headers: tuple[str, ...] = (),
    ) -> Job:
        epoch, claimed = self._claims.brief(unit.context, worker)
        roots = self._index.roots
        return Job(
            unit.id,
            unit.path,
            unit.directory,
            unit.arguments,
            unit.context,
            epoch,
            claimed,
            (roots.project, roots.database or "", roots.resource or ""),
            prelude,
            is_sample,
            headers,
        )

    async def claim(self, job: Job, files: Sequence[FileVersion]) -> list[int]:
        """Which of these headers the worker is to report.

        What is in a prelude that was built in another context is the same in this one.
        """
        granted = self._claims.grant(job.context, job.unit, [(file.path, file.skipped) for file in files])
        origin = self._preludes.origin(job)
        shared = [files[at] for at in granted if origin and self._preludes.holds(job, files[at].path)]
        if not shared:
            return granted
        copied = await self._do(copy_readings, self._index, shared, origin, job.context)
        for one in shared:
            if one.path in copied:
                self._claims.reported(job.unit, one.path, one.skipped)
        return [at for at in granted if files[at].path not in copied]

    async def file(self, job: Job, facts: FileFacts) -> None:
        """Write the facts of a file."""
        if job.is_sample:
            await self._preludes.compare(job, facts)
            return
        held = self._held.setdefault(job.unit, [])
        held.append(facts)
        if sum(len(one.occurrences) for one in held) > _MOST_HELD:
            await self._write_held(job)

    async def done(self, job: Job, done: UnitDone) -> None:
        """Write how a unit ended."""
        if job.is_sample:
            self.add(await self._preludes.compared(job, done))
            return
        if job.headers:
            await self._write_held(job)
            self._claims.end(job.context, job.unit)
            await self._preludes.built(job, done)
            self._changed()
            return
        self._peaks.add(done.peak_bytes)
        log.debug(
            "%s: %s, %.2f s of CPU, %d MiB at most, %d MiB after it",
            *(job.path, UnitState(done.state).name.lower(), done.cpu_s),
            *(done.peak_bytes >> 20, done.rest_bytes >> 20),
        )
        self._note_reported(job.unit, self._held.get(job.unit, ()))  # they are written with the unit's end
        # What a unit that failed was to report is void: those that were refused it are stale.
        silent = set() if done.state == UnitState.FAILED else self._silent(job, done.dependencies)
        for path, shape in silent:
            self._claims.reported(job.unit, path, shape)
        self._started_ns[job.unit] = self._preludes.read_since_ns(job, done, self._started_ns[job.unit])
        outcome = Outcome(
            UnitState(done.state),
            done.error,
            done.errors,
            done.dependencies,
            done.cpu_s,
            done.peak_bytes,
            done.unfit,
        )
        await self._end(job, outcome, silent)
        self.add(await self._preludes.ended(job, done))

    def _silent(self, job: Job, dependencies: Sequence[FileVersion]) -> set[tuple[str, bytes]]:
        """Project files that a unit has read and nobody will report, with shapes: they count as read, with no facts.

        If claims became void in this unit's time, a file may seem to be nobody's that another unit will report.
        """
        silent = self._claims.outstanding(job.unit)
        if self._claims.epoch(job.context) == job.epoch:
            silent.update(
                (one.path, one.skipped)
                for one in dependencies
                if one.path != job.path
                and self._index.roots.is_project(one.path)
                and self._claims.claim(job.context, one.path, one.skipped)
            )
        return silent

    async def lost(self, job: Job, state: UnitState, reason: str) -> None:
        """Try a unit once more, after all others and alone; then write down that it cannot be read."""
        if job.headers or job.is_sample:
            self._claims.end(job.context, job.unit)
            self._held.pop(job.unit, None)
            await self._preludes.lost(job, reason)
            self._changed()
            return
        if self._tries[job.unit] < _TRIES:
            log.warning("%s: %s; it is tried once more", job.path, reason)
            self._claims.end(job.context, job.unit)
            self._held.pop(job.unit, None)
            self._units.pop(job.unit, None)
            self._queue.retry(QueuedUnit(job.unit, job.context))
            self._changed()
            return
        log.warning("%s: %s, twice: it is left out", job.path, reason)
        main = await asyncio.to_thread(_version_on_disk, job.path)
        await self._end(job, Outcome(state, f"{reason}, twice", 1, main), ())

    def gone(self, worker: int) -> None:
        """A worker has ended."""
        self._claims.forget(worker)

    async def _end(self, job: Job, outcome: Outcome, silent: Iterable[tuple[str, bytes]]) -> None:
        await self._do(self._write_end, self._units[job.unit], outcome, frozenset(silent))
        self._claims.end(job.context, job.unit)
        self._units.pop(job.unit, None)
        self.ended[job.unit] = outcome.state
        self._changed()

    async def _write_held(self, job: Job) -> None:
        """Write what is held of a job's files: each is there as a whole, or not at all."""
        files = self._held.pop(job.unit, [])
        await self._do(self._write_files, files, job.context)
        self._note_reported(job.unit, files)

    def _write_files(self, files: Iterable[FileFacts], context: str) -> None:
        with self._index.transaction():
            for facts in files:
                self._index.write_file(facts, context)

    def _note_reported(self, unit: int, files: Iterable[FileFacts]) -> None:
        for facts in files:
            if not facts.partial:
                self._claims.reported(unit, facts.path, facts.skipped)

    def _write_end(self, unit: Unit, outcome: Outcome, silent: frozenset[tuple[str, bytes]]) -> None:
        """One transaction: what the unit told of files outside, what it was made from, and its row.

        Files that it read and nobody has facts of count as read.
        """
        started_ns = self._started_ns[unit.id]
        with self._index.transaction():
            for facts in self._held.pop(unit.id, ()):
                self._index.write_file(facts, unit.context)
            versions = []
            shapes = []
            for one in outcome.dependencies:
                version = self._versions.get((one.path, one.content))
                is_silent = (one.path, one.skipped) in silent
                if version is None or is_silent:
                    file, version = note_version(self._index, one, started_ns)
                    if is_silent:
                        shape = self._index.shape_id(version, one.skipped)
                        self._index.put_empty_reading(file, version, unit.context, shape)
                versions.append(version)
                if one.skipped:
                    shapes.append(self._index.shape_id(version, one.skipped))
            finish_unit(self._index, unit, outcome, versions, shapes)
        self._versions.update(
            ((one.path, one.content), version)
            for one, version in zip(outcome.dependencies, versions, strict=True)
        )


def _version_on_disk(path: str) -> list[FileVersion]:
    """The content of a file that no worker could read; nothing where it cannot be read here either."""
    try:
        return [FileVersion(os.path.realpath(path), content_hash(read_content(path)[0]))]
    except OSError:
        return []
