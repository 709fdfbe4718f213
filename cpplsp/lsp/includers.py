"""Who includes a file: a request of ours, for a key that asks about the whole file rather than a line of it."""

from typing import TYPE_CHECKING, Any

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

from cpplsp.lsp.wire import encode
from cpplsp.query.navigation import includers

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

INCLUDERS = "cpplsp/includers"
"""Parameters: a ``TextDocumentIdentifier``; result: ``Location[]``, the lines that include it, by file and line."""


def register(server: "Server") -> None:
    """Answer this request."""
    session = server.session

    @server.feature(INCLUDERS)
    async def including_lines(params: Any) -> msgspec.Raw:
        uri = getattr(params, "uri", None)
        if not isinstance(uri, str):
            raise JsonRpcInvalidParams(f"{INCLUDERS} needs the uri of a document")
        path, outward = session.real_path(uri), session.outward()
        if path is None:
            return encode([])
        return encode(
            await session.ask_about(
                uri,
                lambda db, roots: [
                    outward.location(place) for place in includers(db, roots, path) if outward.holds(place)
                ],
            )
        )
