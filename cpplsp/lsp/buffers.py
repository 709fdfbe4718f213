"""What is on a client's screen against what was indexed: the same place in both.

A document's buffer is ahead of the index while it is edited, and for as long as indexing takes once it is saved. The
index says which content (``content.content_hash``) it speaks of; a document remembers the texts that it last had on
disk. Places are mapped from the one of these that was indexed to the buffer of now.
"""

import re
from collections.abc import Sequence

from cpplsp.columns import BOM, NEWLINE, WideMap, index_of, units_of
from cpplsp.content import content_hash
from cpplsp.lsp.linemap import LineMap

_MARK = BOM.decode()


class Buffer:
    """The text of an open document at one moment. Any thread may use it.

    ``path``: its real path; ``text``: on the screen; ``saved``: texts that the file had.
    Positions are lines and characters in the client's units, without a byte-order mark; columns are the index's.
    """

    def __init__(self, path: str, text: str, saved: Sequence[str]):
        self._path = path
        self._text = text
        self._saved = saved
        self._lines: list[str] | None = None
        self._on_disk: tuple[bytes, str] | None = None
        self._maps: dict[bytes, _Edit | None] = {}

    def to_index(self, line: int, character: int, wide: WideMap, encoding: str) -> tuple[int, int] | None:
        """Line and byte column in the indexed text (that ``wide`` is of); None for what was not there."""
        edit = self._edit(wide.content)
        if edit is None:
            return line, wide.to_bytes(line, character, encoding)
        lines = self._all_lines()
        if line >= len(lines):
            return None
        found = edit.lines.to_before(line, index_of(lines[line], character, encoding))
        return (found[0], _bytes_before(edit.before[found[0]], found[1])) if found is not None else None

    def from_index(
        self, line: int, column: int, wide: WideMap, encoding: str, *, is_start: bool = False
    ) -> tuple[int, int] | None:
        """Line and character of a place in the indexed text; None where it is gone. ``is_start``: of a token there."""
        edit = self._edit(wide.content)
        if edit is None:
            return line, wide.from_bytes(line, column, encoding)
        if line >= len(edit.before):
            return None
        found = edit.lines.to_after(line, _index_of(edit.before[line], column), is_start=is_start)
        return (found[0], units_of(edit.after[found[0]][: found[1]], encoding)) if found is not None else None

    def nearest(self, line: int, wide: WideMap) -> int:
        """The line that a line of the indexed text is now, or the next one that is left."""
        edit = self._edit(wide.content)
        return edit.lines.nearest_after(line) if edit is not None else line

    def holds(self, line: int, start: int, end: int, wide: WideMap) -> bool:
        """Whether the token at byte columns of the indexed text is still there, and the same."""
        edit = self._edit(wide.content)
        if edit is None:
            return True
        if line >= len(edit.before):
            return False
        old = edit.before[line]
        first, last = _index_of(old, start), _index_of(old, end)
        begin, stop = edit.lines.to_after(line, first, is_start=True), edit.lines.to_after(line, last)
        if begin is None or stop is None:
            return False
        new = edit.after[begin[0]]
        return (
            new[begin[1] : stop[1]] == old[first:last]
            and _is_word_end(new, begin[1]) >= _is_word_end(old, first)
            and _is_word_end(new, stop[1]) >= _is_word_end(old, last)
        )

    def _edit(self, content: bytes) -> "_Edit | None":
        """The way from an indexed content to the buffer; None where they are the same, or the content is not known."""
        if content not in self._maps:
            self._maps[content] = self._find_edit(content)
        return self._maps[content]

    def _find_edit(self, content: bytes) -> "_Edit | None":
        if not content or content in hashes_of(self._text):
            return None
        before = next((text for text in self._saved if content in hashes_of(text)), None)
        if before is None:
            if self._on_disk is None:
                self._on_disk = _read(self._path)
            before = self._on_disk[1] if self._on_disk[0] == content else None
        return _Edit(_lines(before), self._all_lines()) if before is not None else None

    def _all_lines(self) -> list[str]:
        if self._lines is None:
            self._lines = _lines(self._text)
        return self._lines


class _Edit:
    """Two texts in lines, and where each place of the one is in the other."""

    def __init__(self, before: list[str], after: list[str]):
        self.before, self.after = before, after
        self.lines = LineMap(before, after)


def hashes_of(text: str) -> frozenset[bytes]:
    """What a file with this text may hash to."""
    bare = text.removeprefix(_MARK).encode("utf-8", "surrogatepass")
    return frozenset((content_hash(bare), content_hash(BOM + bare)))


def _read(path: str) -> tuple[bytes, str]:
    """Hash and text of a file; of one that cannot be read, nothing."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return b"", ""
    return content_hash(content), content.decode("utf-8", "surrogateescape")


def _lines(text: str) -> list[str]:
    return _NEWLINE.split(text.removeprefix(_MARK))


_NEWLINE = re.compile(NEWLINE.pattern.decode())


def _index_of(line: str, column: int) -> int:
    """How many characters of a line are in so many bytes of it."""
    if line.isascii():
        return min(column, len(line))
    return len(_encode(line)[:column].decode("utf-8", "surrogateescape"))


def _bytes_before(line: str, index: int) -> int:
    return index if line.isascii() else len(_encode(line[:index]))


def _encode(text: str) -> bytes:
    """The bytes of a text from disk, which need not be UTF-8, or from a client, which may send half a character."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _is_word_end(line: str, index: int) -> bool:
    """Whether no identifier reaches over an index."""
    around = line[max(index - 1, 0) : index + 1]
    return len(around) < 2 or index == 0 or not all(one.isalnum() or one == "_" for one in around)
