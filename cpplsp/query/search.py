"""Symbols by name: what a person typed, fuzzy and best first; or a qualified name, to the letter.

Names are found in SQL: those that begin with what was typed by the index on them, others by one pass over it.
How well a name fits (:func:`match_name`) and a scope (:func:`match_scope`) are pure functions of two texts.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from cpplsp.facts import Kind
from cpplsp.paths import SYSTEM, Roots, is_text
from cpplsp.query.files import Place, WideMaps, marks

_LONGEST_TEXT = 200
_NAMES_AT_ONCE = 500
_NEVER_FOUND = (Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.LABEL, Kind.USING)
_KIND_RANKS: dict[int, int] = {
    **dict.fromkeys((Kind.CLASS, Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.CONCEPT, Kind.TYPE_ALIAS), 0),
    **dict.fromkeys((Kind.FUNCTION, Kind.METHOD, Kind.STATIC_METHOD, Kind.CONVERSION), 1),
    **dict.fromkeys((Kind.NAMESPACE, Kind.NAMESPACE_ALIAS, Kind.VARIABLE, Kind.MACRO), 2),
    **dict.fromkeys((Kind.FIELD, Kind.STATIC_FIELD, Kind.ENUMERATOR), 3),
    # These are named as their class is, which stands for them.
    **dict.fromkeys((Kind.CONSTRUCTOR, Kind.DESTRUCTOR), 4),
}
_OTHER_KINDS = 5
_KIND_RANK_SQL = (
    f"CASE d.kind {' '.join(f'WHEN {kind:d} THEN {rank}' for kind, rank in _KIND_RANKS.items())} ELSE 5 END"
)

_OPERATOR = re.compile(r"operator\b")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")


class Fit(IntEnum):
    """How a name fits what was typed, best first."""

    EXACT = 0
    EXACT_IN_ANOTHER_CASE = 1
    PREFIX = 2
    PREFIX_IN_ANOTHER_CASE = 3
    WORDS = 4  # beginnings of its words, in order: UM, UniM and um for UniqueMap
    SUBSTRING = 5
    SUBSEQUENCE = 6


@dataclass(frozen=True, slots=True)
class FoundSymbol:
    """A symbol, once: where it is defined, or declared where no definition is known.

    ``scope``: qualified name of what it stands in. ``place``: of its name.
    """

    symbol: int
    name: str
    scope: str
    kind: int
    is_definition: bool
    place: Place
    rank: tuple[object, ...] = ()
    """Orders the answers of several indexes; of :func:`search_symbols` only."""

    @property
    def qualified_name(self) -> str:
        """``ns::Class::member``."""
        return f"{self.scope}::{self.name}" if self.scope else self.name


@dataclass(frozen=True, slots=True)
class _Row:
    symbol: int
    name: str
    kind: int
    is_definition: bool
    scope: str
    shard: int
    line: int
    column: int
    root: str
    path: str

    @property
    def preference(self) -> tuple[bool, bool, str, int, int]:
        """Of one symbol's declarations: the definition, the project's own, then by place."""
        return not self.is_definition, self.root == SYSTEM, self.path, self.line, self.column


def split_name(text: str) -> tuple[str, str]:
    """Split ``ns::Class::member`` into scope and name; the scope of ``::member`` is ``::``, the global one."""
    begin = 0
    # An operator's name may hold a qualified one: operator std::string.
    while not _OPERATOR.match(text, begin) and (at := text.find("::", begin)) >= 0:
        begin = at + 2
    scope = text[:begin]
    return (scope if scope == "::" else scope.removesuffix("::")), text[begin:]


def match_name(typed: str, name: str) -> Fit | None:
    """How a name fits what was typed; None where it does not."""
    if name.startswith(typed):
        return Fit.EXACT if len(name) == len(typed) else Fit.PREFIX
    typed_low, name_low = typed.casefold(), name.casefold()
    if name_low.startswith(typed_low):
        return Fit.EXACT_IN_ANOTHER_CASE if len(name_low) == len(typed_low) else Fit.PREFIX_IN_ANOTHER_CASE
    if _is_of_words(typed_low, name):
        return Fit.WORDS
    if typed_low in name_low:
        return Fit.SUBSTRING
    rest = iter(name_low)
    return Fit.SUBSEQUENCE if all(letter in rest for letter in typed_low) else None


def _is_of_words(typed: str, name: str) -> bool:
    """Whether what was typed is put together from beginnings of the name's words, in their order."""
    typed = typed.replace("_", "")
    reached = {0}
    for word in _WORD.findall(name):
        low = word.casefold()
        for begin in tuple(reached):
            length = 0
            while length < len(low) and begin + length < len(typed) and typed[begin + length] == low[length]:
                length += 1
                reached.add(begin + length)
        if len(typed) in reached:
            return True
    return False


