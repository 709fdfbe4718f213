"""Definition, declaration, references."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec
from lsprotocol import types

from cpplsp.facts import Kind
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.wire import Location, LocationLink, encode
from cpplsp.lsp.workspace import Question
from cpplsp.paths import Roots
from cpplsp.query.deduced import deduced_at
from cpplsp.query.files import Place
from cpplsp.query.guess import guess_at
from cpplsp.query.navigation import (
    Hit,
    declarations,
    definitions,
    included_at,
    includers,
    is_spelled,
    names_of,
    references,
    symbols_at,
    type_definitions,
    type_places,
)

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

Targets = Callable[[sqlite3.Connection, Roots, Sequence[Hit]], list[Place]]

_FIRST_CHUNK = 100
_CHUNK = 1000


def register(server: "Server") -> None:
    """Answer these requests."""

    async def go(
        params: types.DefinitionParams | types.DeclarationParams,
        feature: Literal["definition", "declaration"],
        targets: Targets,
    ) -> msgspec.Raw:
        session = server.session
        outward, links = session.outward(), session.client.takes_links(feature)
        return encode(
            await session.ask_at(
                params.text_document.uri,
                params.position,
                lambda cursor: (
                    lambda db, roots: find_targets(db, roots, cursor, outward, targets, links=links)
                ),
            )
        )

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> msgspec.Raw:
        return await go(params, "definition", definitions)

    @server.feature(types.TEXT_DOCUMENT_DECLARATION)
    async def declaration(params: types.DeclarationParams) -> msgspec.Raw:
        return await go(params, "declaration", declarations)

    @server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)
    async def type_definition(params: types.TypeDefinitionParams) -> msgspec.Raw:
        session = server.session
        outward, links = session.outward(), session.client.takes_links("type_definition")
        return encode(
            await session.ask_at(
                params.text_document.uri,
                params.position,
                lambda cursor: lambda db, roots: find_type_targets(db, roots, cursor, outward, links=links),
            )
        )

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def find_references(params: types.ReferenceParams) -> msgspec.Raw:
        session = server.session
        await session.settled()
        outward, token = session.outward(), params.partial_result_token
        send = None if token is None else server.sender(token)

        def question(cursor: Cursor) -> Question[Location]:
            return lambda db, roots: stream_references(
                db, roots, cursor, outward, send, include_declarations=params.context.include_declaration
            )

        uri, position = params.text_document.uri, params.position
        return encode(await session.ask_at(uri, position, question, may_ask_again=send is None))


def find_targets(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, targets: Targets, *, links: bool
) -> list[Location | LocationLink]:
    """Where what is at the cursor is defined or declared; on an ``#include``, the file that it leads to."""
    hits: list[Hit] = []
    places = included_at(db, roots, cursor.path, cursor.line)
    if not places:
        hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
        hits = hits or guess_at(db, roots, cursor.path, cursor.line, cursor.column)
        places = targets(db, roots, hits)
    names = names_of(db, [hit.symbol for hit in hits])
    return write_targets(places, hits[0].place if hits else None, outward, names, links=links)


def find_type_targets(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, *, links: bool
) -> list[Location | LocationLink]:
    """Where the type of what is at the cursor is defined; on an ``auto``, what that stands for."""
    hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
    deduced = None if is_spelled(hits) else deduced_at(db, roots, cursor.path, cursor.line, cursor.column)
    if deduced is not None:
        places = type_places(db, roots, [deduced.symbol])
        return write_targets(places, deduced.place, outward, links=links)
    places = type_definitions(db, roots, hits)
    return write_targets(places, hits[0].place if hits else None, outward, links=links)


def write_targets(
    places: Sequence[Place],
    origin: Place | None,
    outward: Outward,
    names: Collection[str] = (),
    *,
    links: bool,
) -> list[Location | LocationLink]:
    """Places that the token at ``origin`` leads to, as many of them as are still there."""
    held = [place for place in places if outward.holds(place, names)]
    if not links:
        return [outward.location(place) for place in held]
    return [outward.link(place, origin) for place in held]


def find_references(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, *, include_declarations: bool
) -> Iterator[Place]:
    """Where what is at the cursor is named, if it still is; on an ``#include``, the lines that include that file."""
    included = included_at(db, roots, cursor.path, cursor.line)
    if included:
        for place in included:
            yield from includers(db, roots, place.path)
        return
    hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
    # What else a name in a skipped branch may mean is too little for a list of all its uses.
    hits = hits or guess_at(db, roots, cursor.path, cursor.line, cursor.column, (Kind.MACRO,))
    symbols = [hit.symbol for hit in hits]
    names = names_of(db, symbols)
    for place in references(db, roots, symbols, include_declarations=include_declarations):
        if outward.holds(place, names):
            yield place


def stream_references(
    db: sqlite3.Connection,
    roots: Roots,
    cursor: Cursor,
    outward: Outward,
    send: Callable[[msgspec.Raw], None] | None,
    *,
    include_declarations: bool,
) -> list[Location]:
    """Find references; where ``send`` takes them in parts, none is left for the answer (LSP, *Partial Result*)."""
    places = find_references(db, roots, cursor, outward, include_declarations=include_declarations)
    locations = map(outward.location, places)
    if send is None:
        return list(locations)
    size = _FIRST_CHUNK
    while chunk := list(islice(locations, size)):
        send(encode(chunk))
        size = _CHUNK
    return []
