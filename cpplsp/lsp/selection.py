"""What selections in a document grow to."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.lsp.positions import Outward, Pointer
from cpplsp.lsp.texts import text_of
from cpplsp.lsp.wire import Range
from cpplsp.text.identifiers import Text
from cpplsp.text.selection import Selector

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server


class SelectionRange(Struct, frozen=True, omit_defaults=True):
    """What a selection grows to; ``parent``: what that grows to, which holds it."""

    range: Range
    parent: Optional["SelectionRange"] = None


def register(server: "Server") -> None:
    """Answer this request."""

    @server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
    async def selection_range(params: types.SelectionRangeParams) -> msgspec.Raw:
        session, uri = server.session, params.text_document.uri
        read, path, outward = text_of(session, uri), session.real_path(uri) or "", session.outward()
        document = session.documents.get(uri)
        pointers = [Pointer.of(path, at, outward.encoding, document) for at in params.positions]
        found = await asyncio.to_thread(lambda: find_selections(path, read(), pointers, outward))
        return msgspec.Raw(msgspec.json.encode(found))


def find_selections(
    path: str, content: bytes, pointers: Sequence[Pointer], outward: Outward
) -> list[SelectionRange]:
    """What a selection at each cursor grows to, inner before outer; nothing but the cursor where there is no text."""
    text, selector = Text(path, content), Selector(content)
    found = []
    for pointer in pointers:
        offset = _offset(text, pointer)
        selection = None
        for span in reversed(selector.spans(offset) or [(offset, offset)]):
            begin, end = (outward.position(path, *text.place(at), text.wide) for at in span)
            selection = SelectionRange(Range(begin, end), selection)
        if selection is not None:
            found.append(selection)
    return found


def _offset(text: Text, pointer: Pointer) -> int:
    """The offset of a cursor; past the end of a line, that of its end."""
    begin, following = text.offset(pointer.line, 0), text.offset(pointer.line + 1, 0)
    line = text.content[begin:following].rstrip(b"\r\n")
    return begin + min(pointer.in_text(text.wide), len(line))
