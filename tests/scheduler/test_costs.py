"""What a unit is taken to cost: by what it took before, else by those like it."""

import pytest

from cpplsp.scheduler.costs import FIRST_UNIT_BYTES, MOST_CPU_S, Cost, Costs

MIB = 1 << 20


def costs(*peaks_mib: int, group: str = "c++", size: int = 1000, cpu_s: float = 1.0) -> Costs:
    made = Costs()
    for peak in peaks_mib:
        made.add(group, size, Cost(peak * MIB, cpu_s))
    return made


def test_the_first_unit_is_taken_to_be_a_heavy_one() -> None:
    assert Costs().memory_bytes("c++", 1000) == FIRST_UNIT_BYTES
    # … and one of another group not to be lighter than the heaviest there was
    assert costs(900).memory_bytes("c", 1000) == 900 * MIB


def test_what_is_known_of_a_unit_counts_more_than_others_do() -> None:
    assert 500 * MIB < costs(10, 20, 30).memory_bytes("c++", 1000, Cost(500 * MIB, 9.0)) < 700 * MIB


def test_of_few_units_the_heaviest_counts() -> None:
    assert 100 * MIB < costs(100, 10).memory_bytes("c++", 1000) < 200 * MIB


def test_of_many_what_is_usual_counts_and_how_much_they_differ() -> None:
    alike = costs(*[100, 101] * 20).memory_bytes("c++", 1000)
    assert 100 * MIB < alike < 140 * MIB
    differing = costs(*[50, 150] * 20).memory_bytes("c++", 1000)
    assert 200 * MIB - MIB < differing < 250 * MIB


def test_what_is_larger_is_taken_to_need_more_and_nothing_to_need_less() -> None:
    growing, falling = Costs(), Costs()
    for size in range(1, 20):
        growing.add("c++", size * 1000, Cost((100 + size) * MIB, size / 10))
        falling.add("c++", size * 1000, Cost((100 - size) * MIB, size / 10))
    assert growing.memory_bytes("c++", 100_000) > growing.memory_bytes("c++", 1000) + 90 * MIB
    assert growing.cpu_s("c++", 100_000) == pytest.approx(10.0)
    assert falling.memory_bytes("c++", 100_000) == falling.memory_bytes("c++", 1000)


def test_groups_are_apart() -> None:
    made = costs(*[100] * 10)
    made.add("c++ under a prelude", 1000, Cost(30 * MIB, 0.1))
    assert made.memory_bytes("c++ under a prelude", 1000) < 100 * MIB < made.memory_bytes("c++", 1000)
    assert made.cpu_s("c", 1000) is None


def test_a_unit_has_many_times_the_time_that_it_should_take_within_bounds() -> None:
    assert Costs().limit_s("c++", 1000) == 300
    assert costs(10, cpu_s=0.1).limit_s("c++", 1000) == 60
    assert costs(10, cpu_s=10.0).limit_s("c++", 1000) == 200
    assert costs(10, cpu_s=1e6).limit_s("c++", 1000) == MOST_CPU_S
    assert Costs().limit_s("c++", 1000, Cost(MIB, 6.0)) == 120
