"""How much memory there is for indexing, and how many workers that makes."""

import pytest

from cpplsp.scheduler.capacity import FIRST_UNIT_BYTES, Machine, Peaks, memory_budget, workers_allowed

GIB = 1 << 30
MIB = 1 << 20


@pytest.mark.parametrize(
    ("configured", "machine", "own", "expected"),
    [
        # what is available, less a tenth of the machine …
        (None, Machine(2, 4 * GIB, 3 * GIB), 0, 3 * GIB - int(0.4 * GIB)),
        # … and never more than 1 GiB in reserve
        (None, Machine(2, 64 * GIB, 60 * GIB), 0, 59 * GIB),
        # what cpplsp takes already is not counted against it
        (None, Machine(2, 64 * GIB, 60 * GIB), 2 * GIB, 61 * GIB),
        # the least counts: the user's word, the cgroup, the machine
        (2 * GIB, Machine(2, 64 * GIB, 60 * GIB), 0, 2 * GIB),
        (80 * GIB, Machine(2, 64 * GIB, 60 * GIB), 0, 59 * GIB),
        (None, Machine(2, 64 * GIB, 60 * GIB, cgroup_free_bytes=3 * GIB), GIB, 4 * GIB),
        (2 * GIB, Machine(2, 64 * GIB, 60 * GIB, cgroup_free_bytes=GIB), 0, GIB),
        # nothing left is nothing, not less
        (None, Machine(2, 64 * GIB, MIB), 0, 0),
    ],
)
def test_the_budget_is_the_least_of_what_is_allowed(
    configured: int | None, machine: Machine, own: int, expected: int
) -> None:
    assert memory_budget(configured, machine, own) == expected


@pytest.mark.parametrize(
    ("budget_mib", "unit_mib", "cpus", "limit", "units", "expected"),
    [
        (8192, 400, 4, None, 100, 4),  # as many as CPUs
        (8192, 400, 4, 2, 100, 2),  # as configured
        (65536, 400, 4, 32, 100, 32),  # a configured limit may be above the CPUs
        (2048, 400, 32, 32, 100, 4),  # memory: (2048 - 100) / 400
        (300, 400, 4, None, 100, 1),  # never below one
        (0, 400, 4, None, 100, 1),
        (8192, 400, 8, None, 3, 3),  # no more than there is to do
        (8192, 400, 8, None, 0, 0),
    ],
)
def test_the_number_of_workers(
    budget_mib: int, unit_mib: int, cpus: int, limit: int | None, units: int, expected: int
) -> None:
    allowed = workers_allowed(
        budget_bytes=budget_mib * MIB,
        server_bytes=100 * MIB,
        unit_bytes=unit_mib * MIB,
        cpus=cpus,
        limit=limit,
        units=units,
    )
    assert allowed == expected


def test_a_unit_is_taken_to_need_a_little_more_than_the_heaviest_so_far() -> None:
    peaks = Peaks()
    assert peaks.estimate_bytes == FIRST_UNIT_BYTES
    for peak in (100 * MIB, 300 * MIB, 200 * MIB):
        peaks.add(peak)
    assert 300 * MIB < peaks.estimate_bytes < 400 * MIB
