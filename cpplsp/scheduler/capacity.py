"""How much memory indexing may take, how many workers that makes, and who has to go: functions of values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

MIB = 1 << 20

_RESERVE_SHARE = 0.1
_MOST_RESERVE_BYTES = 1024 * MIB
_HEADROOM_SHARE = 0.04
_LEAST_HEADROOM_BYTES = 16 * MIB
_GROWTH = 1.25
"""A share that turns out too small is made this much larger than what its worker takes."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is. ``cpus``: by affinity and cgroup quota.

    ``cgroup_free_bytes``, ``address_space_bytes`` (RLIMIT_AS): None without a limit.
    """

    cpus: int
    total_bytes: int
    available_bytes: int
    cgroup_free_bytes: int | None = None
    address_space_bytes: int | None = None


def memory_budget(configured_bytes: int | None, machine: Machine, own_bytes: int) -> int:
    """The least of what the user set, the cgroup has left, a process may map, and is available less a reserve.

    ``own_bytes``: what cpplsp takes already; it is missing from what is free, and not to be counted against us.
    """
    reserve = min(int(machine.total_bytes * _RESERVE_SHARE), _MOST_RESERVE_BYTES)
    budgets = [machine.available_bytes + own_bytes - reserve]
    if machine.cgroup_free_bytes is not None:
        budgets.append(machine.cgroup_free_bytes + own_bytes)
    if machine.address_space_bytes is not None:
        budgets.append(machine.address_space_bytes)
    if configured_bytes is not None:
        budgets.append(configured_bytes)
    return max(min(budgets), 0)


def for_workers(budget_bytes: int, overhead_bytes: int) -> int:
    """What a budget leaves to workers: less what the server and shared pages take, and a little.

    That is for what comes between two looks.
    """
    headroom = max(int(budget_bytes * _HEADROOM_SHARE), _LEAST_HEADROOM_BYTES)
    return max(budget_bytes - overhead_bytes - headroom, 0)


def workers_allowed(*, room_bytes: int, shares: Sequence[int], waiting: Iterable[int], most: int) -> int:
    """How many workers there may be: those at work, and as many of the next units as fit beside them.

    ``room_bytes``: for all workers together. ``shares``: of those at work. ``waiting``: what the next units need, in
    their order. ``most``: as configured, or the number of CPUs, as far as it is for this run. Of these, one there may
    always be: a unit that is alone gets all there is.
    """
    count, left = len(shares), room_bytes - sum(shares)
    for need in islice(waiting, max(most - count, 0)):
        if need > left and count:
            break
        count += 1
        left -= need
    return min(count, most)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of workers: ``shares`` that change, and who has to ``stop``."""

    shares: dict[int, int] = field(default_factory=dict)
    stop: int | None = None


def judge(
    room_bytes: int, shares: Mapping[int, int], used: Mapping[int, int], yielding: int | None = None
) -> Verdict:
    """Compare what workers take with their shares (both in bytes, by worker, in the order in which they were started).

    One that needs more gets it while there is room. Else the one that is furthest over its share has to stop; where all
    keep to theirs and there is less room than there was, the one that was started last. Where one of them is
    ``yielding``, it is that one in any case.
    """
    grown = dict(shares)
    stop = None
    for worker in sorted(shares, key=lambda one: used.get(one, 0) - shares[one]):
        taken = used.get(worker, 0)
        if taken <= grown[worker]:
            continue
        others = sum(max(share, used.get(one, 0)) for one, share in grown.items() if one != worker)
        most = room_bytes - others
        if taken <= most:
            grown[worker] = min(int(taken * _GROWTH), most)
        else:
            stop = worker
    if stop is None and shares and sum(used.get(worker, 0) for worker in shares) > room_bytes:
        stop = list(shares)[-1]
    if stop is not None and yielding in shares:
        stop = yielding
    changed = {one: share for one, share in grown.items() if share != shares[one] and one != stop}
    return Verdict(changed, stop)
