"""The files that a rename may touch: their texts as they are on disk, and what the index tells of places in them."""

import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cpplsp.columns import WideMap, encode_wide
from cpplsp.content import content_hash
from cpplsp.facts import FUNCTION_KINDS, Kind, Role, UnitState
from cpplsp.paths import Roots
from cpplsp.query.files import in_parts, marks
from cpplsp.query.hierarchy import CLASS_KINDS
from cpplsp.query.rename.family import OURS, Declared, RenameError, Subject, read_with, told
from cpplsp.text.identifiers import Text

TEMPLATES = sorted(
    (*FUNCTION_KINDS, *CLASS_KINDS, Kind.VARIABLE, Kind.STATIC_FIELD, Kind.TYPE_ALIAS, Kind.CONCEPT)
)
"""Kinds of what can have parameters of a template."""

Reads = Callable[[str], bytes | None]
"""The text of a file (real path) as it is on disk now; None where there is none."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A symbol that is named at a place, in one reading."""

    line: int
    column: int
    symbol: int
    roles: int


def wide_of(text: Text) -> WideMap:
    """Converts columns of a text, and tells which text that is."""
    return WideMap(encode_wide(text.content, text.starts), content_hash(text.content))


class Files:
    """The files of an index that a rename may touch, their texts and their shards; each is read once."""

    def __init__(
        self,
        db: sqlite3.Connection,
        roots: Roots,
        reads: Reads,
        own: set[int],
        together: set[int],
        units: set[int],
    ):
        self._db = db
        self._roots = roots
        self._reads = reads
        self._texts: dict[str, Text] = {}
        self.ids = own | together
        """All files that are read with one that may be changed."""
        self.path_of: dict[int, str] = {}
        """Absolute path of each file in which the name is looked for, by id."""
        self.outside: list[str] = []
        """Those of other files that are read with these, and are not the project's."""
        self._units: list[str] = []
        """The main files of the units that read these."""
        self.shards: dict[str, list[int]] = {}
        """Those of all files of the project that are read with these."""
        ours: dict[int, str] = {}
        for file, root, path in self._paths(self.ids | units):
            if file in units:
                self._units.append(path)
            if root not in OURS:
                self.outside.append(path)
                continue
            ours[file] = path
            if file in own:
                self.path_of[file] = path
        for some in in_parts(ours):
            rows = db.execute(
                f"SELECT DISTINCT file, shard FROM reading WHERE file IN ({marks(some)}) ORDER BY file, shard",
                some,
            )
            for file, shard in rows:
                self.shards.setdefault(ours[file], []).append(shard)

    def _paths(self, ids: set[int]) -> Iterator[tuple[int, str, str]]:
        """Id, name of the root, and absolute path of files."""
        for some in in_parts(ids):
            rows = self._db.execute(
                f"SELECT id, root, path FROM file WHERE id IN ({marks(some)}) ORDER BY root, path", some
            )
            yield from ((file, root, self._roots.join(root, relative)) for file, root, relative in rows)

    def is_given(self, macro: str) -> bool:
        """Whether a compile command defines a macro."""
        given = re.compile(rb"(?:^|\x00\x01)-D(?:\x00\x01)?%b(?:=|\x00\x01)" % re.escape(macro.encode()))
        rows = self._db.execute("SELECT arguments FROM unit ORDER BY id")
        return any(given.search(zlib.decompress(row[0])) for row in rows if row[0])

    def has_language(self, *, in_c: bool) -> bool:
        """Whether one of these files is read as C, or else as C++."""
        return any(path.endswith(".c") == in_c for path in self._units)

    def text(self, path: str) -> Text:
        """The text of a file; empty where there is none."""
        known = self._texts.get(path)
        if known is None:
            known = self._texts[path] = Text(path, self._reads(path) or b"")
        return known

    def name(self, path: str) -> str:
        """A file as a person is told of it."""
        return self._roots.display(*self._roots.split(path))

    def where(self, path: str, line: int, column: int) -> str:
        """A place as a person counts."""
        return told(self._roots, path, line, column)

    def is_as_indexed(self, path: str) -> bool:
        """Whether the index is of the text as it is now."""
        shards = self.shards.get(path, [])
        rows = self._db.execute(
            "SELECT v.content FROM shard s JOIN version v ON v.id = s.version"
            f" WHERE s.id IN ({marks(shards)}) ORDER BY v.content",
            shards,
        )
        return {row[0] for row in rows} == {content_hash(self.text(path).content)}

    def at(self, path: str, line: int, column: int) -> list[Occurrence]:
        """What is named at a place, in all readings."""
        shards = self.shards.get(path, [])
        rows = self._db.execute(
            f"SELECT symbol, roles FROM occurrence WHERE shard IN ({marks(shards)}) AND line = ? AND col = ?"
            " ORDER BY symbol, shard",
            [*shards, line, column],
        )
        return [Occurrence(line, column, symbol, roles) for symbol, roles in rows]

    def is_compiled(self, path: str, begin: int, end: int) -> bool:
        """Whether what is between two lines was compiled in a reading: what is skipped has few names that are known."""
        shards = self.shards.get(path, [])
        compiled, skipped = self._db.execute(
            "SELECT count(*) FILTER (WHERE NOT roles & ?), count(*) FILTER (WHERE roles & ?) FROM occurrence"
            f" WHERE shard IN ({marks(shards)}) AND line > ? AND line < ?",
            [int(Role.INACTIVE), int(Role.INACTIVE), *shards, begin, end],
        ).fetchone()
        return bool(compiled > skipped)


