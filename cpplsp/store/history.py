"""What the index remembers of how it was before (``past``, ``kept`` in the schema), and how much of it."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cpplsp.store import kept
from cpplsp.store.units import unpack_versions

LEAST_BYTES = 32 << 20
"""Facts may take so much in any index, however small it is …"""
SHARE = 4
"""… and one part in so many of a big one. They are packed to about a fifth of what they take in tables."""
_OUTCOMES_A_UNIT = 4
"""As the schema has it for each unit; those of units that are gone count among them."""
_LEAST_OUTCOMES = 1000


@dataclass(frozen=True, slots=True)
class Remembered:
    """The versions and shapes (ids) that outcomes of units name which may come back."""

    versions: set[int]
    shapes: set[int]


def remembered(db: sqlite3.Connection) -> Remembered:
    """What has to stay for the sake of what is remembered of units. The oldest of it goes, beyond a bound."""
    units = db.execute("SELECT count(*) FROM unit").fetchone()[0]
    db.execute(
        "DELETE FROM past WHERE id NOT IN (SELECT id FROM past ORDER BY id DESC LIMIT ?)",
        (_OUTCOMES_A_UNIT * units + _LEAST_OUTCOMES,),
    )
    found = Remembered(set(), set())
    for dependencies, shapes in db.execute("SELECT dependencies, shapes FROM past"):
        found.versions.update(unpack_versions(dependencies))
        if shapes:
            found.shapes.update(unpack_versions(shapes))
    return found


def trim(db: sqlite3.Connection, versions: Collection[int], shapes: Collection[int], most_bytes: int) -> None:
    """Drop facts of other versions and shapes than these, then what was needed longest ago, down to a bound.

    A unit's readings are looked for when it comes back, what it told of files outside the project is not: where such
    facts go, outcomes that relied on them go too.
    """
    rows = db.execute("SELECT version, context, shape FROM kept_reading").fetchall()
    db.executemany(
        "DELETE FROM kept_reading WHERE version = ? AND context = ? AND shape = ?",
        [row for row in rows if row[0] not in versions or (row[2] and row[2] not in shapes)],
    )
    wanted = set(db.execute("SELECT version, digest FROM kept_reading"))
    wanted.update(
        db.execute("SELECT v.id, p.main_digest FROM past p JOIN version v ON v.file = p.file").fetchall()
    )
    gone: list[int] = []
    lost: set[int] = set()
    total = 0
    sizes = db.execute(
        "SELECT k.id, k.version, k.digest, coalesce(sum(length(f.facts)), 0) FROM kept k"
        " LEFT JOIN kept_facts f ON f.kept = k.id GROUP BY k.id ORDER BY k.used DESC"
    )
    for number, version, digest, size in sizes:
        if version not in versions or (digest != kept.PARTIAL and (version, digest) not in wanted):
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
