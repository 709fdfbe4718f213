"""Keeps indexing within memory: knows the budget, gives each worker a share of it, and watches that they keep to it."""

import os
from collections.abc import Callable, Iterable

from cpplsp.config import parse_memory
from cpplsp.scheduler.capacity import Machine, for_workers, judge, memory_budget, workers_allowed
from cpplsp.scheduler.machine import private_bytes, read_machine, tree_bytes

_LEAST_SLACK_BYTES = 48 << 20


class Governor:
    """The memory of one indexer and its workers.

    ``budget``: as configured (``4G``, ``50%``), None for what the machine has. ``jobs``: the most workers. The
    machine is looked at with each sample: others on it come and go.
    """

    def __init__(
        self,
        budget: str | None,
        jobs: int | None,
        *,
        look: Callable[[], Machine] = read_machine,
        measure: Callable[[Iterable[int]], dict[int, int]] = tree_bytes,
        measure_private: Callable[[Iterable[int]], dict[int, int]] = private_bytes,
    ):
        self._configured = budget
        self._jobs = jobs
        self._look = look
        self._measure = measure
        self._measure_private = measure_private
        self._machine = look()
        self._overhead_bytes = 0
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

    def sample(self, pids: Iterable[int]) -> None:
        """Measure this process and these, and look at the machine.

        Takes milliseconds a process: not for the event loop.
        """
        own = os.getpid()
        workers = list(self._shares)
        used = self._measure_private(workers)
        self.sizes = self._measure({own, *pids})
        self._note_sum(sum(self.sizes.values()))
        # What is not some worker's own: the server, the nursery, and pages of libclang and preludes that all map.
        theirs = sum(used.get(pid, 0) for pid in workers if pid in self.sizes)
        self._overhead_bytes = max(self.memory_bytes - theirs, self.sizes.get(own, 0))
        self._machine = self._look()

    def _note_sum(self, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self.peak_bytes = max(self.peak_bytes, memory_bytes)

    def budget_bytes(self) -> int:
        """What all processes together may take now."""
        total = self._machine.total_bytes
        configured = parse_memory(self._configured, total) if self._configured else None
        return memory_budget(configured, self._machine, self.memory_bytes)

    def room_bytes(self) -> int:
        """What all workers together may take now."""
        return for_workers(self.budget_bytes(), self._overhead_bytes)

    def workers_allowed(self, waiting: Iterable[int]) -> int:
        """How many workers there may be now; ``waiting``: the bytes that the next units need."""
        if self.alone is not None:
            return len(self._shares)
        return workers_allowed(
            room_bytes=self.room_bytes(),
            shares=list(self._shares.values()),
            waiting=waiting,
            cpus=self._machine.cpus,
            limit=self._jobs,
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
        is_one_more = len(self._shares) < (self._jobs or self._machine.cpus)
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

        Takes some microseconds a process.
        """
        used = self._used = self._measure_private(self._shares)
        self._note_sum(self._overhead_bytes + sum(used.values()))
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

        One that was joined by another may have been refused what that took.
        """
        return list(self._shares) == [pid] and not (self.alone == pid and self._has_been_joined)
