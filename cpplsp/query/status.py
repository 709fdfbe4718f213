"""What an index holds, counted as it is now: units by how they fared, files, symbols, occurrences."""

import contextlib
import os
import sqlite3
from dataclasses import dataclass

from cpplsp.facts import FAILED_STATES, UnitState
from cpplsp.paths import Roots
from cpplsp.query.files import marks
from cpplsp.store.totals import counted


@dataclass(frozen=True, slots=True)
class TroubledUnit:
    """A unit that could not be read, or that has errors. ``path``: relative to the project where it lies there.

    ``state``: the name of a ``facts.UnitState`` in lower case. ``error``: the first, or why the unit could not be read.
    ``errors``: how many.
    """

    path: str
    state: str
    error: str
    errors: int


@dataclass(frozen=True, slots=True)
class PreludeStatus:
    """The headers that a group of units shares, precompiled; or why it goes without.

    ``example``: one of its ``units``, as a person writes it. ``alone``: how many of them were read without it all the
    same. ``headers``: how many files it holds, 0 where there is none. ``reason``: why that is, or what was left out.
    ``facts``: of a sample of main files, ``lost`` and ``gained`` under it.
    """

    example: str
    units: int
    alone: int
    headers: int
    size_bytes: int
    reason: str
    facts: int
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds. ``path``: of the index; ``changed_s``: when it was last written (seconds since 1970).

    ``units``: how many there are in each state that occurs, by the state's name in lower case; those that are read
    as another unit of their file are left out. ``files``, ``symbols``, ``occurrences``: as in ``store.totals.Totals``.
    """

    path: str
    size_bytes: int
    changed_s: float
    units: dict[str, int]
    failed: list[TroubledUnit]
    with_errors: list[TroubledUnit]
    files: int
    symbols: int
    occurrences: int
    preludes: list[PreludeStatus]


def index_status(db: sqlite3.Connection, roots: Roots) -> Status:
    """Count what the index behind a connection holds: a pass over all of it (``store.totals.counted``)."""
    path = _path(db)
    size_bytes, changed_s = on_disk(path)
    held = counted(db)
    states = db.execute(
        "SELECT state, count(*) FROM unit WHERE state <> ? GROUP BY state ORDER BY state",
        (int(UnitState.COVERED),),
    )
    return Status(
        path,
        size_bytes,
        changed_s,
        {_state_name(state): count for state, count in states},
        _troubled(db, roots, sorted(FAILED_STATES)),
        _troubled(db, roots, [UnitState.ERRORS]),
        held.files,
        held.symbols,
        held.occurrences,
        _preludes(db, roots),
    )


def first_fault(db: sqlite3.Connection) -> str:
    """What is wrong with the index behind a connection; '' where nothing is: all its pages are looked at."""
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    return "" if found == "ok" else str(found).splitlines()[-1]


def _preludes(db: sqlite3.Connection, roots: Roots) -> list[PreludeStatus]:
    rows = db.execute(
        "SELECT f.root, f.path, count(*), sum(u.unfit <> ''), CASE p.name WHEN '' THEN 0 ELSE p.headers END, p.bytes,"
        " p.reason, p.facts, p.lost, p.gained, min(u.ordinal)"
        " FROM prelude p JOIN unit u ON u.context = p.context JOIN file f ON f.id = u.file WHERE u.state <> ?"
        " GROUP BY p.name, p.reason ORDER BY count(*) DESC, p.context",
        (int(UnitState.COVERED),),
    )
    return [PreludeStatus(roots.display(root, path), *rest[:-1]) for root, path, *rest in rows]


def _troubled(db: sqlite3.Connection, roots: Roots, states: list[UnitState]) -> list[TroubledUnit]:
    rows = db.execute(
        "SELECT f.root, f.path, u.state, u.error, u.errors FROM unit u JOIN file f ON f.id = u.file"
        f" WHERE u.state IN ({marks(states)}) ORDER BY u.ordinal, u.id",
        [int(state) for state in states],
    )
    return [
        TroubledUnit(roots.display(root, path), _state_name(state), *rest)
        for root, path, state, *rest in rows
    ]


def _state_name(state: int) -> str:
    return UnitState(state).name.lower()


def _path(db: sqlite3.Connection) -> str:
    rows = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main' ORDER BY seq")
    return str(rows.fetchone()[0])


def on_disk(path: str) -> tuple[int, float]:
    """Bytes of an index with its write-ahead log, and when either was last written."""
    size_bytes, changed_s = 0, 0.0
    for name in (path, path + "-wal"):
        with contextlib.suppress(FileNotFoundError):  # the log goes when its last reader does
            found = os.stat(name)
            size_bytes += found.st_size
            changed_s = max(changed_s, found.st_mtime)
    return size_bytes, changed_s
