"""The symbols of a document and of the workspace."""

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from cpplsp.facts import Kind
from cpplsp.lsp.positions import Outward
from cpplsp.lsp.wire import DocumentSymbol, Location, Range, SymbolInformation, encode
from cpplsp.paths import Roots
from cpplsp.query.outline import OutlineSymbol, outline
from cpplsp.query.search import FoundSymbol, search_symbols

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

MOST_SYMBOLS = 500
"""Of a workspace: editors ask again with each letter typed, and show some dozens."""

_S = types.SymbolKind
_KINDS: dict[int, types.SymbolKind] = {
    Kind.NAMESPACE: _S.Namespace,
    Kind.NAMESPACE_ALIAS: _S.Namespace,
    Kind.CLASS: _S.Class,
    Kind.STRUCT: _S.Struct,
    Kind.UNION: _S.Struct,
    Kind.ENUM: _S.Enum,
    Kind.ENUMERATOR: _S.EnumMember,
    Kind.FUNCTION: _S.Function,
    Kind.METHOD: _S.Method,
    Kind.STATIC_METHOD: _S.Method,
    Kind.CONSTRUCTOR: _S.Constructor,
    Kind.DESTRUCTOR: _S.Method,
    Kind.CONVERSION: _S.Method,
    Kind.FIELD: _S.Field,
    Kind.STATIC_FIELD: _S.Field,
    Kind.VARIABLE: _S.Variable,
    Kind.PARAMETER: _S.Variable,
    Kind.TYPE_ALIAS: _S.Class,
    Kind.TEMPLATE_PARAMETER: _S.TypeParameter,
    Kind.CONCEPT: _S.Interface,
    Kind.MACRO: _S.Constant,
}
_OLD_KINDS = {_S.Struct: _S.Class, _S.EnumMember: _S.Enum, _S.TypeParameter: _S.Variable}
"""For clients that know only the kinds of the protocol's first version."""


def register(server: "Server") -> None:
    """Answer these requests."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbol(params: types.DocumentSymbolParams) -> msgspec.Raw:
        session, uri = server.session, params.text_document.uri
        path, outward, known = session.real_path(uri), session.outward(), session.client.symbol_kinds
        as_tree = session.client.takes_outlines

        def question(db: sqlite3.Connection, roots: Roots) -> list[DocumentSymbol | SymbolInformation]:
            return file_symbols(db, roots, path or "", outward, known, as_tree=as_tree)

        return encode(await session.ask_about(uri, question))

    @server.feature(types.WORKSPACE_SYMBOL)
    async def workspace_symbol(params: types.WorkspaceSymbolParams) -> msgspec.Raw:
        session = server.session
        outward, known = session.outward(), session.client.symbol_kinds
        found = await session.ask_all(lambda db, roots: search_symbols(db, roots, params.query, MOST_SYMBOLS))
        best = sorted(found, key=lambda symbol: symbol.rank)[:MOST_SYMBOLS]
        return encode([_information(symbol, outward, known) for symbol in best])


def symbol_kind(kind: int, known: frozenset[int]) -> int:
    """The protocol's kind of a symbol, among those that the client knows."""
    found = _KINDS.get(kind, _S.Variable)
    return int(found if found in known else _OLD_KINDS.get(found, _S.Variable))


def file_symbols(
    db: sqlite3.Connection,
    roots: Roots,
    path: str,
    outward: Outward,
    known: frozenset[int],
    *,
    as_tree: bool,
) -> list[DocumentSymbol | SymbolInformation]:
    """The outline of a file: as a tree, or flat for clients that take no tree."""
    symbols = outline(db, roots, path)
    if as_tree:
        return [_tree(symbol, path, outward, known) for symbol in symbols]
    return [one for symbol in symbols for one in _list(symbol, path, outward, known)]


def _tree(symbol: OutlineSymbol, path: str, outward: Outward, known: frozenset[int]) -> DocumentSymbol:
    """An outline's symbol with what it holds."""
    children = tuple(_tree(child, path, outward, known) for child in symbol.children)
    kind = symbol_kind(symbol.kind, known)
    name = Range(
        outward.position(path, *symbol.start, symbol.wide), outward.position(path, *symbol.stop, symbol.wide)
    )
    return DocumentSymbol(symbol.name, kind, _whole(outward, symbol, path), name, children=children)


def _list(
    symbol: OutlineSymbol, path: str, outward: Outward, known: frozenset[int]
) -> Iterator[SymbolInformation]:
    """An outline's symbol and all that it holds, one after another."""
    where = Location(outward.paths.uri(path), _whole(outward, symbol, path))
    yield SymbolInformation(symbol.name, symbol_kind(symbol.kind, known), where, symbol.scope)
    for child in symbol.children:
        yield from _list(child, path, outward, known)


def _whole(outward: Outward, symbol: OutlineSymbol, path: str) -> Range:
    """All of a declaration; its name, too, which may stand before it in a macro's expansion."""
    begin, end = min(symbol.begin, symbol.start), max(symbol.end, symbol.stop)
    return Range(outward.position(path, *begin, symbol.wide), outward.position(path, *end, symbol.wide))


def _information(symbol: FoundSymbol, outward: Outward, known: frozenset[int]) -> SymbolInformation:
    kind = symbol_kind(symbol.kind, known)
    return SymbolInformation(symbol.name, kind, outward.location(symbol.place), symbol.scope)
