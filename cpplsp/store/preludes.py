"""What the index knows of preludes: what units read that could share one, and which there are."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from cpplsp.facts import Declaration, FileFacts, FileVersion, Include, Occurrence, SymbolRelation, UnitState
from cpplsp.paths import DATABASE, PROJECT
from cpplsp.store.index import Index
from cpplsp.store.units import Unit, load_unit, unpack_versions

_BOOLEANS = (5, 12)  # fields of Declaration
_MOST_UNITS = 200
"""Of so many units at most it is looked up what they read: more say the same."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that units read, as they did. ``path``: absolute. ``is_varied``: they read it in several ways."""

    path: str
    is_project: bool
    is_guarded: bool
    is_varied: bool


@dataclass(frozen=True, slots=True)
class Reads:
    """What units read: files by number, includes in the order of their lines."""

    units: list[tuple[int, frozenset[int]]]
    files: dict[int, ReadFile]
    includes: dict[int, list[int]]


def count_units(index: Index) -> list[tuple[str, int, int]]:
    """The contexts there are: how many units each has, and of how many of them it is known what they read."""
    return index.db.execute(
        "SELECT context, count(*), count(dependencies) FROM unit WHERE state <> ? GROUP BY context ORDER BY context",
        (int(UnitState.COVERED),),
    ).fetchall()


