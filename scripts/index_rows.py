"""All that an index says, without the numbers by which its rows refer to each other: two of them can be compared.

Left out is what a run costs (CPU, memory), what a file looked like when it was hashed, and preludes.

A header is read by the unit that comes first, and a few things in it are not the same from every unit: what an operator
in a template may mean, say, or which declaration of a system header is told. So an index is held against several, made
in other orders: what it says of a file, a unit or a symbol has to be, as a whole, what one of those says. A unit may
have more dependencies: under a prelude they are all that its headers read there, and what a prelude holds depends on
what was known when it was made.
"""

import re
import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
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


def without_adopted(groups: Groups) -> Groups:
    """An index without units that it made of opened files which no other unit read, and what only these have read."""
    adopted = {key[1:] for key, rows in groups.items() if key[0] == "unit" and any(row[1] for row in rows)}
    if not adopted:
        return groups
    read = {
        version[0]
        for key, versions in groups.items()
        if key[0] == "dependencies" and key[1:] not in adopted
        for version in versions
    }
    return _without(
        groups,
        lambda key: (
            (key[0] in ("unit", "dependencies", "shapes") and key[1:] in adopted)
            or (key[0] == "reading" and key[1].startswith("project:") and key[1] not in read)
        ),
    )


def disputed(groups: Groups) -> set[Key]:
    """Headers of the project, with contexts, that are not read without errors by all units.

    What is told of them depends on which unit came first, and how well it did: after a header that was not found clang
    instantiates no template, and what is not closed swallows what is included behind it.
    """
    found: set[Key] = set()
    for key, rows in groups.items():
        if key[0] == "unit":
            for context, _, _, error, _ in rows:
                if error:
                    read = {file for file, _ in groups.get(("dependencies", *key[1:]), ())}
                    found.update((file, context) for file in read if file != key[1])
    return {one for one in found if one[0].startswith("project:")}


def without_disputed(groups: Groups, files: Collection[Key]) -> Groups:
    """An index without what is told of files that are ``disputed`` in any of the indexes that are compared."""
    return _without(groups, lambda key: key[0] == "reading" and key[1:3] in files)


_BY_ORDER = re.compile(
    rb"\bfriend\s+(class|struct|union)\b[^\n]*|^[ \t]*#[ \t]*define\b(?:\\\n|[^\n])*", re.MULTILINE
)
_INACTIVE = 1 << 11  # facts.Role


def order_bound(groups: Groups, texts: Mapping[str, bytes], files: Collection[Key] = ()) -> set[str]:
    """Symbols of which it depends on the order of units where, and whether, they are declared: see without_order.

    ``files``: those that are ``disputed``.
    """
    lines = {file: _lines_of(text) for file, text in texts.items()}
    return {
        str(row[3])
        for key, rows in groups.items()
        if key[0] == "reading"
        for row in rows
        if row[0] == "declaration" and (key[2] == "" or key[1:3] in files or row[1] in lines.get(key[1], ()))
    }


def symbols_of_differences(one: Groups, other: Groups) -> set[str]:
    """Symbols of which two indexes tell otherwise."""
    return {
        str(row[3])
        for key in one.keys() | other.keys()
        for row in one.get(key, frozenset()) ^ other.get(key, frozenset())
        if row[0] in ("declaration", "occurrence")
    }


def without_order(
    groups: Groups, texts: Mapping[str, bytes], symbols: Collection[str], unsure: Collection[str] = ()
) -> Groups:
    """An index without that part of it which is known to depend on which unit reads a header first.

    That is what an operator in a header may mean, where a template leaves that open; what ``friend class X;`` is; what
    stands in the body of a macro, by its uses; what names mean in skipped branches; what is told of files outside the
    project, which is kept, too, as long as any unit reads them; and the symbols that are declared in such places.
    ``texts``: of files as keys of readings name them; ``symbols``: those that are ``order_bound`` in any of the indexes
    that are compared; ``unsure``: others that are seen to depend on it.
    How many errors a unit has is left out, too: bodies that a worker has passed before are not looked at again.
    """
    lines = {file: _lines_of(text) for file, text in texts.items()}
    mains = {key[1] for key in groups if key[0] == "unit"}
    operators = {
        str(row[3])
        for key, rows in groups.items()
        if key[0] == "reading"
        for row in rows
        if row[0] == "declaration" and row[4].startswith("operator")
    }

    def is_open(key: Key, row: tuple[Any, ...]) -> bool:
        """Whether it says what an operator in a header means."""
        return row[0] == "occurrence" and str(row[3]) in operators and key[1] not in mains

    return {
        key: frozenset(
            row[:-1] if key[0] == "unit" else row
            for row in rows
            if key[0] != "reading"
            or not (is_open(key, row) or _is_by_order(row, lines.get(key[1], ()), symbols, unsure))
        )
        for key, rows in groups.items()
        if not (key[0] == "reading" and key[2] == "") and not (key[0] == "symbol" and key[1] in symbols)
    }


def _is_by_order(
    row: tuple[Any, ...], lines: Collection[int], symbols: Collection[str], unsure: Collection[str]
) -> bool:
    if row[0] == "relation":
        return str(row[1]) in symbols
    if row[0] not in ("declaration", "occurrence"):
        return False
    is_inactive = row[0] == "occurrence" and row[5] & _INACTIVE
    return bool(is_inactive) or row[1] in lines or str(row[3]) in unsure


def _lines_of(text: bytes) -> set[int]:
    found: set[int] = set()
    for match in _BY_ORDER.finditer(text):
        first = text.count(b"\n", 0, match.start())
        found.update(range(first, first + match[0].count(b"\n") + 1))
    return found


def _without(groups: Groups, is_left_out: Callable[[Key], bool]) -> Groups:
    """Groups without some of them, and without symbols that are told of in these only."""
    left_out = {key for key in groups if is_left_out(key)}
    symbols = [
        {str(row[3]) for key in keys for row in groups[key] if row[0] in ("declaration", "occurrence")}
        for keys in (left_out, groups.keys() - left_out)
    ]
    gone = symbols[0] - symbols[1]
    return {
        key: rows
        for key, rows in groups.items()
        if key not in left_out and not (key[0] == "symbol" and key[1] in gone)
    }
