"""The files that a document includes, as links."""

import sqlite3
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.lsp.positions import Outward
from cpplsp.lsp.texts import text_of
from cpplsp.lsp.wire import Range
from cpplsp.paths import Roots
from cpplsp.query.includes import include_links

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server


class DocumentLink(Struct, frozen=True, omit_defaults=True, gc=False):
    """A link. ``target``: a URI; ``tooltip``: its path, for clients that show such."""

    range: Range
    target: str
    tooltip: str = ""


def register(server: "Server") -> None:
    """Answer this request."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    async def document_link(params: types.DocumentLinkParams) -> msgspec.Raw:
        session, uri = server.session, params.text_document.uri
        path, read, outward = session.real_path(uri) or "", text_of(session, uri), session.outward()

        with_tooltips = takes_tooltips(server.client_capabilities)

        def question(db: sqlite3.Connection, roots: Roots) -> list[DocumentLink]:
            return find_links(db, roots, path, read(), outward, with_tooltips=with_tooltips)

        return msgspec.Raw(msgspec.json.encode(await session.ask_about(uri, question)))


def takes_tooltips(client: types.ClientCapabilities) -> bool:
    """Whether a client takes tooltips with links."""
    links = client.text_document.document_link if client.text_document is not None else None
    return bool(links and links.tooltip_support)


def find_links(
    db: sqlite3.Connection, roots: Roots, path: str, text: bytes, outward: Outward, *, with_tooltips: bool
) -> list[DocumentLink]:
    """The includes in a text of a file that lead to a file, in order."""
    return [
        DocumentLink(
            outward.range(link.place),
            outward.paths.uri(link.target),
            roots.display(*roots.split(link.target)) if with_tooltips else "",
        )
        for link in include_links(db, roots, path, text)
    ]
