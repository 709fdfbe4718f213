"""The governor: a budget from what there is now, and a share of it for each worker."""

import os
from collections.abc import Iterable

import pytest

from cpplsp.scheduler import governor as governing
from cpplsp.scheduler.capacity import Machine
from cpplsp.scheduler.governor import Governor, Runs
from cpplsp.scheduler.machine import Taken

MIB = 1 << 20


class System:
    """A machine on which processes take what a test says."""

    def __init__(self, available_mib: int = 60000, total_mib: int = 65536, cgroup_mib: int | None = None):
        self.available_mib = available_mib
        self.cgroup_mib = cgroup_mib
        self.total_mib = total_mib
        self.sizes: dict[int, int] = {os.getpid(): 50 * MIB}

    def machine(self) -> Machine:
        taken = sum(self.sizes.values())
        free = None if self.cgroup_mib is None else self.cgroup_mib * MIB - taken
        return Machine(32, self.total_mib * MIB, self.available_mib * MIB, free)

    def measure(self, pids: Iterable[int]) -> dict[int, int]:
        return {pid: self.sizes[pid] for pid in pids if pid in self.sizes}

    def taken(self, pids: Iterable[int]) -> dict[int, Taken]:
        return {pid: Taken(size, size) for pid, size in self.measure(pids).items()}

    def governor(self, budget: str | None, jobs: int | None = None, runs: Runs | None = None) -> Governor:
        made = Governor(
            budget,
            jobs,
            runs=runs or Runs(),
            look=self.machine,
            measure=self.taken,
            measure_private=self.measure,
        )
        made.sample([])
        return made


def test_workers_follow_what_units_need() -> None:
    governor = System().governor("1000M")
    assert governor.room_bytes() == (1000 - 50 - 40) * MIB
    assert governor.workers_allowed([400 * MIB] * 100) == 2
    assert governor.workers_allowed([90 * MIB] * 100) == 10
    assert governor.workers_allowed([4000 * MIB] * 100) == 1


def test_workers_follow_the_machine_from_one_moment_to_the_next() -> None:
    system = System(available_mib=8192, total_mib=8192)
    governor = system.governor(None)
    before = governor.workers_allowed([400 * MIB] * 100)
    system.available_mib = 1500
    governor.sample([])
    assert before > governor.workers_allowed([400 * MIB] * 100) >= 1


def test_a_share_of_the_machine_is_a_budget() -> None:
    governor = System(available_mib=8192, total_mib=8192).governor("50%")
    assert governor.budget_bytes() == 4096 * MIB


def test_samples_add_up_processes_and_keep_the_highest() -> None:
    system = System()
    system.sizes |= {7: 300 * MIB, 8: 100 * MIB}
    governor = system.governor("1000M")
    governor.sample([7, 8])
    governor.sample([8])
    assert (governor.memory_bytes, governor.peak_bytes) == (150 * MIB, 450 * MIB)
    assert governor.sizes == {os.getpid(): 50 * MIB, 8: 100 * MIB}


def test_what_is_no_workers_own_is_not_for_workers() -> None:
    system = System()
    system.sizes |= {6: 30 * MIB, 7: 300 * MIB}
    governor = system.governor("1000M")
    governor.grant(7, 400 * MIB)
    governor.sample([6, 7])
    assert governor.room_bytes() == (1000 - 50 - 30 - 40) * MIB


def test_a_unit_starts_beside_others_only_where_it_fits() -> None:
    governor = System().governor("1000M")
    assert governor.fits(5000 * MIB)  # nothing is under way: it gets what there is
    assert governor.grant(7, 600 * MIB) == 600 * MIB
    assert governor.fits(310 * MIB)
    assert not governor.fits(311 * MIB)
    governor.release(7)
    assert governor.is_idle
    assert governor.grant(8, 5000 * MIB) == governor.room_bytes()


def test_beside_one_that_is_to_be_alone_nothing_starts() -> None:
    governor = System().governor("1000M")
    assert governor.grant(7, 10 * MIB, alone=True) == 910 * MIB
    assert not governor.fits(0)
    assert governor.workers_allowed([1] * 10) == 1
    governor.release(7)
    assert governor.fits(0)


def test_beside_one_that_is_alone_there_is_room_for_what_is_wanted_as_far_as_it_leaves_some() -> None:
    system = System()
    governor = system.governor("1000M")
    governor.grant(7, 10 * MIB, alone=True)
    system.sizes[7] = 500 * MIB
    assert governor.watch() == ({}, None)
    assert governor.fits(410 * MIB, is_wanted=True)
    assert not governor.fits(411 * MIB, is_wanted=True)
    assert not governor.fits(410 * MIB)
    # what is started takes from its share …
    assert governor.grant(8, 200 * MIB) == 200 * MIB
    assert not governor.fits(211 * MIB, is_wanted=True)
    assert governor.watch() == ({7: 710 * MIB}, None)
    # … and may have more, for which the other stops in the end
    system.sizes[8] = 300 * MIB
    assert governor.watch() == ({7: 535 * MIB, 8: 375 * MIB}, None)
    system.sizes[8] = 411 * MIB
    assert governor.watch()[1] == (7, 500 * MIB)
    # which gets all that there is when it is alone again
    assert not governor.is_only(7)
    governor.release(8)
    assert governor.watch() == ({7: 910 * MIB}, None)
    # though it may have been refused some meanwhile
    assert not governor.is_only(7)
    governor.release(7)
    governor.grant(7, 10 * MIB, alone=True)
    assert governor.is_only(7)


