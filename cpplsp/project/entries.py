"""Reading a JSON array entry by entry, however long it is, and saying where it is broken.

``json`` decodes each entry; this module only holds the part of the text that the entry is in. On a database of
49.8 MB that takes 0.12 s (ijson: 0.07 with its C backend, seconds without) and 1 MB, and it knows the line and
column of an error, which ijson does not.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK_BYTES = 1 << 18
_MOST_ENTRY_CHARACTERS = 1 << 26
_LONGEST_LITERAL = 16
"""An error this near to the end of the text at hand may be a literal (``false``, ``-Infinity``) cut in two."""

_SPACE = re.compile(r"[ \t\r\n]*+")


class BrokenArrayError(Exception):
    """Text that is not a JSON array from ``line``, ``column`` on (both from 1, in characters)."""

    def __init__(self, reason: str, line: int, column: int):
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


def array_entries(stream: BinaryIO) -> Iterator[object]:
    """The entries of the array in a stream, each as soon as it is read.

    Bytes that are not UTF-8 become U+FFFD, a byte-order mark is passed over, and so is what stands behind the
    array. Raises :class:`BrokenArrayError` where it is no longer one: what was yielded before is good.
    """
    text = _Text(stream)
    if text.next_character() != "[":
        raise text.broken("an array was expected")
    text.position += 1
    while text.next_character() != "]":
        yield text.value()
        following = text.next_character()
        if following == ",":
            text.position += 1
        elif following != "]":
            raise text.broken("',' or ']' was expected" if following else "it ends before its array does")


class _Text:
    """A window on the text of a stream, and where in the stream it begins."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        # int() refuses more than 4,300 digits, by an error of its own.
        self._json = json.JSONDecoder(parse_int=float)
        self._window = ""
        self._at_end = False
        self._line = 1
        self._column = 1
        self.position = 0

    def next_character(self) -> str:
        """The next character that is not white space, not consumed; '' at the end."""
        while True:
            space = _SPACE.match(self._window, self.position)
            assert space is not None  # it matches nothing, too
            self.position = space.end()
            if self.position < len(self._window) or self._at_end:
                return self._window[self.position : self.position + 1]
            self._read()

    def value(self) -> object:
        """The value that begins here."""
        while True:
            try:
                found, end = self._json.raw_decode(self._window, self.position)
            except json.JSONDecodeError as error:
                if self._at_end or not self._may_go_on(error):
                    raise self.broken(error.msg, error.pos) from None
            except RecursionError:
                raise self.broken("it is nested too deeply") from None
            else:
                if end < len(self._window) or self._at_end:
                    self.position = end
                    return found
            if len(self._window) - self.position > _MOST_ENTRY_CHARACTERS:
                raise self.broken(f"an entry of more than {_MOST_ENTRY_CHARACTERS >> 20} MB")
            self._read()

    def broken(self, reason: str, position: int | None = None) -> BrokenArrayError:
        """The error that something is wrong here, or at a position in the window."""
        line, column = self._place(self.position if position is None else position)
        return BrokenArrayError(reason, line, column)

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether more text may make good what cannot be decoded now."""
        return (
            error.msg.startswith("Unterminated string") or error.pos >= len(self._window) - _LONGEST_LITERAL
        )

    def _place(self, position: int) -> tuple[int, int]:
        lines = self._window.count("\n", 0, position)
        if not lines:
            return self._line, self._column + position
        return self._line + lines, position - self._window.rfind("\n", 0, position)

    def _read(self) -> None:
        """Let go what is consumed and read on: as much again as is at hand, so that retries stay cheap."""
        self._line, self._column = self._place(self.position)
        rest = self._window[self.position :]
        self.position = 0
        raw = self._stream.read(max(_CHUNK_BYTES, len(rest)))
        self._at_end = not raw
        self._window = rest + self._decode(raw, final=self._at_end)
