"""What is still true of the index: which files changed on disk, which units have to be read again, what is left over.

A file's content decides, by hash; size, modification time and inode only spare the hashing (git does the same).
"""

import json
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from cpplsp.content import content_hash, look, read_content
from cpplsp.facts import FAILED_STATES, FileVersion, UnitState
from cpplsp.paths import DATABASE, PROJECT
from cpplsp.store import history
from cpplsp.store.doubts import raise_doubts
from cpplsp.store.index import Index
from cpplsp.store.missing import missing_has_come
from cpplsp.store.readings import Given, Told, left_over
from cpplsp.store.units import unpack_versions

_CLOCK_TICK_NS = 20_000_000
"""File times advance in steps of the kernel's clock: two changes within one may bear one time."""
_MORE_MEMORY = 1.2
"""A unit that took too much memory is read again when there is so many times what it took."""
RETRIED = frozenset((UnitState.FAILED,))
"""Units in these states are read again in each run: what kept them from being read may be over."""
_PROJECT_ROOTS = frozenset((PROJECT, DATABASE))


@dataclass(frozen=True, slots=True)
class Stale:
    """What is to be done, and what need not be.

    ``units``: in the order of indexing, those first whose main file has changed, with their contexts. ``claimed``: by
    context, the files (absolute) that have been read in it as they are on disk, each with the shapes of its readings;
    not those that include, one through another, what is otherwise than units read it, nor what is doubted: they may say
    other things now.
    ``fresh``, ``failed``: how many units need nothing, or are not worth another try. ``lacking``: those of the units
    that are as they were read, but facts of their files are missing.
    """

    units: list[tuple[int, str]]
    claimed: dict[str, dict[str, list[bytes]]]
    fresh: int
    failed: int
    lacking: frozenset[int] = frozenset()


class Current:
    """What the disk has, by the last look: ``versions`` of all files that were read, ``own`` of the project's."""

    def __init__(self, db: sqlite3.Connection):
        self.versions: set[int] = set()
        self.own: set[int] = set()
        for version, root in db.execute("SELECT current, root FROM file WHERE current IS NOT NULL"):
            self.versions.add(version)
            if root in _PROJECT_ROOTS:
                self.own.add(version)


def refresh_files(index: Index) -> None:
    """Look at every file that was read, and hash those that look different from when they were last hashed."""
    rows = index.db.execute(
        "SELECT id, root, path, size, mtime_ns, inode, current FROM file"
        " WHERE id IN (SELECT file FROM version) ORDER BY id"
    ).fetchall()
    changed: list[tuple[int, str | None]] = []
    for file, root, path, size, mtime_ns, inode, current in rows:
        absolute = index.roots.join(root, path)
        try:
            found = os.stat(absolute)
        except OSError:
            if current is not None or size is not None:
                changed.append((file, None))
            continue
        if current is None or (size, mtime_ns, inode) != look(found):
            changed.append((file, absolute))
    if not changed:
        return
    with index.transaction():
        for file, seen in changed:
            _rehash(index, file, seen)


def _rehash(index: Index, file: int, path: str | None) -> None:
    """Note what a file is like now; ``path``: None where it is gone."""
    now_ns = time.time_ns()
    try:
        if path is None:
            raise FileNotFoundError
        content, found = read_content(path)
        version = index.version_id(file, content_hash(content))
    except OSError:
        _set_current(index, file, None, None)
    else:
        _set_current(index, file, version, _look(found, now_ns))


def note_version(index: Index, one: FileVersion, read_after_ns: int) -> tuple[int, int]:
    """Note the content that a file had when it was read, no earlier than ``read_after_ns``; its file and version ids.

    How the file looks on disk is noted with it only if it has not been touched since: else it is hashed at the next
    look.
    """
    file, version = index.version_ids(one.path, one.content)
    if one.guarded:
        index.db.execute("UPDATE version SET guarded = 1 WHERE id = ? AND guarded = 0", (version,))
    try:
        look = _look(os.stat(one.path), read_after_ns)
    except OSError:
        look = None
    _set_current(index, file, version, look)
    return file, version


def _look(found: os.stat_result, before_ns: int) -> tuple[int, int, int] | None:
    """Size, time and inode of a file; None if it was touched so late that it could be touched again unnoticed."""
    if max(found.st_mtime_ns, found.st_ctime_ns) + _CLOCK_TICK_NS >= before_ns:
        return None
    return look(found)


def _set_current(index: Index, file: int, version: int | None, look: tuple[int, int, int] | None) -> None:
    index.db.execute(
        "UPDATE file SET size = ?, mtime_ns = ?, inode = ?, current = ? WHERE id = ?",
        (*(look or (None, None, None)), version, file),
    )


