"""Keeps indexing within memory: watches what processes take and says how many workers there may be."""

import os
from collections.abc import Callable, Iterable

from cpplsp.config import parse_memory
from cpplsp.scheduler.capacity import Machine, Peaks, memory_budget, workers_allowed
from cpplsp.scheduler.machine import read_machine, tree_bytes


class Governor:
    """The memory of one indexer and its workers.

    ``budget``: as configured (``4G``, ``50%``), None for what the machine has. ``jobs``: the most workers. The
    machine is looked at each time a number is asked for: others on it come and go.
    """

    def __init__(
        self,
        budget: str | None,
        jobs: int | None,
        *,
        look: Callable[[], Machine] = read_machine,
        measure: Callable[[Iterable[int]], dict[int, int]] = tree_bytes,
    ):
        self._configured = budget
        self._jobs = jobs
        self._look = look
        self._measure = measure
        self._server_bytes = 0
        self.peaks = Peaks()
        self.memory_bytes = 0
        """All processes together, when last sampled."""
        self.peak_bytes = 0
        """The highest of these sums."""
        self.sizes: dict[int, int] = {}
        """Bytes of each process, by pid, when last sampled."""
        self.budget = 0
        """What all of them together might take then; 0 before the first sample."""

    def sample(self, pids: Iterable[int]) -> None:
        """Measure this process and these. Takes milliseconds a process: not for the event loop."""
        own = os.getpid()
        self.sizes = sizes = self._measure({own, *pids})
        self._server_bytes = sizes.get(own, 0)
        self.memory_bytes = sum(sizes.values())
        self.peak_bytes = max(self.peak_bytes, self.memory_bytes)
        self.budget = self.budget_bytes()

    def budget_bytes(self, machine: Machine | None = None) -> int:
        """What all processes together may take now."""
        machine = machine or self._look()
        configured = parse_memory(self._configured, machine.total_bytes) if self._configured else None
        return memory_budget(configured, machine, self.memory_bytes)

    def workers_allowed(self, units: int) -> int:
        """How many workers there may be now, with so many units waiting or under way."""
        machine = self._look()
        return workers_allowed(
            budget_bytes=self.budget_bytes(machine),
            server_bytes=self._server_bytes,
            unit_bytes=self.peaks.estimate_bytes,
            cpus=machine.cpus,
            limit=self._jobs,
            units=units,
        )
