"""Where a document names what is at the cursor."""

import sqlite3
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.facts import Role
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.wire import Range
from cpplsp.paths import Roots
from cpplsp.query.highlights import highlights
from cpplsp.query.navigation import symbols_at

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server


class DocumentHighlight(Struct, frozen=True, gc=False):
    """A token to be marked. ``kind``: a ``DocumentHighlightKind``."""

    range: Range
    kind: int


def register(server: "Server") -> None:
    """Answer this request."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def document_highlight(params: types.DocumentHighlightParams) -> msgspec.Raw:
        outward = server.session.outward()
        found = await server.session.ask_at(
            params.text_document.uri,
            params.position,
            lambda cursor: lambda db, roots: find_highlights(db, roots, cursor, outward),
            hurries=False,  # editors ask wherever the cursor goes
        )
        return msgspec.Raw(msgspec.json.encode(found))


def find_highlights(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward
) -> list[DocumentHighlight]:
    """Where the document names what is at the cursor, in order."""
    hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
    places = highlights(db, roots, cursor.path, hits)
    return [
        DocumentHighlight(outward.range(place), highlight_kind(place.roles))
        for place in places
        if outward.holds(place)
    ]


def highlight_kind(roles: int) -> int:
    """Write where a value is given to what there is, read where its value is taken, text elsewhere.

    So it is for clangd: a declaration is text, and so are a call and a type's name.
    """
    if roles & Role.WRITE:
        return int(types.DocumentHighlightKind.Write)
    if roles & Role.READ:
        return int(types.DocumentHighlightKind.Read)
    return int(types.DocumentHighlightKind.Text)
