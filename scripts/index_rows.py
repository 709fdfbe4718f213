"""All that an index says, without the numbers by which its rows refer to each other: two of them can be compared.

Left out is what a run costs (CPU, memory), what a file looked like when it was hashed, and preludes.

A header is read by the unit that comes first, and a few things in it are not the same from every unit: what an operator
in a template may mean, say, or which declaration of a system header is told. So an index is held against several, made
in other orders: what it says of a file, a unit or a symbol has to be, as a whole, what one of those says. A unit may
have more dependencies: under a prelude they are all that its headers read there, and what a prelude holds depends on
what was known when it was made.
"""

import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from typing import Any

Key = tuple[str, ...]
Groups = dict[Key, frozenset[tuple[Any, ...]]]
"""Rows by what they tell of."""

_FACTS = {
    "declaration": "line, col, symbol, name, kind, definition, begin_line, begin_col, end_line, end_col, scope,"
    " container, local, type, value, type_symbol, traits",
    "occurrence": "line, col, symbol, length, roles, enclosing",
    "relation": "subject, relation, object",
    "include": "line, target",
}


def read_groups(path: str) -> Groups:
    """The rows of the index at ``path``. Raises sqlite3.DatabaseError where it is damaged."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        # SQLite 3.40 looks for NULLs in the wrong columns of a table without rowids, and finds some.
        checked = db.execute("PRAGMA integrity_check(1000000)")
        wrong = [row[0] for row in checked if row[0] != "ok" and "NULL value in" not in row[0]]
        if wrong:
            raise sqlite3.DatabaseError(wrong[0])
        found: dict[Key, set[tuple[Any, ...]]] = defaultdict(set)
        _read(db, found)
        return {key: frozenset(rows) for key, rows in found.items()}


def _read(db: sqlite3.Connection, found: dict[Key, set[tuple[Any, ...]]]) -> None:
    files = {row[0]: f"{row[1]}:{row[2]}" for row in db.execute("SELECT id, root, path FROM file")}
    versions = {
        row[0]: (files[row[1]], row[2].hex()) for row in db.execute("SELECT id, file, content FROM version")
    }
    shapes = {
        row[0]: (*versions[row[1]], row[2].hex())
        for row in db.execute("SELECT id, version, skipped FROM shape")
    }
    readings: dict[int, list[Key]] = defaultdict(list)
    for file, context, shard, shape, version, wide in db.execute(
        "SELECT r.file, r.context, r.shard, r.shape, s.version, s.wide FROM reading r JOIN shard s ON s.id = r.shard"
    ):
        key = ("reading", files[file], context, *(shapes[shape] if shape else ()))
        readings[shard].append(key)
        found[key].add(("version", versions[version], wide.hex()))
    for table, columns in _FACTS.items():
        for shard, *fact in db.execute(f"SELECT shard, {columns} FROM {table}"):
            told = (*fact[:-1], files[fact[-1]]) if table == "include" else tuple(fact)
            for key in readings.get(shard) or [("no reading", table)]:
                found[key].add((table, *told))
    for file, hashed, dependencies, skipped, *more in db.execute(
        "SELECT file, arguments_hash, dependencies, shapes, context, adopted, state, error, errors FROM unit"
    ):
        unit = (files[file], hashed.hex())
        found["unit", *unit].add(tuple(more))
        found["dependencies", *unit].update(versions[one] for one in _numbers(dependencies))
        found["shapes", *unit].update(shapes[one] for one in _numbers(skipped))
    for symbol, *more in db.execute("SELECT symbol, name, scope, base FROM candidate"):
        found["symbol", str(symbol)].add(tuple(more))


def _numbers(packed: bytes | None) -> list[int]:
    """Numbers as the index packs them."""
    numbers = array("I")
    if packed:
        numbers.frombytes(zlib.decompress(packed))
    return numbers.tolist()


def differences(expected: Sequence[Groups], found: Groups) -> list[str]:
    """What an index says that none of the expected ones does: a line for each file, unit or symbol."""
    lines = []
    for key in sorted(found.keys() | expected[0].keys()):
        rows = found.get(key)
        if any(rows == one.get(key) for one in expected):
            continue
        if key[0] != "dependencies" or not any(
            one.get(key, frozenset()) <= (rows or set()) for one in expected
        ):
            usual, rows = expected[0].get(key, frozenset()), rows or frozenset()
            lost, gained = sorted(usual - rows, key=str), sorted(rows - usual, key=str)
            lines.append(f"{' '.join(key)}: {len(lost)} lost {lost[:1]}, {len(gained)} gained {gained[:1]}")
    return lines
