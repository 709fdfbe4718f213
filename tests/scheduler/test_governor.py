"""The governor: a budget and a worker count from what there is now."""

import os
from collections.abc import Iterable

from cpplsp.scheduler.capacity import Machine
from cpplsp.scheduler.governor import Governor

MIB = 1 << 20


def test_workers_follow_what_units_turned_out_to_need() -> None:
    governor = Governor("2G", None, look=lambda: Machine(32, 65536 * MIB, 60000 * MIB), measure=lambda _: {})
    assert governor.workers_allowed(100) == 2048 // 400
    governor.peaks.add(100 * MIB)
    assert governor.workers_allowed(100) == 2048 // 115
    governor.peaks.add(1000 * MIB)
    assert governor.workers_allowed(100) == 1


def test_workers_follow_the_machine_from_one_moment_to_the_next() -> None:
    available = [8192, 1500]
    governor = Governor(
        None, None, look=lambda: Machine(32, 8192 * MIB, available.pop(0) * MIB), measure=lambda _: {}
    )
    assert governor.workers_allowed(100) > governor.workers_allowed(100) >= 1


def test_a_share_of_the_machine_is_a_budget() -> None:
    governor = Governor("50%", None, look=lambda: Machine(4, 8192 * MIB, 8192 * MIB), measure=lambda _: {})
    assert governor.budget_bytes() == 4096 * MIB


def test_samples_add_up_processes_and_keep_the_highest() -> None:
    sizes = {os.getpid(): 50 * MIB, 7: 300 * MIB, 8: 100 * MIB}

    def measure(pids: Iterable[int]) -> dict[int, int]:
        return {pid: sizes[pid] for pid in pids}

    governor = Governor("1000M", None, look=lambda: Machine(8, 65536 * MIB, 60000 * MIB), measure=measure)
    governor.sample([7, 8])
    governor.sample([8])
    assert (governor.memory_bytes, governor.peak_bytes) == (150 * MIB, 450 * MIB)
    governor.peaks.add(300 * MIB)
    assert governor.workers_allowed(100) == (1000 - 50) // 345
