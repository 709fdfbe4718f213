"""Facts of unsaved texts, laid over an index for one session.

The facts lie in a small index of their own, in a temporary folder. A connection that reads the big one is given views
that bear the names of its tables and hold both, without what the big one has of the files that were edited: whoever
asks need not know. Files have the ids that they have in the big index, all else has ids that it never uses.

SQLite sees through such views in joins, and not where a statement with several tables says DISTINCT or GROUP BY, or has
one on the right of a LEFT JOIN: it would read whole tables then (``tests/query/test_layered.py`` looks at each plan).
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping

from cpplsp.paths import Roots
from cpplsp.store.connection import file_identity, open_reader
from cpplsp.store.held import HeldFile
from cpplsp.store.index import Index

_LAYERED = (
    "file",
    "version",
    "shape",
    "reading",
    "shard",
    "declaration",
    "occurrence",
    "relation",
    "include",
)
_BY_FILE = ("reading", "shard")
"""What is hidden with an edited file; all facts are found through these."""
_FIRST_ID = 1 << 40
"""No index comes so far."""
_EXTRAS = """
CREATE TABLE edited (file INTEGER PRIMARY KEY, context TEXT NOT NULL);  -- whose facts in the big index are hidden
CREATE TABLE text (content BLOB PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;  -- the disk has another one
"""


class Overlay:
    """The unsaved facts of one session over one index. Written on one thread; any connection may be given it.

    ``path``: of the index. Raises OSError, sqlite3.Error and FileNotFoundError (where there is no index) from
    the constructor and from :meth:`put`.
    """

    def __init__(self, path: str, roots: Roots):
        self._base_path = path
        self.identity = file_identity(path)
        """Of the index that it lies over: over another one it means nothing."""
        self._roots = roots
        self._base = open_reader(path)
        self._folder = tempfile.mkdtemp(prefix="cpplsp-unsaved-")
        try:
            self._index = Index(os.path.join(self._folder, "unsaved.sqlite"), roots, keeps=False)
            self._index.db.execute("PRAGMA synchronous = OFF")
            self._index.db.executescript(_EXTRAS)
            with self._index.transaction() as db:
                for table, columns in (("version", "file, content"), ("shape", "version, skipped")):
                    db.execute(f"INSERT INTO {table} (id, {columns}) VALUES ({_FIRST_ID}, 0, x'')")
                db.execute(f"INSERT INTO shard (id, file, version, digest) VALUES ({_FIRST_ID}, 0, 0, x'')")
                db.execute(f"INSERT INTO file (id, root, path) VALUES ({_FIRST_ID}, '', '')")
        except BaseException:
            self._base.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self.files: frozenset[str] = frozenset()
        """The files (absolute real paths) whose unsaved facts it has."""

    def close(self) -> None:
        """Delete it. Connections that have it go on until they are closed."""
        self._base.close()
        self._index.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def is_of_another_index(self) -> bool:
        """Whether the index is no longer the one that this lies over."""
        return file_identity(self._base_path) != self.identity

    def folder(self, name: str) -> str:
        """The path of a folder, to be made, that is deleted with it."""
        return os.path.join(self._folder, name)

    def hold(self, texts: Mapping[str, bytes]) -> dict[str, str]:
        """Write texts where a worker can read them, in place of those held before: by path, where each is."""
        folder = os.path.join(self._folder, "texts")
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder, mode=0o700)
        held = {}
        for number, (path, text) in enumerate(texts.items()):
            held[path] = os.path.join(folder, str(number))
            with open(held[path], "wb") as stream:
                stream.write(text)
        return held

    def put(self, files: Iterable[HeldFile], context: str, texts: Mapping[str, bytes]) -> None:
        """Put the facts of one reading in place of what was there of these files.

        ``texts``: of each file that is unsaved, by path: what these facts were made from. Facts of other files are
        added (``FileFacts.partial``).
        """
        files = list(files)
        facts = [held.facts for held in files]
        with self._index.transaction() as db:
            for path in {
                *(one.path for one in facts),
                *(inc.target for one in facts for inc in one.includes),
            }:
                self._take_id(path)
            for held in files:
                one = held.facts
                file = self._index.file_id(one.path)
                if not one.partial:
                    self._drop(file)
                    db.execute("INSERT OR REPLACE INTO edited VALUES (?, ?)", (file, context))
                    db.execute("INSERT OR REPLACE INTO text VALUES (?, ?)", (one.content, texts[one.path]))
                self._index.write_file(one, context, held.more or ())
            self._drop_texts()
        self.files |= {one.path for one in facts if not one.partial}

    def drop(self, paths: Iterable[str]) -> None:
        """Drop the facts of these files: the index speaks for them again."""
        paths = self.files & set(paths)
        if not paths:
            return
        with self._index.transaction() as db:
            for path in paths:
                file = self._index.file_id(path)
                self._drop(file)
                db.execute("DELETE FROM edited WHERE file = ?", (file,))
            self._drop_texts()
        self.files -= paths

    def _drop(self, file: int) -> None:
        readings = self._index.db.execute("SELECT file, context, shape FROM reading WHERE file = ?", (file,))
        self._index.drop_readings(readings.fetchall())

    def _drop_texts(self) -> None:
        self._index.db.execute(
            "DELETE FROM text WHERE content NOT IN"
            " (SELECT v.content FROM shard s JOIN version v ON v.id = s.version WHERE s.digest <> x'')"
        )

    def _take_id(self, path: str) -> None:
        """Let a file have the id that it has in the index."""
        root, relative = self._roots.split(path)
        row = self._base.execute(
            "SELECT id FROM file WHERE root = ? AND path = ?", (root, relative)
        ).fetchone()
        if row:
            self._index.db.execute(
                "INSERT OR REPLACE INTO file (id, root, path) VALUES (?, ?, ?)", (row[0], root, relative)
            )
            self._index.forget_files()

    def attach(self, connection: sqlite3.Connection) -> None:
        """Lay it over what a connection of ``connection.open_reader`` reads."""
        lay_over(connection, self._index.path)


def lay_over(connection: sqlite3.Connection, path: str) -> None:
    """Give a connection the views that hold its index and an overlay's."""
    connection.execute("PRAGMA query_only = 0")  # the views are temporary: nothing is written to a file
    connection.execute("ATTACH ? AS unsaved", (path,))
    for table in _LAYERED:
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        hidden = " WHERE file NOT IN (SELECT file FROM unsaved.edited)" if table in _BY_FILE else ""
        # A file that is in both is told of by the index.
        new = f" WHERE id >= {_FIRST_ID}" if table == "file" else ""
        connection.execute(
            f"CREATE TEMP VIEW {table} AS SELECT {columns} FROM main.{table}{hidden}"
            f" UNION ALL SELECT {columns} FROM unsaved.{table}{new}"
        )
    # No bits are known of the new ones: a search looks at each.
    connection.execute(
        "CREATE TEMP VIEW candidate AS SELECT id, symbol, name, scope, base FROM main.candidate UNION ALL"
        f" SELECT id + {_FIRST_ID}, symbol, name, scope, base FROM unsaved.candidate"
        " WHERE symbol NOT IN (SELECT symbol FROM main.candidate)"
    )
    connection.execute("PRAGMA query_only = 1")


def lift_off(connection: sqlite3.Connection) -> None:
    """Take away the views again."""
    connection.execute("PRAGMA query_only = 0")
    for table in (*_LAYERED, "candidate"):
        connection.execute(f"DROP VIEW temp.{table}")
    connection.execute("DETACH unsaved")
    connection.execute("PRAGMA query_only = 1")


def unsaved_text(connection: sqlite3.Connection, content: bytes) -> bytes | None:
    """The text of this hash that an overlay of a connection was made from; None where it has none, or there is none."""
    if not any(row[1] == "unsaved" for row in connection.execute("PRAGMA database_list")):
        return None
    row = connection.execute("SELECT text FROM unsaved.text WHERE content = ?", (content,)).fetchone()
    return bytes(row[0]) if row else None
