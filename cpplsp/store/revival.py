"""What was read before and is there again, as after a branch and back: it is put back in place of a parse.

A unit is put back if it was read once, with the same arguments in the same context, when all that it read was what is
there now, and all is kept that then told of the project's files that it read. What is stale is judged after it, as for
any other unit (``freshness``).
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cpplsp.facts import UnitState
from cpplsp.shapes import tells_all_of
from cpplsp.store.freshness import RETRIED, Current, Stale, drop_gone, has_as_read
from cpplsp.store.history import remember, unpack_readings
from cpplsp.store.index import Index
from cpplsp.store.kept import PARTIAL
from cpplsp.store.readings import Given, Told
from cpplsp.store.units import unpack_versions

_OUTCOME = "state, error, errors, cpu_s, peak_bytes, unfit, dependencies, shapes"


@dataclass(frozen=True, slots=True)
class Revived:
    """How many units and readings were put back."""

    units: int = 0
    readings: int = 0


@dataclass(slots=True)
class _Found:
    """What is to be put back. ``units``: outcomes by unit (ids); ``versions``: what they were made from.

    ``readings``: shards by context, shape and version, and which unit told them if that had errors, with the latest
    outcome that names them. ``settled``: outcomes of units that are as they were.
    """

    units: dict[int, int] = field(default_factory=dict)
    settled: list[int] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)
    readings: dict[tuple[str, int, int], tuple[int, int, int]] = field(default_factory=dict)


def put_back_known(index: Index, stale: Stale) -> Revived:
    """Put back what holds again of stale units, when what they are now is remembered and what is gone is dropped.

    Where something was, others may be stale by now: a unit that is put back may skip what another one told for them.
    """
    remember(index, [unit for unit, _ in stale.units if unit not in stale.lacking])
    drop_gone(index)
    return revive(index, [unit for unit, _ in stale.units])


def revive(index: Index, stale: Collection[int]) -> Revived:
    """Put back what stale units (ids) were before, where that holds, and the readings that they need.

    Call it when what they are now is remembered (``history.remember``).
    """
    db = index.db
    if not stale and not db.execute("SELECT 1 FROM past WHERE is_open = 1 LIMIT 1").fetchone():
        return Revived()
    with index.transaction():
        current = Current(db)
        found = _find(index, stale, current)
        for unit, outcome in found.units.items():
            row = db.execute(f"DELETE FROM past WHERE id = ? RETURNING {_OUTCOME}", (outcome,)).fetchone()
            db.execute(
                f"UPDATE unit SET ({_OUTCOME}) = ({', '.join('?' * len(row))}) WHERE id = ?", (*row, unit)
            )
        db.executemany("DELETE FROM past WHERE id = ?", [(outcome,) for outcome in found.settled])
        _put_back_outside(index, found.versions - current.own)
        wanted = [
            (context, shape, shard, teller)
            for (context, shape, _), (_, shard, teller) in found.readings.items()
        ]
        count = _put_back(index, wanted)
        if stale:
            count += _put_back(index, _lacking(index, frozenset(stale), current))
        return Revived(len(found.units), count)


class _Row(NamedTuple):
    """How a unit fared: now, or before."""

    id: int
    state: int
    dependencies: bytes | None
    error: str

    def holds(self, index: Index, current: Current, unit: int) -> bool:
        """Whether the unit (id), read again, would fare so."""
        is_read = (
            self.dependencies is not None and self.state != UnitState.PENDING and self.state not in RETRIED
        )
        return is_read and has_as_read(
            index, current, unit, self.state, unpack_versions(self.dependencies or b""), self.error
        )


def _find(index: Index, stale: Collection[int], current: Current) -> _Found:
    """Find the latest outcomes of stale units that hold, and units that are as they were, but for headers told anew."""
    versions_of: dict[int, int] = dict(
        index.db.execute("SELECT id, version FROM shard UNION ALL SELECT id, version FROM kept")
    )
    rows = index.db.execute(
        "SELECT u.id, u.state, u.dependencies, u.error, p.id, p.state, p.dependencies, p.error, p.context, p.readings"
        " FROM past p"
        " JOIN unit u ON u.file = p.file AND u.arguments_hash = p.arguments_hash AND u.context = p.context"
        " WHERE u.state <> ? AND p.readings IS NOT NULL"
        " AND (p.is_open = 1 OR u.id IN (SELECT value FROM json_each(?))) ORDER BY u.id, p.id DESC",
        (int(UnitState.COVERED), json.dumps(list(stale))),
    ).fetchall()
    stale = frozenset(stale)
    found = _Found()
    done: set[int] = set()
    for row in rows:
        now, before = _Row(*row[:4]), _Row(*row[4:8])
        context, packed_readings = row[8:]
        if now.id in done:
            continue
        is_same = now.dependencies == before.dependencies
        if is_same != (now.id not in stale or now.holds(index, current, now.id)):
            continue  # it is as it was, and this is how it was before that; or it is not, and this is how it is
        if not is_same and not before.holds(index, current, now.id):
            continue
        readings = list(unpack_readings(packed_readings))
        if not all(shard in versions_of for _, shard in readings):
            continue
        done.add(now.id)
        if is_same:
            found.settled.append(before.id)
        else:
            found.units[now.id] = before.id
        found.versions.update(unpack_versions(row[6]))
        teller = now.id if before.state == UnitState.ERRORS else 0
        for shape, shard in readings:
            key = context, shape, versions_of[shard]
            found.readings[key] = max(found.readings.get(key, (0, 0, 0)), (before.id, shard, teller))
    return found


def _put_back_outside(index: Index, versions: Collection[int]) -> None:
    """Put back what was told of these versions of files outside the project, and of those that were replaced."""
    rows = index.db.execute(
        "SELECT k.version, v.file, s.version FROM kept k JOIN version v ON v.id = k.version"
        " JOIN file f ON f.id = v.file AND f.current = k.version"
        " LEFT JOIN reading r ON r.file = v.file AND r.context = '' LEFT JOIN shard s ON s.id = r.shard"
        " WHERE k.digest = ? ORDER BY k.id",
        (PARTIAL,),
    ).fetchall()
    for version, file, held in rows:
        if version in versions or (held is not None and held != version):
            index.bring_back_partial(file, version)


def _put_back(index: Index, readings: Iterable[tuple[str, int, int, int]]) -> int:
    """Put back readings (context, shape, shard, teller) that do not hold, or are doubted; how many that were."""
    db = index.db
    good = set(db.execute("SELECT context, shape, shard FROM reading WHERE teller >= 0"))
    count = 0
    for context, shape, shard, teller in sorted(readings):
        if (context, shape, shard) not in good and index.bring_back(shard):
            file, version = db.execute("SELECT file, version FROM shard WHERE id = ?", (shard,)).fetchone()
            index.hold(file, version, context, shard, _skipped(db, shape), teller=teller)
            count += 1
    return count


def _skipped(db: sqlite3.Connection, shape: int) -> bytes:
    row = db.execute("SELECT skipped FROM shape WHERE id = ?", (shape,)).fetchone()
    return bytes(row[0]) if row else b""


def _lacking(index: Index, stale: Collection[int], current: Current) -> list[tuple[str, int, int, int]]:
    """What was there once of what units lack which are as they were read: readings as :func:`_put_back` takes them."""
    db = index.db
    given = Given(db)
    told: dict[str, Told] = defaultdict(lambda: Told(given))
    held: dict[tuple[str, int], list[int]] = defaultdict(list)
    rows = db.execute(
        "SELECT r.context, s.version, r.shape FROM reading r JOIN shard s ON s.id = r.shard"
        " JOIN file f ON f.id = r.file WHERE s.version = f.current AND r.context <> '' ORDER BY r.file, r.shape"
    )
    for context, version, shape in rows:
        if given.has(context, version, shape):
            told[context].add(version, shape)
            held[context, version].append(shape)
    lacking: set[tuple[str, int]] = set()
    units = db.execute("SELECT id, context, dependencies, shapes FROM unit WHERE dependencies IS NOT NULL")
    for unit, context, packed, shapes in units:
        if unit in stale and current.versions.issuperset(versions := unpack_versions(packed)):
            lacks = told[context].lacks(current.own.intersection(versions), given.shapes(shapes))
            lacking.update((context, version) for version, _ in lacks)
    found: list[tuple[str, int, int, int]] = []
    for context, version in lacking:
        rows = db.execute(
            "SELECT shape, shard FROM kept_reading WHERE version = ? AND context = ? ORDER BY shape",
            (version, context),
        )
        kept = {shape: shard for shape, shard in rows if given.has(context, version, shape)}
        found += (
            (context, shape, kept[shape], 0) for shape in _telling(given, list(kept), held[context, version])
        )
    return found


def _telling(given: Given, kept: Sequence[int], held: Sequence[int]) -> Iterator[int]:
    """Of a version's kept readings, the shapes that tell something beside the others and those in place."""
    for shape in kept:
        others = (other for other in (*kept, *held) if other != shape)
        if not any(tells_all_of(given.skipped(other), given.skipped(shape)) for other in others):
            yield shape
