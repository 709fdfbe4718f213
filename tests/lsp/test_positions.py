"""Positions: between the index's byte columns and the client's units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from cpplsp.columns import WideMap, encode_wide, line_starts
from cpplsp.content import content_hash
from cpplsp.lsp.documents import ClientPaths, Document
from cpplsp.lsp.positions import Cursor, Outward, Pointer, choose_encoding
from cpplsp.lsp.wire import Location, LocationLink, Position, Range
from cpplsp.query.files import Place

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
LINE = st.text(alphabet="ab é€\U0001f600", max_size=20)


def wide_map(text: str) -> WideMap:
    raw = text.encode()
    return WideMap(encode_wide(raw, line_starts(raw)), content_hash(raw))


def units(text: str, encoding: str) -> int:
    codec, size = CODECS[encoding]
    return len(text.encode(codec)) // size


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-16", "utf-8"], "utf-8"),
        (["utf-32", "utf-16"], "utf-32"),
        (["utf-7"], "utf-16"),
    ],
)
def test_bytes_are_agreed_on_if_the_client_can(offered: list[str] | None, chosen: str) -> None:
    assert choose_encoding(offered) == chosen


@given(LINE, LINE, st.data(), st.sampled_from(sorted(CODECS)))
def test_a_cursor_is_converted_alike_by_the_indexed_text_and_by_the_buffer(
    first: str, line: str, data: st.DataObject, encoding: str
) -> None:
    at = data.draw(st.integers(0, len(line)))
    position = types.Position(1, units(line[:at], encoding))
    indexed = f"{first}\n{line}\n"
    expected = Cursor("/a.cc", 1, len(line[:at].encode()))
    unopened = Pointer.of("/a.cc", position, encoding, None)
    assert unopened.in_index(wide_map(indexed)) == expected
    document = Document("file:///a.cc", "/a.cc", 1, indexed)
    assert Pointer.of("/a.cc", position, encoding, document).in_index(wide_map(indexed)) == expected
    document.change(types.TextDocumentContentChangeWholeDocument(f"\n{indexed}"), encoding)
    below = types.Position(2, position.character)
    if first and line and first != line:
        assert Pointer.of("/a.cc", below, encoding, document).in_index(wide_map(indexed)) == expected


@given(LINE, st.data(), st.sampled_from(sorted(CODECS)))
def test_a_place_is_told_in_the_clients_units(line: str, data: st.DataObject, encoding: str) -> None:
    begin, end = sorted(data.draw(st.tuples(st.integers(0, len(line)), st.integers(0, len(line)))))
    place = Place("/a.cc", 0, len(line[:begin].encode()), len(line[:end].encode()), 0, wide_map(line))
    assert Outward(encoding, ClientPaths()).location(place) == Location(
        "file:///a.cc",
        Range(Position(0, units(line[:begin], encoding)), Position(0, units(line[:end], encoding))),
    )


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", 3), ("utf-16", 1), ("utf-32", 1)])
def test_a_byte_order_mark_counts_where_the_client_has_it(encoding: str, mark: int) -> None:
    document = Document("file:///a.cc", "/a.cc", 1, "\ufeffint x;\nint y;")
    wide = wide_map("int x;\nint y;")
    for _ in range(2):
        first = Pointer.of("/a.cc", types.Position(0, mark + 4), encoding, document).in_index(wide)
        second = Pointer.of("/a.cc", types.Position(1, 4), encoding, document).in_index(wide)
        assert (first, second) == (Cursor("/a.cc", 0, 4), Cursor("/a.cc", 1, 4))
        document.change(types.TextDocumentContentChangeWholeDocument("\ufeffint x;\nint y;//"), encoding)
    outward = Outward(encoding, ClientPaths(marked=frozenset(["/a.cc"])))
    assert outward.position("/a.cc", 0, 4, WideMap(b"")) == Position(0, mark + 4)
    assert outward.position("/a.cc", 1, 4, WideMap(b"")) == Position(1, 4)
    assert outward.position("/b.cc", 0, 4, WideMap(b"")) == Position(0, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int old;\nint é = new_name;\n", Range(Position(1, 8), Position(1, 16))),
        ("// more\n\nint old;\nint é = new_name;\n", Range(Position(3, 8), Position(3, 16))),
        ("int é = 1 + new_name;\n", Range(Position(0, 12), Position(0, 20))),
        ("int old;\nint é = new_names;\n", None),
        ("int old;\nint é = a_new_name;\n", None),
        ("int old;\nint é = other;\n", None),
        ("int old;\n", None),
        ("", None),
    ],
)
def test_a_token_is_told_where_it_is_on_the_screen(text: str, expected: Range | None) -> None:
    indexed = "int old;\nint é = new_name;\n"
    document = Document("file:///a.cc", "/a.cc", 1, indexed)
    place = Place("/a.cc", 1, 9, 17, 0, wide_map(indexed))
    document.change(types.TextDocumentContentChangeWholeDocument(text), "utf-16")
    outward = Outward("utf-16", ClientPaths(), {"/a.cc": document.buffer()})
    assert outward.holds(place) == (expected is not None)
    if expected is not None:
        assert outward.range(place) == expected


def test_a_link_names_the_token_that_led_there() -> None:
    outward = Outward("utf-8", ClientPaths())
    origin, target = Place("/a.cc", 1, 2, 3, 0, WideMap(b"")), Place("/b.cc", 4, 5, 6, 0, WideMap(b""))
    there = Range(Position(4, 5), Position(4, 6))
    assert outward.link(target, origin) == LocationLink(
        "file:///b.cc", there, there, Range(Position(1, 2), Position(1, 3))
    )
    assert outward.link(target, None).origin_selection_range is None