def match_scope(typed: str, scope: str) -> int | None:
    """How a scope fits the one typed: 0, that is its end; 1, it has parts that begin so, in order; None, not.

    What starts with ``::`` fits that very scope only.
    """
    if not typed:
        return 0
    parts = scope.casefold().split("::") if scope else []
    if typed.startswith("::"):
        return 0 if parts == typed.casefold().split("::")[1 if typed != "::" else 2 :] else None
    wanted = typed.casefold().split("::")
    if parts[-len(wanted) :] == wanted:
        return 0
    rest = iter(parts)
    return 1 if all(any(part.startswith(one) for part in rest) for one in wanted) else None


def search_symbols(db: sqlite3.Connection, roots: Roots, text: str, limit: int) -> list[FoundSymbol]:
    """Find symbols that fit what was typed, best first, at most ``limit``; for an empty text all, up to that.

    Ordered by fit of the name, fit of the scope, kind, definitions first, shorter names first, name, place.
    """
    scope, name = split_name(text.strip()[:_LONGEST_TEXT])
    if not is_text(text):
        return []
    if not name:
        return _placed(db, roots, _unnamed(db, scope, limit))
    found: dict[int, tuple[tuple[object, ...], _Row]] = {}
    seen: set[str] = set()
    for names in (_names_beginning(db, name), _names_holding(db, name)):
        by_fit: dict[Fit, list[str]] = {}
        for one in names:
            if one not in seen and (fit := match_name(name, one)) is not None:
                seen.add(one)
                by_fit.setdefault(fit, []).append(one)
        for fit in sorted(by_fit):
            if len(found) >= limit:
                break
            found.update(_ranked(_rows_named(db, by_fit[fit]), scope, fit))
        if len(found) >= limit:
            break
    return _placed(db, roots, sorted(found.values(), key=lambda item: item[0])[:limit])


def symbols_named(db: sqlite3.Connection, roots: Roots, name: str) -> list[FoundSymbol]:
    """Find symbols of exactly this name, as far as it is qualified: ``Class::f`` finds ``ns::Class::f``."""
    scope, last = split_name(name.strip())
    if not is_text(name):
        return []
    rows = [row for row in _rows_named(db, [last]) if row.name == last and _is_end(scope, row.scope)]
    found = _ranked(rows, "", Fit.EXACT)
    return _placed(db, roots, sorted(found.values(), key=lambda item: item[0]))


def described(db: sqlite3.Connection, roots: Roots, symbols: Sequence[int]) -> list[FoundSymbol]:
    """Say what these symbols (ids) are, locals too: in the order given, without those declared nowhere."""
    select = _SELECT.format(index="")
    rows = db.execute(
        f"{select} d.symbol IN ({marks(symbols)}) ORDER BY d.symbol, d.shard, d.line, d.col",
        [*symbols],
    )
    found = _ranked((_row(row) for row in rows), "", Fit.EXACT)
    return _placed(db, roots, [found[symbol] for symbol in dict.fromkeys(symbols) if symbol in found])


def _is_end(typed: str, scope: str) -> bool:
    if typed.startswith("::"):
        return scope == typed[2:]
    return not typed or scope == typed or scope.endswith("::" + typed)


def _names_beginning(db: sqlite3.Connection, name: str) -> Iterator[str]:
    rows = db.execute(
        "SELECT DISTINCT name FROM declaration INDEXED BY declaration_by_name WHERE local = 0"
        " AND name COLLATE NOCASE >= ? AND name COLLATE NOCASE < ? ORDER BY name",
        (name, name + "\U0010ffff"),
    )
    return (row[0] for row in rows)


def _names_holding(db: sqlite3.Connection, name: str) -> Iterator[str]:
    """Names that have these letters in this order: all that can fit in any way."""
    letters = name.replace("_", "") or name
    pattern = "".join("%\\" + one if one in "%_\\" else "%" + one for one in letters) + "%"
    rows = db.execute(
        "SELECT DISTINCT name FROM declaration INDEXED BY declaration_by_name WHERE local = 0"
        " AND name LIKE ? ESCAPE '\\' ORDER BY name",
        (pattern,),
    )
    return (row[0] for row in rows)


