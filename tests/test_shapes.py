"""Shapes: which of two readings of a file tells what the other does."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from cpplsp.shapes import MOST_SHAPES, common, in_all, is_told, pack, tells_all_of, unpack


def ranges() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Ranges in order that do not touch."""
    bounds = st.lists(st.integers(0, 60), unique=True, max_size=8).map(sorted)
    return bounds.map(lambda found: list(zip(found[::2], found[1::2], strict=False)))


def offsets(skipped: list[tuple[int, int]]) -> set[int]:
    return {offset for begin, end in skipped for offset in range(begin, end)}


@given(ranges())
def test_a_shape_is_unpacked_as_it_was_packed(skipped: list[tuple[int, int]]) -> None:
    assert unpack(pack(skipped)) == skipped


@given(ranges(), ranges())
def test_what_two_have_in_common_is_in_both(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert offsets(common(one, other)) == offsets(one) & offsets(other)
    assert common(one, other) == sorted(common(other, one))


@given(st.lists(ranges(), min_size=1, max_size=4))
def test_what_all_have_in_common(skipped: list[list[tuple[int, int]]]) -> None:
    assert offsets(in_all(skipped)) == set.intersection(*map(offsets, skipped))


@given(ranges(), ranges())
def test_a_reading_tells_all_of_one_that_skips_as_much_and_more(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    assert tells_all_of(pack(one), pack(other)) == (offsets(one) <= offsets(other))
    assert is_told(pack(other), [pack([(0, 61)]), pack(one)]) == (
        tells_all_of(pack(one), pack(other)) or tells_all_of(pack([(0, 61)]), pack(other))
    )


def test_a_reading_that_skips_nothing_tells_all() -> None:
    assert tells_all_of(b"", pack([(1, 2)]))
    assert not tells_all_of(pack([(1, 2)]), b"")
    assert is_told(b"", [b""])
    assert not is_told(b"", [])


def test_branches_that_exclude_each_other_are_both_needed() -> None:
    """As of ``#if … #else … #endif``."""
    one, other = pack([(0, 10)]), pack([(8, 20)])
    assert not tells_all_of(one, other)
    assert not tells_all_of(other, one)


def test_of_a_file_with_many_readings_only_new_text_is_wanted() -> None:
    branches = [(10 * number, 10 * number + 5) for number in range(12)]
    singles = [pack([branch for branch in branches if branch != one]) for one in branches]
    pair = pack(branches[2:])
    assert not is_told(pair, singles[: MOST_SHAPES - 1])
    assert is_told(pair, singles[:MOST_SHAPES])
    assert not is_told(singles[MOST_SHAPES], singles[:MOST_SHAPES])
    assert all(
        is_told(pack([r for r in branches if r not in two]), singles) for two in combinations(branches, 2)
    )
