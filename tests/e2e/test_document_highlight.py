"""textDocument/documentHighlight, over the wire."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = "int [[count]] = 1;\nvoid f() { [[^count]] = 2; }\nint g() { return [[count]]; }\n"
KINDS = types.DocumentHighlightKind


@pytest.mark.parametrize("editor", EDITORS)
async def test_highlights(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    document, position = made.cursor()
    answer = await client.text_document_document_highlight_async(
        types.DocumentHighlightParams(document, position)
    )
    found = [made.place(types.Location(document.uri, one.range)) for one in answer or ()]
    assert found == made.ranges()
    assert [one.kind for one in answer or ()] == [KINDS.Text, KINDS.Write, KINDS.Read]


async def test_an_open_file_is_waited_for(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    answer = await client.text_document_document_highlight_async(
        types.DocumentHighlightParams(*made.cursor())
    )
    assert len(answer or ()) == 3


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///no/such/file.cc"])
async def test_an_unknown_document_has_none(indexed: Make, start: Start, uri: str) -> None:
    client = await start(indexed(CODE))
    params = types.DocumentHighlightParams(types.TextDocumentIdentifier(uri), types.Position(0, 4))
    assert list(await client.text_document_document_highlight_async(params) or ()) == []
