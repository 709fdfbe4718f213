"""How much memory indexing may take, and how many workers that makes: functions of values, without side effects."""

from dataclasses import dataclass

MIB = 1 << 20

FIRST_UNIT_BYTES = 400 * MIB
"""Taken for a unit's memory until units of the project have been seen: a heavy C++ unit takes 300 MiB."""
_MARGIN = 1.15
"""How much more than the heaviest unit so far a unit may take."""
_RESERVE_SHARE = 0.1
_MOST_RESERVE_BYTES = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is. ``cpus``: by affinity and cgroup quota. ``cgroup_free_bytes``: None without a limit."""

    cpus: int
    total_bytes: int
    available_bytes: int
    cgroup_free_bytes: int | None = None


def memory_budget(configured_bytes: int | None, machine: Machine, own_bytes: int) -> int:
    """The least of what the user set, what the cgroup has left, and what the machine has available less a reserve.

    ``own_bytes``: what cpplsp takes already; it is missing from what is free, and not to be counted against us.
    """
    reserve = min(int(machine.total_bytes * _RESERVE_SHARE), _MOST_RESERVE_BYTES)
    budgets = [machine.available_bytes + own_bytes - reserve]
    if machine.cgroup_free_bytes is not None:
        budgets.append(machine.cgroup_free_bytes + own_bytes)
    if configured_bytes is not None:
        budgets.append(configured_bytes)
    return max(min(budgets), 0)


@dataclass(slots=True)
class Peaks:
    """The unshared memory that units took."""

    count: int = 0
    highest_bytes: int = 0

    def add(self, peak_bytes: int) -> None:
        """A unit took so much."""
        self.count += 1
        self.highest_bytes = max(self.highest_bytes, peak_bytes)

    @property
    def estimate_bytes(self) -> int:
        """What the next unit is taken to need."""
        return int(self.highest_bytes * _MARGIN) if self.count else FIRST_UNIT_BYTES


def workers_allowed(
    *, budget_bytes: int, server_bytes: int, unit_bytes: int, cpus: int, limit: int | None, units: int
) -> int:
    """How many workers there may be: never below one while there is a unit, never above what fits otherwise.

    ``limit``: as configured; it replaces the number of CPUs. ``units``: waiting or under way.
    """
    by_memory = (budget_bytes - server_bytes) // max(unit_bytes, 1)
    return max(min(by_memory, limit or cpus, units), min(units, 1))
