"""How much memory there is for indexing, how many workers that makes, and who has to go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.scheduler.capacity import (
    Machine,
    Verdict,
    for_workers,
    judge,
    memory_budget,
    workers_allowed,
)

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
        # the least counts: the user's word, the cgroup, the address space, the machine
        (2 * GIB, Machine(2, 64 * GIB, 60 * GIB), 0, 2 * GIB),
        (80 * GIB, Machine(2, 64 * GIB, 60 * GIB), 0, 59 * GIB),
        (None, Machine(2, 64 * GIB, 60 * GIB, cgroup_free_bytes=3 * GIB), GIB, 4 * GIB),
        (2 * GIB, Machine(2, 64 * GIB, 60 * GIB, cgroup_free_bytes=GIB), 0, GIB),
        (2 * GIB, Machine(2, 64 * GIB, 60 * GIB, address_space_bytes=GIB), GIB, GIB),
        # nothing left is nothing, not less
        (None, Machine(2, 64 * GIB, MIB), 0, 0),
    ],
)
def test_the_budget_is_the_least_of_what_is_allowed(
    configured: int | None, machine: Machine, own: int, expected: int
) -> None:
    assert memory_budget(configured, machine, own) == expected


@pytest.mark.parametrize(
    ("budget_mib", "overhead_mib", "expected_mib"),
    [
        (1000, 100, 860),  # 4 % stay free
        (100, 50, 34),  # 16 MiB at the least
        (100, 200, 0),
    ],
)
def test_workers_get_what_the_server_and_a_headroom_leave(
    budget_mib: int, overhead_mib: int, expected_mib: int
) -> None:
    assert for_workers(budget_mib * MIB, overhead_mib * MIB) == expected_mib * MIB


@pytest.mark.parametrize(
    ("room", "shares", "waiting", "most", "expected"),
    [
        (8192, [], [400] * 100, 4, 4),  # as many as there may be
        (65536, [], [400] * 100, 32, 32),
        (1948, [], [400] * 100, 32, 4),  # memory: 1948 / 400
        (1948, [400, 400], [400] * 100, 32, 4),  # two are at work, and two more fit
        (1948, [400, 1400], [400] * 100, 32, 2),  # one that is big leaves no room
        (1948, [400], [100, 100, 2000, 100], 32, 3),  # nobody is put before one that does not fit yet
        (200, [], [400] * 100, 4, 1),  # never below one
        (0, [], [400], 4, 1),
        (0, [400], [400], 4, 1),  # no floor beside one that is there
        (8192, [], [400] * 3, 8, 3),  # no more than there is to do
        (8192, [400], [], 8, 1),
        (8192, [], [], 8, 0),
        (8192, [], [400], 0, 0),  # it is another run's turn
        (8192, [400] * 8, [400], 4, 4),  # CPUs were taken away
    ],
)
def test_the_number_of_workers(
    room: int, shares: list[int], waiting: list[int], most: int, expected: int
) -> None:
    assert workers_allowed(room_bytes=room, shares=shares, waiting=waiting, most=most) == expected


@pytest.mark.parametrize(
    ("room", "shares", "used", "expected"),
    [
        # all keep to their shares
        (1000, {1: 300, 2: 300}, {1: 250, 2: 300}, Verdict()),
        # more is given while there is some, with a little to grow
        (1000, {1: 300, 2: 300}, {1: 400, 2: 100}, Verdict({1: 500})),
        (1000, {1: 300, 2: 300}, {1: 600, 2: 100}, Verdict({1: 700})),
        # … and who takes what others were promised has to stop
        (1000, {1: 300, 2: 300}, {1: 701, 2: 100}, Verdict({}, stop=1)),
        # the one that is furthest over its share
        (1000, {1: 300, 2: 300}, {1: 500, 2: 600}, Verdict({}, stop=2)),
        # alone there is all
        (1000, {1: 300}, {1: 1000}, Verdict({1: 1000})),
        (1000, {1: 300}, {1: 1001}, Verdict({}, stop=1)),
        # there is less than there was: the last one has to go
        (400, {1: 300, 2: 300}, {1: 250, 2: 250}, Verdict({}, stop=2)),
        # one that is gone takes nothing
        (1000, {1: 300, 2: 300}, {2: 100}, Verdict()),
        (1000, {}, {}, Verdict()),
    ],
)
def test_a_worker_that_outgrows_its_share_gets_more_or_has_to_stop(
    room: int, shares: dict[int, int], used: dict[int, int], expected: Verdict
) -> None:
    assert judge(room, shares, used) == expected


@pytest.mark.parametrize(
    ("shares", "used", "expected"),
    [
        # who yields goes in place of one that has outgrown its share, or was started last …
        ({1: 600, 2: 300}, {1: 600, 2: 401}, Verdict({}, stop=1)),
        ({1: 700, 2: 310}, {1: 700, 2: 310}, Verdict({}, stop=1)),
        # … and nobody while there is room for both
        ({1: 600, 2: 300}, {1: 600, 2: 350}, Verdict({2: 400})),
        # it is gone already
        ({2: 300}, {2: 1001}, Verdict({}, stop=2)),
    ],
)
def test_one_that_yields_stops_for_the_others(
    shares: dict[int, int], used: dict[int, int], expected: Verdict
) -> None:
    assert judge(1000, shares, used, yielding=1) == expected


@given(
    st.integers(0, 5000),
    st.dictionaries(st.integers(1, 20), st.tuples(st.integers(0, 2000), st.integers(0, 2000)), max_size=8),
)
def test_after_a_verdict_shares_hold_what_workers_take_or_one_stops(
    room: int, workers: dict[int, tuple[int, int]]
) -> None:
    shares = {worker: share for worker, (share, _) in workers.items()}
    used = {worker: taken for worker, (_, taken) in workers.items()}
    verdict = judge(room, shares, used)
    after = shares | verdict.shares
    assert verdict.stop is not None or all(used[worker] <= after[worker] for worker in workers)
    assert verdict.stop is not None or sum(used.values()) <= room
    assert verdict.stop not in verdict.shares
    # nobody is given what is not there
    promised = sum(max(after[worker], used[worker]) for worker in workers)
    was_promised = sum(max(shares[worker], used[worker]) for worker in workers)
    assert promised <= max(room, was_promised)
