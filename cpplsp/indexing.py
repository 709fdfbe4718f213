"""Units of one run on their way through the workers: which is next, whose header is whose, what is written down."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cpplsp.content import content_hash, read_content
from cpplsp.facts import FAILED_STATES, FileFacts, FileVersion, UnitState
from cpplsp.paths import real_path
from cpplsp.preluding import Do, Preludes
from cpplsp.protocol import Job, UnitDone
from cpplsp.scheduler.claims import Claims
from cpplsp.scheduler.costs import MOST_CPU_S, Cost, Costs
from cpplsp.scheduler.governor import Governor
from cpplsp.scheduler.pool import Assignment, Loss
from cpplsp.scheduler.queue import QueuedUnit, UnitQueue
from cpplsp.store.held import HeldFile, HeldFiles
from cpplsp.store.index import Index
from cpplsp.store.preludes import copy_readings
from cpplsp.store.units import LearntUnit, Outcome, Unit, load_unit
from cpplsp.store.writing import UnitWriter

log = logging.getLogger(__name__)

_TRIES = 2
_INNOCENT_TRIES = 5
"""So often a unit may lose its worker by what is no fault of its own."""
_END_UNITS_A_WORKER = 8
"""When no more than these wait, the longest comes first, so that no worker is left with it alone."""
_BUILD = "prelude"
_UNDER = " under a prelude"
_MOST_HELD = 20_000
"""Occurrences that are held before they are written, of all units' files: the server's memory is bounded, too."""


class Indexing:
    """What a pool works on (``scheduler.pool.Work``): the stale units of an index.

    ``todo``: ids and contexts, in the order of indexing. ``claimed``: by context, files whose facts are there, with the
    shapes in which they were read. ``learnt``: what is known of units' costs before they are read, ``costs``: what is
    learnt in this run. ``preludes``: those of this run, opened. ``do``: calls a function where the index is written.
    ``governor``: gives memory. ``changed``: called after each unit that starts or ends.
    """

    def __init__(
        self,
        index: Index,
        do: Do,
        todo: Iterable[tuple[int, str]],
        claimed: Mapping[str, Mapping[str, Iterable[bytes]]],
        *,
        learnt: Mapping[int, LearntUnit],
        costs: Costs,
        preludes: Preludes,
        governor: Governor,
        changed: Callable[[], None],
    ):
        self._index = index
        self._do = do
        self._preludes = preludes
        self._governor = governor
        self._changed = changed
        self._learnt = learnt
        self._costs = costs
        self._queue = UnitQueue(QueuedUnit(*one) for one in todo)
        self._claims = Claims(claimed)
        self._units: dict[int, Unit] = {}
        self._loading: set[int] = set()
        """Units that wait no longer, and are not under way yet."""
        self._started_ns: dict[int, int] = {}
        self._held = HeldFiles(index.path)
        self._writer = UnitWriter(index)
        self._tries: dict[int, int] = {}
        self._lost: dict[int, int] = {}
        """How often a unit lost its worker by what was no fault of its own."""
        self._alone: int | None = None
        """The unit that was last tried alone."""
        self._short: set[int] = set()
        """Units for which there was not memory enough beside others."""
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
        return len(self._queue) + len(self._units) + len(self._loading)

    def __contains__(self, unit: int) -> bool:
        """Whether a unit waits or is under way."""
        return unit in self._queue or unit in self._units or unit in self._loading

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
        beside = self._governor.alone is not None and any(self._fits(one) for one in self._before_alone())
        return self._governor.workers_allowed(self._needs()) + beside

    def in_the_way(self) -> int | None:
        """The process of a worker whose unit is tried alone, where what a person waits for does not fit beside it."""
        waited_for = next(self._before_alone(), None)
        return None if waited_for is None or self._fits(waited_for) else self._governor.alone

    def _before_alone(self) -> Iterator[QueuedUnit]:
        """Units that a person waits for, and that are not to wait for the one that is tried alone now."""
        if self._governor.alone is None or self._alone is None:
            return iter(())
        return self._queue.wanted_before(self._alone)

    def _needs(self) -> Iterator[int]:
        """The memory that the next jobs need."""
        for _ in range(self._preludes.waiting):
            yield self._costs.memory_bytes(_BUILD, 0)
        yield from (self._need_bytes(one) for one in self._queue.upcoming() if not self._is_held(one))
        if self._governor.is_idle and self.waiting():
            yield 0  # what is to be read alone: one worker

    def _group(self, context: str, *, is_under: bool) -> str:
        """Units that cost alike."""
        return f"{context}{_UNDER if is_under else ''}"

    def _known(self, unit: int, context: str) -> tuple[str, int, Cost | None]:
        """A unit's group, the size of its main file, and what it cost before, as ``Costs`` wants them.

        What it cost before, maybe under a prelude, says nothing of reading it alone.
        """
        is_under = self._preludes.serves(context)
        learnt = self._learnt.get(unit, LearntUnit())
        known = None
        if (
            learnt.peak_bytes
            and learnt.cpu_s is not None
            and (is_under or not self._preludes.has_group(context))
        ):
            known = Cost(learnt.peak_bytes, learnt.cpu_s)
        return self._group(context, is_under=is_under), learnt.size_bytes, known

    def _need_bytes(self, one: QueuedUnit) -> int:
        return self._costs.memory_bytes(*self._known(one.unit, one.context))

    def _is_held(self, one: QueuedUnit) -> bool:
        """Whether a unit that nobody waits for is cheaper later."""
        is_crowded = self._governor.is_crowded
        return self._preludes.holds_back(one.context, is_crowded=is_crowded) and not self._queue.wants(
            one.unit
        )

    def _fits(self, one: QueuedUnit) -> bool:
        if self._is_held(one):
            return False
        if one.is_alone:
            return self._governor.is_idle
        return self._governor.fits(self._need_bytes(one), is_wanted=one in self._before_alone())

    def _seconds(self, one: QueuedUnit) -> float:
        return self._costs.cpu_s(*self._known(one.unit, one.context)) or 0.0

    async def take(self, worker: int, pid: int, context: str | None) -> Assignment | None:
        """The next job for a worker that there is memory for: what a person waits for, then preludes, then the rest."""
        if not self._queue.is_wanted() and self._preludes.waiting:
            need = self._costs.memory_bytes(_BUILD, 0)
            if not self._governor.fits(need):
                return None  # others come to their end first: what follows is cheaper under the prelude
            share = self._governor.grant(pid, need)
            if build := self._preludes.take_build():
                unit, headers = build
                return self._assign(self._job(worker, unit, unit.path, headers=headers), share)
            if sample := await self._preludes.take_sample():
                return self._assign(self._job(worker, *sample, is_sample=True), share)
            self._governor.release(pid)
        is_near_end = len(self._queue) <= _END_UNITS_A_WORKER * max(self._governor.workers, 1)
        longest = self._seconds if is_near_end else None
        while queued := self._queue.take(context, self._fits, longest):
            self._loading.add(queued.unit)
            self._preludes.starts(queued.unit, queued.context)
            known = self._known(queued.unit, queued.context)
            share = self._governor.grant(pid, self._costs.memory_bytes(*known), alone=queued.is_alone)
            if queued.is_alone:
                self._alone = queued.unit
            try:
                unit = await self._do(load_unit, self._index, queued.unit)
            except KeyError:
                self._governor.release(pid)
                self._preludes.dropped(queued.unit, queued.context)
                continue  # no longer wanted
            finally:
                self._loading.discard(queued.unit)
            self._units[unit.id] = unit
            self._started_ns[unit.id] = time.time_ns()
            self._tries[unit.id] = self._tries.get(unit.id, 0) + 1
            self.current = unit.path
            self._changed()
            may_share = self._tries[unit.id] == 1 or unit.id in self._short
            job = self._job(worker, unit, self._preludes.offer(unit) if may_share else "")
            return Assignment(job, share, self._costs.limit_s(*known))
        return None

    def _assign(self, job: Job, share_bytes: int) -> Assignment:
        return Assignment(job, share_bytes, MOST_CPU_S)

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
            roots.given,
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

    async def file(self, job: Job, facts: FileFacts, more: bool = False) -> None:
        """Hold the facts of a file, and write what is held when it is much."""
        if more:
            self._held.begin(
                job.unit, facts, is_kept=not job.is_sample
            )  # a sample's were too much to compare
        elif job.is_sample:
            await self._preludes.compare(job, facts)
        else:
            await self._hold(job, HeldFile(facts))

    async def part(self, job: Job, encoded: bytes | memoryview, more: bool) -> None:
        """More facts of the file that was begun. Raises CacheError where they cannot be kept."""
        if held := self._held.part(job.unit, encoded, is_last=not more):
            await self._hold(job, held)

    async def _hold(self, job: Job, held: HeldFile) -> None:
        self._held.hold(job.unit, held)
        if self._held.occurrences > _MOST_HELD:
            await self._write_held(job)

    def close(self) -> None:
        """Forget what was sent and not written."""
        self._held.close()

    async def done(self, job: Job, done: UnitDone) -> None:
        """Write how a unit ended."""
        if job.is_sample:
            self.add(await self._preludes.compared(job, done))
            return
        if job.headers:
            self._costs.add(_BUILD, 0, Cost(done.peak_bytes, done.cpu_s))
            await self._write_held(job)
            self._claims.end(job.context, job.unit)
            await self._preludes.built(job, done)
            self._changed()
            return
        group = self._group(job.context, is_under=bool(job.prelude and not done.unfit))
        size = self._learnt.get(job.unit, LearntUnit()).size_bytes
        self._costs.add(group, size, Cost(done.peak_bytes, done.cpu_s))
        log.debug(
            "%s: %s, %.2f s of CPU, %d MiB at most, %d MiB after it",
            *(job.path, UnitState(done.state).name.lower(), done.cpu_s),
            *(done.peak_bytes >> 20, done.rest_bytes >> 20),
        )
        self._note_reported(job.unit, self._held.of(job.unit))  # they are written with the unit's end
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

    async def lost(self, job: Job, loss: Loss) -> None:
        """Try a unit once more, after all others and alone; then write down that it cannot be read."""
        reason = loss.reason
        self._preludes.dropped(job.unit, job.context)
        if job.headers or job.is_sample:
            self._claims.end(job.context, job.unit)
            self._held.forget(job.unit)
            is_momentary = loss.state == UnitState.OUT_OF_MEMORY and not loss.is_final
            await self._preludes.lost(job, reason, is_momentary=is_momentary)
            self._changed()
            return
        if loss.is_innocent and self._is_excused(job.unit):
            log.warning("%s: %s; it is read anew", job.path, reason)
            self._put_back(job)
            self._queue.add(QueuedUnit(job.unit, job.context))
            return
        if (
            job.unit == self._alone
            and loss.state == UnitState.OUT_OF_MEMORY
            and not loss.is_final
            and self._is_excused(job.unit)
        ):
            # It was not alone any longer: another was wanted meanwhile, or something beside the run took its room.
            log.info("%s: %s; it is read anew after that", job.path, reason)
            self._put_back(job)
            self._queue.retry(QueuedUnit(job.unit, job.context))
            return
        if loss.state == UnitState.OUT_OF_MEMORY:
            self._short.add(job.unit)
        if self._tries[job.unit] < _TRIES and not loss.is_final:
            log.warning("%s: %s; it is tried once more, alone", job.path, reason)
            self._put_back(job)
            self._queue.retry(QueuedUnit(job.unit, job.context))
            return
        if self._tries[job.unit] > 1 and loss.state != UnitState.OUT_OF_MEMORY:
            reason += ", twice"
        log.warning("%s: %s: it is left out", job.path, reason)
        main = await asyncio.to_thread(_version_on_disk, job.path)
        self._held.forget(job.unit)
        await self._end(job, Outcome(loss.state, reason, 1, main, peak_bytes=loss.peak_bytes), ())

    def _is_excused(self, unit: int) -> bool:
        """Whether what was no fault of a unit's own does not count: not for ever."""
        self._lost[unit] = self._lost.get(unit, 0) + 1
        if self._lost[unit] >= _INNOCENT_TRIES:
            return False
        self._tries[unit] -= 1
        return True

    def _put_back(self, job: Job) -> None:
        """Undo what a lost unit has begun."""
        self._claims.end(job.context, job.unit)
        self._held.forget(job.unit)
        self._units.pop(job.unit, None)
        self._changed()

    def gone(self, worker: int) -> None:
        """A worker has ended."""
        self._claims.forget(worker)

    async def _end(self, job: Job, outcome: Outcome, silent: Iterable[tuple[str, bytes]]) -> None:
        files = self._held.take(job.unit)
        unit, started_ns = self._units[job.unit], self._started_ns[job.unit]
        await self._do(self._writer.write_end, unit, files, outcome, frozenset(silent), started_ns)
        self._claims.end(job.context, job.unit)
        self._units.pop(job.unit, None)
        self.ended[job.unit] = outcome.state
        self._changed()

    async def _write_held(self, job: Job) -> None:
        """Write what is held of a job's files: each is there as a whole, or not at all."""
        files = self._held.take(job.unit)
        teller = 0 if job.headers else job.unit
        await self._do(self._writer.write_files, files, job.context, teller)
        self._note_reported(job.unit, files)

    def _note_reported(self, unit: int, files: Iterable[HeldFile]) -> None:
        for held in files:
            if not held.facts.partial:
                self._claims.reported(unit, held.facts.path, held.facts.skipped)


def _version_on_disk(path: str) -> list[FileVersion]:
    """The content of a file that no worker could read; nothing where it cannot be read here either."""
    try:
        return [FileVersion(real_path(path), content_hash(read_content(path)[0]))]
    except OSError:
        return []