def some_units(index: Index, context: str, most: int) -> list[Unit]:
    """Units of a context, at most so many, from all over the order of indexing; the first of all is among them."""
    rows = index.db.execute(
        "SELECT id FROM unit WHERE context = ? AND state <> ? ORDER BY ordinal",
        (context, int(UnitState.COVERED)),
    ).fetchall()
    return [load_unit(index, unit) for (unit,) in rows[:: -(-len(rows) // most)]]


def reads_of(index: Index, contexts: Sequence[str]) -> Reads:
    """What the units of some contexts that have no errors read when last read, in the order of indexing."""
    db = index.db
    marks = ",".join("?" * len(contexts))
    rows = db.execute(
        f"SELECT file, dependencies, shapes FROM unit WHERE context IN ({marks}) AND state = ?"
        " AND dependencies IS NOT NULL ORDER BY ordinal",
        (*contexts, int(UnitState.INDEXED)),
    ).fetchall()
    step = max(len(rows) // _MOST_UNITS, 1)
    file_of = dict(db.execute("SELECT id, file FROM version"))
    shape_of = dict(db.execute("SELECT id, version FROM shape"))
    units: list[tuple[int, frozenset[int]]] = []
    ways: dict[int, set[int]] = defaultdict(set)
    for main, packed, packed_shapes in rows[::step]:
        versions = unpack_versions(packed)
        shapes = unpack_versions(packed_shapes) if packed_shapes else ()
        partly = {shape_of[shape]: shape for shape in shapes if shape in shape_of}
        for version in versions:
            ways[version].add(partly.get(version, 0))
        units.append((main, frozenset(file_of[version] for version in versions if version in file_of)))
    files: dict[int, ReadFile] = {}
    for version, file, root, path, guarded in db.execute(
        "SELECT v.id, f.id, f.root, f.path, v.guarded FROM version v JOIN file f ON f.id = v.file"
    ):
        if version in ways:
            is_varied = len(ways[version]) > 1 or file in files
            is_project = root in (PROJECT, DATABASE)
            files[file] = ReadFile(index.roots.join(root, path), is_project, bool(guarded), is_varied)
    includes: dict[int, list[int]] = defaultdict(list)
    for file, target in db.execute(
        "SELECT s.file, i.target FROM reading r JOIN shard s ON s.id = r.shard JOIN include i ON i.shard = s.id"
        f" WHERE r.context IN ({marks}) ORDER BY s.file, i.shard, i.line",
        tuple(contexts),
    ):
        includes[file].append(target)
    return Reads(units, files, dict(includes))


@dataclass(frozen=True, slots=True)
class PreludeRow:
    """A prelude, or why there is none, as the table ``prelude`` has it."""

    context: str
    name: str
    reason: str
    choice: bytes
    maker: str = ""
    headers: int = 0
    bytes: int = 0
    cpu_s: float = 0.0
    known: int = 0
    facts: int = 0
    lost: int = 0
    gained: int = 0


_COLUMNS = ", ".join(field.name for field in fields(PreludeRow))


def put_prelude(index: Index, row: PreludeRow) -> None:
    """Note a prelude in place of what was noted of its context."""
    marks = ",".join("?" * len(fields(row)))
    index.db.execute(f"INSERT OR REPLACE INTO prelude ({_COLUMNS}) VALUES ({marks})", astuple(row))


def drop_preludes(index: Index, names: Sequence[str]) -> None:
    """Forget these preludes: their files are gone."""
    index.db.executemany("DELETE FROM prelude WHERE name = ?", [(name,) for name in names])


def preludes(index: Index) -> list[PreludeRow]:
    """All that is noted."""
    return [PreludeRow(*row) for row in index.db.execute(f"SELECT {_COLUMNS} FROM prelude ORDER BY context")]


def prelude_name(db: sqlite3.Connection, unit: Unit) -> str:
    """The prelude under which a unit was read, or would be; empty where it goes without."""
    row = db.execute(
        "SELECT p.name FROM prelude p JOIN unit u ON u.context = p.context WHERE u.id = ? AND u.unfit = ''",
        (unit.id,),
    ).fetchone()
    return str(row[0]) if row else ""


def main_facts(index: Index, unit: int) -> FileFacts | None:
    """The facts of a unit's main file as they are stored, to be compared; None where it has several readings, or none.

    Lists are in no particular order; what the comparison does not need is left empty.
    """
    db = index.db
    rows = db.execute(
        "SELECT s.id, v.content, s.digest FROM unit u JOIN reading r ON r.file = u.file AND r.context = u.context"
        " JOIN shard s ON s.id = r.shard JOIN version v ON v.id = s.version WHERE u.id = ? LIMIT 2",
        (unit,),
    ).fetchall()
    if len(rows) != 1:
        return None
    shard, content, digest = rows[0]
    declarations = db.execute(
        "SELECT line, col, symbol, name, kind, definition, begin_line, begin_col, end_line, end_col, scope, container,"
        " local, type, value, type_symbol, traits FROM declaration WHERE shard = ?",
        (shard,),
    )
    occurrences = db.execute(
        "SELECT line, col, length, symbol, roles, enclosing FROM occurrence WHERE shard = ?", (shard,)
    )
    relations = db.execute("SELECT subject, relation, object FROM relation WHERE shard = ?", (shard,))
    includes = db.execute(
        "SELECT i.line, f.root, f.path FROM include i JOIN file f ON f.id = i.target WHERE i.shard = ?",
        (shard,),
    )
    return FileFacts(
        "",
        content,
        digest,
        b"",
        False,
        [_declaration(row) for row in declarations],
        [Occurrence(*row) for row in occurrences],
        [SymbolRelation(*row) for row in relations],
        [Include(line, index.roots.join(root, path)) for line, root, path in includes],
    )


def _declaration(row: tuple[Any, ...]) -> Declaration:
    fields: Iterable[Any] = (bool(value) if at in _BOOLEANS else value for at, value in enumerate(row))
    return Declaration(*fields)


def copy_readings(index: Index, files: Sequence[FileVersion], origin: str, context: str) -> set[str]:
    """Let readings of files in one context hold in another, too: the paths of those that there are."""
    copied = set()
    with index.transaction() as db:
        for one in files:
            file, version = index.version_ids(one.path, one.content)
            shape = index.shape_id(version, one.skipped)
            found = db.execute(
                "SELECT r.shard, r.teller FROM reading r JOIN shard s ON s.id = r.shard"
                " WHERE r.file = ? AND r.context = ? AND r.shape = ? AND s.version = ?",
                (file, origin, shape, version),
            ).fetchone()
            if found:
                index.put_reading(file, context, found[0], shape, found[1])
                copied.add(one.path)
    return copied
