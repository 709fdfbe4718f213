"""Workers at work: as many as there may be, each fed with one job after another until there is none.

What to do and what becomes of the results is for :class:`Work` to say, how much memory there is for the
:class:`Governor`; the pool knows processes and the wire. It watches that workers keep to their shares and get on.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.protocol import Claim, File, Grant, Job, Part, UnitDone
from cpplsp.scheduler.governor import Governor
from cpplsp.scheduler.machine import look_at
from cpplsp.scheduler.processes import Nursery, Worker, WorkerGoneError

UNIT_WITHIN_S = 900.0
"""A unit that takes longer hangs, however busy the machine is."""
STUCK_AFTER_S = 30.0
"""A worker that waits for something else than the server, and uses no CPU for so long, waits for ever."""
MOST_REST_BYTES = 192 << 20
"""A worker that still holds more than this between two units, with all given back that it can, is replaced."""
_LOOK_EVERY_S = 1.0
_WATCH_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Assignment:
    """A job that was given its share of memory (bytes), and the CPU seconds after which it is given up."""

    job: Job
    share_bytes: int
    limit_s: float


@dataclass(frozen=True, slots=True)
class Loss:
    """How a unit was lost with its worker. ``reason``: for a person. ``peak_bytes``: what it took, where that is why.

    ``is_innocent``: the worker would have gone in any unit. ``is_final``: another try would end in the same way.
    """

    state: UnitState
    reason: str
    is_innocent: bool = False
    is_final: bool = False
    peak_bytes: int | None = None


class Work(Protocol):
    """What a pool works on. All calls come from the event loop."""

    def waiting(self) -> int:
        """How many units wait for a worker."""

    def allowed(self) -> int:
        """How many workers there may be now."""

    def in_the_way(self) -> int | None:
        """The process of a worker that has to stop for what is to be read before its unit, if there is one."""

    async def take(self, worker: int, pid: int, context: str | None) -> Assignment | None:
        """The next job for a worker that has been working in this context; None when none fits now."""

    async def claim(self, job: Job, files: Sequence[FileVersion]) -> list[int]:
        """Which of these headers the worker is to report: indices."""

    async def file(self, job: Job, facts: FileFacts, more: bool = False) -> None:
        """Facts of a file have come; ``more`` of them come next."""

    async def part(self, job: Job, encoded: bytes | memoryview, more: bool) -> None:
        """More facts of that file have come (encoded ``facts.MoreFacts``); ``more`` of them come next."""

    async def done(self, job: Job, done: UnitDone) -> None:
        """A unit was read, or could not be."""

    async def lost(self, job: Job, loss: Loss) -> None:
        """The worker went away in a unit, or had to be killed."""

    def gone(self, worker: int) -> None:
        """A worker has ended."""


@dataclass(slots=True)
class Reading:
    """A unit that a worker is reading: what is watched of it. Times by the monotonic clock."""

    worker: Worker
    job: Job
    limit_s: float
    started_s: float = field(default_factory=time.monotonic)
    began_cpu_s: float | None = None
    cpu_s: float = 0.0
    moved_s: float = field(default_factory=time.monotonic)
    """When it last used CPU, or the server something of its."""
    is_waited_for: bool = False
    """Whether the worker waits for the server."""
    loss: Loss | None = None
    """Why it was stopped."""

    def stop(self, loss: Loss) -> None:
        """End the worker."""
        self.loss = loss
        self.worker.kill()


class Pool:
    """Runs :class:`Work` to its end. Invariant: a job is with one worker, and a worker has one job at most."""

    def __init__(
        self, nursery: Nursery, work: Work, governor: Governor, *, unit_within_s: float = UNIT_WITHIN_S
    ):
        self._nursery = nursery
        self._work = work
        self._governor = governor
        self._unit_within_s = unit_within_s
        self._serving: set[asyncio.Task[bool]] = set()
        self.pids: dict[int, int] = {}
        """Process ids of the workers there are, by the worker's key."""
        self.readings: dict[int, Reading] = {}
        """What each of them reads, by its process id."""
        self.most = 0
        """How many there have been at once."""

    async def run(self) -> None:
        """Work until nothing waits and nothing is under way. Raises StartError when no worker can be started."""
        watch = asyncio.create_task(self._watch())
        work = asyncio.create_task(self._run())
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                watch.result()  # it ends by a defect only
            work.result()
        finally:
            for task in (watch, work, *self._serving):
                task.cancel()
            await asyncio.gather(watch, work, *self._serving, return_exceptions=True)

    async def _run(self) -> None:
        nothing_fits = False
        while True:
            if not (self.pids or self._work.waiting()):
                return  # workers that are still being started have nothing to do
            if not nothing_fits:
                room = min(self._work.allowed() - len(self._serving), self._work.waiting())
                self._serving.update(asyncio.create_task(self._serve()) for _ in range(room))
                if not self._serving:  # it is another run's turn
                    await asyncio.sleep(_LOOK_EVERY_S)
            if self._serving:
                done, self._serving = await asyncio.wait(
                    self._serving, timeout=_LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                )
                # Another worker would not find anything either, until one of those at work is done or time has passed.
                nothing_fits = not all([task.result() for task in done])  # noqa: C419  # each is to be asked
            else:
                nothing_fits = False

    async def _serve(self) -> bool:
        """One worker's life; whether it was of use."""
        worker = await self._nursery.spawn()
        self.pids[worker.key] = worker.pid
        self.most = max(self.most, len(self.pids))
        has_worked = False
        try:
            context = None
            while len(self.pids) <= max(self._work.allowed(), 1):
                given = await self._work.take(worker.key, worker.pid, context)
                if given is None:
                    break
                has_worked = True
                if not await self._read(worker, given):
                    break
                context = given.job.context
        except asyncio.CancelledError:
            worker.kill()
            raise
        finally:
            self.pids.pop(worker.key, None)
            self._governor.release(worker.pid)
            self._work.gone(worker.key)
            self._nursery.retire(worker)
        return has_worked

    async def _read(self, worker: Worker, given: Assignment) -> bool:
        """Have a worker read a unit. False when the worker is of no more use."""
        limit = given.share_bytes + self._governor.slack_bytes()
        worker.limit(limit)
        reading = Reading(worker, given.job, given.limit_s)
        self.readings[worker.pid] = reading
        loss = None
        try:
            async with asyncio.timeout(self._unit_within_s):
                done = await self._converse(reading)
            if done.state in (UnitState.CRASHED, UnitState.OUT_OF_MEMORY):
                state = UnitState.OUT_OF_MEMORY if worker.ran_out_of_memory else UnitState(done.state)
                loss = Loss(state, done.error)
        except TimeoutError:
            worker.kill()
            loss = Loss(UnitState.TIMED_OUT, f"not done after {self._unit_within_s:.0f} s", is_final=True)
        except WorkerGoneError as error:
            loss = reading.loss or Loss(error.state, str(error), error.is_innocent)
        finally:
            del self.readings[worker.pid]
        if loss is None:
            self._governor.release(worker.pid)
            await self._work.done(given.job, done)
            return done.rest_bytes <= MOST_REST_BYTES
        if loss.state == UnitState.OUT_OF_MEMORY and loss.peak_bytes is None:
            loss = self._governor_loss(worker.pid, limit)
        self._governor.release(worker.pid)
        await self._work.lost(given.job, loss)
        return False

    async def _converse(self, reading: Reading) -> UnitDone:
        worker, job = reading.worker, reading.job
        await worker.send(job)
        while True:
            message = await worker.receive()
            if isinstance(message, UnitDone):
                return message
            reading.is_waited_for = True
            if isinstance(message, Claim):
                await worker.send(Grant(job.unit, await self._work.claim(job, message.files)))
            elif isinstance(message, File):
                await self._work.file(job, message.facts, message.more)
            elif isinstance(message, Part):
                await self._work.part(job, memoryview(message.facts), message.more)
            reading.is_waited_for = False
            reading.moved_s = time.monotonic()

    # Watching

    async def _watch(self) -> None:
        looked_s = 0.0
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            shares, over = self._governor.watch()
            for pid, share in shares.items():
                if pid in self.readings:
                    self.readings[pid].worker.limit(share + self._governor.slack_bytes())
            if over and over[0] in self.readings:
                self.readings[over[0]].stop(self._governor_loss(*over))
            reading = self.readings.get(self._work.in_the_way() or 0)
            if reading and reading.loss is None:
                reason = "it makes room for a file that is waited for"
                reading.stop(Loss(UnitState.OUT_OF_MEMORY, reason, peak_bytes=0))
            if time.monotonic() - looked_s >= _LOOK_EVERY_S:
                looked_s = time.monotonic()
                for reading in list(self.readings.values()):
                    if reading.loss is None and (loss := _judge_time(reading, looked_s)):
                        reading.stop(loss)

    def _governor_loss(self, pid: int, taken_bytes: int) -> Loss:
        """What it means that a worker has no memory for more."""
        is_only = self._governor.is_only(pid)
        budget = self._governor.budget_bytes()
        reason = (
            f"it needs more than {taken_bytes >> 20} MiB: the memory budget of {budget >> 20} MiB leaves a worker no"
            " more, even alone; give it more with --memory-budget"
            if is_only
            else f"it needs more than {taken_bytes >> 20} MiB, for which there is no room beside others"
        )
        return Loss(UnitState.OUT_OF_MEMORY, reason, is_final=is_only, peak_bytes=taken_bytes)


def _judge_time(reading: Reading, now_s: float) -> Loss | None:
    """Whether a reading will come to an end; if not, why."""
    found = look_at(reading.worker.pid)
    if found is None:
        return None
    state, cpu_s = found
    if reading.began_cpu_s is None:
        reading.began_cpu_s = reading.cpu_s = cpu_s
    if cpu_s > reading.cpu_s or reading.is_waited_for or state == "D":
        reading.cpu_s, reading.moved_s = cpu_s, now_s
    used_s = cpu_s - reading.began_cpu_s
    if used_s > reading.limit_s:
        reason = f"not done after {used_s:.0f} s of CPU, many times what such a unit takes"
        return Loss(UnitState.TIMED_OUT, reason, is_final=True)
    if now_s - reading.moved_s < STUCK_AFTER_S or state == "R":
        return None
    if state in "Tt":
        return Loss(UnitState.TIMED_OUT, "the worker was stopped by a signal", is_innocent=True)
    reason = f"the worker did nothing for {STUCK_AFTER_S:.0f} s: it waits, for a pipe or a device among the files, say"
    return Loss(UnitState.TIMED_OUT, reason, is_final=True)
