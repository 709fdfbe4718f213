"""Columns: from clang's bytes to what an editor counts, without reading the file again.

clang counts bytes of UTF-8; an LSP client counts UTF-16 units unless it negotiates otherwise (LSP 3.17,
*Position Encoding Kind*). Which characters of a line are wider than a byte is known when the file is indexed, and
kept with its facts: packed here by the worker, unpacked here by whoever converts. So a column is converted
by the text **that was indexed**, and an ASCII file costs nothing.
"""

import re
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterator

_ENTRY = struct.Struct("<IIB")
_WIDE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]"
    # Well-formed UTF-8 alone (Unicode, table 3-7): no overlong forms, no surrogates, nothing beyond U+10FFFF.
    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
    rb"|[\x80-\xff]"
)
NEWLINE = re.compile(rb"\r\n|\n|\r")
BOM = b"\xef\xbb\xbf"


def line_starts(text: bytes) -> list[int]:
    """Byte offsets at which lines start: after LF, CRLF or a lone CR, as clang and LSP both have it.

    A byte-order mark belongs to no line: line 0 then starts at offset 3.
    """
    starts = [len(BOM) if text.startswith(BOM) else 0]
    starts.extend(m.end() for m in NEWLINE.finditer(text))
    return starts


def encode_wide(text: bytes, starts: list[int]) -> bytes:
    """Pack the place and length of every character outside ASCII; ``b""`` where there is none.

    A byte that is not UTF-8 counts as a character of its own, as editors show it (U+FFFD).
    """
    if text.isascii():
        return b""
    packed = bytearray()
    line = 0
    for match in _WIDE.finditer(text, starts[0]):
        offset = match.start()
        while line + 1 < len(starts) and starts[line + 1] <= offset:
            line += 1
        packed += _ENTRY.pack(line, offset - starts[line], match.end() - offset)
    return zlib.compress(bytes(packed), 6)


def index_of(line: str, units: int, encoding: str) -> int:
    """How many characters of a line are in so many of the client's units: at most all."""
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    for index, character in enumerate(line):
        if units <= 0:
            return index
        units -= units_of(character, encoding)
    return len(line)


def units_of(text: str, encoding: str) -> int:
    """How many of the client's units a text has."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


class WideMap:
    """The characters outside ASCII of one indexed file, for converting its columns.

    ``content``: hash of the text that the columns are of; empty for the text that is there now. ``look``: size, time
    (ns) and inode of the file when that was found in it; None where it is to be hashed.
    """

    def __init__(self, packed: bytes, content: bytes = b"", look: tuple[int, int, int] | None = None):
        self.content = content
        self.look = look
        entries: list[tuple[int, int, int]] = (
            list(_ENTRY.iter_unpack(zlib.decompress(packed))) if packed else []
        )
        self._entries = entries

    def _on(self, line: int) -> Iterator[tuple[int, int]]:
        """(byte column, byte length) of each wide character of the line, in order."""
        at = bisect_left(self._entries, (line, 0, 0))
        while at < len(self._entries) and self._entries[at][0] == line:
            yield self._entries[at][1], self._entries[at][2]
            at += 1

    def from_bytes(self, line: int, column: int, encoding: str) -> int:
        """A byte column in the client's units; ``encoding``: utf-8, utf-16 or utf-32. Within a character: its start."""
        if encoding == "utf-8" or not self._entries:
            return column
        narrower = (
            length - _units(length, encoding) if at + length <= column else column - at
            for at, length in self._on(line)
            if at < column
        )
        return column - sum(narrower)

    def to_bytes(self, line: int, column: int, encoding: str) -> int:
        """A column in the client's units as a byte column."""
        if encoding == "utf-8" or not self._entries:
            return column
        shift = 0
        for at, length in self._on(line):
            units = _units(length, encoding)
            if at - shift >= column:
                break
            shift += length - units
        return column + shift


def _units(length: int, encoding: str) -> int:
    return 2 if encoding == "utf-16" and length == 4 else 1
