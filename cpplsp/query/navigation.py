"""From a place to the symbols named there, and from symbols to where they are defined, declared and used."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cpplsp.columns import WideMap
from cpplsp.facts import Kind, Relation, Role, Trait
from cpplsp.paths import SYSTEM, Roots
from cpplsp.query.files import SPELLED, Place, WideMaps, find_file, live_shards, marks

TYPE_KINDS = frozenset((Kind.CLASS, Kind.STRUCT, Kind.UNION, Kind.ENUM))
"""What is declared by being defined: forward declarations of these tell a reader nothing."""

_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm", ".cu")
_DECLARING = Role.DECLARATION | Role.DEFINITION
_UNNAMED = Role.INACTIVE | Role.KEYWORD  # places that are no references


@dataclass(frozen=True, slots=True)
class Hit:
    """A symbol that is named at a place that was asked for."""

    symbol: int
    place: Place


@dataclass(frozen=True, slots=True)
class _Declared:
    symbol: int
    kind: int
    is_definition: bool
    is_mention: bool
    place: Place


def symbols_at(db: sqlite3.Connection, roots: Roots, path: str, line: int, column: int) -> list[Hit]:
    """The symbols that the token at a byte column names; a cursor right behind a token is on it, too.

    Of two tokens that touch there, the one that starts at the column counts, unless it is an operator behind a name
    or nothing is spelled there. Of several symbols, those that are spelled count before implied ones (constructors
    that a variable's declaration calls), and what is declared there before what is named (a constructor before its
    class); of a class and its constructor that is called, the class counts, as clangd has it.
    """
    file = find_file(db, roots, path)
    if file is None:
        return []
    rows = db.execute(
        "SELECT o.col, o.length, o.symbol, o.roles, o.shard FROM reading r JOIN occurrence o ON o.shard = r.shard"
        " WHERE r.file = ? AND o.line = ? AND o.col <= ? AND o.col + o.length >= ?"
        " ORDER BY o.col, o.length, o.symbol, o.shard",
        (file, line, column, column),
    ).fetchall()
    tokens = [list(group) for _, group in groupby(rows, lambda row: row[:2])]
    if not tokens:
        return []
    about = _names_and_kinds(db, {row[2] for row in rows}) if len(rows) > 1 else {}
    token = min(tokens, key=lambda token: _distance(token, column, about))
    spelled = [row for row in token if not row[3] & Role.IMPLICIT]
    less = Kind.CONSTRUCTOR if spelled else Kind.NAMESPACE  # a macro's body names many
    named = [row for row in spelled if not row[3] & Role.INACTIVE] or spelled or token
    declared = [row for row in named if row[3] & _DECLARING]
    if len(declared) < len(named) and all(_is_made(row, about) for row in declared):
        declared = []  # DISALLOW_COPY(Stack): the class is named there
    meant = declared or [row for row in named if about.get(row[2], ("", 0))[1] != less] or named
    wide = WideMaps(db)
    hits: dict[int, Hit] = {}
    for start, length, symbol, roles, shard in meant:
        if symbol in hits:
            roles |= hits[symbol].place.roles
        hits[symbol] = Hit(symbol, Place(path, line, start, start + length, roles, wide.of(shard)))
    return list(hits.values())


def _is_made(row: tuple[int, ...], about: dict[int, tuple[str, int]]) -> bool:
    """Whether a macro declares a constructor there."""
    return bool(row[3] & Role.IN_MACRO) and about.get(row[2], ("", 0))[1] == Kind.CONSTRUCTOR


def is_spelled(hits: Sequence[Hit]) -> bool:
    """Whether the token that was asked about names something by itself, as an ``auto`` does not."""
    return any(not hit.place.roles & Role.IMPLICIT for hit in hits)


def _distance(
    token: list[tuple[int, ...]], column: int, about: dict[int, tuple[str, int]]
) -> tuple[bool, bool, bool, int]:
    """What makes a token less likely to be meant than another one that touches the column.

    Of ``~Stack`` and the ``Stack`` in it, the destructor is meant.
    """
    start, length, *_ = token[0]
    is_implied = all(row[3] & Role.IMPLICIT for row in token)
    is_operator = all(about.get(row[2], ("", 0))[0].startswith("operator") for row in token)
    is_before = start < column and start + length == column
    return is_implied, is_operator, is_before, -length


def _names_and_kinds(db: sqlite3.Connection, symbols: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Name and kind of each symbol that is declared anywhere."""
    wanted = sorted(symbols)
    rows = db.execute(
        f"SELECT symbol, name, kind FROM declaration WHERE symbol IN ({marks(wanted)}) ORDER BY symbol, shard, line",
        wanted,
    )
    return {symbol: (name, kind) for symbol, name, kind in rows}


