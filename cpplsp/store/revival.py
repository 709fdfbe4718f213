"""What was read before and is there again, as after a branch and back: it is put back in place of a parse.

A unit is put back if it was read once, with the same arguments in the same context, when all that it read was what is
there now. Its outcome says so whatever becomes of its facts: whether readings tell all of it is then judged as for any
other unit (``freshness``), and those that are missing are put back if they are kept. So what is not kept any longer is
read again, and nothing is taken for read that is not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cpplsp.facts import UnitState
from cpplsp.shapes import tells_all_of
from cpplsp.store.freshness import RETRIED, Current, has_as_read
from cpplsp.store.index import Index
from cpplsp.store.kept import PARTIAL
from cpplsp.store.readings import Given, Told
from cpplsp.store.units import unpack_versions

_OUTCOME = "state, error, errors, cpu_s, peak_bytes, unfit, dependencies, shapes, main_digest"


@dataclass(frozen=True, slots=True)
class Revived:
    """How many units and readings were put back."""

    units: int = 0
    readings: int = 0


def revive(index: Index, stale: Collection[int]) -> Revived:
    """Put back what stale units (ids) were before, where that holds, and the readings that they need."""
    db = index.db
    if (
        not stale
        or not db.execute(
            "SELECT EXISTS (SELECT 1 FROM past) OR EXISTS (SELECT 1 FROM kept_reading)"
        ).fetchone()[0]
    ):
        return Revived()
    current = Current(db)
    with index.transaction():
        wanted = frozenset(stale)
        units = list(_put_back_units(index, wanted, current))
        _put_back_outside(index, set().union(*units) - current.own)
        return Revived(len(units), _put_back_readings(index, wanted, current))


def _put_back_units(index: Index, stale: Collection[int], current: Current) -> Iterator[set[int]]:
    """Put back the latest outcomes that hold, with main files: the versions that each of these units was made from."""
    db = index.db
    rows = db.execute(
        "SELECT u.id, u.state, u.dependencies, u.error, p.id, p.state, p.dependencies, p.error,"
        " p.shapes, p.main_digest, u.context, f.id, f.current FROM past p JOIN file f ON f.id = p.file"
        " JOIN unit u ON u.file = p.file AND u.arguments_hash = p.arguments_hash AND u.context = p.context"
        " WHERE u.state <> ? AND p.main_digest IS NOT NULL ORDER BY u.id, p.id DESC",
        (int(UnitState.COVERED),),
    ).fetchall()
    done: set[int] = set()
    for unit, state, packed, error, outcome, past_state, past_packed, past_error, *main in rows:
        if unit not in stale or unit in done:
            continue
        is_tried = packed and state != UnitState.PENDING and state not in RETRIED
        if is_tried and has_as_read(index, current, unit, state, unpack_versions(packed), error):
            done.add(unit)  # it lacks readings, or may be tried with more memory
            continue
        versions = unpack_versions(past_packed)
        if has_as_read(index, current, unit, past_state, versions, past_error) and _put_back_main(
            index, *main
        ):
            row = db.execute(f"DELETE FROM past WHERE id = ? RETURNING {_OUTCOME}", (outcome,)).fetchone()
            db.execute(
                f"UPDATE unit SET ({_OUTCOME}) = ({', '.join('?' * len(row))}) WHERE id = ?", (*row, unit)
            )
            done.add(unit)
            yield set(versions)


def _put_back_main(
    index: Index, shapes: bytes | None, digest: bytes, context: str, file: int, version: int
) -> bool:
    """Put back the reading of a unit's main file; False where its facts are not kept any longer.

    It is not known by its content and shape alone: what a main file says depends on all that the unit has read.
    """
    shard = index.bring_back(file, version, digest)
    if shard is None:
        return False
    rows = index.db.execute("SELECT id, skipped FROM shape WHERE version = ?", (version,))
    named = unpack_versions(shapes) if shapes else ()
    skipped = next((skipped for shape, skipped in rows.fetchall() if shape in named), b"")
    index.hold(file, version, context, shard, skipped)
    return True


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


def _put_back_readings(index: Index, stale: Collection[int], current: Current) -> int:
    """Put back the readings that units lack which are as they were read; how many there were."""
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
    count = 0
    for context, version in sorted(lacking):
        kept = {
            shape: digest
            for shape, digest in db.execute(
                "SELECT shape, digest FROM kept_reading WHERE version = ? AND context = ? ORDER BY shape",
                (version, context),
            ).fetchall()
            if given.has(context, version, shape)
        }
        for shape in _telling(given, list(kept), held[context, version]):
            count += _put_back_reading(index, context, version, given.skipped(shape), kept[shape])
    return count


def _telling(given: Given, kept: Sequence[int], held: Sequence[int]) -> Iterator[int]:
    """Of a version's kept readings, the shapes that tell something beside the others and those in place."""
    for shape in kept:
        others = (other for other in (*kept, *held) if other != shape)
        if not any(tells_all_of(given.skipped(other), given.skipped(shape)) for other in others):
            yield shape


def _put_back_reading(index: Index, context: str, version: int, skipped: bytes, digest: bytes) -> bool:
    """Put one reading back; False where its facts are not kept any longer."""
    file = index.db.execute("SELECT file FROM version WHERE id = ?", (version,)).fetchone()[0]
    shard = index.bring_back(file, version, digest)
    if shard is None:
        return False
    index.hold(file, version, context, shard, skipped)
    return True
