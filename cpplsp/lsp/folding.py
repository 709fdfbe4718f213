"""What of a document can be folded."""

import asyncio
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.columns import WideMap, encode_wide, line_starts
from cpplsp.lsp.positions import Outward
from cpplsp.lsp.texts import text_of
from cpplsp.text.folding import folds

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server


class FoldingRange(Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """What is hidden when folded; without characters for clients that fold whole lines."""

    start_line: int
    end_line: int
    kind: str
    start_character: int | None = None
    end_character: int | None = None


def register(server: "Server") -> None:
    """Answer this request."""

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding_range(params: types.FoldingRangeParams) -> msgspec.Raw:
        session, uri = server.session, params.text_document.uri
        read, path, outward = text_of(session, uri), session.real_path(uri) or "", session.outward()
        by_lines = folds_lines(server.client_capabilities)
        found = await asyncio.to_thread(lambda: find_folds(path, read(), outward, by_lines=by_lines))
        return msgspec.Raw(msgspec.json.encode(found))


def folds_lines(client: types.ClientCapabilities) -> bool:
    """Whether a client folds whole lines only."""
    folding = client.text_document.folding_range if client.text_document is not None else None
    return bool(folding and folding.line_folding_only)


def find_folds(path: str, text: bytes, outward: Outward, *, by_lines: bool) -> list[FoldingRange]:
    """What of a text can be folded, in order; by lines, a line with what closes the fold stays to be seen."""
    found = folds(text)
    if by_lines:
        whole = [(fold, fold.end[0] - fold.is_closed) for fold in found]
        return [
            FoldingRange(fold.begin[0], last, fold.kind.value) for fold, last in whole if last > fold.begin[0]
        ]
    wide = WideMap(encode_wide(text, line_starts(text)))
    ends = [
        (fold, outward.position(path, *fold.begin, wide), outward.position(path, *fold.end, wide))
        for fold in found
    ]
    return [
        FoldingRange(begin.line, end.line, fold.kind.value, begin.character, end.character)
        for fold, begin, end in ends
    ]
