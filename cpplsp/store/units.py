"""Units in the index: what the compile database asks for, and how each of them has fared."""

import os
import secrets
import sqlite3
import zlib
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from cpplsp.facts import FAILED_STATES, FileVersion, UnitState
from cpplsp.paths import is_text
from cpplsp.store.index import Index, Readable

_END = "\x00\x01"
"""Ends an argument: none holds it (paths.Roots.generalise puts names between two U+0000)."""
_GENERATION = "units.generation"
_MARK = "units.mark"


@dataclass(frozen=True, slots=True)
class WantedUnit:
    """A unit as the compile database has it: absolute paths, and what libclang is to be given."""

    path: str
    directory: str
    arguments: Sequence[str]
    arguments_hash: bytes
    context: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What it takes to read a unit. ``path``, ``directory``: absolute. ``state``: how it fared when last read."""

    id: int
    path: str
    directory: str
    arguments: list[str]
    context: str
    state: UnitState = UnitState.PENDING


@dataclass(frozen=True, slots=True)
class Outcome:
    """How reading a unit ended. ``dependencies``: all files read, the main file first (``protocol.UnitDone``)."""

    state: UnitState
    error: str
    errors: int
    dependencies: Sequence[FileVersion]
    cpu_s: float | None = None
    peak_bytes: int | None = None
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class LearntUnit:
    """What is known of a unit's cost: the size of its main file on disk, and what it took when last read."""

    size_bytes: int = 0
    peak_bytes: int | None = None
    cpu_s: float | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a reading of the compile database came to: units to be read in all, and whether any came or went.

    ``mark``: what :func:`sync_mark` says until the next one.
    """

    units: int
    has_changed: bool
    mark: str


def sync_units(index: Index, wanted: Iterable[WantedUnit], is_complete: Callable[[], bool]) -> Synced:
    """Bring the units to what the compile database says, in one transaction.

    Units that are there already keep their state. Units no longer wanted go, if the database was read to its end:
    ``is_complete`` is asked when ``wanted`` is exhausted. Of the units of one file that are read in one way (context),
    the first is to be read and covers the others. Adopted units go when anything changed.
    """
    with index.transaction() as db:
        generation = int(index.meta(_GENERATION) or 0) + 1
        index.set_meta(_GENERATION, str(generation))
        mark = secrets.token_hex(8)
        index.set_meta(_MARK, mark)
        has_changed = False
        read: set[tuple[int, str]] = set()
        for ordinal, unit in enumerate(wanted):
            file = index.file_id(unit.path)
            is_covered = (file, unit.context) in read
            read.add((file, unit.context))
            has_changed |= _put(index, file, unit, ordinal, generation, is_covered=is_covered)
        if is_complete():
            gone = db.execute("DELETE FROM unit WHERE seen < ? AND adopted = 0", (generation,))
            has_changed |= gone.rowcount > 0
        if has_changed:
            # Their neighbours may be read otherwise now: those that are still wanted are adopted anew.
            db.execute("DELETE FROM unit WHERE adopted = 1")
        row = db.execute("SELECT count(*) FROM unit WHERE state <> ?", (int(UnitState.COVERED),)).fetchone()
    return Synced(int(row[0]), has_changed, mark)


def sync_mark(index: Index) -> str | None:
    """What tells the last :func:`sync_units` from all others, also those of other processes and of other indexes."""
    return index.meta(_MARK)


def _put(
    index: Index, file: int, unit: WantedUnit, ordinal: int, generation: int, *, is_covered: bool
) -> bool:
    """Put one unit in place; whether it is new."""
    row = index.db.execute(
        "SELECT id, state, seen FROM unit WHERE file = ? AND arguments_hash = ?", (file, unit.arguments_hash)
    ).fetchone()
    if row is None:
        text = index.roots.generalise("".join(argument + _END for argument in unit.arguments))
        index.db.execute(
            "INSERT INTO unit (file, arguments_hash, ordinal, directory, arguments, context, seen, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file,
                unit.arguments_hash,
                ordinal,
                index.roots.generalise(unit.directory),
                zlib.compress(text.encode(), 1),
                unit.context,
                generation,
                int(UnitState.COVERED if is_covered else UnitState.PENDING),
            ),
        )
        return True
    if row[2] < generation:  # else the same entry twice
        state = row[1]
        if is_covered != (state == UnitState.COVERED):
            state = int(UnitState.COVERED if is_covered else UnitState.PENDING)
        index.db.execute(
            "UPDATE unit SET seen = ?, ordinal = ?, state = ?, context = ?, adopted = 0 WHERE id = ?",
            (generation, ordinal, state, unit.context, row[0]),
        )
        if state == UnitState.COVERED:
            index.db.execute("UPDATE unit SET dependencies = NULL WHERE id = ?", (row[0],))
    return False


def load_unit(index: Readable, unit: int) -> Unit:
    """What it takes to read a unit. Raises KeyError where there is none with this id."""
    row = index.db.execute(
        "SELECT f.root, f.path, u.directory, u.arguments, u.context, u.state FROM unit u JOIN file f ON f.id = u.file"
        " WHERE u.id = ?",
        (unit,),
    ).fetchone()
    if row is None:
        raise KeyError(unit)
    root, path, directory, arguments, context, state = row
    text = index.roots.specialise(_unpacked(arguments).decode())
    return Unit(
        unit,
        index.roots.join(root, path),
        index.roots.specialise(directory),
        text.split(_END)[:-1],
        context,
        UnitState(state),
    )


def finish_unit(
    index: Index, unit: Unit, outcome: Outcome, versions: Sequence[int], shapes: Sequence[int] = ()
) -> None:
    """Note how a unit ended. Call it when the facts of its files are in.

    ``versions``: ids of its dependencies. ``shapes``: ids of what was skipped of them (not 0).
    """
    index.db.execute(
        "UPDATE unit SET state = ?, error = ?, errors = ?, cpu_s = ?, peak_bytes = ?, unfit = ?,"
        " dependencies = ?, shapes = ? WHERE id = ?",
        (
            int(outcome.state),
            outcome.error,
            outcome.errors,
            outcome.cpu_s,
            outcome.peak_bytes,
            outcome.unfit,
            pack_versions(versions),
            pack_versions(shapes),
            unit.id,
        ),
    )


def pack_versions(ids: Iterable[int]) -> bytes:
    """Ids of versions as the column ``dependencies`` holds them, or of shapes as ``shapes`` does."""
    return zlib.compress(array("I", sorted(set(ids))).tobytes(), 1)


def unpack_versions(packed: bytes) -> "array[int]":
    """The inverse of :func:`pack_versions`, sorted. Raises sqlite3.DatabaseError for what was never packed."""
    ids = array("I")
    ids.frombytes(_unpacked(packed))
    return ids


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompress(packed)
    except zlib.error as error:
        raise sqlite3.DatabaseError(f"a value cannot be unpacked: {error}") from error


def learnt_units(index: Index, units: Iterable[int]) -> dict[int, LearntUnit]:
    """What is known of the costs of these units."""
    wanted = set(units)
    rows = index.db.execute(
        "SELECT u.id, f.root, f.path, f.size, u.peak_bytes, u.cpu_s FROM unit u JOIN file f ON f.id = u.file"
    )
    found = {}
    for unit, root, path, size, peak, cpu_s in rows:
        if unit in wanted:
            found[unit] = LearntUnit(
                _size(index.roots.join(root, path)) if size is None else size, peak, cpu_s
            )
    return found


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def units_of(index: Readable, path: str) -> list[int]:
    """The units that tell of a file: those that read it; where there are none, those of a source beside it of its name.

    Ids in the order of indexing. ``parser.cc`` tells of a ``parser.h`` that is still to be read.
    """
    root, relative = index.roots.split(path)
    stem = relative.rpartition(".")[0]
    if not is_text(relative):
        return []  # none such is ever indexed
    readers = readers_of(index, path)
    if readers or not stem:
        return readers
    beside = index.db.execute(
        "SELECT u.id FROM unit u JOIN file f ON f.id = u.file WHERE f.root = ? AND f.path >= ? AND f.path < ?"
        " AND u.state <> ? ORDER BY u.ordinal",
        (root, stem + ".", stem + "/", int(UnitState.COVERED)),
    )
    return [row[0] for row in beside]


def readers_of(index: Readable, path: str) -> list[int]:
    """The units that read a file: of which it is the main file; where there are none, which read it when last read."""
    db = index.db
    found = db.execute("SELECT id FROM file WHERE root = ? AND path = ?", index.roots.split(path)).fetchone()
    if found is None:
        return []
    main = db.execute(
        "SELECT id FROM unit WHERE file = ? AND state <> ? ORDER BY ordinal", (*found, int(UnitState.COVERED))
    ).fetchall()
    versions = {row[0] for row in db.execute("SELECT id FROM version WHERE file = ?", found)}
    if main or not versions:
        return [row[0] for row in main]
    units = db.execute("SELECT id, dependencies FROM unit WHERE dependencies IS NOT NULL ORDER BY ordinal")
    return [unit for unit, packed in units if not versions.isdisjoint(unpack_versions(packed))]


def reads_any(index: Readable, path: str, others: Collection[str]) -> bool:
    """Whether the units of which a file is the main file read one of some others (absolute real paths)."""
    db = index.db
    rows = db.execute(
        "SELECT u.dependencies FROM unit u JOIN file f ON f.id = u.file WHERE f.root = ? AND f.path = ?"
        " AND u.dependencies IS NOT NULL",
        index.roots.split(path),
    ).fetchall()
    read = set().union(*(unpack_versions(packed) for (packed,) in rows))
    return any(
        version in read
        for other in others
        for (version,) in db.execute(
            "SELECT v.id FROM version v JOIN file f ON f.id = v.file WHERE f.root = ? AND f.path = ?",
            index.roots.split(other),
        )
    )


@dataclass(frozen=True, slots=True)
class FailedUnit:
    """A unit of which there are no facts, or old ones, and why. ``path``: as a person writes it, see ``Roots``."""

    path: str
    reason: str


def failed_units(index: Index) -> list[FailedUnit]:
    """The units that could not be read, in the order of indexing; paths relative to the project where they can be."""
    marks = ",".join(str(int(state)) for state in sorted(FAILED_STATES))
    rows = index.db.execute(
        "SELECT f.root, f.path, u.error FROM unit u JOIN file f ON f.id = u.file"
        f" WHERE u.state IN ({marks}) ORDER BY u.ordinal"
    )
    return [FailedUnit(index.roots.display(root, path), error) for root, path, error in rows]


def count_with_errors(index: Index) -> int:
    """How many units were read but have errors."""
    row = index.db.execute("SELECT count(*) FROM unit WHERE state = ?", (int(UnitState.ERRORS),)).fetchone()
    return int(row[0])
