"""Implementations, and the hierarchies of calls and of types."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.lsp.navigation import write_targets
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.symbols import symbol_kind
from cpplsp.lsp.wire import Location, LocationLink, Range, encode
from cpplsp.paths import Roots
from cpplsp.query.calls import Call, callables_at, callees, callers
from cpplsp.query.hierarchy import Item, classes_at, implementations, subtypes, supertypes
from cpplsp.query.navigation import Hit, symbols_at

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

T = TypeVar("T")

_TOO_BIG = 1 << 63
"""For a symbol's id."""


class HierarchyItem(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A ``CallHierarchyItem`` or ``TypeHierarchyItem``.

    ``data``: the symbol's id, as text, since a client's numbers may hold no 64 bits. ``detail``: the symbol's scope.
    """

    name: str
    kind: int
    uri: str
    range: Range
    selection_range: Range
    data: str
    detail: str = ""


class IncomingCall(Struct, frozen=True, rename={"caller": "from", "from_ranges": "fromRanges"}):
    """What calls, and where in its document."""

    caller: HierarchyItem
    from_ranges: tuple[Range, ...]


class OutgoingCall(Struct, frozen=True, rename={"callee": "to", "from_ranges": "fromRanges"}):
    """What is called, and where in the document of what calls it."""

    callee: HierarchyItem
    from_ranges: tuple[Range, ...]


class ItemWriter:
    """Writes hierarchies for one client. ``known``: the kinds of symbols that it knows."""

    def __init__(self, outward: Outward, known: frozenset[int]):
        self._outward = outward
        self._known = known

    def item(self, item: Item) -> HierarchyItem:
        """A symbol; its range holds its name."""
        place, path = item.place, item.place.path
        ends = item.begin, (place.line, place.start), (place.line, place.end), item.end
        whole, name = self._outward.whole(path, ends, place.wide)
        return HierarchyItem(
            item.name,
            symbol_kind(item.kind, self._known),
            self._outward.paths.uri(path),
            whole,
            name,
            str(item.symbol),
            item.scope,
        )

    def items(self, items: Iterable[Item]) -> list[HierarchyItem]:
        """Symbols, as far as they are still there on the screen."""
        return [self.item(item) for item in items if self._is_there(item)]

    def incoming(self, calls: Iterable[Call]) -> list[IncomingCall]:
        """Calls by symbols, as far as they are still there."""
        return [IncomingCall(self.item(call.item), ranges) for call, ranges in self._there(calls)]

    def outgoing(self, calls: Iterable[Call]) -> list[OutgoingCall]:
        """Calls of symbols, as far as they are still there."""
        return [OutgoingCall(self.item(call.item), ranges) for call, ranges in self._there(calls)]

    def _is_there(self, item: Item) -> bool:
        return self._outward.has_line(item.place.path, item.place.line, item.place.wide)

    def _there(self, calls: Iterable[Call]) -> Iterator[tuple[Call, tuple[Range, ...]]]:
        """Calls with the ranges of their places, if any are left."""
        for call in calls:
            held = [place for place in call.places if self._outward.holds(place)]
            if held and self._is_there(call.item):
                yield call, tuple(self._outward.range(place) for place in held)


Asked = Callable[[sqlite3.Connection, Roots, int], Sequence[T]]
"""What is asked about one symbol."""


def register(server: "Server") -> None:
    """Answer these requests."""
    session = server.session

    def writer() -> ItemWriter:
        return ItemWriter(session.outward(), session.client.symbol_kinds)

    async def prepare(
        params: types.CallHierarchyPrepareParams | types.TypeHierarchyPrepareParams,
        find: Callable[[sqlite3.Connection, Roots, Sequence[Hit]], list[Item]],
    ) -> msgspec.Raw:
        write = writer().items
        found = await session.ask_at(
            params.text_document.uri,
            params.position,
            lambda cursor: lambda db, roots: write(find(db, roots, hits_at(db, roots, cursor))),
        )
        return msgspec.Raw(msgspec.json.encode(found or None))

    async def go_on(
        item: types.CallHierarchyItem | types.TypeHierarchyItem,
        find: Asked[T],
        write: Callable[[Iterable[T]], Sequence[Struct]],
    ) -> msgspec.Raw:
        symbol = symbol_of(item)
        if symbol is None:
            return msgspec.Raw(b"null")
        found = await session.ask_about(item.uri, lambda db, roots: write(find(db, roots, symbol)))
        return msgspec.Raw(msgspec.json.encode(found))

    @server.feature(types.TEXT_DOCUMENT_IMPLEMENTATION)
    async def implementation(params: types.ImplementationParams) -> msgspec.Raw:
        await session.settled()
        outward, links = session.outward(), session.client.takes_links("implementation")
        return encode(
            await session.ask_at(
                params.text_document.uri,
                params.position,
                lambda cursor: (
                    lambda db, roots: find_implementations(db, roots, cursor, outward, links=links)
                ),
            )
        )

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    async def prepare_calls(params: types.CallHierarchyPrepareParams) -> msgspec.Raw:
        return await prepare(params, callables_at)

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    async def incoming_calls(params: types.CallHierarchyIncomingCallsParams) -> msgspec.Raw:
        await session.settled()
        return await go_on(params.item, callers, writer().incoming)

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    async def outgoing_calls(params: types.CallHierarchyOutgoingCallsParams) -> msgspec.Raw:
        path = session.real_path(params.item.uri)
        near = () if path is None else (path,)
        return await go_on(params.item, partial(callees, near=near), writer().outgoing)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY)
    async def prepare_types(params: types.TypeHierarchyPrepareParams) -> msgspec.Raw:
        return await prepare(params, classes_at)

    @server.feature(types.TYPE_HIERARCHY_SUPERTYPES)
    async def find_supertypes(params: types.TypeHierarchySupertypesParams) -> msgspec.Raw:
        return await go_on(params.item, supertypes, writer().items)

    @server.feature(types.TYPE_HIERARCHY_SUBTYPES)
    async def find_subtypes(params: types.TypeHierarchySubtypesParams) -> msgspec.Raw:
        await session.settled()
        return await go_on(params.item, subtypes, writer().items)


def find_implementations(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, *, links: bool
) -> list[Location | LocationLink]:
    """What implements what is at the cursor."""
    hits = hits_at(db, roots, cursor)
    places = implementations(db, roots, hits)
    return write_targets(places, hits[0].place if hits else None, outward, links=links)


def hits_at(db: sqlite3.Connection, roots: Roots, cursor: Cursor) -> list[Hit]:
    """What is named at the cursor."""
    return symbols_at(db, roots, cursor.path, cursor.line, cursor.column)


def symbol_of(item: types.CallHierarchyItem | types.TypeHierarchyItem) -> int | None:
    """The symbol's id in an item that a client sends back; None where it is no item of this server's."""
    try:
        symbol = int(item.data) if isinstance(item.data, str) else None
    except ValueError:
        return None
    return symbol if symbol is not None and -_TOO_BIG <= symbol < _TOO_BIG else None
