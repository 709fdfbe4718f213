"""Selections as a client gets them: in its units, one in another."""

import pytest
from lsprotocol import types

from cpplsp.lsp.documents import ClientPaths
from cpplsp.lsp.positions import Outward, Pointer
from cpplsp.lsp.selection import SelectionRange, find_selections
from cpplsp.lsp.wire import Position, Range

UTF16 = Outward("utf-16", ClientPaths())


def spans(found: SelectionRange) -> list[tuple[int, int, int, int]]:
    one: SelectionRange | None = found
    got = []
    while one is not None:
        begin, end = one.range.start, one.range.end
        got.append((begin.line, begin.character, end.line, end.character))
        one = one.parent
    return got


def ask(text: str, *places: tuple[int, int], outward: Outward = UTF16) -> list[SelectionRange]:
    pointers = [Pointer.of("/a.cc", types.Position(*place), outward.encoding, None) for place in places]
    return find_selections("/a.cc", text.encode(), pointers, outward)


def test_several_places_in_the_order_asked() -> None:
    second, first = ask("/* \U0001f600 */ a;\nb(c);\n", (1, 2), (0, 9))
    assert spans(first) == [(0, 9, 0, 10), (0, 9, 0, 11), (0, 0, 2, 0)]
    assert spans(second) == [(1, 2, 1, 3), (1, 1, 1, 4), (1, 0, 1, 4), (1, 0, 1, 5), (0, 0, 2, 0)]


@pytest.mark.parametrize("place", [(0, 99), (7, 3)])
def test_past_the_end(place: tuple[int, int]) -> None:
    [found] = ask("a b", place)
    assert spans(found)[-1] == (0, 0, 0, 3)


def test_where_there_is_no_text() -> None:
    assert ask("", (0, 0)) == [SelectionRange(Range(Position(0, 0), Position(0, 0)))]


def test_a_byte_order_mark_is_a_character_of_who_has_it() -> None:
    marked = Outward("utf-16", ClientPaths(marked=frozenset(("/a.cc",))))
    [found] = find_selections("/a.cc", b"\xef\xbb\xbfa;", [Pointer("/a.cc", 0, 0, "utf-16")], marked)
    assert spans(found) == [(0, 1, 0, 2), (0, 1, 0, 3)]
