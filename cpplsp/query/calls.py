"""What calls a function, and what a function calls.

A function that is named without being called counts as well, as it does for clangd: its address is taken to be called
from elsewhere. What calls may be a variable or field, too, by its initialiser.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cpplsp.facts import FUNCTION_KINDS, Kind, Relation, Role
from cpplsp.paths import Roots
from cpplsp.query.files import Place, WideMaps, marks
from cpplsp.query.hierarchy import Item, all_above, items, items_by_symbol
from cpplsp.query.navigation import Hit, same_symbols

VARIABLE_KINDS = frozenset((Kind.VARIABLE, Kind.STATIC_FIELD, Kind.FIELD))
"""What has an initialiser that may call. Local ones do not: their function does."""

_DECLARING = Role.DECLARATION | Role.DEFINITION
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Call:
    """What calls or is called, and where: places in the file of whatever calls, in order."""

    item: Item
    places: tuple[Place, ...]


class _Use(NamedTuple):
    """An occurrence that declares nothing."""

    line: int
    column: int
    symbol: int
    length: int
    roles: int
    enclosing: int


def callables_at(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Item]:
    """What is named at a place and can be called, or can call: functions, and variables that are not local."""
    symbols = [hit.symbol for hit in hits]
    rows = db.execute(
        "SELECT DISTINCT symbol FROM declaration"
        f" WHERE symbol IN ({marks(symbols)}) AND {_is_caller()} ORDER BY symbol",
        [*symbols, *_CALLER_KINDS],
    )
    return items(db, roots, [row[0] for row in rows])


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
        for use, caller in _with_callers(db, shard, meant):
            place = Place(path, use.line, use.column, use.column + use.length, use.roles, wide.of(shard))
            places.setdefault((caller, path), {}).setdefault((use.line, use.column), place)
    declared = items_by_symbol(db, roots, {caller for caller, _ in places})
    calls = [
        Call(_item_in(path, declared[caller]), _in_order(found.values()))
        for (caller, path), found in places.items()
    ]
    return _merged(calls)


def callees(db: sqlite3.Connection, roots: Roots, symbol: int) -> list[Call]:
    """The functions that a symbol calls or names where it is defined (declared, if nowhere), in the order of calls.

    The compiler's own, which only macros name, are left out.
    """
    own = same_symbols(db, [symbol])
    declared = [item for found in items_by_symbol(db, roots, own).values() for item in found]
    if not declared:
        return []
    first = min(declared, key=lambda item: not item.is_definition)
    wide = WideMaps(db)
    places: dict[int, dict[tuple[int, int], Place]] = {}
    for shard, begin, end in _extents(db, roots, own, first):
        uses = _uses_between(db, shard, begin, end)
        for use, caller in _with_callers(db, shard, uses):
            if caller in own:
                place = Place(
                    first.place.path,
                    use.line,
                    use.column,
                    use.column + use.length,
                    use.roles,
                    wide.of(shard),
                )
                places.setdefault(use.symbol, {}).setdefault((use.line, use.column), place)
    called = items_by_symbol(db, roots, places)
    calls = [
        Call(called[callee][0], _in_order(found.values()))
        for callee, found in places.items()
        if callee in called and _is_shown(called[callee][0], found.values())
    ]
    return sorted(_merged(calls), key=lambda call: _point(call.places[0]))


_CALLER_KINDS = [*sorted(FUNCTION_KINDS), *sorted(VARIABLE_KINDS)]


def _is_caller() -> str:
    """SQL: whether a declaration is of something that calls; its parameters are ``_CALLER_KINDS``."""
    return (
        f"(kind IN ({marks(sorted(FUNCTION_KINDS))})"
        f" OR kind IN ({marks(sorted(VARIABLE_KINDS))}) AND local = 0)"
    )


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
        [*symbols, int(_DECLARING)],
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
        (shard, begin[0], end[0], int(_DECLARING)),
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


def _with_callers(db: sqlite3.Connection, shard: int, uses: Sequence[_Use]) -> list[tuple[_Use, int]]:
    """Uses in one shard, in order of place, each with the symbol that it is a call by; without those of none.

    That is the function around it or, outside of functions, the innermost declaration that extends over it: of a
    variable, a field, or a function by its default arguments and return type.
    """
    functions = _functions_among(db, {use.enclosing for use in uses})
    outside = [use for use in uses if use.enclosing not in functions]
    around = dict(zip(outside, _standing_in(db, shard, outside), strict=True)) if outside else {}
    found = ((use, around.get(use, use.enclosing)) for use in uses)
    return [(use, caller) for use, caller in found if caller]


def _functions_among(db: sqlite3.Connection, symbols: Iterable[int]) -> set[int]:
    wanted = sorted(symbols)
    functions: set[int] = set()
    for at in range(0, len(wanted), _AT_ONCE):
        some = wanted[at : at + _AT_ONCE]
        rows = db.execute(
            f"SELECT DISTINCT symbol FROM declaration WHERE symbol IN ({marks(some)})"
            f" AND kind IN ({marks(sorted(FUNCTION_KINDS))}) ORDER BY symbol",
            [*some, *sorted(FUNCTION_KINDS)],
        )
        functions.update(row[0] for row in rows)
    return functions


def _standing_in(db: sqlite3.Connection, shard: int, uses: Sequence[_Use]) -> list[int]:
    """For each use, in order of place, the innermost declaration that extends over it and can call; 0 for none."""
    coming = db.execute(
        "SELECT begin_line, begin_col, end_line, end_col, symbol FROM declaration"
        f" WHERE shard = ? AND begin_line <= ? AND end_line >= ? AND {_is_caller()}"
        " ORDER BY begin_line DESC, begin_col DESC, end_line, end_col, symbol",
        [shard, uses[-1].line, uses[0].line, *_CALLER_KINDS],
    ).fetchall()
    around: list[tuple[tuple[int, int], int]] = []
    found: list[int] = []
    for use in uses:
        point = use.line, use.column
        while coming and coming[-1][:2] <= point:
            *_, end_line, end_column, symbol = coming.pop()
            around.append(((end_line, end_column), symbol))
        while around and around[-1][0] <= point:
            around.pop()
        found.append(next((symbol for end, symbol in reversed(around) if end > point), 0))
    return found


def _item_in(path: str, declared: Sequence[Item]) -> Item:
    """The declaration to show among those in a file: that file is where the calls are."""
    return next((item for item in declared if item.place.path == path), declared[0])


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
