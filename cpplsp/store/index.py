"""The writer: puts facts in place, file by file, each in one transaction."""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cpplsp.facts import Declaration, FileFacts, MoreFacts, Occurrence
from cpplsp.paths import Roots
from cpplsp.shapes import tells_all_of
from cpplsp.store import candidates, kept
from cpplsp.store.connection import (
    GoneError,
    WriterLock,
    file_identity,
    make_directory,
    open_writer,
    remove,
)
from cpplsp.store.kept import PARTIAL

_SHARD_TABLES = ("declaration", "occurrence", "relation", "include")
_NOTHING = b"nothing"
"""The digest of a reading that nobody has facts of."""


class Readable(Protocol):
    """What can be asked of: the writer's :class:`Index`, or an :class:`OpenedIndex`."""

    @property
    def db(self) -> sqlite3.Connection:
        """The connection."""

    @property
    def roots(self) -> Roots:
        """How its paths are written."""


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """An index that is only read: a connection of ``connection.open_reader``."""

    db: sqlite3.Connection
    roots: Roots


class Index:
    """The one writing side of a project's index, there as long as something is written.

    Use it from one thread at a time. ``keeps``: what no reading holds any longer is kept for a while (``store.kept``).

    Raises :class:`connection.LockedError` when another process writes this index, and
    :class:`connection.CacheError` when its folder cannot be written.
    """

    def __init__(self, path: str, roots: Roots, *, keeps: bool = True):
        self.path = path
        self._keeps = keeps
        self.roots = roots
        self._lock = WriterLock(make_directory(path))
        self.rebuilt = ""
        """Why the index that was there had to be made anew; empty when it was not."""
        try:
            self.db, self.rebuilt = open_writer(path)
        except BaseException:
            self._lock.release()
            raise
        self._identity = file_identity(path)
        self._file_ids: dict[str, int] = {}

    def close(self) -> None:
        """Close the index and let another process write it."""
        self.db.close()
        self._lock.release()

    def rebuild(self, reason: str) -> None:
        """Start anew with an empty index; ``reason``: what was wrong with the one that is there.

        Raises what the constructor does: then there is nothing left to write to, and all that can be done is to close.
        """
        self.db.close()
        if not self._lock.is_in_place():  # its folder was deleted
            self._lock.release()
            self._lock = WriterLock(make_directory(self.path))
        self.forget_files()
        remove(self.path)
        self.db, _ = open_writer(self.path)
        self._identity = file_identity(self.path)
        self.rebuilt = reason

    def _check_in_place(self) -> None:
        """Raises GoneError where what is written would go nowhere."""
        if file_identity(self.path) != self._identity or not self._lock.is_in_place():
            raise GoneError(f"the index {self.path} was deleted while it was written: run again")

    def checkpoint(self) -> int:
        """Move the write-ahead log into the index, so that the file by itself is whole; its size in bytes.

        Raises GoneError where the file has been deleted meanwhile. Call it at the end of a run.
        """
        candidates.settle(self)
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._check_in_place()
        return os.path.getsize(self.path)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: what is written inside is committed at the end, or not at all.

        Raises GoneError where the index has been deleted: what comes would cost time, and be lost.
        """
        self._check_in_place()
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            # Ids handed out inside are gone with it.
            self.forget_files()
            raise
        self.db.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """A remembered value, None where there is none."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def file_id(self, path: str) -> int:
        """The id of a file (absolute real path), made when it is new."""
        known = self._file_ids.get(path)
        if known is not None:
            return known
        root, relative = self.roots.split(path)
        self.db.execute("INSERT OR IGNORE INTO file (root, path) VALUES (?, ?)", (root, relative))
        row = self.db.execute("SELECT id FROM file WHERE root = ? AND path = ?", (root, relative)).fetchone()
        self._file_ids[path] = row[0]
        return int(row[0])

    def forget_files(self) -> None:
        """Files were deleted: their ids mean nothing any longer."""
        self._file_ids.clear()

    def version_id(self, file: int, content: bytes) -> int:
        """The id of a content of a file, made when it is new."""
        row = self.db.execute(
            "SELECT id FROM version WHERE file = ? AND content = ?", (file, content)
        ).fetchone()
        if row is None:
            row = self.db.execute(
                "INSERT INTO version (file, content) VALUES (?, ?) RETURNING id", (file, content)
            ).fetchone()
        return int(row[0])

    def version_ids(self, path: str, content: bytes) -> tuple[int, int]:
        """The ids of a file and of a content of it."""
        file = self.file_id(path)
        return file, self.version_id(file, content)

    def shape_id(self, version: int, skipped: bytes) -> int:
        """The id of what is skipped of a content, made when it is new; 0 where nothing is."""
        if not skipped:
            return 0
        self.db.execute("INSERT OR IGNORE INTO shape (version, skipped) VALUES (?, ?)", (version, skipped))
        row = self.db.execute(
            "SELECT id FROM shape WHERE version = ? AND skipped = ?", (version, skipped)
        ).fetchone()
        return int(row[0])

    def put_file(
        self, facts: FileFacts, context: str, more: Iterable[MoreFacts] = (), *, teller: int = 0
    ) -> None:
        """Put what a reading found in place of what readings of that file in that context found before.

        Readings of the same content stay that have compiled what this one skipped. Facts of a file outside the project
        (``partial``) are added to what is known of it. ``more``: what else was found, taken part by part. ``teller``:
        the unit (id) that read it.
        """
        with self.transaction():
            self.write_file(facts, context, more, teller=teller)

    def write_file(
        self, facts: FileFacts, context: str, more: Iterable[MoreFacts] = (), *, teller: int = 0
    ) -> None:
        """What :meth:`put_file` does, in a transaction of the caller's: of several files, say."""
        file, version = self.version_ids(facts.path, facts.content)
        if facts.partial:
            self._add_partial(file, version, facts, more)
            return
        shard = self._shard(file, version, facts, more)
        self.hold(file, version, context, shard, facts.skipped, teller=teller)

    def hold(
        self, file: int, version: int, context: str, shard: int, skipped: bytes, *, teller: int = 0
    ) -> None:
        """Let a reading's shard hold in place of readings of other contents, and of those that it makes needless."""
        shape = self.shape_id(version, skipped)
        self.put_reading(file, context, shard, shape, teller)
        self.drop_readings(
            (file, context, other)
            for other, of, told in self._shapes(file, context)
            if other != shape and (of != version or tells_all_of(skipped, told))
        )

    def put_reading(self, file: int, context: str, shard: int, shape: int = 0, teller: int = 0) -> None:
        """Let a shard hold for a file in a context and shape; what held before and now holds nowhere is deleted."""
        old = self.db.execute(
            "SELECT shard, teller FROM reading WHERE file = ? AND context = ? AND shape = ?",
            (file, context, shape),
        ).fetchone()
        if old is None:
            self.db.execute(
                "INSERT INTO reading (file, context, shard, shape, teller) VALUES (?, ?, ?, ?, ?)",
                (file, context, shard, shape, teller),
            )
        elif old == (shard, teller):
            return
        elif old[0] == shard:
            self.db.execute(
                "UPDATE reading SET teller = ? WHERE file = ? AND context = ? AND shape = ?",
                (teller, file, context, shape),
            )
        else:
            self.db.execute(
                "UPDATE reading SET shard = ?, teller = ? WHERE file = ? AND context = ? AND shape = ?",
                (shard, teller, file, context, shape),
            )
            self.drop_unread_shards([old[0]])

    def put_empty_reading(self, file: int, version: int, context: str, shape: int = 0) -> None:
        """Note that a file was read in a context and shape, and nobody has facts of it."""
        facts = FileFacts("", b"", _NOTHING, b"", False, [], [], [], [])
        self.put_reading(file, context, self._shard(file, version, facts), shape)
        others = self._shapes(file, context)
        self.drop_readings((file, context, other) for other, of, _ in others if of != version)

    def _shapes(self, file: int, context: str) -> list[tuple[int, int, bytes]]:
        """How a file is read in a context: ids of shape and version, and what is skipped."""
        return self.db.execute(
            "SELECT r.shape, s.version, coalesce(h.skipped, x'') FROM reading r JOIN shard s ON s.id = r.shard"
            " LEFT JOIN shape h ON h.id = r.shape WHERE r.file = ? AND r.context = ? ORDER BY r.shape",
            (file, context),
        ).fetchall()

    def drop_readings(self, readings: Iterable[tuple[int, str, int]]) -> None:
        """Delete readings (file, context, shape), and the facts that no other reading holds."""
        shards: set[int] = set()
        for reading in readings:
            rows = self.db.execute(
                "DELETE FROM reading WHERE file = ? AND context = ? AND shape = ? RETURNING shard", reading
            )
            shards.update(row[0] for row in rows.fetchall())
        self.drop_unread_shards(shards)

    def drop_unread_shards(self, shards: Iterable[int]) -> None:
        """Delete those of these shards that no reading holds any longer; their facts are kept for a while."""
        for shard in shards:
            if self.db.execute("SELECT 1 FROM reading WHERE shard = ? LIMIT 1", (shard,)).fetchone():
                continue
            self._put_away(shard)
            self.db.execute("DELETE FROM shard WHERE id = ?", (shard,))

    def bring_back(self, shard: int) -> bool:
        """See to it that a shard is in place which no reading has held for a while; False where it is not kept."""
        if self.db.execute("SELECT 1 FROM shard WHERE id = ?", (shard,)).fetchone():
            return True
        row = self.db.execute(
            "SELECT v.file, k.version, k.digest, k.wide FROM kept k JOIN version v ON v.id = k.version WHERE k.id = ?",
            (shard,),
        ).fetchone()
        if row is None:
            return False
        self._new_shard(*row, shard=shard)
        for facts in kept.parts(self.db, shard, self.roots, partial=False):
            self._insert_facts(shard, facts, is_outside=False)
        return True

    def bring_back_partial(self, file: int, version: int) -> None:
        """Add what is kept of a version of a file outside the project to what is known of it."""
        found = kept.find(self.db, version, PARTIAL)
        if found is None:
            return
        number, wide = found
        shard = self._partial_shard(file, version, wide)
        for facts in kept.parts(self.db, number, self.roots, partial=True):
            self._insert_facts(shard, facts, is_outside=True)
        kept.drop(self.db, [number])

    def _put_away(self, shard: int) -> None:
        """Keep the facts of a shard, and delete them."""
        if self._keeps:
            kept.keep(self.db, shard)
        candidates.drop(self.db, shard)
        for table in _SHARD_TABLES:
            self.db.execute(f"DELETE FROM {table} WHERE shard = ?", (shard,))

    def _shard(self, file: int, version: int, facts: FileFacts, more: Iterable[MoreFacts] = ()) -> int:
        """The shard with these facts: the one that is there, when an equal reading made it."""
        row = self.db.execute(
            "SELECT id FROM shard WHERE file = ? AND version = ? AND digest = ?",
            (file, version, facts.digest),
        ).fetchone()
        if row:
            return int(row[0])
        known = kept.find(self.db, version, facts.digest)  # then it is that shard again
        shard = self._new_shard(file, version, facts.digest, facts.wide, shard=known[0] if known else None)
        self._insert_facts(shard, facts, is_outside=False)
        for part in more:
            self._insert_facts(shard, part, is_outside=False)
        return shard

    def _new_shard(
        self, file: int, version: int, digest: bytes, wide: bytes, *, shard: int | None = None
    ) -> int:
        row = self.db.execute(
            "INSERT INTO shard (id, file, version, digest, wide) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (shard, file, version, digest, wide),
        ).fetchone()
        return int(row[0])

    def _add_partial(self, file: int, version: int, facts: FileFacts, more: Iterable[MoreFacts]) -> None:
        """Add to what is known of a file outside the project; what was known of another content goes."""
        shard = self._partial_shard(file, version, facts.wide)
        self._insert_facts(shard, facts, is_outside=True)
        for part in more:
            self._insert_facts(shard, part, is_outside=True)

    def _partial_shard(self, file: int, version: int, wide: bytes) -> int:
        """The shard of a file outside the project, for a version of it."""
        row = self.db.execute(
            "SELECT s.id, s.version FROM reading r JOIN shard s ON s.id = r.shard"
            " WHERE r.file = ? AND r.context = ''",
            (file,),
        ).fetchone()
        if row and row[1] == version:
            return int(row[0])
        shard = self._new_shard(file, version, PARTIAL, wide)
        self.put_reading(file, "", shard)
        return shard

    def _insert_facts(self, shard: int, facts: FileFacts | MoreFacts, *, is_outside: bool) -> None:
        self.db.executemany(
            "INSERT OR IGNORE INTO declaration VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_declaration_row(shard, fact) for fact in facts.declarations),
        )
        self.db.executemany(
            "INSERT OR IGNORE INTO occurrence VALUES (?, ?, ?, ?, ?, ?, ?)",
            (_occurrence_row(shard, fact) for fact in facts.occurrences),
        )
        self.db.executemany(
            "INSERT OR IGNORE INTO relation VALUES (?, ?, ?, ?)",
            ((shard, fact.subject, fact.relation, fact.object) for fact in facts.relations),
        )
        targets = [(shard, fact.line, self.file_id(fact.target)) for fact in facts.includes]
        self.db.executemany("INSERT OR IGNORE INTO include VALUES (?, ?, ?)", targets)
        candidates.add(self.db, facts.declarations, is_outside=is_outside)


def _declaration_row(shard: int, fact: Declaration) -> tuple[object, ...]:
    return (
        shard,
        fact.line,
        fact.column,
        fact.symbol,
        fact.name,
        fact.kind,
        fact.definition,
        fact.begin_line,
        fact.begin_column,
        fact.end_line,
        fact.end_column,
        fact.scope,
        fact.container,
        fact.local,
        fact.type,
        fact.value,
        fact.type_symbol,
        fact.traits,
    )


def _occurrence_row(shard: int, fact: Occurrence) -> tuple[object, ...]:
    return (shard, fact.line, fact.column, fact.symbol, fact.length, fact.roles, fact.enclosing)
