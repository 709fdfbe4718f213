"""Workers at work: as many as there may be, each fed with one job after another until there is none.

What to do and what becomes of the results is for :class:`Work` to say; the pool knows processes and the wire.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.protocol import Claim, File, Grant, Job, UnitDone
from cpplsp.scheduler.processes import Nursery, Worker, WorkerGoneError

UNIT_WITHIN_S = 900.0
"""A unit that takes longer hangs. The slowest that people report take minutes."""
_LOOK_EVERY_S = 1.0


class Work(Protocol):
    """What a pool works on. All calls come from the event loop."""

    def waiting(self) -> int:
        """How many units wait for a worker."""

    def allowed(self) -> int:
        """How many workers there may be now."""

    async def take(self, worker: int, context: str | None) -> Job | None:
        """The next job for a worker that has been working in this context; None when there is none."""

    async def claim(self, job: Job, files: Sequence[FileVersion]) -> list[int]:
        """Which of these headers the worker is to report: indices."""

    async def file(self, job: Job, facts: FileFacts) -> None:
        """Facts of a file have come."""

    async def done(self, job: Job, done: UnitDone) -> None:
        """A unit was read, or could not be."""

    async def lost(self, job: Job, state: UnitState, reason: str) -> None:
        """The worker went away in a unit, or had to be killed."""

    def gone(self, worker: int) -> None:
        """A worker has ended."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a worker is at: the file of its job, since when by ``time.monotonic``, and whether it makes a prelude."""

    path: str
    since_s: float
    builds: bool


class Pool:
    """Runs :class:`Work` to its end. Invariant: a job is with one worker, and a worker has one job at most."""

    def __init__(self, nursery: Nursery, work: Work, *, unit_within_s: float = UNIT_WITHIN_S):
        self._nursery = nursery
        self._work = work
        self._unit_within_s = unit_within_s
        self._serving: set[asyncio.Task[None]] = set()
        self.pids: dict[int, int] = {}
        """Process ids of the workers there are, by the worker's key."""
        self.reading: dict[int, Reading] = {}
        """What each of them reads now, by process id; nothing between two jobs."""
        self.most = 0
        """How many there have been at once."""

    async def run(self) -> None:
        """Work until nothing waits and nothing is under way. Raises StartError when no worker can be started."""
        try:
            while True:
                room = min(self._work.allowed() - len(self._serving), self._work.waiting())
                self._serving.update(asyncio.create_task(self._serve()) for _ in range(room))
                if not self._serving:
                    return
                done, self._serving = await asyncio.wait(
                    self._serving, timeout=_LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    task.result()
        finally:
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self) -> None:
        """One worker's life."""
        worker = await self._nursery.spawn()
        self.pids[worker.key] = worker.pid
        self.most = max(self.most, len(self.pids))
        try:
            context = None
            while len(self.pids) <= max(self._work.allowed(), 1):
                job = await self._work.take(worker.key, context)
                if job is None or not await self._read(worker, job):
                    return
                context = job.context
        except asyncio.CancelledError:
            worker.kill()
            raise
        finally:
            self.pids.pop(worker.key, None)
            self._work.gone(worker.key)
            self._nursery.retire(worker)

    async def _read(self, worker: Worker, job: Job) -> bool:
        """Have a worker read a unit. False when the worker is of no more use."""
        self.reading[worker.pid] = Reading(job.path, time.monotonic(), bool(job.headers))
        try:
            async with asyncio.timeout(self._unit_within_s):
                done = await self._converse(worker, job)
        except TimeoutError:
            worker.kill()
            reason = f"not done after {self._unit_within_s:.0f} s"
            await self._work.lost(job, UnitState.TIMED_OUT, reason)
            return False
        except WorkerGoneError as error:
            await self._work.lost(job, UnitState.CRASHED, str(error))
            return False
        finally:
            self.reading.pop(worker.pid, None)
        if done.state == UnitState.CRASHED:
            await self._work.lost(job, UnitState.CRASHED, done.error)
            return False
        await self._work.done(job, done)
        return True

    async def _converse(self, worker: Worker, job: Job) -> UnitDone:
        await worker.send(job)
        while True:
            message = await worker.receive()
            if isinstance(message, UnitDone):
                return message
            if isinstance(message, Claim):
                await worker.send(Grant(job.unit, await self._work.claim(job, message.files)))
            elif isinstance(message, File):
                await self._work.file(job, message.facts)
