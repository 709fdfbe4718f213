"""Places in a text that has been edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.lsp.linemap import LineMap

BEFORE = """\
#include <vector>

int first() {
  return 1;
}

int second(int value) {
  return value + first();
}
""".splitlines()

LINES = st.lists(st.sampled_from(["", "{", "}", "int a;", "  a = 1;", "  a = 12;", "return b;"]), max_size=12)


def edited(*changes: tuple[str, str]) -> list[str]:
    text = "\n".join(BEFORE)
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text.split("\n")


@pytest.mark.parametrize(
    ("changes", "place", "expected"),
    [
        ((), (6, 4), (6, 4)),
        ([("int first", "\n\nint first")], (6, 4), (8, 4)),
        ([("#include <vector>\n\n", "")], (6, 4), (4, 4)),
        ([("  return 1;\n", "")], (3, 9), None),
        ([("return value", "return 2 * value")], (7, 9), (7, 9 + 4)),
        ([("return value", "return 2 * value")], (7, 2), (7, 2)),
        ([("return value", "return 2 * value")], (7, 17), (7, 21)),
        ([("value + first", "first")], (7, 9), (7, 9)),
        ([("value + first", "other * second")], (7, 12), None),
        ([("int second(int value) {", "long second(int value) {")], (6, 4), (6, 5)),
        ([("  return value + first();", "  log();\n  return value - first();")], (7, 17), (8, 17)),
        ([("  return value + first();", "    return value + first();")], (7, 17), (7, 19)),
        (
            [("}\n\nint second(int value) {", "}\n\nint third() {\n}\n\nint second(int value) {")],
            (6, 4),
            (9, 4),
        ),
    ],
)
def test_a_place_follows_its_text(
    changes: list[tuple[str, str]], place: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    found = LineMap(BEFORE, edited(*changes))
    assert found.to_after(*place, is_start=True) == expected
    if expected is not None:
        assert found.to_before(*expected) == place


def test_what_ends_where_something_is_inserted_ends_before_it() -> None:
    found = LineMap(["f(a);"], ["f(a, b);"])
    assert (found.to_after(0, 2, is_start=True), found.to_after(0, 3)) == ((0, 2), (0, 3))
    assert (found.to_after(0, 3, is_start=True), found.to_after(0, 4)) == ((0, 6), (0, 7))


def test_what_is_typed_anew_was_nowhere() -> None:
    found = LineMap(BEFORE, edited(("  return 1;", "  int x = 0;\n  x += 7;\n  return 1;")))
    assert found.to_before(3, 6) is None
    assert found.to_before(4, 2) is None
    assert found.to_before(5, 2) == (3, 2)


def test_a_block_that_was_moved_is_found() -> None:
    first, second = BEFORE[2:5], BEFORE[6:9]
    found = LineMap(BEFORE, [*BEFORE[:2], *second, "", *first])
    assert found.to_after(2, 4) == (6, 4)
    assert found.to_after(6, 4) == (2, 4)
    assert found.to_after(3, 2) == (7, 2)


def test_the_line_next_to_one_that_is_gone() -> None:
    found = LineMap(BEFORE, edited(("int first() {\n  return 1;\n}\n\n", "")))
    assert found.nearest_after(3) == 2
    assert LineMap(["a", "b"], ["a"]).nearest_after(1) == 0
    assert LineMap(["a"], []).nearest_after(0) == 0


@given(LINES, LINES)
def test_lines_are_matched_one_to_one_and_both_ways(before: list[str], after: list[str]) -> None:
    found = LineMap(before, after)
    targets = [found.to_after(line, 0) for line in range(len(before))]
    known = [target for target in targets if target is not None]
    assert len(set(known)) == len(known)
    for line, target in enumerate(targets):
        if target is not None:
            assert found.to_before(*target) == (line, 0)


@given(LINES, LINES)
def test_a_column_holds_the_same_character(before: list[str], after: list[str]) -> None:
    found = LineMap(before, after)
    for line, text in enumerate(before):
        for column, character in enumerate(text):
            place = found.to_after(line, column)
            if place is not None and place[1] < len(after[place[0]]) and found.to_after(line, column + 1):
                end = found.to_after(line, column + 1)
                if end == (place[0], place[1] + 1):
                    assert after[place[0]][place[1]] == character


@given(LINES, st.integers(0, 12), LINES)
def test_inserting_lines_moves_what_follows(before: list[str], at: int, inserted: list[str]) -> None:
    at = min(at, len(before))
    marked = [f"line {number}" for number in range(len(before))]
    found = LineMap(marked, [*marked[:at], *inserted, *marked[at:]])
    for line in range(len(marked)):
        assert found.to_after(line, 3) == (line + (len(inserted) if line >= at else 0), 3)


def test_a_long_file_of_lines_alike_is_matched_without_comparing_all_with_all() -> None:
    before = ["}", "", "{"] * 20_000
    after = ["int a;", *before[:30_000], "int b;", *before[30_000:], "int c;"]
    found = LineMap(before, after)
    assert found.to_after(0, 0) in ((1, 0), None)
