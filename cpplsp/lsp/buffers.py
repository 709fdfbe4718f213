"""What is on a client's screen against what was indexed: the same place in both.

A document's buffer is ahead of the index while it is edited, and for as long as indexing takes once it is saved. The
index says which content (``content.content_hash``) it speaks of; a document remembers the texts that it last had on
disk. Places are mapped from the one of these that was indexed to the buffer of now.
"""

import os
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
        self._on_disk = _OnDisk()
        self._maps: dict[bytes, _Edit | None] = {}

    def knows(self, wide: WideMap) -> bool:
        """Whether places can be found: the text is known that ``wide`` is of. Else nothing is anywhere."""
        return self._edit(wide.content) is not _UNKNOWN

    def to_index(self, line: int, character: int, wide: WideMap, encoding: str) -> tuple[int, int] | None:
        """Line and byte column in the indexed text (that ``wide`` is of); None for what was not there.

        A token that is spelled in another way now was not there, and what is no directive any more is none.
        """
        edit = self._edit(wide.content)
        if edit is None:
            return line, wide.to_bytes(line, character, encoding)
        lines = self._all_lines()
        if line >= len(lines):
            return None
        index = index_of(lines[line], character, encoding)
        found = edit.lines.to_before(line, index)
        if found is None:
            return None
        now, then = lines[line], edit.before[found[0]]
        is_same = _word_at(now, index) == _word_at(then, found[1]) and _is_directive(now) == _is_directive(
            then
        )
        return (found[0], _bytes_before(then, found[1])) if is_same else None

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
        return (
            (found[0], _units_before(edit.after[found[0]], found[1], encoding)) if found is not None else None
        )

    def nearest(self, line: int, wide: WideMap) -> int:
        """The line that a line of the indexed text is now, or the next one that is left."""
        edit = self._edit(wide.content)
        if edit is _UNKNOWN:
            return min(line, len(self._all_lines()) - 1)
        return edit.lines.nearest_after(line) if edit is not None else line

    def has_line(self, line: int, wide: WideMap) -> bool:
        """Whether a line of the indexed text is still there, if in other words."""
        edit = self._edit(wide.content)
        return edit is None or edit.lines.has_line(line)

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
        """The way from an indexed content to the buffer; None where they are the same."""
        if not content:
            return None
        if content not in self._maps:
            if is_text_of(content, self._text):
                self._maps[content] = None
            else:
                before = next((text for text in self._saved if is_text_of(content, text)), None)
                before = self._on_disk.text(self._path, content) if before is None else before
                if before is None:
                    return _UNKNOWN  # until the disk tells, perhaps
                self._maps[content] = _Edit(_lines(before), self._all_lines())
        return self._maps[content]

    def _all_lines(self) -> list[str]:
        if self._lines is None:
            self._lines = _lines(self._text)
        return self._lines


class _Edit:
    """Two texts in lines, and where each place of the one is in the other."""

    def __init__(self, before: list[str], after: list[str]):
        self.before, self.after = before, after
        self.lines = LineMap(before, after)


_UNKNOWN = _Edit([], [])


def is_text_of(content: bytes, text: str) -> bool:
    """Whether a file with this hash has this text, as far as lines and columns go."""
    bare = text.removeprefix(_MARK)
    spelled = [bare]
    if "\r" not in bare:
        spelled.append(bare.replace("\n", "\r\n"))  # an editor may keep the ends of lines to itself
    raw = (one.encode("utf-8", "surrogatepass") for one in spelled)
    return any(content in (content_hash(one), content_hash(BOM + one)) for one in raw)


class _OnDisk:
    """The text of a file, read again when the file looks different."""

    def __init__(self) -> None:
        self._looks: tuple[int, ...] = ()
        self._content = b""
        self._text = ""

    def text(self, path: str, content: bytes) -> str | None:
        """The text, if it has this hash."""
        try:
            found = os.stat(path)
            looks = found.st_mtime_ns, found.st_size, found.st_ino
            if looks != self._looks:
                with open(path, "rb") as file:
                    read = file.read()
                self._looks, self._content = looks, content_hash(read)
                self._text = read.decode("utf-8", "surrogateescape")
        except OSError:
            return None
        return self._text if self._content == content else None


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


def _units_before(line: str, index: int, encoding: str) -> int:
    return index if line.isascii() else units_of(line[:index], encoding)


def _encode(text: str) -> bytes:
    """The bytes of a text from disk, which need not be UTF-8, or from a client, which may send half a character."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _word_at(line: str, index: int) -> str:
    """The identifier that an index is in, or at an end of; else nothing."""
    begin = end = index
    while begin > 0 and _is_in_word(line[begin - 1]):
        begin -= 1
    while end < len(line) and _is_in_word(line[end]):
        end += 1
    return line[begin:end]


def _is_word_end(line: str, index: int) -> bool:
    """Whether no identifier reaches over an index."""
    around = line[max(index - 1, 0) : index + 1]
    return len(around) < 2 or index == 0 or not all(map(_is_in_word, around))


def _is_directive(line: str) -> bool:
    return line.lstrip().startswith("#")


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