def test_beside_one_that_is_alone_nothing_is_started_where_there_is_to_be_one_worker() -> None:
    governor = System().governor("1000M", jobs=1)
    governor.grant(7, 10 * MIB, alone=True)
    assert not governor.fits(0, is_wanted=True)


def test_where_there_is_room_a_worker_may_take_a_good_deal_at_once() -> None:
    governor = System().governor("1000M")
    governor.grant(7, 110 * MIB)
    assert governor.slack_bytes() == 400 * MIB
    governor.grant(8, 400 * MIB)
    assert governor.slack_bytes() == 100 * MIB
    governor.grant(9, 400 * MIB)
    assert governor.slack_bytes() == 48 * MIB


def test_a_worker_gets_more_while_there_is_and_has_to_stop_when_there_is_not() -> None:
    system = System()
    system.sizes |= {7: 250 * MIB, 8: 100 * MIB}
    governor = system.governor("1000M")
    governor.grant(7, 200 * MIB)
    governor.grant(8, 400 * MIB)
    assert governor.watch() == ({7: 312 * MIB + MIB // 2}, None)
    system.sizes[7] = 520 * MIB
    assert governor.watch() == ({}, (7, 520 * MIB))
    assert not governor.is_only(7)
    governor.release(8)
    assert governor.is_only(7)
    assert governor.watch() == ({7: 650 * MIB}, None)


@pytest.mark.parametrize("looks_at_once", [False, True])
def test_the_budget_in_a_cgroup_is_its_limit_whatever_workers_take(
    monkeypatch: pytest.MonkeyPatch, looks_at_once: bool
) -> None:
    monkeypatch.setattr(governing, "_LOOK_EVERY_S", 0.0 if looks_at_once else 1e9)
    system = System(cgroup_mib=370)
    system.sizes[7] = 100 * MIB
    governor = system.governor(None)
    governor.grant(7, 100 * MIB)
    governor.sample([7])
    budgets = [governor.budget_bytes()]
    system.sizes[7] = 290 * MIB
    governor.watch()
    budgets.append(governor.budget_bytes())
    del system.sizes[7]
    governor.release(7)
    governor.watch()
    budgets.append(governor.budget_bytes())
    assert budgets == [370 * MIB] * 3
    assert governor.memory_bytes == 50 * MIB


def test_a_worker_that_rests_counts_until_it_is_gone() -> None:
    system = System()
    system.sizes[7] = 300 * MIB
    governor = system.governor("1000M")
    governor.grant(7, 300 * MIB)
    governor.sample([7])
    room = governor.room_bytes()
    governor.release(7)
    governor.watch()
    assert governor.room_bytes() == room - 300 * MIB
    del system.sizes[7]
    governor.watch()
    assert governor.room_bytes() == room


def test_runs_divide_what_there_is_among_them() -> None:
    system, runs = System(), Runs()
    one, two = (system.governor("1000M", 3, runs) for _ in range(2))
    system.sizes[6] = 100 * MIB  # the nursery of the first
    with one.running():
        one.sample([6])
        assert one.room_bytes() == (1000 - 150 - 40) * MIB
        assert one.workers_allowed([MIB] * 100) == 3
        with two.running():
            two.sample([])
            assert one.room_bytes() == two.room_bytes() == (1000 - 150 - 40) * MIB // 2
            assert one.workers_allowed([MIB] * 100) == 2
            assert two.workers_allowed([MIB] * 100) == 1
            one.grant(7, 1000 * MIB)
            assert not one.is_only(7)
        assert one.is_only(7)
        assert one.workers_allowed([MIB] * 100) == 3


def test_where_there_is_one_worker_for_all_runs_they_take_turns() -> None:
    system, runs = System(), Runs()
    one, two = (system.governor(None, 1, runs) for _ in range(2))
    with two.running():
        with one.running():
            assert one.workers_allowed([MIB]) == 0
            assert two.workers_allowed([MIB]) == 1
        assert two.workers_allowed([MIB]) == 1


def test_what_something_beside_takes_is_refused_for_now_only() -> None:
    system = System()
    system.sizes |= {7: 400 * MIB, 9: 300 * MIB}
    governor = system.governor("1000M")
    governor.grant(7, 1000 * MIB)
    governor.sample([7], beside=[9])
    assert governor.room_bytes() == (1000 - 50 - 300 - 40) * MIB
    assert not governor.is_only(7)
    governor.sample([7])
    assert governor.is_only(7)
