"""The header of a source file, and the source file of a header."""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

from cpplsp.facts import FUNCTION_KINDS, Kind
from cpplsp.paths import DATABASE, PROJECT, Roots
from cpplsp.query.files import find_file, live_shards, marks

_SOURCES = (".cc", ".cpp", ".cxx", ".c++", ".c", ".C", ".cu", ".m", ".mm")
_HEADERS = (".h", ".hpp", ".hh", ".hxx", ".h++", ".H", ".cuh", ".inl", ".ipp", ".tcc", ".tpp")
_PARTNERS = {
    ".c": (".h", ".H"),
    ".cpp": (".hpp", ".h"),
    ".cxx": (".hxx", ".h"),
    ".cc": (".hh", ".h"),
    ".c++": (".h++", ".h"),
    ".hpp": (".cpp",),
    ".hxx": (".cxx",),
    ".hh": (".cc",),
    ".h++": (".c++",),
    ".cu": (".cuh",),
    ".cuh": (".cu",),
}
"""What goes with an ending before the others do."""
_TELLING = (*sorted(FUNCTION_KINDS), Kind.VARIABLE, Kind.STATIC_FIELD)
"""What is declared in one file and defined in another. A class is defined in its header."""


def namesake(path: str) -> str | None:
    """The counterpart of the same name in the same folder, by what is on disk."""
    stem, ending = os.path.splitext(path)
    return next((found for one in _counter_endings(ending) if os.path.isfile(found := stem + one)), None)


def counterparts(db: sqlite3.Connection, roots: Roots, path: str) -> list[str]:
    """The files of the project that go with one, best first: by name, or else by what they declare and define.

    Among those of the name, and else of all, the one that shares most symbols; then the nearest: with most folders in
    common.
    """
    file = find_file(db, roots, path)
    shared = _shared(db, roots, file, is_source=is_source(path)) if file is not None else {}
    named = [one for one in _named_alike(db, roots, path) if os.path.isfile(one)]
    sharing = [one for one in shared if is_source(one) != is_source(path) and os.path.isfile(one)]
    return sorted(named or sharing, key=lambda one: (-shared.get(one, 0), -_nearness(path, one), one))


def is_source(path: str) -> bool:
    """Whether a file is called as one that is compiled, not included."""
    return path.endswith(_SOURCES)


def _counter_endings(ending: str) -> list[str]:
    """The endings that a counterpart may have, the likeliest first."""
    others = _HEADERS if ending in _SOURCES else _SOURCES
    return list(dict.fromkeys((*_PARTNERS.get(ending, ()), *others)))


def _named_alike(db: sqlite3.Connection, roots: Roots, path: str) -> Iterable[str]:
    stem, ending = os.path.splitext(os.path.basename(path))
    names = {stem + one for one in _counter_endings(ending)}
    rows = db.execute(
        "SELECT root, path FROM file WHERE root IN (?, ?) AND instr(path, ?) AND (current IS NOT NULL"
        " OR id IN (SELECT file FROM unit) OR id IN (SELECT file FROM reading)) ORDER BY root, path",
        (PROJECT, DATABASE, stem + "."),
    )
    return (roots.join(*row) for row in rows if row[1].rpartition("/")[2] in names)


def _nearness(one: str, other: str) -> int:
    """How many folders two paths have in common, from the front and from the back."""
    folders = [os.path.dirname(path).split("/") for path in (one, other)]
    return _alike(*folders) + _alike(*(reversed(path) for path in folders))


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many items two lists begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _shared(db: sqlite3.Connection, roots: Roots, file: int, *, is_source: bool) -> dict[str, int]:
    """By path, how many symbols are defined there that a file declares; declared there, that a source defines."""
    shards = live_shards(db, file)
    rows = db.execute(
        "SELECT f.root, f.path, a.symbol FROM declaration a"
        " JOIN declaration b ON b.symbol = a.symbol AND b.definition <> a.definition"
        " JOIN shard s ON s.id = b.shard JOIN file f ON f.id = s.file"
        f" WHERE a.shard IN ({marks(shards)}) AND a.definition = ? AND a.local = 0 AND a.kind IN ({marks(_TELLING)})"
        " AND f.id <> ? AND f.root IN (?, ?) ORDER BY f.root, f.path, a.symbol",
        [*shards, is_source, *_TELLING, file, PROJECT, DATABASE],
    )
    return Counter(roots.join(root, path) for root, path, _ in dict.fromkeys(rows))
