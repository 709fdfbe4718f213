"""The texts that were indexed: from disk, where they are still there as they were, or from the editor."""

import contextlib
import sqlite3

from cpplsp.columns import BOM, line_starts
from cpplsp.content import content_hash, look, read_content
from cpplsp.paths import Roots
from cpplsp.store.overlay import unsaved_text

_STEP = 8192


class Text:
    """The bytes of a file, for finding places in it without looking at all of its lines."""

    def __init__(self, content: bytes):
        self.content = content
        is_plain = b"\r" not in content or content.count(b"\r") == content.count(b"\r\n")
        self._starts = None if is_plain else line_starts(content)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and byte column; the text's end for what lies behind that."""
        if line == 0:
            start = len(BOM) if self.content.startswith(BOM) else 0
        elif self._starts is not None:
            start = self._starts[line] if line < len(self._starts) else len(self.content)
        else:
            start = self._line_start(line)
        return min(start + column, len(self.content))

    def line(self, line: int) -> bytes:
        """A line, without its end."""
        begin = self.offset(line, 0)
        end = self.content.find(b"\n", begin)
        return self.content[begin : end if end >= 0 else len(self.content)].partition(b"\r")[0]

    def _line_start(self, line: int) -> int:
        at, left = 0, line
        while at < len(self.content) and (count := self.content.count(b"\n", at, at + _STEP)) < left:
            at, left = at + _STEP, left - count
        for _ in range(left):
            at = self.content.find(b"\n", at) + 1
            if not at:
                return len(self.content)
        return at


class IndexedTexts:
    """Reads texts for one answer, each file once."""

    def __init__(self, db: sqlite3.Connection, roots: Roots):
        self._db = db
        self._roots = roots
        self._known: dict[int, Text | None] = {}

    def of(self, shard: int) -> Text | None:
        """The text that a shard was made from; None where it is no longer to be had."""
        row = self._db.execute(
            "SELECT f.root, f.path, f.size, f.mtime_ns, f.inode, f.current, v.id, v.content FROM shard s"
            " JOIN file f ON f.id = s.file JOIN version v ON v.id = s.version WHERE s.id = ?",
            (shard,),
        ).fetchone()
        if row is None:
            return None
        version = row[6]
        if version not in self._known:
            self._known[version] = self._read(*row)
        return self._known[version]

    def _read(
        self,
        root: str,
        path: str,
        size: int | None,
        mtime_ns: int | None,
        inode: int | None,
        current: int | None,
        version: int,
        wanted: bytes,
    ) -> Text | None:
        with contextlib.suppress(OSError):
            content, found = read_content(self._roots.join(root, path))
            is_as_noted = (size, mtime_ns, inode) == look(found)
            if (is_as_noted and current == version) or content_hash(content) == wanted:
                return Text(content)
        unsaved = unsaved_text(self._db, wanted)
        return Text(unsaved) if unsaved is not None else None
