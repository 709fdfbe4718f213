"""Facts that no reading holds any longer, kept packed for a while: a branch that comes back brings their contents back.

What is kept of a shard is what it said. It refers to other files by their paths, to its own by the version's id: that
version stays as long as something is kept of it.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from cpplsp.facts import Declaration, FileFacts, Include, Occurrence, SymbolRelation
from cpplsp.paths import Roots

PARTIAL = b""
"""The digest of what is known of a file outside the project."""
_ROWS_A_PART = 20_000
"""So many rows are packed together: memory is bounded, however big a file is."""
_ROWS = (
    "SELECT line, col, symbol, name, kind, definition, begin_line, begin_col, end_line, end_col, scope, container,"
    " local, type, value, type_symbol, traits FROM declaration WHERE shard = ?",
    "SELECT line, col, length, symbol, roles, enclosing FROM occurrence WHERE shard = ?",
    "SELECT subject, relation, object FROM relation WHERE shard = ?",
    "SELECT i.line, f.root, f.path FROM include i JOIN file f ON f.id = i.target WHERE i.shard = ?",
)
"""A statement for each field of :class:`Part`."""


class Part(Struct, array_like=True, gc=False):
    """Some of a shard's facts. ``includes``: line, root and path of the file that is included (``paths.Roots``)."""

    declarations: list[Declaration] = []
    occurrences: list[Occurrence] = []
    relations: list[SymbolRelation] = []
    includes: list[tuple[int, str, str]] = []


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Part, strict=False)  # what is true or false is 1 or 0 in SQLite


def keep(db: sqlite3.Connection, shard: int) -> None:
    """Keep the facts of a shard that is about to go, in its transaction.

    What is known of a file outside the project is added to what is kept of the same version.
    """
    known_as = db.execute(
        "SELECT k.id FROM shard s JOIN kept k ON k.version = s.version AND k.digest = s.digest WHERE s.id = ?",
        (shard,),
    ).fetchone()
    number, digest = db.execute(
        "INSERT INTO kept (id, version, digest, wide, used)"
        " SELECT id, version, digest, wide, (SELECT coalesce(max(used), 0) + 1 FROM kept) FROM shard WHERE id = ?"
        " ON CONFLICT (version, digest) DO UPDATE SET used = excluded.used RETURNING id, digest",
        (shard,),
    ).fetchone()
    if known_as and digest != PARTIAL:
        return  # equal facts have equal digests
    known = {row[0] for row in db.execute("SELECT facts FROM kept_facts WHERE kept = ?", (number,))}
    for part in _parts(db, shard):
        packed = zlib.compress(_encoder.encode(part), 1)
        if packed not in known:
            db.execute("INSERT INTO kept_facts (kept, facts) VALUES (?, ?)", (number, packed))


def _parts(db: sqlite3.Connection, shard: int) -> Iterator[list[list[Any]]]:
    """The rows of a shard, as :class:`Part` is encoded."""
    for at, statement in enumerate(_ROWS):
        cursor = db.execute(statement, (shard,))
        while rows := cursor.fetchmany(_ROWS_A_PART):
            yield [*([] for _ in range(at)), rows]


def find(db: sqlite3.Connection, version: int, digest: bytes) -> tuple[int, bytes] | None:
    """What is kept of a version: its id, and the shard's ``wide``."""
    row = db.execute(
        "SELECT id, wide FROM kept WHERE version = ? AND digest = ?", (version, digest)
    ).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def parts(db: sqlite3.Connection, number: int, roots: Roots, *, partial: bool) -> Iterator[FileFacts]:
    """What is kept by this id, piece by piece, without the file's path, content and digest.

    Raises sqlite3.DatabaseError for what was never packed.
    """
    for (packed,) in db.execute("SELECT facts FROM kept_facts WHERE kept = ? ORDER BY rowid", (number,)):
        try:
            part = _decoder.decode(zlib.decompress(packed))
        except (zlib.error, msgspec.DecodeError) as error:
            raise sqlite3.DatabaseError(f"facts that were kept cannot be unpacked: {error}") from error
        includes = [Include(line, roots.join(root, target)) for line, root, target in part.includes]
        yield FileFacts(
            "", b"", b"", b"", partial, part.declarations, part.occurrences, part.relations, includes
        )


def drop(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Keep these (ids) no longer."""
    for number in numbers:
        db.execute("DELETE FROM kept_facts WHERE kept = ?", (number,))
        db.execute("DELETE FROM kept WHERE id = ?", (number,))
