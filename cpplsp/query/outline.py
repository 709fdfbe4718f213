"""The outline of a file: what it declares, nested as it stands there."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cpplsp.columns import WideMap
from cpplsp.facts import SCOPE_KINDS, Kind
from cpplsp.paths import Roots
from cpplsp.query.files import WideMaps, find_file, live_shards, marks

_LEFT_OUT = (Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.LABEL, Kind.MACRO)
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

    ``name`` is qualified as far as it stands outside of what it belongs to (``Stack::push`` outside its class).
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
    children: tuple["OutlineSymbol", ...] = ()


@dataclass(slots=True)
class _Node:
    symbol: OutlineSymbol
    inside: str
    children: list["_Node"] = field(default_factory=list)


def outline(db: sqlite3.Connection, roots: Roots, path: str) -> list[OutlineSymbol]:
    """What a file declares, in the order of the file; locals, parameters and macros are left out."""
    top: list[_Node] = []
    around: list[_Node] = []
    for symbol in _declared(db, roots, path):
        while around and not _encloses(around[-1].symbol, symbol):
            around.pop()
        siblings, inside = (around[-1].children, around[-1].inside) if around else (top, "")
        node = _Node(_named_within(symbol, inside), _qualified(symbol))
        siblings.append(node)
        if symbol.kind in SCOPE_KINDS:
            around.append(node)
    return list(_in_order(top))


def _declared(db: sqlite3.Connection, roots: Roots, path: str) -> Iterator[OutlineSymbol]:
    """Declarations by position, outer before inner; what several readings have in common comes once."""
    file = find_file(db, roots, path)
    shards = live_shards(db, file) if file is not None else []
    rows = db.execute(
        "SELECT d.name, d.kind, d.definition, d.scope, d.begin_line, d.begin_col, d.end_line, d.end_col,"
        " d.line, d.col, coalesce(o.length, length(CAST(d.name AS BLOB))), d.shard"
        " FROM declaration d LEFT JOIN occurrence o"
        " ON o.shard = d.shard AND o.line = d.line AND o.col = d.col AND o.symbol = d.symbol"
        f" WHERE d.shard IN ({marks(shards)}) AND d.local = 0 AND d.kind NOT IN ({marks(_LEFT_OUT)})"
        " ORDER BY d.begin_line, d.begin_col, d.end_line DESC, d.end_col DESC, d.line, d.col, d.kind, d.shard",
        [*shards, *_LEFT_OUT],
    )
    wide = WideMaps(db)
    seen: set[tuple[object, ...]] = set()
    for name, kind, definition, scope, b_line, b_col, e_line, e_col, line, column, length, shard in rows:
        key = (name, kind, line, column)
        if key in seen:
            continue
        seen.add(key)
        if not name or name.startswith("("):
            name, length = _UNNAMED.get(kind, "(anonymous)"), 0
        yield OutlineSymbol(
            name,
            kind,
            bool(definition),
            scope,
            (b_line, b_col),
            (e_line, e_col),
            (line, column),
            (line, column + length),
            wide.of(shard),
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
        return symbol
    if inside and scope.startswith(inside + "::"):
        scope = scope[len(inside) + 2 :]
    named = [part for part in scope.split("::") if part and not part.startswith("(")]
    return replace(symbol, name="::".join((*named, symbol.name)))


def _in_order(nodes: list[_Node]) -> tuple[OutlineSymbol, ...]:
    """Siblings in the order of their names: ``int a, b;`` extends from ``int`` twice."""
    nodes.sort(key=lambda node: node.symbol.start)
    return tuple(replace(node.symbol, children=_in_order(node.children)) for node in nodes)
