"""What calls a function, and what a function calls.

A function that is named without being called counts as well, as it does for clangd: its address is taken to be called
from elsewhere. What calls is whatever encloses the name: a function, or a variable, an alias, a class by what its
declaration says.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cpplsp.facts import FUNCTION_KINDS, Kind, Relation, Role
from cpplsp.paths import Roots
from cpplsp.query.files import Place, WideMaps, marks
from cpplsp.query.hierarchy import Item, all_above, items, items_by_symbol, nearest
from cpplsp.query.navigation import Hit, same_symbols

VARIABLE_KINDS = frozenset((Kind.VARIABLE, Kind.STATIC_FIELD, Kind.FIELD, Kind.ENUMERATOR))
"""What has an initialiser that may call. For local variables their function does."""

_NO_USE = Role.DECLARATION | Role.DEFINITION | Role.INACTIVE | Role.KEYWORD


@dataclass(frozen=True, slots=True)
class Call:
    """What calls or is called, and where: places in the file of whatever calls, in order."""

    item: Item
    places: tuple[Place, ...]


class _Use(NamedTuple):
    """An occurrence that declares nothing and is compiled."""

    line: int
    column: int
    symbol: int
    length: int
    roles: int
    enclosing: int


def callables_at(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Item]:
    """What is named at a place and can be called, or can call: functions, and variables that are not local."""
    symbols = [hit.symbol for hit in hits]
    functions, variables = sorted(FUNCTION_KINDS), sorted(VARIABLE_KINDS)
    rows = db.execute(
        "SELECT DISTINCT symbol FROM declaration"
        f" WHERE symbol IN ({marks(symbols)}) AND (kind IN ({marks(functions)})"
        f" OR kind IN ({marks(variables)}) AND (local = 0 OR kind = ?)) ORDER BY symbol",
        [*symbols, *functions, *variables, int(Kind.FIELD)],
    )
    return items(db, roots, [row[0] for row in rows], {hit.place.path for hit in hits})


def callers(db: sqlite3.Connection, roots: Roots, symbol: int) -> list[Call]:
    """What calls or names a symbol, ordered by file and place.

    A call of a virtual function is one of all that overrides it, unless it is bound to a class.
    """
    own = same_symbols(db, [symbol])
    overridden = all_above(db, own, Relation.OVERRIDES) - set(own)
    places: dict[tuple[int, str], dict[tuple[int, int], Place]] = {}
    wide = WideMaps(db)
    for shard, path, uses in _uses_of(db, roots, sorted({*own, *overridden})):
        meant = [use for use in uses if use.symbol not in overridden or _may_be_of_override(use)]
        for use in meant:
            place = Place(path, use.line, use.column, use.column + use.length, use.roles, wide.of(shard))
            places.setdefault((use.enclosing, path), {}).setdefault((use.line, use.column), place)
    declared = items_by_symbol(db, roots, {caller for caller, _ in places})
    calls = [
        Call(_item_in(path, declared[caller], found.values()), _in_order(found.values()))
        for (caller, path), found in places.items()
        if caller in declared
    ]
    return _merged(calls)


def callees(db: sqlite3.Connection, roots: Roots, symbol: int, near: Collection[str] = ()) -> list[Call]:
    """The functions that a symbol calls or names where it is defined (declared, if nowhere), in the order of calls.

    The compiler's own, which only macros name, are left out, and all but one of the candidates for a call. ``near``: of
    several definitions, that in one of these files is meant.
    """
    own = same_symbols(db, [symbol])
    declared = [item for found in items_by_symbol(db, roots, own).values() for item in found]
    if not declared:
        return []
    first = nearest(sorted(declared, key=lambda item: not item.is_definition), near)
    wide = WideMaps(db)
    places: dict[int, dict[tuple[int, int], Place]] = {}
    for shard, begin, end in _extents(db, roots, own, first):
        for use in _uses_between(db, shard, begin, end):
            if use.enclosing in own:
                stop = use.column + use.length
                place = Place(first.place.path, use.line, use.column, stop, use.roles, wide.of(shard))
                places.setdefault(use.symbol, {}).setdefault((use.line, use.column), place)
    called = items_by_symbol(db, roots, places)
    shown = {
        callee: found
        for callee, found in places.items()
        if callee in called and _is_shown(called[callee][0], found.values())
    }
    calls = [
        Call(called[callee][0], _in_order(found))
        for callee, found in _chosen(shown, lambda callee: called[callee][0].place).items()
    ]
    return sorted(_merged(calls), key=lambda call: _point(call.places[0]))


def _chosen(
    places: Mapping[int, Mapping[tuple[int, int], Place]], declared: Callable[[int], Place]
) -> dict[int, list[Place]]:
    """What is called where: of several that a name may mean, what it surely means, or else the first declared."""
    candidates: dict[tuple[int, int], list[int]] = {}
    for callee, found in places.items():
        for point in found:
            candidates.setdefault(point, []).append(callee)
    chosen: dict[int, list[Place]] = {}
    for point, callees_there in candidates.items():
        sure = [one for one in callees_there if not places[one][point].roles & Role.AMBIGUOUS]
        first = min(callees_there, key=lambda one: (declared(one).path, _point(declared(one))))
        for callee in sure or [first]:
            chosen.setdefault(callee, []).append(places[callee][point])
    return chosen


def _is_shown(callee: Item, places: Iterable[Place]) -> bool:
    """Whether this is a function that was called on purpose: not the ``__assert_fail`` that is in a macro."""
    is_hidden = callee.name.startswith("__") and all(place.roles & Role.IMPLICIT for place in places)
    return callee.kind in FUNCTION_KINDS and not is_hidden


def _may_be_of_override(use: _Use) -> bool:
    """Whether a use of a virtual function may mean one that overrides it: not ``Base::f()``."""
    return not use.roles & Role.CALL or bool(use.roles & Role.DYNAMIC)


def _uses_of(
    db: sqlite3.Connection, roots: Roots, symbols: Sequence[int]
) -> list[tuple[int, str, list[_Use]]]:
    """Where symbols are used: shard, path and uses in order of place."""
    rows = db.execute(
        "SELECT o.shard, f.root, f.path, o.line, o.col, o.symbol, o.length, o.roles, o.enclosing"
        " FROM occurrence o JOIN shard s ON s.id = o.shard JOIN file f ON f.id = s.file"
        f" WHERE o.symbol IN ({marks(symbols)}) AND o.roles & ? = 0"
        " ORDER BY f.root, f.path, o.shard, o.line, o.col, o.symbol",
        [*symbols, int(_NO_USE)],
    )
    found: list[tuple[int, str, list[_Use]]] = []
    for shard, root, path, *use in rows:
        if not found or found[-1][0] != shard:
            found.append((shard, roots.join(root, path), []))
        found[-1][2].append(_Use(*use))
    return found


def _uses_between(
    db: sqlite3.Connection, shard: int, begin: tuple[int, int], end: tuple[int, int]
) -> list[_Use]:
    rows = db.execute(
        "SELECT line, col, symbol, length, roles, enclosing FROM occurrence"
        " WHERE shard = ? AND line BETWEEN ? AND ? AND roles & ? = 0 ORDER BY line, col, symbol",
        (shard, begin[0], end[0], int(_NO_USE)),
    )
    return [use for use in map(_Use._make, rows) if begin <= (use.line, use.column) < end]


def _extents(
    db: sqlite3.Connection, roots: Roots, symbols: Sequence[int], shown: Item
) -> list[tuple[int, tuple[int, int], tuple[int, int]]]:
    """Shard, begin and end of the declarations in the file, and of the sort, of the one that is shown."""
    root, path = roots.split(shown.place.path)
    rows = db.execute(
        "SELECT d.shard, d.begin_line, d.begin_col, d.end_line, d.end_col FROM declaration d"
        " JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
        f" WHERE d.symbol IN ({marks(symbols)}) AND d.definition = ? AND f.root = ? AND f.path = ?"
        " ORDER BY d.shard, d.begin_line, d.begin_col",
        [*symbols, shown.is_definition, root, path],
    )
    return [
        (shard, (b_line, b_column), (e_line, e_column)) for shard, b_line, b_column, e_line, e_column in rows
    ]


def _item_in(path: str, declared: Sequence[Item], places: Iterable[Place]) -> Item:
    """The declaration to show: in the file of the calls, the one that extends over some (a macro may make several)."""
    points = [_point(place) for place in places]
    here = [item for item in declared if item.place.path == path] or declared
    around = (item for item in here if any(item.begin <= point < item.end for point in points))
    return next(around, here[0])


def _merged(calls: Iterable[Call]) -> list[Call]:
    """Calls by what is shown of them: two spellings of one symbol are one."""
    found: dict[tuple[str, int, int, str], Call] = {}
    for call in calls:
        place = call.item.place
        key = (place.path, place.line, place.start, call.item.name)
        known = found.get(key)
        if known is not None:
            both = {_point(place): place for place in (*known.places, *call.places)}
            call = Call(known.item, _in_order(both.values()))
        found[key] = call
    return sorted(found.values(), key=lambda call: (call.item.place.path, _point(call.item.place)))


def _in_order(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=_point))


def _point(place: Place) -> tuple[int, int]:
    return place.line, place.start
