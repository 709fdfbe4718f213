"""JSON arrays entry by entry: against ``json``, cut anywhere, and broken in known places."""

import io
import json
import math
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.project import entries
from cpplsp.project.entries import BrokenArrayError, array_entries

VALUES = st.recursive(
    st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time, whatever is asked for."""

    def __init__(self, text: bytes, step: int):
        self._text = text
        self._step = step

    def read(self, _size: int = -1) -> bytes:
        part, self._text = self._text[: self._step], self._text[self._step :]
        return part


def read(stream: BinaryIO) -> tuple[list[object], BrokenArrayError | None]:
    found: list[object] = []

    def collect(values: Iterator[object]) -> None:
        for value in values:
            found.append(value)  # noqa: PERF402  # what came before an error counts

    try:
        collect(array_entries(stream))
    except BrokenArrayError as error:
        return found, error
    return found, None


@given(st.lists(VALUES), st.integers(1, 50), st.sampled_from([None, 1]), st.booleans())
def test_any_array_cut_anywhere(
    values: list[object], step: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    expected = json.loads(text.decode("utf-8", "replace"))
    assert read(Dripping(text, step)) == (expected, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"[]", []),
        (b" [ ] ", []),
        (b"\xef\xbb\xbf[{}]", [{}]),
        (b'["\xff"]', ["\ufffd"]),
        (b"[1, 2.5, true, null]", [1.0, 2.5, True, None]),
        (b"[" + b"9" * 100_000 + b"]", [math.inf]),
        (b"[{},]", [{}]),
        (b"[{}] what follows is not looked at", [{}]),
    ],
)
def test_good_arrays(text: bytes, values: list[object]) -> None:
    assert read(io.BytesIO(text)) == (values, None)


@pytest.mark.parametrize(
    ("text", "before", "line", "column"),
    [
        (b"", 0, 1, 1),
        (b"{}", 0, 1, 1),
        (b"\n  nonsense", 0, 2, 3),
        (b"[", 0, 1, 2),
        (b"[{}", 1, 1, 4),
        (b"[{} {}]", 1, 1, 5),
        (b'[{},\n{"a": }]', 1, 2, 7),
        (b'[{},\n{},\n  {"file": "a.cc"\n   "directory": "b"}]', 2, 4, 4),
        (b'[{},\n"no end', 1, 2, 1),
        (b'[{"a": tru}]', 0, 1, 8),
        (b"[" * 100_000, 0, 1, 2),
        ('[{},\n{"ä": ü}]'.encode(), 1, 2, 7),
    ],
)
@pytest.mark.parametrize("step", [1, 1 << 20])
def test_broken_arrays(text: bytes, before: int, line: int, column: int, step: int) -> None:
    if step == 1 and len(text) > 1000:
        return  # a step at a time, each tried anew
    found, error = read(Dripping(text, step))  # type: ignore[arg-type]
    assert error is not None
    assert (len(found), error.line, error.column) == (before, line, column)
    assert error.reason


def test_an_error_is_placed_when_it_is_far_behind_the_beginning() -> None:
    text = b'[\n"' + b'x",\n"' * 200_000 + b'"\n oops]'
    found, error = read(io.BytesIO(text))
    assert error is not None
    assert (len(found), error.line, error.column) == (200_001, 200_003, 2)


def test_an_entry_may_be_longer_than_what_is_read_at_once() -> None:
    values = ["a" * (3 * entries._CHUNK_BYTES), "b"]
    assert read(io.BytesIO(json.dumps(values).encode())) == (values, None)


def test_an_entry_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "_MOST_ENTRY_CHARACTERS", 1000)
    found, error = read(io.BytesIO(b'["a", "' + b"b" * (4 * entries._CHUNK_BYTES)))
    assert found == ["a"]
    assert error is not None
    assert "an entry of more than" in error.reason
