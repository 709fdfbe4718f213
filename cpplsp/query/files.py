"""Files of an index, and places in them."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cpplsp.columns import WideMap
from cpplsp.paths import Roots, is_text, real_path

_AT_ONCE = 500

_AT_NAME = "o.shard = d.shard AND o.line = d.line AND o.col = d.col AND o.symbol = d.symbol"
SPELLED = (
    f"coalesce((SELECT o.length FROM occurrence o WHERE {_AT_NAME}), length(CAST(d.name AS BLOB))),"
    f" coalesce((SELECT o.roles FROM occurrence o WHERE {_AT_NAME}), 0)"
)
"""Columns: how long the name of a declaration ``d`` is where it stands, and its roles there (``facts.Role``).

Not a LEFT JOIN, through which SQLite does not see where an overlay is laid over the index (``store.overlay``).
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A token: byte columns ``start`` (inclusive) to ``end`` (exclusive) of a line of a file (absolute path).

    ``roles``: ``facts.Role`` of the symbol there. ``wide`` converts the columns: it is of the text that was indexed.
    """

    path: str
    line: int
    start: int
    end: int
    roles: int
    wide: WideMap = field(compare=False, repr=False)


class WideMaps:
    """The wide characters of shards, each unpacked once: one answer has many places in one file."""

    def __init__(self, db: sqlite3.Connection):
        self._db = db
        self._by_shard: dict[int, WideMap] = {}

    def of(self, shard: int) -> WideMap:
        """The wide characters of the text that a shard was made from."""
        known = self._by_shard.get(shard)
        if known is None:
            row = self._db.execute(
                "SELECT s.wide, v.content, f.current = s.version, f.size, f.mtime_ns, f.inode FROM shard s"
                " JOIN version v ON v.id = s.version JOIN file f ON f.id = s.file WHERE s.id = ?",
                (shard,),
            ).fetchone()
            known = self._by_shard[shard] = _wide_map(*row) if row else WideMap(b"")
        return known


def _wide_map(wide: bytes, content: bytes, is_current: int | None, *look: int | None) -> WideMap:
    size, mtime_ns, inode = look
    if not is_current or size is None or mtime_ns is None or inode is None:
        return WideMap(wide, content)
    return WideMap(wide, content, (size, mtime_ns, inode))


@contextlib.contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Several queries that see one state of the index, whatever is committed in between."""
    db.execute("BEGIN")
    try:
        yield db
    finally:
        if db.in_transaction:
            db.rollback()


def find_file(db: sqlite3.Connection, roots: Roots, path: str) -> int | None:
    """The id of a file by its absolute path; None where nothing is known of it."""
    if not is_text(path):
        return None
    root, relative = roots.split(real_path(path))
    if not is_text(relative):
        return None
    row = db.execute(
        "SELECT id FROM file WHERE root = ? AND path = ? ORDER BY id", (root, relative)
    ).fetchone()
    return int(row[0]) if row else None


def live_shards(db: sqlite3.Connection, file: int) -> list[int]:
    """What holds for a file now: one shard for each way of reading it that found something else."""
    rows = db.execute("SELECT DISTINCT shard FROM reading WHERE file = ? ORDER BY shard", (file,))
    return [row[0] for row in rows]


def wide_map(db: sqlite3.Connection, roots: Roots, path: str) -> WideMap:
    """The wide characters of a file's indexed text; those of an ASCII file where nothing is known of it."""
    file = find_file(db, roots, path)
    shards = live_shards(db, file) if file is not None else []
    return WideMaps(db).of(shards[0]) if shards else WideMap(b"")


def indexed_contents(db: sqlite3.Connection, roots: Roots, path: str) -> set[bytes]:
    """The contents (hashes) of a file that the index tells of: several while it is being brought up to date."""
    file = find_file(db, roots, path)
    wide = WideMaps(db)
    return {wide.of(shard).content for shard in live_shards(db, file)} if file is not None else set()


def guarded_includes(db: sqlite3.Connection, roots: Roots, path: str, context: str) -> list[str]:
    """The files (absolute) that one includes itself, in order, as read in a context: those with a guard."""
    rows = db.execute(
        "SELECT f.root, f.path FROM reading r JOIN include i ON i.shard = r.shard JOIN file f ON f.id = i.target"
        " JOIN version v ON v.id = f.current"
        " WHERE r.file = ? AND r.context = ? AND v.guarded = 1 ORDER BY i.line, i.target",
        (find_file(db, roots, path), context),
    )
    return list(dict.fromkeys(roots.join(*row) for row in rows))


def count_occurrences(db: sqlite3.Connection, roots: Roots, path: str) -> int:
    """How many occurrences one reading of a file has; 0 where nothing is known of it."""
    file = find_file(db, roots, path)
    for shard in live_shards(db, file) if file is not None else ():
        row = db.execute("SELECT count(*) FROM occurrence WHERE shard = ?", (shard,)).fetchone()
        return int(row[0])
    return 0


def marks(values: Sequence[object]) -> str:
    """Placeholders for values in an ``IN (…)``."""
    return ",".join("?" * len(values))


def in_parts(values: Iterable[int]) -> Iterator[Sequence[int]]:
    """Values in order, as many at once as a statement takes."""
    ordered = sorted(set(values))
    for at in range(0, len(ordered), _AT_ONCE):
        yield ordered[at : at + _AT_ONCE]
