"""Symbols as entries of a hierarchy, and the hierarchies of classes and of virtual functions."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cpplsp.facts import Kind, Relation
from cpplsp.paths import SYSTEM, Roots
from cpplsp.query.counterpart import is_source
from cpplsp.query.files import SPELLED, Place, WideMaps, in_parts, marks
from cpplsp.query.navigation import Hit, same_symbols
from cpplsp.query.outline import Position

CLASS_KINDS = frozenset((Kind.CLASS, Kind.STRUCT, Kind.UNION))
_MEMBER_FUNCTIONS = frozenset(
    (Kind.METHOD, Kind.STATIC_METHOD, Kind.CONSTRUCTOR, Kind.DESTRUCTOR, Kind.CONVERSION)
)
_TYPED_KINDS = frozenset(
    (Kind.VARIABLE, Kind.PARAMETER, Kind.FIELD, Kind.STATIC_FIELD, Kind.TYPE_ALIAS, Kind.TEMPLATE_PARAMETER)
)

_ABOVE = (
    "SELECT r.object FROM declaration d JOIN relation r ON r.shard = d.shard AND r.subject = d.symbol"
    " WHERE d.symbol IN ({}) AND r.relation = ? ORDER BY r.object"
)
_BELOW = "SELECT DISTINCT subject FROM relation WHERE object IN ({}) AND relation = ? ORDER BY subject"


@dataclass(frozen=True, slots=True)
class Item:
    """A symbol at one of its declarations. ``place``: of its name; ``begin``–``end``: all of the declaration.

    ``scope``: qualified name of what it stands in.
    """

    symbol: int
    name: str
    scope: str
    kind: int
    is_definition: bool
    place: Place
    begin: Position
    end: Position


def items_by_symbol(db: sqlite3.Connection, roots: Roots, symbols: Iterable[int]) -> dict[int, list[Item]]:
    """All declarations of each symbol, the one to show first.

    That is a definition, the project's own, one in a header, then the first by place.
    """
    found: dict[int, list[Item]] = {}
    wide = WideMaps(db)
    for some in in_parts(symbols):
        rows = db.execute(
            "SELECT d.symbol, d.name, d.scope, d.kind, d.definition, d.begin_line, d.begin_col, d.end_line, d.end_col,"
            f" d.line, d.col, {SPELLED}, d.shard, f.root, f.path"
            " FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
            f" WHERE d.symbol IN ({marks(some)})"
            " ORDER BY d.symbol, d.shard, d.line, d.col",
            some,
        )
        for row in rows:
            symbol, name, scope, kind, definition, b_line, b_col, e_line, e_col = row[:9]
            line, column, length, roles, shard, root, path = row[9:]
            place = Place(roots.join(root, path), line, column, column + length, roles, wide.of(shard))
            item = Item(
                symbol,
                name or "(anonymous)",
                scope,
                kind,
                bool(definition),
                place,
                (b_line, b_col),
                (e_line, e_col),
            )
            found.setdefault(symbol, []).append(item)
    for declared in found.values():
        declared.sort(key=lambda item: (not item.is_definition, _rank(item.place, roots)))
    return found


def _rank(place: Place, roots: Roots) -> tuple[bool, bool, str, int, int]:
    return roots.split(place.path)[0] == SYSTEM, is_source(place.path), place.path, place.line, place.start


def items(
    db: sqlite3.Connection, roots: Roots, symbols: Iterable[int], near: Collection[str] = ()
) -> list[Item]:
    """Each symbol once, at the declaration to show; two spellings of one symbol are one.

    Ordered by qualified name, then by place. ``near``: of several definitions (each program's ``main``), that in one of
    these files is shown.
    """
    found: dict[tuple[str, int, int, str], Item] = {}
    for declared in items_by_symbol(db, roots, symbols).values():
        shown = nearest(declared, near)
        found.setdefault(_site(shown), shown)
    return sorted(found.values(), key=_by_name)


def nearest(declared: Sequence[Item], near: Collection[str]) -> Item:
    """The declaration to show: the first, or one like it in these files."""
    alike = (item for item in declared if item.is_definition == declared[0].is_definition)
    return next((item for item in alike if item.place.path in near), declared[0])


def _site(item: Item) -> tuple[str, int, int, str]:
    return item.place.path, item.place.line, item.place.start, item.name


def _by_name(item: Item) -> tuple[str, str, str, int, int]:
    return item.scope, item.name, item.place.path, item.place.line, item.place.start


def above(db: sqlite3.Connection, symbols: Sequence[int], relation: Relation) -> set[int]:
    """What these symbols directly derive from, or override."""
    return _related(db, symbols, relation, _ABOVE)


def below(db: sqlite3.Connection, symbols: Sequence[int], relation: Relation) -> set[int]:
    """What directly derives from these symbols, or overrides them."""
    return _related(db, symbols, relation, _BELOW)


def all_above(db: sqlite3.Connection, symbols: Sequence[int], relation: Relation) -> set[int]:
    """What these symbols derive from, or override, however far."""
    return _closure(db, symbols, relation, _ABOVE)


def all_below(db: sqlite3.Connection, symbols: Sequence[int], relation: Relation) -> set[int]:
    """What derives from these symbols, or overrides them, however far."""
    return _closure(db, symbols, relation, _BELOW)


def _related(db: sqlite3.Connection, symbols: Sequence[int], relation: Relation, question: str) -> set[int]:
    found: set[int] = set()
    for some in in_parts(symbols):
        found.update(row[0] for row in db.execute(question.format(marks(some)), [*some, int(relation)]))
    return found


def _closure(db: sqlite3.Connection, symbols: Sequence[int], relation: Relation, question: str) -> set[int]:
    found: set[int] = set()
    new = list(symbols)
    while new:
        new = sorted(_related(db, new, relation, question) - found)
        found.update(new)
    return found


def classes_at(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Item]:
    """The classes among what is named at a place; of a member function, its class; of a value or an alias, its type's.

    That is behind pointers and the like, as ``facts.Declaration.type_symbol`` has it.
    """
    rows = _made_of(db, {hit.symbol for hit in hits}, _TYPED_KINDS)
    found = {one.symbol for one in rows if one.kind in CLASS_KINDS}
    found |= {one.container for one in rows if one.kind in _MEMBER_FUNCTIONS}
    return items(db, roots, found, {hit.place.path for hit in hits})


class _Declared(NamedTuple):
    """What a declaration says of a symbol."""

    symbol: int
    kind: int
    container: int
    type_symbol: int


def _made_of(db: sqlite3.Connection, symbols: Collection[int], followed: Collection[int]) -> list[_Declared]:
    """Declarations of these symbols and, from those of kinds that are followed, of what their types are made of."""
    found: list[_Declared] = []
    seen: set[int] = set()
    new = set(symbols)
    while new:
        seen |= new
        rows = db.execute(
            "SELECT DISTINCT symbol, kind, container, type_symbol FROM declaration"
            f" WHERE symbol IN ({marks(sorted(new))}) ORDER BY symbol, kind, container, type_symbol",
            sorted(new),
        )
        declared = [_Declared(*row) for row in rows]
        found += declared
        new = {one.type_symbol for one in declared if one.kind in followed and one.type_symbol} - seen
    return found


def supertypes(db: sqlite3.Connection, roots: Roots, symbol: int) -> list[Item]:
    """What a class derives from directly."""
    return items(db, roots, above(db, same_symbols(db, [symbol]), Relation.DERIVES_FROM))


def subtypes(db: sqlite3.Connection, roots: Roots, symbol: int) -> list[Item]:
    """What derives directly from a class."""
    return items(db, roots, below(db, same_symbols(db, [symbol]), Relation.DERIVES_FROM))


def implementations(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Place]:
    """Where what overrides a virtual function is defined, or what derives from a class, however far.

    What has no definition in the index is at its declaration. The project's own come first, headers before sources.
    """
    named = {one.symbol for one in _made_of(db, {hit.symbol for hit in hits}, (Kind.TYPE_ALIAS,))}
    symbols = same_symbols(db, sorted(named))
    found = all_below(db, symbols, Relation.OVERRIDES) | all_below(db, symbols, Relation.DERIVES_FROM)
    places: dict[tuple[str, int, int], Place] = {}
    for declared in items_by_symbol(db, roots, found - set(symbols)).values():
        for item in [one for one in declared if one.is_definition] or declared[:1]:
            places.setdefault((item.place.path, item.place.line, item.place.start), item.place)
    return sorted(places.values(), key=lambda place: _rank(place, roots))
