"""Files that no unit reads: a header that nobody includes, a source that the compile database does not have (yet).

When a person opens such a file, a unit is made of it, with the arguments of the unit that is its nearest neighbour. It
goes as soon as a unit of the database reads the file.
"""

import os
from collections.abc import Sequence
from itertools import takewhile

from cpplsp.facts import UnitState
from cpplsp.paths import is_text
from cpplsp.store.index import Index, Readable
from cpplsp.store.units import load_unit, readers_of, unpack_versions

_MOST_NEIGHBOURS = 50


def adopt(index: Index, path: str, languages: Sequence[str]) -> tuple[int, str] | None:
    """Make a unit of a file, as :func:`find_neighbour` would have it: its id and context, None where it has none."""
    neighbour = find_neighbour(index, path, languages)
    return None if neighbour is None else _adopt(index, path, neighbour)


def find_neighbour(index: Readable, path: str, languages: Sequence[str]) -> int | None:
    """The unit whose arguments are to read a file (absolute real path). None where one reads it, or none is near.

    ``languages``: those that the file may be in, as ``-x`` has them.
    """
    if not is_text(path) or not os.path.isfile(path) or readers_of(index, path):
        return None
    for neighbour in _nearest(index, path):
        unit = load_unit(index, neighbour)
        if unit.arguments[:1] == ["-x"] and unit.arguments[1] in languages:
            return neighbour
    return None


def _nearest(index: Readable, path: str) -> list[int]:
    """Units of the database by their nearness to a file: one of its name, in its folder, in a folder near by."""
    root, relative = index.roots.split(path)
    rows = index.db.execute(
        "SELECT u.id, f.root, f.path FROM unit u JOIN file f ON f.id = u.file"
        " WHERE u.adopted = 0 AND u.state <> ? ORDER BY u.ordinal",
        (int(UnitState.COVERED),),
    ).fetchall()
    rows.sort(key=lambda row: _distance((root, relative), row[1:]))
    return [row[0] for row in rows[:_MOST_NEIGHBOURS]]


def _distance(one: Sequence[str], other: Sequence[str]) -> tuple[bool, int, bool]:
    """How far a unit is from a file: other root, folders to climb and descend, other name."""
    folder, name = os.path.split(one[1])
    other_folder, other_name = os.path.split(other[1])
    ways = folder.split("/"), other_folder.split("/")
    shared = sum(1 for _ in takewhile(lambda parts: parts[0] == parts[1], zip(*ways, strict=False)))
    stems = os.path.splitext(name)[0], os.path.splitext(other_name)[0]
    is_other = stems[0] != stems[1]
    steps = len(ways[0]) + len(ways[1]) - 2 * shared
    # include/x/parser.h belongs to src/parser.cc rather than to what else is near by
    return one[0] != other[0], 0 if not is_other else 1 + steps, is_other


def _adopt(index: Index, path: str, neighbour: int) -> tuple[int, str]:
    with index.transaction() as db:
        row = db.execute(
            "INSERT INTO unit (file, arguments_hash, ordinal, directory, arguments, context, seen, adopted)"
            " SELECT ?, arguments_hash, ordinal, directory, arguments, context, seen, 1 FROM unit WHERE id = ?"
            " RETURNING id, context",
            (index.file_id(path), neighbour),
        ).fetchone()
    return int(row[0]), str(row[1])


def release(index: Index) -> bool:
    """Drop adopted units whose file a unit of the database reads by now, or that is gone; whether there were any."""
    db = index.db
    adopted = db.execute(
        "SELECT u.id, u.file, f.root, f.path FROM unit u JOIN file f ON f.id = u.file WHERE u.adopted = 1"
    ).fetchall()
    if not adopted:
        return False
    read: set[int] = set()
    for (packed,) in db.execute(
        "SELECT dependencies FROM unit WHERE dependencies IS NOT NULL AND adopted = 0"
    ):
        read.update(unpack_versions(packed))
    files = {file for version, file in db.execute("SELECT id, file FROM version") if version in read}
    gone = [
        (unit,)
        for unit, file, root, path in adopted
        if file in files or not os.path.isfile(index.roots.join(root, path))
    ]
    with index.transaction():
        db.executemany("DELETE FROM unit WHERE id = ?", gone)
    return bool(gone)
