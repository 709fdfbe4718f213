"""Keeps indexing within memory: knows the budget, gives each worker a share of it, and watches that they keep to it."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from cpplsp.config import parse_memory
from cpplsp.scheduler.capacity import Machine, for_workers, judge, memory_budget, workers_allowed
from cpplsp.scheduler.machine import Taken, private_bytes, read_machine, tree_memory

_LEAST_SLACK_BYTES = 48 << 20
_LOOK_EVERY_S = 0.5


class Runs:
    """The runs that are under way in one process, one a project: memory and workers are divided among them."""

    def __init__(self) -> None:
        self._governors: list[Governor] = []

    @contextmanager
    def running(self, governor: "Governor") -> Iterator[None]:
        """A run begins with this governor, and ends."""
        self._governors.append(governor)
        try:
            yield
        finally:
            self._governors.remove(governor)

    def others(self, governor: "Governor") -> list["Governor"]:
        """The governors of other runs."""
        return [one for one in self._governors if one is not governor]

    def part(self, governor: "Governor", jobs: int) -> int:
        """How many of so many workers are for a run: those that began first have what cannot be divided."""
        if governor not in self._governors:
            return jobs
        share, rest = divmod(jobs, len(self._governors))
        return share + (self._governors.index(governor) < rest)


_RUNS = Runs()
"""Those of this process: a server with several folders has a run for each."""


class Governor:
    """The memory of one indexer and its workers.

    ``budget``: as configured (``4G``, ``50%``), None for what the machine has. ``jobs``: the most workers. ``runs``:
    with which it shares both while it is :meth:`running`. The machine is looked at again and again: others on it come
    and go.
    """

    def __init__(
        self,
        budget: str | None,
        jobs: int | None,
        *,
        runs: Runs = _RUNS,
        look: Callable[[], Machine] = read_machine,
        measure: Callable[[Iterable[int]], dict[int, Taken]] = tree_memory,
        measure_private: Callable[[Iterable[int]], dict[int, int]] = private_bytes,
    ):
        self._configured = budget
        self._jobs = jobs
        self._runs = runs
        self._look = look
        self._measure = measure
        self._measure_private = measure_private
        self._machine = look()
        self._looked_s = time.monotonic()
        self._own_bytes = 0
        """What was ours and no file's when the machine was looked at: it is missing from what that has left."""
        self._shared_bytes = 0
        """What all processes take beside what is private to each: pages of libclang and preludes that all map …"""
        self._counted_twice_bytes = 0
        """… and what is private to more than one: what a worker has from its parent and has not written."""
        self._overhead_bytes = 0
        self._beside_bytes = 0
        """What processes take that are none of the run's, and yet ours: they come and go."""
        self._shares: dict[int, int] = {}
        """Of the workers at work, by process id, in the order in which they were started."""
        self.alone: int | None = None
        """The worker whose unit is tried alone: beside it there is only what a person waits for."""
        self._has_been_joined = False
        """Whether something was started beside it."""
        self._used: dict[int, int] = {}
        """Unshared memory of the workers at work, when last watched."""
        self.sizes: dict[int, int] = {}
        """Proportional set size of each process, when last sampled."""
        self.memory_bytes = 0
        """All processes together, when last looked at."""
        self.peak_bytes = 0
        """The highest of these sums."""

    def running(self) -> AbstractContextManager[None]:
        """The time in which it has workers: what there is, is divided among runs."""
        return self._runs.running(self)

    def sample(self, pids: Iterable[int], beside: Iterable[int] = ()) -> None:
        """Measure this process and these, and look at the machine. ``beside``: processes that are not the run's.

        Takes milliseconds a process: not for the event loop.
        """
        beside = frozenset(beside)
        found = self._measure({os.getpid(), *pids, *beside})
        private = self._measure_private(found)
        self.sizes = {pid: taken.size for pid, taken in found.items()}
        self._beside_bytes = sum(self.sizes.get(pid, 0) for pid in beside)
        self._shared_bytes = sum(self.sizes.values()) - sum(private.values())
        self._counted_twice_bytes = sum(private.values()) - sum(taken.anonymous for taken in found.values())
        self._add_up(self._measure_private({*found, *self._shares}), is_to_look=True)

    def _add_up(self, private: dict[int, int], *, is_to_look: bool) -> None:
        """Note what processes take: ``private``, of all that are known, and what they share, by the last sample."""
        self._used = {pid: private[pid] for pid in list(self._shares) if pid in private}
        self.memory_bytes = self._shared_bytes + sum(private.values())
        self.peak_bytes = max(self.peak_bytes, self.memory_bytes)
        # What is not some worker's own: the server, the nursery, and what all share.
        self._overhead_bytes = max(
            self.memory_bytes - sum(self._used.values()), self.sizes.get(os.getpid(), 0)
        )
        if is_to_look:
            # At one moment: what we take, and what that leaves.
            self._own_bytes = max(sum(private.values()) - self._counted_twice_bytes, 0)
            self._machine = self._look()
            self._looked_s = time.monotonic()

    def budget_bytes(self) -> int:
        """What all processes together may take now."""
        total = self._machine.total_bytes
        configured = parse_memory(self._configured, total) if self._configured else None
        others = sum(one._own_bytes - one._server_bytes for one in self._others)
        return memory_budget(configured, self._machine, self._own_bytes + max(others, 0))

    def room_bytes(self) -> int:
        """What all workers of this run together may take now."""
        others = self._others
        beside = sum(max(one._overhead_bytes - one._beside_bytes - one._server_bytes, 0) for one in others)
        return for_workers(self.budget_bytes(), self._overhead_bytes + beside) // (len(others) + 1)

    @property
    def _others(self) -> list["Governor"]:
        return self._runs.others(self)

    @property
    def _server_bytes(self) -> int:
        """What this process takes, which is that of the other runs, too."""
        return self.sizes.get(os.getpid(), 0)

    @property
    def _most_workers(self) -> int:
        return self._runs.part(self, self._jobs or self._machine.cpus)

    def workers_allowed(self, waiting: Iterable[int]) -> int:
        """How many workers there may be now; ``waiting``: the bytes that the next units need."""
        if self.alone is not None:
            return len(self._shares)
        return workers_allowed(
            room_bytes=self.room_bytes(),
            shares=list(self._shares.values()),
            waiting=waiting,
            most=self._most_workers,
        )

    def fits(self, need_bytes: int, *, is_wanted: bool = False) -> bool:
        """Whether a unit that needs so much may be started beside those that are under way.

        Beside one that is tried alone that is one that ``is_wanted``: of the room, what that one takes now is taken.
        """
        if not self._shares:
            return True
        free = self.room_bytes() - sum(self._shares.values())
        if self.alone is None:
            return need_bytes <= free
        free += self._shares[self.alone] - self._used.get(self.alone, 0)
        is_one_more = len(self._shares) < self._most_workers
        return is_wanted and is_one_more and need_bytes <= free

    @property
    def workers(self) -> int:
        """How many workers are at work."""
        return len(self._shares)

    @property
    def is_crowded(self) -> bool:
        """Whether there is a worker at work for each CPU."""
        return len(self._shares) >= self._machine.cpus

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._shares

    def grant(self, pid: int, need_bytes: int, *, alone: bool = False) -> int:
        """Give a worker its share, in bytes: what its unit needs; all there is, if that is to be ``alone``.

        A unit that is started beside one that is alone takes from the share of that.
        """
        room = self.room_bytes()
        self._shares[pid] = room if alone else min(need_bytes, room)
        if alone:
            self.alone = pid
        elif self.alone is not None:
            self._has_been_joined = True
        return self._shares[pid]

    def release(self, pid: int) -> None:
        """A worker has ended its unit, or itself."""
        self._shares.pop(pid, None)
        if self.alone == pid:
            self.alone, self._has_been_joined = None, False

    def slack_bytes(self) -> int:
        """How much more than its share a worker may take for a moment, before it is looked at again.

        Where there is room enough, nobody is refused what comes at once; all together have half of it.
        """
        left = self.room_bytes() - sum(self._shares.values())
        return max(_LEAST_SLACK_BYTES, left // (2 * max(len(self._shares), 1)))

    def watch(self) -> tuple[dict[int, int], tuple[int, int] | None]:
        """Look at what workers take: the shares that have been changed, and who has to stop, with the bytes it takes.

        Takes some microseconds a process, and now and then a millisecond to look at the machine.
        """
        private = self._measure_private({*self.sizes, *self._shares})
        self._add_up(private, is_to_look=time.monotonic() - self._looked_s >= _LOOK_EVERY_S)
        used = self._used
        room, before = self.room_bytes(), dict(self._shares)
        if self.alone is not None:
            self._shares[self.alone] = used.get(self.alone, 0)  # others may have what it does not take
        verdict = judge(room, self._shares, used, self.alone)
        self._shares.update(verdict.shares)
        if self.alone is not None:
            left = room - sum(share for pid, share in self._shares.items() if pid != self.alone)
            self._shares[self.alone] = max(left, used.get(self.alone, 0))
        changed = {pid: share for pid, share in self._shares.items() if share != before[pid]}
        return changed, (verdict.stop, used[verdict.stop]) if verdict.stop is not None else None

    def is_only(self, pid: int) -> bool:
        """Whether a worker is the only one at work: what it cannot have, no unit can.

        One that was joined by another may have been refused what that took, or what something beside the run takes.
        """
        has_company = self._beside_bytes > 0 or bool(self._others)
        return (
            list(self._shares) == [pid]
            and not has_company
            and not (self.alone == pid and self._has_been_joined)
        )
