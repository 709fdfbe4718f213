"""Columns: bytes to what a client counts and back, as decoding the line itself has it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cpplsp.columns import WideMap, encode_wide, line_starts

ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def wide_map(text: bytes) -> WideMap:
    return WideMap(encode_wide(text, line_starts(text)))


def units(text: str, encoding: str) -> int:
    """How many units of an encoding a text has, by Python's own codecs."""
    codec, size = ENCODINGS[encoding]
    return len(text.encode(codec)) // size


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (b"", [0]),
        (b"a", [0]),
        (b"a\n", [0, 2]),
        (b"a\nb\n\nc", [0, 2, 4, 5]),
        (b"a\r\nb", [0, 3]),
        (b"a\rb\r\rc", [0, 2, 4, 5]),
        (b"a\n\rb", [0, 2, 3]),
        (b"\xef\xbb\xbfa\nb", [3, 5]),
        (b"\xef\xbb\xbf", [3]),
        (b"a\x0bb\x0cc\xe2\x80\xa8d", [0]),
    ],
)
def test_where_lines_start(text: bytes, starts: list[int]) -> None:
    assert line_starts(text) == starts


def test_an_ascii_file_costs_nothing() -> None:
    assert encode_wide(b"int x;\nint y;\n", [0, 7, 14]) == b""
    assert WideMap(b"").from_bytes(7, 40, "utf-16") == 40
    assert WideMap(b"").to_bytes(7, 40, "utf-16") == 40


@pytest.mark.parametrize(
    ("encoding", "columns"),
    [("utf-8", [0, 1, 3, 4, 8, 9, 12]), ("utf-16", [0, 1, 2, 3, 5, 6, 7]), ("utf-32", [0, 1, 2, 3, 4, 5, 6])],
)
def test_columns_behind_wide_characters(encoding: str, columns: list[int]) -> None:
    wide = wide_map("aäb🙂c€".encode())
    assert [wide.from_bytes(0, column, encoding) for column in (0, 1, 3, 4, 8, 9, 12)] == columns
    assert [wide.to_bytes(0, column, encoding) for column in columns] == [0, 1, 3, 4, 8, 9, 12]


def test_lines_do_not_mix() -> None:
    wide = wide_map("ä\nb\r\n\rö\n".encode())
    assert [wide.from_bytes(line, 2, "utf-16") for line in range(4)] == [1, 2, 2, 1]


def test_a_mark_is_in_no_column() -> None:
    wide = wide_map("\ufeffä = 1".encode())
    assert wide.from_bytes(0, 2, "utf-16") == 1


def test_a_byte_that_is_not_utf8_is_a_character() -> None:
    wide = wide_map(b"\xff\xe4 \xc3\xa4")
    assert [wide.from_bytes(0, column, "utf-16") for column in (1, 2, 3, 5)] == [1, 2, 3, 4]


def test_a_column_inside_a_wide_character_stays_in_the_line() -> None:
    wide = wide_map("🙂x".encode())
    assert wide.to_bytes(0, 1, "utf-16") <= 4
    assert wide.from_bytes(0, 2, "utf-16") <= 2


@given(
    st.lists(st.text(st.characters(blacklist_characters="\r\n", codec="utf-8"), max_size=12), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(list(ENCODINGS)),
)
def test_columns_are_those_of_the_decoded_line(lines: list[str], newline: str, encoding: str) -> None:
    text = newline.join(lines).encode()
    if text.startswith(b"\xef\xbb\xbf"):
        lines = [lines[0][1:], *lines[1:]]
    wide = wide_map(text)
    for number, line in enumerate(lines):
        for at in range(len(line) + 1):
            column = len(line[:at].encode())
            expected = units(line[:at], encoding)
            assert wide.from_bytes(number, column, encoding) == expected
            assert wide.to_bytes(number, expected, encoding) == column


@pytest.mark.parametrize("text", [b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"])
def test_what_only_looks_like_utf8_is_a_character_a_byte(text: bytes) -> None:
    assert wide_map(text).from_bytes(0, len(text), "utf-16") == len(text.decode("utf-8", "replace"))


def test_a_column_within_a_character_is_that_of_its_start() -> None:
    wide = wide_map("a€b".encode())
    assert [wide.from_bytes(0, column, "utf-16") for column in range(6)] == [0, 1, 1, 1, 2, 3]


@given(st.binary(max_size=60), st.sampled_from(["utf-16", "utf-32"]))
@example(b"\xe0\x80\x80", "utf-16")
def test_any_bytes_have_columns_that_rise(text: bytes, encoding: str) -> None:
    starts = line_starts(text)
    wide = wide_map(text)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True)):
        columns = [wide.from_bytes(number, column, encoding) for column in range(end - start + 1)]
        assert all(0 <= column <= at for at, column in enumerate(columns))
        decoded = len(text[start:end].decode("utf-8", "replace").encode("utf-16-le")) // 2
        assert columns[-1] >= (decoded if encoding == "utf-16" else 0) - (end - start)