def names_of(db: sqlite3.Connection, symbols: Iterable[int]) -> set[str]:
    """The names under which these symbols are declared; of a destructor's, the class's, too."""
    names = {name for name, _ in _names_and_kinds(db, symbols).values()}
    return names | {name.removeprefix("~") for name in names}


def definitions(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Place]:
    """Where symbols are defined; declared, where no definition is known.

    On the name in a definition, that is where the declarations are: asking again goes back and forth. A specialisation
    that is declared nowhere else leads to its template.
    """
    return _targets(db, roots, hits, wants_definition=True)


def declarations(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Place]:
    """Where symbols are declared; defined, where that is all.

    Of types, a declaration counts only in the file that is asked from: others tell a reader less than the definition.
    On the name in a declaration, that is where the definition is.
    """
    return _targets(db, roots, hits, wants_definition=False)


_OF_A_TYPE = TYPE_KINDS | {Kind.CONCEPT}
_OF_A_CLASS = frozenset((Kind.ENUMERATOR, Kind.CONSTRUCTOR, Kind.DESTRUCTOR))


def type_definitions(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> list[Place]:
    """Where the types are defined that symbols are of: what functions return, what aliases stand for.

    A type is of itself, an enumerator of its enum, a constructor of its class.
    """
    symbols = same_symbols(db, [hit.symbol for hit in hits])
    rows = db.execute(
        f"SELECT DISTINCT symbol, kind, type_symbol, container FROM declaration WHERE symbol IN ({marks(symbols)})"
        " ORDER BY symbol, kind, type_symbol, container",
        symbols,
    )
    types, aliases = set(), []
    for symbol, kind, type_symbol, container in rows:
        is_own = kind in _OF_A_TYPE or (kind == Kind.TEMPLATE_PARAMETER and not type_symbol)
        types.add(symbol if is_own else container if kind in _OF_A_CLASS else type_symbol)
        if kind == Kind.TYPE_ALIAS:
            aliases.append(symbol)  # of what has no declaration, or none that is known
    return type_places(db, roots, sorted(types - {0})) or type_places(db, roots, aliases)


def type_places(db: sqlite3.Connection, roots: Roots, symbols: Sequence[int]) -> list[Place]:
    """Where types are defined, wherever that is asked from."""
    nowhere = Place("", 0, 0, 0, 0, WideMap(b""))
    return definitions(db, roots, [Hit(symbol, nowhere) for symbol in symbols])


def _targets(
    db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit], *, wants_definition: bool
) -> list[Place]:
    here = {_spot(hit.place) for hit in hits}
    targets: dict[tuple[str, int, int], Place] = {}
    by_symbol: dict[int, list[_Declared]] = {}
    for declared in _declared(db, roots, same_symbols(db, [hit.symbol for hit in hits])):
        by_symbol.setdefault(declared.symbol, []).append(declared)
    by_symbol = {symbol: _telling(all_of_it, roots) for symbol, all_of_it in by_symbol.items()}
    defined = [one for all_of_it in by_symbol.values() for one in all_of_it if one.is_definition]
    is_type = any(one.kind in TYPE_KINDS for one in defined)
    files = set() if wants_definition else {hit.place.path for hit in hits}
    declared_only = [
        one
        for all_of_it in by_symbol.values()
        for one in all_of_it
        if not one.is_definition and (not is_type or one.place.path in files)
    ]
    first, second = (defined, declared_only) if wants_definition else (declared_only, defined)
    on_first = any(_spot(one.place) in here for one in first)
    if on_first and not second and (templates := _related(db, list(by_symbol), _ABOVE, Relation.SPECIALIZES)):
        nowhere = Place("", 0, 0, 0, 0, WideMap(b""))
        hits = [Hit(symbol, nowhere) for symbol in sorted(templates)]
        return _targets(db, roots, hits, wants_definition=wants_definition)
    chosen = (second or first) if on_first else (first or second)
    chosen = chosen or [one for all_of_it in by_symbol.values() for one in all_of_it]
    if not defined:  # from one declaration of several, to the others
        chosen = [one for one in chosen if _spot(one.place) not in here] or chosen
    spelled = [one for one in chosen if not one.place.roles & Role.IMPLICIT]  # a macro's uses declare it, too
    for one in spelled or chosen:
        targets.setdefault(_spot(one.place), one.place)
    return sorted(targets.values(), key=lambda place: _preference(place, roots))