def files_of(db: sqlite3.Connection, roots: Roots, subject: Subject, reads: Reads) -> Files:
    """The files that may name what is renamed. Raises RenameError where these are not all known yet."""
    own = {one.file for one in subject.declared} | _naming(db, subject)
    units, together = read_with(db, own)
    if subject.is_local:
        return Files(db, roots, reads, own, together, units)
    waiting = db.execute(
        "SELECT count(*) FROM unit WHERE state = ? AND dependencies IS NULL", (int(UnitState.PENDING),)
    ).fetchone()[0]
    if waiting:
        raise RenameError(
            f"the index is not complete: {waiting} units are still to be read, and may name {subject.name}."
            " Try again when indexing has finished"
        )
    unread = db.execute(
        "SELECT DISTINCT file FROM unit WHERE dependencies IS NULL AND state <> ? ORDER BY file",
        (int(UnitState.COVERED),),
    )
    all_of_them = own | together | {row[0] for row in unread}
    return Files(db, roots, reads, all_of_them, together, units)


def _naming(db: sqlite3.Connection, subject: Subject) -> set[int]:
    """The files in which one of the symbols is named."""
    found: set[int] = set()
    for some in in_parts(subject.symbols):
        rows = db.execute(
            "SELECT s.file FROM occurrence o JOIN shard s ON s.id = o.shard"
            f" WHERE o.symbol IN ({marks(some)}) ORDER BY s.file",
            some,
        )
        found.update(row[0] for row in rows)
    return found


def surroundings(db: sqlite3.Connection, text: Text, local: Declared) -> tuple[int, int]:
    """The offsets between which a local can be named: those of the function around it, or of a template.

    All of the text for one in a lambda outside of functions, and the like.
    """
    kinds = TEMPLATES if local.kind == Kind.TEMPLATE_PARAMETER else sorted(FUNCTION_KINDS)
    row = db.execute(
        "SELECT begin_line, begin_col, end_line, end_col FROM declaration"
        " WHERE shard = ? AND symbol <> ? AND (begin_line, begin_col) <= (?, ?) AND (end_line, end_col) > (?, ?)"
        f" AND kind IN ({marks(kinds)}) ORDER BY begin_line DESC, begin_col DESC, symbol",
        [local.shard, local.symbol, *(local.line, local.column) * 2, *(int(kind) for kind in kinds)],
    ).fetchone()
    if row is None:
        return 0, len(text.content)
    return text.offset(*row[:2]), text.offset(*row[2:])
