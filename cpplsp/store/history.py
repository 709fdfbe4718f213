"""What the index remembers of how it was before (``past``, ``kept`` in the schema), and how much of it."""

import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from cpplsp.facts import UnitState
from cpplsp.store import kept
from cpplsp.store.index import Index
from cpplsp.store.units import unpack_versions

LEAST_BYTES = 32 << 20
"""Facts may take so much in any index, however small it is …"""
SHARE = 4
"""… and one part in so many of a big one. Packed they take a third of what they take in tables."""
OUTCOMES_A_UNIT = 4
"""So many are remembered, and in all so many for each unit that there is."""
_LEAST_OUTCOMES = 1000
_UNIT = "file, arguments_hash, context, state, error, errors, cpu_s, peak_bytes, unfit, dependencies, shapes"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The versions, shapes and shards (ids) that outcomes of units name which may come back."""

    versions: set[int]
    shapes: set[int]
    shards: set[int]


def remember(index: Index, units: Iterable[int]) -> None:
    """Remember how units (ids) fared which something is about to take the place of, and those that were deleted.

    Call it before anything of what they read is replaced. A unit that is remembered already is left as it is: what it
    read may have been replaced since.
    """
    db = index.db
    with index.transaction():
        db.executemany(
            f"INSERT INTO past ({_UNIT}, is_open) SELECT {_UNIT}, 1 FROM unit u"
            f" WHERE id = ? AND dependencies IS NOT NULL AND state IN ({UnitState.INDEXED:d}, {UnitState.ERRORS:d})"
            " AND NOT EXISTS (SELECT 1 FROM past p WHERE p.file = u.file AND p.arguments_hash = u.arguments_hash"
            " AND p.context = u.context AND p.dependencies = u.dependencies)",
            [(unit,) for unit in units],
        )
        note_readings(db)


def note_readings(db: sqlite3.Connection) -> None:
    """Note what tells of the files that units read which are remembered since the last time.

    What a unit with errors told counts for that unit only (``doubts``). Call it before anything of it is replaced or
    deleted.
    """
    new = db.execute(
        "SELECT p.id, p.context, p.dependencies, u.id FROM past p LEFT JOIN unit u"
        " ON u.file = p.file AND u.arguments_hash = p.arguments_hash WHERE p.readings IS NULL"
    ).fetchall()
    in_place: dict[str, dict[int, list[tuple[int, int, int]]]] = {}
    for number, context, packed, unit in new:
        if context not in in_place:
            in_place[context] = defaultdict(list)
            rows = db.execute(
                "SELECT s.version, r.shape, r.shard, CASE WHEN r.teller < 0 THEN -r.teller ELSE coalesce(u.id, 0) END"
                " FROM reading r JOIN shard s ON s.id = r.shard"
                f" LEFT JOIN unit u ON u.id = r.teller AND u.state = {UnitState.ERRORS:d} WHERE r.context = ?",
                (context,),
            )
            for version, *reading in rows:
                in_place[context][version].append(tuple(reading))
        readings: list[int] = []
        for version in in_place[context].keys() & unpack_versions(packed):
            for shape, shard, teller in in_place[context][version]:
                if teller in (0, unit):
                    readings += (shape, shard)
        db.execute("UPDATE past SET readings = ? WHERE id = ?", (_pack(readings), number))


def _pack(numbers: Iterable[int]) -> bytes:
    return zlib.compress(array("I", numbers).tobytes(), 1)


def unpack_readings(packed: bytes) -> Iterator[tuple[int, int]]:
    """The readings of an outcome: shape and shard of each."""
    numbers = unpack_versions(packed)
    return zip(numbers[::2], numbers[1::2], strict=True)


def remembered(db: sqlite3.Connection) -> Remembered:
    """What has to stay for the sake of what is remembered of units. The oldest of it goes, beyond a bound."""
    db.execute(
        "DELETE FROM past WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
        " (PARTITION BY file, arguments_hash ORDER BY id DESC) AS number FROM past) WHERE number > ?)",
        (OUTCOMES_A_UNIT,),
    )
    units = db.execute("SELECT count(*) FROM unit").fetchone()[0]
    db.execute(
        "DELETE FROM past WHERE id NOT IN (SELECT id FROM past ORDER BY id DESC LIMIT ?)",
        (OUTCOMES_A_UNIT * units + _LEAST_OUTCOMES,),
    )
    found = Remembered(set(), set(), set())
    for dependencies, shapes, readings in db.execute("SELECT dependencies, shapes, readings FROM past"):
        found.versions.update(unpack_versions(dependencies))
        if shapes:
            found.shapes.update(unpack_versions(shapes))
        for shape, shard in unpack_readings(readings):
            found.shapes.add(shape)
            found.shards.add(shard)
    return found


def trim(
    db: sqlite3.Connection,
    versions: Collection[int],
    shapes: Collection[int],
    shards: Collection[int],
    most_bytes: int,
) -> None:
    """Drop what is kept of other versions and shapes than these, or that neither these shards nor readings stand for.

    Then what was needed longest ago goes, down to a bound. A unit's readings are looked for when it comes back, what it
    told of files outside the project is not: where such facts go, outcomes that relied on them go too.
    """
    rows = db.execute("SELECT version, context, shape FROM kept_reading").fetchall()
    db.executemany(
        "DELETE FROM kept_reading WHERE version = ? AND context = ? AND shape = ?",
        [row for row in rows if row[0] not in versions or (row[2] and row[2] not in shapes)],
    )
    wanted = {row[0] for row in db.execute("SELECT shard FROM kept_reading")}.union(shards)
    gone: list[int] = []
    lost: set[int] = set()
    total = 0
    sizes = db.execute(
        "SELECT k.id, k.version, k.digest, coalesce(sum(length(f.facts)), 0) FROM kept k"
        " LEFT JOIN kept_facts f ON f.kept = k.id GROUP BY k.id ORDER BY k.used DESC"
    )
    for number, version, digest, size in sizes:
        if version not in versions or (digest != kept.PARTIAL and number not in wanted):
            gone.append(number)
        elif total + size > most_bytes:
            gone.append(number)
            if digest == kept.PARTIAL:
                lost.add(version)
        else:
            total += size
    kept.drop(db, gone)
    if lost:
        _forget(db, lost)


def _forget(db: sqlite3.Connection, versions: Iterable[int]) -> None:
    """Forget outcomes that relied on what was told of these versions."""
    lost = set(versions)
    rows = db.execute("SELECT id, dependencies FROM past").fetchall()
    db.executemany(
        "DELETE FROM past WHERE id = ?",
        [(number,) for number, packed in rows if not lost.isdisjoint(unpack_versions(packed))],
    )


def most_bytes(db: sqlite3.Connection) -> int:
    """How much facts may take that no reading holds."""
    pages, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return max(int(pages) * int(size) // SHARE, LEAST_BYTES)
