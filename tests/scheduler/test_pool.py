"""The pool: as many workers as may be, and an end when nothing is to be done any longer."""

import asyncio
from types import SimpleNamespace
from typing import Any

from cpplsp.facts import UnitState
from cpplsp.protocol import Job, UnitDone
from cpplsp.scheduler.governor import Governor, Runs
from cpplsp.scheduler.pool import Assignment, Pool


class FakeWorker:
    """Does each job at once."""

    ran_out_of_memory = False

    def __init__(self, key: int):
        self.key = key
        self.pid = 1 << 30 | key  # nobody's

    def limit(self, limit_bytes: int) -> None:
        pass

    def kill(self) -> None:
        pass

    async def send(self, job: Job) -> None:
        self.job = job

    async def receive(self) -> UnitDone:
        return UnitDone(self.job.unit, UnitState.INDEXED, "", 0, [], 0.0, 0, 0)


class FakeNursery:
    """Starts so many workers; who asks for another one waits for ever, as where it is stopped by a signal."""

    def __init__(self, workers: int):
        self.left = workers

    async def spawn(self) -> FakeWorker:
        if not self.left:
            await asyncio.Event().wait()
        self.left -= 1
        return FakeWorker(self.left)

    def retire(self, worker: FakeWorker) -> None:
        pass


class FakeWork:
    """So many jobs."""

    def __init__(self, jobs: int, allowed: int):
        self.jobs = list(range(jobs))
        self.allowed_now = allowed
        self.done_jobs: list[int] = []

    def waiting(self) -> int:
        return len(self.jobs)

    def allowed(self) -> int:
        return self.allowed_now

    def in_the_way(self) -> None:
        return None

    def gone(self, worker: int) -> None:
        pass

    async def take(self, worker: int, pid: int, context: str | None) -> Assignment | None:
        job: Any = SimpleNamespace(unit=self.jobs.pop(), context="c++") if self.jobs else None
        return Assignment(job, 1 << 20, 10.0) if job else None

    async def done(self, job: Job, done: UnitDone) -> None:
        self.done_jobs.append(job.unit)


def run(work: Any, nursery: Any) -> None:
    async def within() -> None:
        async with asyncio.timeout(30):
            await Pool(nursery, work, Governor(None, 2, runs=Runs())).run()

    asyncio.run(within())


def test_nobody_waits_for_a_worker_that_has_nothing_to_do() -> None:
    work = FakeWork(5, allowed=2)
    run(work, FakeNursery(1))
    assert sorted(work.done_jobs) == [0, 1, 2, 3, 4]


def test_a_run_whose_turn_it_is_not_waits_for_it() -> None:
    work = FakeWork(2, allowed=0)

    class Turns(FakeNursery):
        async def spawn(self) -> FakeWorker:
            assert work.allowed_now
            return await super().spawn()

    async def within() -> None:
        async with asyncio.timeout(30):
            pool: Any = Pool(Turns(1), work, Governor(None, 1, runs=Runs()))  # type: ignore[arg-type]
            running = asyncio.create_task(pool.run())
            await asyncio.sleep(0)
            assert not running.done()
            work.allowed_now = 1
            await running

    asyncio.run(within())
    assert sorted(work.done_jobs) == [0, 1]
