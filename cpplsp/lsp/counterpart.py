"""From a source file to its header, and back: clangd's request, so that editors' keys for it work."""

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

from cpplsp.query.counterpart import counterparts, namesake

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

SWITCH_SOURCE_HEADER = "textDocument/switchSourceHeader"
"""Parameters: a ``TextDocumentIdentifier``; result: a URI, or null where no file is found."""


def register(server: "Server") -> None:
    """Answer this request."""
    session = server.session

    @server.feature(SWITCH_SOURCE_HEADER)
    async def switch_source_header(
        params: Any,
    ) -> msgspec.Raw:  # pygls gives the server to what takes an object
        uri = getattr(params, "uri", None)
        if not isinstance(uri, str):
            raise JsonRpcInvalidParams(f"{SWITCH_SOURCE_HEADER} needs the uri of a document")
        path = session.real_path(uri)
        found = await asyncio.to_thread(namesake, path) if path is not None else None
        if found is None and path is not None:
            found = next(
                iter(await session.ask_about(uri, lambda db, roots: counterparts(db, roots, path))), None
            )
        return msgspec.Raw(msgspec.json.encode(found and session.outward().paths.uri(found)))
