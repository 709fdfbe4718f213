"""Definition, declaration, references."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec
from lsprotocol import types

from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.wire import Location, LocationLink, encode
from cpplsp.lsp.workspace import Question
from cpplsp.paths import Roots
from cpplsp.query.files import Place, wide_map
from cpplsp.query.navigation import (
    Hit,
    declarations,
    definitions,
    included_at,
    includers,
    references,
    symbols_at,
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

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def find_references(params: types.ReferenceParams) -> msgspec.Raw:
        session = server.session
        outward, token = session.outward(), params.partial_result_token
        send = None if token is None else server.sender(token)

        def question(cursor: Cursor) -> Question[Location]:
            return lambda db, roots: stream_references(
                db, roots, cursor, outward, send, include_declarations=params.context.include_declaration
            )

        return encode(await session.ask_at(params.text_document.uri, params.position, question))


def find_targets(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, targets: Targets, *, links: bool
) -> list[Location | LocationLink]:
    """Where what is at the cursor is defined or declared; on an ``#include``, the file that it leads to."""
    hits: list[Hit] = []
    places = included_at(db, roots, cursor.path, cursor.line)
    if not places:
        column = cursor.column(wide_map(db, roots, cursor.path))
        hits = symbols_at(db, roots, cursor.path, cursor.line, column)
        places = [place for place in targets(db, roots, hits) if outward.holds(place)]
    if not links:
        return [outward.location(place) for place in places]
    origin = hits[0].place if hits else None
    return [outward.link(place, origin) for place in places]


def find_references(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, *, include_declarations: bool
) -> Iterator[Place]:
    """Where what is at the cursor is named; on an ``#include``, the lines that include that file."""
    included = included_at(db, roots, cursor.path, cursor.line)
    if included:
        for place in included:
            yield from includers(db, roots, place.path)
        return
    column = cursor.column(wide_map(db, roots, cursor.path))
    symbols = [hit.symbol for hit in symbols_at(db, roots, cursor.path, cursor.line, column)]
    yield from references(db, roots, symbols, include_declarations=include_declarations)


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
    places = find_references(db, roots, cursor, include_declarations=include_declarations)
    locations = (outward.location(place) for place in places if outward.holds(place))
    if send is None:
        return list(locations)
    size = _FIRST_CHUNK
    while chunk := list(islice(locations, size)):
        send(encode(chunk))
        size = _CHUNK
    return []