_SELECT = (
    "SELECT d.symbol, d.name, d.kind, d.definition, d.scope, d.shard, d.line, d.col, f.root, f.path"
    " FROM declaration d {index} JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file WHERE "
)
_TO_BE_FOUND = (
    f"d.local = 0 AND d.kind NOT IN ({marks(_NEVER_FOUND)}) AND d.name <> '' AND d.name NOT LIKE '(%'"
)


def _rows_named(db: sqlite3.Connection, names: list[str]) -> Iterator[_Row]:
    select = _SELECT.format(index="INDEXED BY declaration_by_name")
    for at in range(0, len(names), _NAMES_AT_ONCE):
        some = names[at : at + _NAMES_AT_ONCE]
        rows = db.execute(
            f"{select} {_TO_BE_FOUND} AND d.name COLLATE NOCASE IN ({marks(some)}) AND d.name IN ({marks(some)})"
            " ORDER BY d.symbol, d.shard, d.line, d.col",
            [*_NEVER_FOUND, *some, *some],
        )
        yield from (_row(row) for row in rows)


def _row(row: tuple[int, str, int, int, str, int, int, int, str, str]) -> _Row:
    symbol, name, kind, definition, scope, shard, line, column, root, path = row
    return _Row(symbol, name, kind, bool(definition), scope, shard, line, column, root, path)


def _ranked(rows: Iterable[_Row], scope: str, fit: Fit) -> dict[int, tuple[tuple[object, ...], _Row]]:
    """By symbol, its best row with what orders it; symbols in scopes that do not fit are left out."""
    best: dict[int, _Row] = {}
    for row in rows:
        known = best.get(row.symbol)
        if known is None or row.preference < known.preference:
            best[row.symbol] = row
    return {
        symbol: (_rank(row, fit, scope_fit), row)
        for symbol, row in best.items()
        if (scope_fit := match_scope(scope, row.scope)) is not None
    }


def _rank(row: _Row, fit: int, scope_fit: int) -> tuple[object, ...]:
    return (
        fit,
        scope_fit,
        _KIND_RANKS.get(row.kind, _OTHER_KINDS),
        not row.is_definition,
        len(row.name),
        row.name,
        row.root == SYSTEM,
        row.path,
        row.line,
        row.column,
        row.symbol,
    )


def _unnamed(db: sqlite3.Connection, scope: str, limit: int) -> list[tuple[tuple[object, ...], _Row]]:
    """List what stands in a scope, or anywhere: sorted in SQL, since it may be all there is."""
    inner = scope.removeprefix("::")
    pattern = "%" + "".join("\\" + one if one in "%_\\" else one for one in inner) + "%"
    rows = db.execute(
        _SELECT.format(index="") + _TO_BE_FOUND + " AND d.scope LIKE ? ESCAPE '\\'"
        f" ORDER BY {_KIND_RANK_SQL}, d.definition DESC, length(d.name), d.name, f.root = 'system', f.path,"
        " d.line, d.col, d.symbol",
        [*_NEVER_FOUND, pattern],
    )
    found: dict[int, tuple[tuple[object, ...], _Row]] = {}
    for row in map(_row, rows):
        scope_fit = match_scope(scope, row.scope)
        if row.symbol not in found and scope_fit == 0:
            found[row.symbol] = _rank(row, Fit.PREFIX, scope_fit), row
            if len(found) == limit:
                break
    return list(found.values())


def _placed(
    db: sqlite3.Connection, roots: Roots, ranked: Iterable[tuple[tuple[object, ...], _Row]]
) -> list[FoundSymbol]:
    """Find the places of rows; of two symbols with one site and name (two spellings of one), the first."""
    wide = WideMaps(db)
    found: dict[tuple[str, int, int, str], FoundSymbol] = {}
    for rank, row in ranked:
        length, roles = _occurrence(db, row)
        path = roots.join(row.root, row.path)
        place = Place(path, row.line, row.column, row.column + length, roles, wide.of(row.shard))
        symbol = FoundSymbol(row.symbol, row.name, row.scope, row.kind, row.is_definition, place, rank)
        found.setdefault((path, row.line, row.column, row.name), symbol)
    return list(found.values())


def _occurrence(db: sqlite3.Connection, row: _Row) -> tuple[int, int]:
    """Length in bytes and roles of the name in a declaration."""
    occurrence = db.execute(
        "SELECT length, roles FROM occurrence WHERE shard = ? AND line = ? AND col = ? AND symbol = ?"
        " ORDER BY length",
        (row.shard, row.line, row.column, row.symbol),
    ).fetchone()
    return (occurrence[0], occurrence[1]) if occurrence else (len(row.name.encode()), 0)
