"""The symbols of a document and of the workspace."""

import re
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from cpplsp.facts import Kind
from cpplsp.lsp.positions import Outward
from cpplsp.lsp.wire import DocumentSymbol, Location, Range, SymbolInformation, encode, encode_one
from cpplsp.paths import Roots
from cpplsp.query.outline import OutlineSymbol, outline
from cpplsp.query.search import FoundSymbol, described, search_symbols

if TYPE_CHECKING:
    from cpplsp.lsp.client import Client
    from cpplsp.lsp.server import Server

MOST_SYMBOLS = 100
"""Of a workspace, as many as clangd tells: editors ask again with each letter typed, and show some dozens."""

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
    Kind.DESTRUCTOR: _S.Constructor,
    Kind.CONVERSION: _S.Function,
    Kind.FIELD: _S.Field,
    Kind.STATIC_FIELD: _S.Property,
    Kind.VARIABLE: _S.Variable,
    Kind.PARAMETER: _S.Variable,
    Kind.TYPE_ALIAS: _S.Class,
    Kind.TEMPLATE_PARAMETER: _S.TypeParameter,
    Kind.CONCEPT: _S.Interface,
    Kind.MACRO: _S.Constant,
}
_SYMBOL_ID = re.compile(r"-?\d{1,19}")
_OLD_KINDS = {_S.Struct: _S.Class, _S.EnumMember: _S.Enum, _S.TypeParameter: _S.Variable}
"""For clients that know only the kinds of the protocol's first version."""


def register(server: "Server") -> None:
    """Answer these requests."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbol(params: types.DocumentSymbolParams) -> msgspec.Raw:
        session, uri = server.session, params.text_document.uri
        await session.settled(uri)
        path, outward, known = session.real_path(uri), session.outward(), session.client.symbol_kinds
        as_tree = session.client.takes_outlines

        def question(db: sqlite3.Connection, roots: Roots) -> list[DocumentSymbol | SymbolInformation]:
            return file_symbols(db, roots, path or "", outward, known, as_tree=as_tree)

        return encode(await session.ask_about(uri, question))

    @server.feature(types.WORKSPACE_SYMBOL)
    async def workspace_symbol(params: types.WorkspaceSymbolParams) -> msgspec.Raw:
        session = server.session
        await session.settled()
        found = await session.ask_all(lambda db, roots: search_symbols(db, roots, params.query, MOST_SYMBOLS))
        best = sorted(found, key=lambda symbol: symbol.rank)[:MOST_SYMBOLS]
        informed = Informed(session.outward(), session.client)
        return encode([informed.of(symbol) for symbol in best])

    @server.feature(types.WORKSPACE_SYMBOL_RESOLVE)
    async def resolve(params: types.WorkspaceSymbol) -> msgspec.Raw | types.WorkspaceSymbol:
        session, symbol = server.session, symbol_of(params.data)
        if symbol is None:
            return params
        found = await session.ask_all(lambda db, roots: described(db, roots, [symbol]))
        informed = Informed(session.outward(), session.client)
        every = [informed.of(one) for one in found]
        # Several folders may hold it.
        every.sort(key=lambda one: one.location.uri != params.location.uri)
        return encode_one(every[0]) if every else params


def symbol_of(data: object) -> int | None:
    """The id that was sent along with a symbol; None where it was not us who sent this."""
    if isinstance(data, str) and _SYMBOL_ID.fullmatch(data) and abs(int(data)) < 1 << 63:
        return int(data)
    return None


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
        return [one for symbol in symbols for one in _tree(symbol, path, outward, known)]
    return [one for symbol in symbols for one in _list(symbol, path, outward, known)]


def _tree(
    symbol: OutlineSymbol, path: str, outward: Outward, known: frozenset[int]
) -> Iterator[DocumentSymbol]:
    """An outline's symbol with what it holds; just this, where the line with its name is gone from the screen."""
    children = (one for child in symbol.children for one in _tree(child, path, outward, known))
    if not outward.has_line(path, symbol.start[0], symbol.wide):
        yield from children
        return
    whole, name = _ranges(outward, symbol, path)
    kind = symbol_kind(symbol.kind, known)
    yield DocumentSymbol(symbol.name, kind, whole, name, symbol.detail, tuple(children))


def _list(
    symbol: OutlineSymbol, path: str, outward: Outward, known: frozenset[int]
) -> Iterator[SymbolInformation]:
    """An outline's symbol and all that it holds, one after another."""
    if outward.has_line(path, symbol.start[0], symbol.wide):
        where = Location(outward.paths.uri(path), _ranges(outward, symbol, path)[0])
        yield SymbolInformation(symbol.name, symbol_kind(symbol.kind, known), where, symbol.scope)
    for child in symbol.children:
        yield from _list(child, path, outward, known)


def _ranges(outward: Outward, symbol: OutlineSymbol, path: str) -> tuple[Range, Range]:
    """All of a declaration, and its name."""
    return outward.whole(path, (symbol.begin, symbol.start, symbol.stop, symbol.end), symbol.wide)


class Informed:
    """Found symbols as one client takes them."""

    def __init__(self, outward: Outward, client: "Client"):
        self._outward = outward
        self._kinds = client.symbol_kinds
        self._takes_tags = client.takes_symbol_tags
        self._resolves = client.resolves_symbols

    def of(self, symbol: FoundSymbol) -> SymbolInformation:
        """A symbol; one that can be asked for again is known by its id, which is too long for a number in JSON."""
        tags = (int(types.SymbolTag.Deprecated),) if symbol.is_deprecated and self._takes_tags else ()
        return SymbolInformation(
            symbol.name,
            symbol_kind(symbol.kind, self._kinds),
            self._outward.location(symbol.place),
            symbol.scope,
            tags,
            symbol.is_deprecated and not self._takes_tags,
            str(symbol.symbol) if self._resolves else "",
        )
