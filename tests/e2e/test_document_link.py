"""textDocument/documentLink, over the wire."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = '#include [["a.h"]]\n#include [["x/b.h"]]\n#include "a.h"^\n// file: a.h\nint a();\n// file: x/b.h\nint b();\n'


async def links(client: LanguageClient, made: Project) -> list[tuple[int, int, int, str | None, str | None]]:
    found = await client.text_document_document_link_async(types.DocumentLinkParams(made.document()))
    return [
        (one.range.start.line, one.range.start.character, one.range.end.character, one.target, one.tooltip)
        for one in found or ()
    ]


@pytest.mark.parametrize("editor", EDITORS)
async def test_links(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    found = await links(client, made)
    assert [one[:4] for one in found] == [
        (0, 9, 14, made.uri("a.h")),
        (1, 9, 16, made.uri("x/b.h")),
        (2, 9, 14, made.uri("a.h")),
    ]


@pytest.mark.parametrize("takes_tooltips", [True, False])
async def test_tooltips_only_where_the_client_takes_them(
    indexed: Make, start: Start, takes_tooltips: bool
) -> None:
    def change(params: types.InitializeParams) -> None:
        about = types.DocumentLinkClientCapabilities(tooltip_support=takes_tooltips)
        params.capabilities.text_document.document_link = about  # type: ignore[union-attr]

    made = indexed(CODE)
    client = await start(made, change=change)
    found = await links(client, made)
    assert [one[4] for one in found] == (["a.h", "x/b.h", "a.h"] if takes_tooltips else [None] * 3)


async def test_links_of_the_buffer(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    changes: list[types.TextDocumentContentChangeEvent] = [
        types.TextDocumentContentChangeWholeDocument('// \U0001f600\n\n/*é*/\n#include "x/b.h"\n')
    ]
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(2, made.uri()), changes)
    )
    assert [one[:4] for one in await links(client, made)] == [(3, 9, 16, made.uri("x/b.h"))]
