"""The order in which units are read."""

from hypothesis import given
from hypothesis import strategies as st

from cpplsp.scheduler.queue import QueuedUnit, UnitQueue


def queue(*units: tuple[int, str]) -> UnitQueue:
    return UnitQueue(QueuedUnit(*unit) for unit in units)


def drained(units: UnitQueue, context: str | None = None) -> list[int]:
    order = []
    while one := units.take(context):
        order.append(one.unit)
    return order


def test_units_come_in_the_order_of_the_database() -> None:
    assert drained(queue((3, "a"), (1, "a"), (2, "a"))) == [3, 1, 2]


def test_a_worker_stays_in_its_context_while_there_is_work_in_it() -> None:
    units = queue((1, "c"), (2, "c++"), (3, "c"), (4, "c++"))
    assert drained(units, "c++") == [2, 4, 1, 3]


def test_a_worker_whose_context_is_done_takes_what_comes_first() -> None:
    units = queue((1, "c"), (2, "c++"))
    assert units.take("objective-c") == QueuedUnit(1, "c")


def test_wanted_units_come_first_whatever_the_context() -> None:
    units = queue((1, "a"), (2, "b"), (3, "b"), (4, "a"))
    units.prioritise([3, 4, 99])
    assert drained(units, "a") == [3, 4, 1, 2]


def test_what_is_wanted_later_takes_the_place_of_what_was_wanted_before() -> None:
    units = queue((1, "a"), (2, "a"), (3, "a"))
    units.prioritise([3])
    units.prioritise([2])
    assert drained(units) == [2, 1, 3]


def test_a_retry_comes_last_and_once() -> None:
    units = queue((1, "a"), (2, "a"), (3, "a"))
    first = units.take()
    assert first is not None
    units.retry(first)
    assert first.unit in units
    assert drained(units, "a") == [2, 3, 1]
    assert len(units) == 0


def test_a_wanted_retry_comes_at_once_and_not_again() -> None:
    units = queue((1, "a"), (2, "a"))
    first = units.take()
    assert first is not None
    units.retry(first)
    units.prioritise([1])
    assert drained(units) == [1, 2]


def test_a_unit_that_does_not_fit_lets_others_go_first() -> None:
    units = queue((1, "a"), (2, "a"), (3, "b"))
    assert units.take("a", lambda one: one.unit != 1) == QueuedUnit(2, "a")
    assert units.take("a", lambda one: one.unit != 1) == QueuedUnit(3, "b")
    assert units.take("a", lambda one: one.unit != 1) is None
    assert len(units) == 1
    assert units.take("a") == QueuedUnit(1, "a")


def test_a_wanted_unit_that_does_not_fit_comes_when_it_does() -> None:
    units = queue((1, "a"), (2, "a"))
    units.prioritise([2])
    assert units.take(None, lambda one: one.unit != 2) == QueuedUnit(1, "a")
    assert units.take() == QueuedUnit(2, "a")


def test_a_unit_that_is_retried_says_that_it_is_to_be_alone() -> None:
    units = queue((1, "a"), (2, "a"))
    first = units.take()
    assert first is not None
    units.retry(first)
    assert units.take() == QueuedUnit(2, "a")
    assert units.take(None, lambda one: not one.is_alone) is None
    assert units.take() == QueuedUnit(1, "a", is_alone=True)


def test_what_is_wanted_before_a_unit_is_known() -> None:
    units = queue((1, "a"), (2, "a"), (3, "a"), (4, "a"))
    units.prioritise([3, 9, 2])
    assert [one.unit for one in units.wanted()] == [3, 2]
    assert [one.unit for one in units.wanted_before(4)] == [3, 2]
    assert [one.unit for one in units.wanted_before(9)] == [3]
    assert [one.unit for one in units.wanted_before(3)] == []
    units.prioritise([])
    assert [one.unit for one in units.wanted_before(4)] == []


def test_near_the_end_the_longest_comes_first_whatever_the_context() -> None:
    units = queue((1, "a"), (2, "b"), (3, "a"))
    seconds = {1: 2.0, 2: 9.0, 3: 4.0}
    order = [one.unit for _ in range(3) if (one := units.take("a", longest=lambda one: seconds[one.unit]))]
    assert order == [2, 3, 1]


def test_what_comes_is_known_beforehand() -> None:
    units = queue((1, "a"), (2, "b"), (3, "a"))
    units.prioritise([3])
    assert [one.unit for one in units.upcoming()][:2] == [3, 1]


@given(
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from("ab")), unique_by=lambda unit: unit[0]),
    st.lists(st.integers(1, 40)),
    st.lists(st.sampled_from(["a", "b", None])),
)
def test_every_unit_is_taken_exactly_once(
    units: list[tuple[int, str]], wanted: list[int], contexts: list[str | None]
) -> None:
    waiting = queue(*units)
    waiting.prioritise(wanted)
    taken = [one.unit for one in map(waiting.take, contexts) if one]
    assert len(waiting) == len(units) - len(taken)
    assert sorted(taken + drained(waiting)) == sorted(unit for unit, _ in units)
    assert len(waiting) == 0
