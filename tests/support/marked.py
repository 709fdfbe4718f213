"""Source text with marks: ``^`` is a cursor, ``[[…]]`` a range.

A backslash before a mark makes it text (``a \\^ b``, ``\\[[nodiscard]]``); ``]]`` counts only where a range is
open. A line ``// file: NAME`` begins another file; what stands before the first one is ``main.cc``.
"""

import re
from dataclasses import dataclass, field

_SECTION = re.compile(rb"^// file: (\S+)\n", re.MULTILINE)
_MARK = re.compile(rb"\\(\^|\[\[)|(\^)|(\[\[)|(\]\])")
_NEWLINE = re.compile(rb"\r\n|\n|\r")

Point = tuple[str, int, int]
"""File's name, line, byte column."""
Range = tuple[str, tuple[int, int], tuple[int, int]]
"""File's name, and (line, byte column) of both ends."""


@dataclass
class Marked:
    """Files by name, without their marks, and where the marks were."""

    files: dict[str, bytes] = field(default_factory=dict)
    cursors: list[Point] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)


def unmark(code: str | bytes) -> Marked:
    """Split a marked text into files, and take the marks out."""
    raw = code.encode() if isinstance(code, str) else code
    first, *sections = _SECTION.split(raw)
    named = [(b"main.cc", first)] if first.strip() or not sections else []
    named += zip(sections[::2], sections[1::2], strict=True)
    marked = Marked()
    for name, text in named:
        _unmark_file(marked, name.decode(), text)
    return marked


def _unmark_file(marked: Marked, name: str, text: bytes) -> None:
    out = bytearray()
    opened: list[tuple[int, int]] = []
    last = 0
    for mark in _MARK.finditer(text):
        escaped, cursor, opens, closes = mark.groups()
        if closes and not opened:
            continue
        out += text[last : mark.start()] + (escaped or b"")
        last = mark.end()
        if cursor:
            marked.cursors.append((name, *_end(out)))
        elif opens:
            opened.append(_end(out))
        elif closes:
            marked.ranges.append((name, opened.pop(), _end(out)))
    assert not opened, "a [[ without its ]]"
    marked.files[name] = bytes(out + text[last:])


def _end(text: bytes | bytearray) -> tuple[int, int]:
    """Line and byte column behind a text; a byte-order mark is in no column."""
    lines = _NEWLINE.split(text.removeprefix(b"\xef\xbb\xbf"))
    return len(lines) - 1, len(lines[-1])