def _telling(declared: list[_Declared], roots: Roots) -> list[_Declared]:
    """What declares a symbol: its first mention, where nothing else does."""
    mentions = sorted(declared, key=lambda one: _preference(one.place, roots))
    return [one for one in declared if not one.is_mention] or mentions[:1]


def _spot(place: Place) -> tuple[str, int, int]:
    return place.path, place.line, place.start


def _preference(place: Place, roots: Roots) -> tuple[bool, bool, str, int, int]:
    """The project's own before others, headers before sources."""
    outside = roots.split(place.path)[0] == SYSTEM
    return outside, place.path.endswith(_SOURCES), place.path, place.line, place.start


def same_symbols(db: sqlite3.Connection, symbols: Sequence[int]) -> list[int]:
    """These symbols, and those that are declared at one site with one of them under its name.

    The USRs of constrained templates embed printed expressions, so that two units may spell one symbol in two ways.
    Symbols that one reading of the site tells apart are several: what a macro declares there.
    """
    rows = db.execute(
        "SELECT b.symbol FROM declaration a JOIN shard s ON s.id = a.shard JOIN shard t ON t.file = s.file"
        " JOIN declaration b ON b.shard = t.id AND b.line = a.line AND b.col = a.col"
        f" AND b.name = a.name AND b.kind = a.kind WHERE a.symbol IN ({marks(symbols)})"
        " AND NOT EXISTS (SELECT 1 FROM declaration c WHERE c.shard = a.shard AND c.line = a.line AND c.col = a.col"
        " AND c.symbol = b.symbol AND c.symbol <> a.symbol) ORDER BY b.symbol",
        list(symbols),
    )
    return sorted({*symbols, *(row[0] for row in rows)})


def _declared(db: sqlite3.Connection, roots: Roots, symbols: Sequence[int]) -> Iterator[_Declared]:
    rows = db.execute(
        f"SELECT f.root, f.path, d.shard, d.line, d.col, {SPELLED}, d.definition, d.kind, d.symbol, d.traits"
        " FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
        f" WHERE d.symbol IN ({marks(symbols)}) ORDER BY f.root, f.path, d.line, d.col, d.symbol, d.shard",
        list(symbols),
    )
    wide = WideMaps(db)
    for root, path, shard, line, column, length, roles, is_definition, kind, symbol, traits in rows:
        place = Place(roots.join(root, path), line, column, column + length, roles, wide.of(shard))
        yield _Declared(symbol, kind, bool(is_definition), bool(traits & Trait.MENTIONED), place)


