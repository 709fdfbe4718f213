"""The outline of a file: what it declares, nested as it stands there."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from cpplsp.columns import WideMap
from cpplsp.facts import SCOPE_KINDS, Kind, Role, Trait
from cpplsp.paths import Roots
from cpplsp.query.files import SPELLED, WideMaps, find_file, live_shards, marks
from cpplsp.query.texts import IndexedTexts
from cpplsp.text.identifiers import Text
from cpplsp.text.spelling import arguments_behind, befriends, spelled_around, unnamed_namespaces

_LEFT_OUT = (Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.LABEL, Kind.MACRO)
_IMPLICIT = int(Role.IMPLICIT)
_UNNAMED = {
    Kind.NAMESPACE: "(anonymous namespace)",
    Kind.CLASS: "(anonymous class)",
    Kind.STRUCT: "(anonymous struct)",
    Kind.UNION: "(anonymous union)",
    Kind.ENUM: "(anonymous enum)",
}

Position = tuple[int, int]
"""Line and byte column."""


@dataclass(frozen=True, slots=True)
class OutlineSymbol:
    """A declaration in an outline. ``begin``–``end`` is all of it, ``start``–``stop`` its name, on one line.

    ``name`` is qualified as far as it stands outside of what it belongs to (``Stack::push`` outside its class), with
    the arguments of specialisations. ``qualifier`` and ``arguments``: as spelled, where the text is at hand.
    ``detail``: of the use of a macro, which holds what it declares, its arguments.
    ``scope``: qualified name of what it belongs to.
    """

    name: str
    kind: int
    is_definition: bool
    scope: str
    begin: Position
    end: Position
    start: Position
    stop: Position
    wide: WideMap = field(compare=False, repr=False)
    qualifier: str = ""
    arguments: str = ""
    detail: str = ""
    children: tuple["OutlineSymbol", ...] = ()


@dataclass(slots=True)
class _Node:
    symbol: OutlineSymbol
    inside: str
    children: list["_Node"] = field(default_factory=list)


def outline(db: sqlite3.Connection, roots: Roots, path: str) -> list[OutlineSymbol]:
    """What a file declares, in the order of the file; locals and parameters are left out.

    Of macros there are the uses that declare something. The index knows no unnamed namespaces, no template arguments,
    and not what is declared as a friend only: that is read from the file, if it still is the one that was indexed.
    """
    top: list[_Node] = []
    around: list[_Node] = []
    for symbol in _declared(db, roots, path):
        while around and not _encloses(around[-1].symbol, symbol):
            around.pop()
        siblings, inside = (around[-1].children, around[-1].inside) if around else (top, "")
        is_scope = symbol.kind != Kind.MACRO and symbol.name != _UNNAMED[Kind.NAMESPACE]
        # What stands in a macro's use, or has no name, belongs to what is around.
        node = _Node(_named_within(symbol, inside), _qualified(symbol)) if is_scope else _Node(symbol, inside)
        siblings.append(node)
        if symbol.kind in SCOPE_KINDS or not is_scope:
            around.append(node)
    return list(_in_order(top))


def _declared(db: sqlite3.Connection, roots: Roots, path: str) -> list[OutlineSymbol]:
    """Declarations by position, outer before inner; what several readings have in common comes once."""
    file = find_file(db, roots, path)
    shards = live_shards(db, file) if file is not None else []
    rows = db.execute(
        "SELECT d.name, d.kind, d.definition, d.scope, d.begin_line, d.begin_col, d.end_line, d.end_col,"
        f" d.line, d.col, {SPELLED}, d.shard FROM declaration d"
        f" WHERE d.shard IN ({marks(shards)}) AND d.local = 0 AND d.kind NOT IN ({marks(_LEFT_OUT)})"
        " AND NOT d.traits & ?"
        " ORDER BY d.begin_line, d.begin_col, d.end_line DESC, d.end_col DESC, length(d.scope),"
        " d.line, d.col, d.kind, d.shard",
        [*shards, *_LEFT_OUT, int(Trait.MENTIONED)],
    )
    wide, texts = WideMaps(db), _Texts(db, roots)
    seen: set[tuple[object, ...]] = set()
    found = []
    unspelled: set[tuple[int, int, int]] = set()
    for (
        name,
        kind,
        definition,
        scope,
        b_line,
        b_col,
        e_line,
        e_col,
        line,
        column,
        length,
        roles,
        shard,
    ) in rows:
        if roles & _IMPLICIT:
            unspelled.add((shard, line, column))
        if not name or "(unnamed " in name or name.startswith("("):
            name, length = _UNNAMED.get(kind, "(anonymous)"), 0
        key = (name, kind, line, column, definition)
        if key in seen:
            continue
        seen.add(key)
        qualifier, arguments = "", ""
        if length and (text := texts.of(shard)) is not None:
            if not definition and befriends(text.content, text.offset(line, column)):
                continue
            qualifier, arguments = spelled_around(text.content, text.offset(line, column), name)
        found.append(
            OutlineSymbol(
                name,
                kind,
                bool(definition),
                scope,
                (b_line, b_col),
                (e_line, e_col),
                (line, column),
                (line, column + length),
                wide.of(shard),
                qualifier,
                arguments,
            )
        )
    for shard in shards[-1:]:
        if (text := texts.of(shard)) is not None:
            found += _unnamed_namespaces(text, wide.of(shard))
    for (line, column), (name, shard) in _macros(db, unspelled).items():
        text = texts.of(shard)
        arguments = arguments_behind(text.content, text.offset(line, column), name) if text else ""
        found.append(_used(name, arguments, (line, column), found, wide.of(shard)))
    return sorted(found, key=lambda one: (one.begin, (-one.end[0], -one.end[1]), one.kind != Kind.MACRO))


def _macros(
    db: sqlite3.Connection, places: Iterable[tuple[int, int, int]]
) -> dict[Position, tuple[str, int]]:
    """Which of these places (shard, line, column) are uses of a macro: its name, and a shard that tells of it."""
    found: dict[Position, tuple[str, int]] = {}
    for shard, line, column in sorted(places):
        rows = db.execute(
            "SELECT (SELECT CASE kind WHEN ? THEN name END FROM declaration WHERE symbol = o.symbol LIMIT 1)"
            " FROM occurrence o WHERE o.shard = ? AND o.line = ? AND o.col = ? ORDER BY o.symbol",
            (int(Kind.MACRO), shard, line, column),
        )
        for (name,) in rows:
            if name:
                found[line, column] = name, shard
    return found


def _used(
    name: str, arguments: str, place: Position, found: Sequence[OutlineSymbol], wide: WideMap
) -> OutlineSymbol:
    """The use of a macro, as far as what it declares extends: it may be the name of a namespace."""
    stop = place[0], place[1] + len(name.encode("utf-8", "replace"))
    declared = [one for one in found if one.start == place]
    begin, end = min(one.begin for one in declared), max(one.end for one in declared)
    return OutlineSymbol(
        name, Kind.MACRO, True, "", begin, max(stop, end), place, stop, wide, detail=arguments
    )


class _Texts:
    """The texts that shards were made from, each read once."""

    def __init__(self, db: sqlite3.Connection, roots: Roots):
        self._indexed = IndexedTexts(db, roots)
        self._known: dict[int, Text | None] = {}

    def of(self, shard: int) -> Text | None:
        """The text; None where the disk has another one by now, or none."""
        if shard not in self._known:
            found = self._indexed.of(shard)
            self._known[shard] = Text("", found.content) if found is not None else None
        return self._known[shard]


def _unnamed_namespaces(text: Text, wide: WideMap) -> Iterator[OutlineSymbol]:
    place = text.place
    for begin, end in unnamed_namespaces(text.content):
        name = _UNNAMED[Kind.NAMESPACE]
        yield OutlineSymbol(
            name, Kind.NAMESPACE, True, "", place(begin), place(end), place(begin), place(begin), wide
        )


def _encloses(outer: OutlineSymbol, inner: OutlineSymbol) -> bool:
    return outer.begin <= inner.begin and inner.end <= outer.end


def _qualified(symbol: OutlineSymbol) -> str:
    name = "(anonymous)" if symbol.name.startswith("(") else symbol.name
    return f"{symbol.scope}::{name}" if symbol.scope else name


def _named_within(symbol: OutlineSymbol, inside: str) -> OutlineSymbol:
    """The symbol under the name that it has where it stands."""
    scope = symbol.scope
    if inside == scope or inside.startswith(scope + "::"):
        qualifier = ""
    elif symbol.qualifier:
        qualifier = symbol.qualifier
    else:
        if inside and scope.startswith(inside + "::"):
            scope = scope[len(inside) + 2 :]
        named = [part for part in scope.split("::") if part and not part.startswith("(")]
        qualifier = "".join(f"{part}::" for part in named)
    name = qualifier + symbol.name + symbol.arguments
    return symbol if name == symbol.name else replace(symbol, name=name)


def _in_order(nodes: list[_Node]) -> tuple[OutlineSymbol, ...]:
    """Siblings in the order of their names: ``int a, b;`` extends from ``int`` twice."""
    nodes.sort(key=lambda node: node.symbol.start)
    return tuple(
        replace(node.symbol, children=_in_order(node.children)) if node.children else node.symbol
        for node in nodes
    )