def find_stale(index: Index, retry: Collection[UnitState] = RETRIED, memory_bytes: int = 0) -> Stale:
    """Compare what units were made from with what is on disk now (after :func:`refresh_files`).

    A unit is fresh if all that it read is as it was, and readings in its context tell all that it would tell of the
    project's files. Where they do not, the first unit that would tell it is stale. Units in a state of ``retry`` are
    never fresh, nor is one that did not find a header which is there now, nor one for which there was too little memory
    if a worker may take a good deal more now: ``memory_bytes``.

    What a stale unit with errors told is doubted from now on (``doubts``): it counts as told only as long as that unit
    will tell it anew.
    """
    db = index.db
    current = Current(db)
    with index.transaction():
        unsettled = raise_doubts(db, partial(has_as_read, index, current))
    given = Given(db)
    told: dict[str, Told] = defaultdict(lambda: Told(given))
    claimed: dict[str, dict[str, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    rows = db.execute(
        "SELECT r.context, s.version, r.shape, r.teller, f.root, f.path FROM reading r JOIN shard s ON s.id = r.shard"
        " JOIN file f ON f.id = r.file WHERE s.version = f.current AND r.context <> '' ORDER BY r.file, r.shape"
    )
    for context, version, shape, teller, root, path in rows:
        if not given.has(context, version, shape):
            continue
        if teller >= 0 or -teller in unsettled:
            told[context].add(version, shape)
        if teller >= 0:
            claimed[context][index.roots.join(root, path)].append(given.skipped(shape))
    stale: list[tuple[int, str]] = []
    changed: set[int] = set()
    lacks: set[int] = set()
    fresh = failed = 0
    units = db.execute(
        "SELECT id, file, state, context, dependencies, shapes, error, peak_bytes FROM unit WHERE state <> ?"
        " ORDER BY ordinal",
        (int(UnitState.COVERED),),
    )
    mains: dict[int, int] = {}
    for unit, main, state, context, packed, packed_shapes, error, peak_bytes in units:
        mains[unit] = main
        is_tried = packed and state != UnitState.PENDING and state not in retry
        versions = unpack_versions(packed) if is_tried else ()
        if (
            not is_tried
            or not has_as_read(index, current, unit, state, versions, error)
            or (state == UnitState.OUT_OF_MEMORY and memory_bytes > _MORE_MEMORY * (peak_bytes or 0))
        ):
            stale.append((unit, context))
            # Where all is as it was, a header has come that one of these files missed.
            changed.update(set(versions).difference(current.versions) or versions)
        elif state in FAILED_STATES:
            failed += 1
        elif lacking := told[context].lacks(current.own.intersection(versions), given.shapes(packed_shapes)):
            stale.append((unit, context))
            lacks.add(unit)
            for version, shape in lacking:
                told[context].add(version, shape)
        else:
            fresh += 1
    edited = _files_of(index, changed)
    stale.sort(key=lambda one: mains[one[0]] not in edited)
    affected = _including(index, changed)
    still = {
        context: {path: shapes for path, shapes in paths.items() if path not in affected}
        for context, paths in claimed.items()
    }
    return Stale(stale, still, fresh, failed, frozenset(lacks))


def _files_of(index: Index, versions: Collection[int]) -> set[int]:
    """The files that these versions are of."""
    rows = index.db.execute(
        "SELECT file FROM version WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(versions)),)
    )
    return {row[0] for row in rows}


def _including(index: Index, versions: Collection[int]) -> frozenset[str]:
    """The files (absolute) that include the files of these versions, one through another."""
    if not versions:
        return frozenset()
    rows = index.db.execute(
        "WITH RECURSIVE affected (file) AS ("
        "  SELECT file FROM version WHERE id IN (SELECT value FROM json_each(?))"
        "  UNION SELECT s.file FROM affected a JOIN include i ON i.target = a.file JOIN shard s ON s.id = i.shard"
        ") SELECT f.root, f.path FROM affected a JOIN file f ON f.id = a.file",
        (json.dumps(list(versions)),),
    )
    return frozenset(index.roots.join(root, path) for root, path in rows)


def has_as_read(
    index: Index, current: Current, unit: int, state: int, versions: Iterable[int], error: str
) -> bool:
    """Whether a unit, read with this outcome, would find now what it found: the same contents, and no more."""
    return current.versions.issuperset(versions) and not (
        state == UnitState.ERRORS and missing_has_come(index, unit, error)
    )


def drop_gone(index: Index) -> None:
    """Drop what is told of files that are gone, at once: no unit has to be read for that."""
    rows = index.db.execute(
        "SELECT r.file, r.context, r.shape FROM reading r JOIN file f ON f.id = r.file WHERE f.current IS NULL"
    ).fetchall()
    if rows:
        with index.transaction():
            index.drop_readings(rows)


def prune(index: Index) -> None:
    """Delete what no unit stands for any longer: readings, facts, contents and files.

    What units stood for not long ago is kept, packed (``history``).
    """
    db = index.db
    given = Given(db)
    readings = left_over(db, given)
    file_of = dict(db.execute("SELECT id, file FROM version"))
    with index.transaction():
        history.note_readings(db)
        index.drop_readings(readings)
        past = history.remembered(db)
        shapes = given.used() | _column(db, "SELECT shape FROM reading") | past.shapes
        db.executemany(
            "DELETE FROM shape WHERE id = ?",
            [(shape,) for shape in _column(db, "SELECT id FROM shape") if shape not in shapes],
        )
        used = set().union(*given.versions.values(), _column(db, "SELECT version FROM shard"), past.versions)
        history.trim(db, used, shapes, past.shards, history.most_bytes(db))
        in_use = {file_of[version] for version in used} | _column(
            db, "SELECT file FROM unit UNION SELECT target FROM include"
        )
        gone = [(file,) for file in _column(db, "SELECT id FROM file") if file not in in_use]
        db.executemany("DELETE FROM file WHERE id = ?", gone)
        used |= _column(db, "SELECT current FROM file WHERE current IS NOT NULL")
        db.executemany(
            "DELETE FROM version WHERE id = ?", [(version,) for version in file_of if version not in used]
        )
    if gone:
        index.forget_files()


def _column(db: sqlite3.Connection, statement: str) -> set[int]:
    return {row[0] for row in db.execute(statement)}