def references(
    db: sqlite3.Connection, roots: Roots, symbols: Sequence[int], *, include_declarations: bool
) -> Iterator[Place]:
    """Every place that names one of these symbols, file by file as they are asked for; none is cut off.

    What names a virtual function that one of them overrides may mean it, too, so those places are included; and with
    the declarations come those of what overrides it.
    """
    own = same_symbols(db, symbols)
    named = {*own, *_related(db, own, _ABOVE, Relation.OVERRIDES)}
    declared = (
        sorted({*named, *_related(db, own, _BELOW, Relation.OVERRIDES)}) if include_declarations else []
    )
    wanted = sorted({*named, *declared})
    files: dict[tuple[str, str], list[int]] = {}
    shards = db.execute(
        "SELECT f.root, f.path, s.id FROM shard s JOIN file f ON f.id = s.file WHERE s.id IN"
        f" (SELECT shard FROM occurrence WHERE symbol IN ({marks(wanted)})) ORDER BY f.root, f.path, s.id",
        wanted,
    )
    for root, path, shard in shards:
        files.setdefault((root, path), []).append(shard)
    for (root, path), of_file in files.items():
        yield from _references_in(db, roots.join(root, path), of_file, sorted(named), declared)


_ABOVE = (
    "SELECT r.object FROM declaration d JOIN relation r ON r.shard = d.shard AND r.subject = d.symbol"
    " WHERE d.symbol IN ({}) AND r.relation = ? ORDER BY r.object"
)
_BELOW = "SELECT DISTINCT subject FROM relation WHERE object IN ({}) AND relation = ? ORDER BY subject"


def _related(db: sqlite3.Connection, symbols: Sequence[int], question: str, relation: Relation) -> set[int]:
    """What is above or below these, however far: the virtual functions that they override, for instance."""
    found: set[int] = set()
    new = list(symbols)
    while new:
        rows = db.execute(question.format(marks(new)), [*new, int(relation)])
        new = sorted({row[0] for row in rows} - found)
        found.update(new)
    return found


def _references_in(
    db: sqlite3.Connection, path: str, shards: list[int], named: list[int], declared: list[int]
) -> Iterator[Place]:
    """Where symbols are named in one file, and where symbols are declared; what readings have in common comes once.

    What no reading has compiled is left out, and keywords.
    """
    every = sorted({*named, *declared})
    rows = db.execute(
        # Symbol by symbol: of several SQLite would rather read all that the files name.
        "SELECT o.line, o.col, -o.length, o.roles, o.shard FROM json_each(?) w CROSS JOIN occurrence o"
        f" ON o.symbol = w.value WHERE o.shard IN ({marks(shards)}) AND NOT o.roles & ?"
        f" AND CASE o.roles & ? WHEN 0 THEN o.symbol IN ({marks(named)}) ELSE o.symbol IN ({marks(declared)}) END"
        " ORDER BY o.line, o.col, -o.length",
        [json.dumps(every), *shards, int(_UNNAMED), int(_DECLARING), *named, *declared],
    )
    wide = WideMaps(db)
    for (line, column), of_place in groupby(rows, lambda row: row[:2]):
        _, _, length, roles, shard = next(of_place)
        length = -length
        yield Place(path, line, column, column + length, roles, wide.of(shard))


def included_at(db: sqlite3.Connection, roots: Roots, path: str, line: int) -> list[Place]:
    """The file that an ``#include`` on this line led to, as the place of its beginning."""
    file = find_file(db, roots, path)
    shards = live_shards(db, file) if file is not None else []
    rows = db.execute(
        "SELECT f.root, f.path FROM include i JOIN file f ON f.id = i.target"
        f" WHERE i.shard IN ({marks(shards)}) AND i.line = ? ORDER BY f.root, f.path",
        [*shards, line],
    )
    return [
        Place(roots.join(*row), 0, 0, 0, int(Role.REFERENCE), WideMap(b"")) for row in dict.fromkeys(rows)
    ]


def includers(db: sqlite3.Connection, roots: Roots, path: str) -> list[Place]:
    """The lines that include a file: each as a place at the line's beginning."""
    file = find_file(db, roots, path)
    rows = db.execute(
        "SELECT f.root, f.path, i.line FROM include i"
        " JOIN shard s ON s.id = i.shard JOIN file f ON f.id = s.file"
        " WHERE i.target = ? ORDER BY f.root, f.path, i.line",
        (file,),
    )
    return [
        Place(roots.join(root, name), line, 0, 0, int(Role.REFERENCE), WideMap(b""))
        for root, name, line in dict.fromkeys(rows)
    ]
