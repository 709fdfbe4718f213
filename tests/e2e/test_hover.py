"""textDocument/hover, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = """\
#include "m.h"
int y = m::^twice(1);
// file: m.h
namespace m {
/// Two times \\c x_.
int twice(int x_);
}
"""
MARKDOWN = (
    "```cpp\n// In namespace m\nint twice(int x_)\n```\n\n"
    "Two times `x_`.\n\nFunction, declared in [m.h:3]({}#L3)"
)
PLAIN = "// In namespace m\nint twice(int x_)\n\nTwo times x_.\n\nFunction, declared in m.h:3"


async def hover(client: LanguageClient, made: Project) -> types.Hover | None:
    return await client.text_document_hover_async(types.HoverParams(*made.cursor()))


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_hover(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    found = await hover(client, made)
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.kind == types.MarkupKind.Markdown
    assert found.contents.value == MARKDOWN.format(made.uri("m.h"))
    assert found.range == types.Range(types.Position(1, 11), types.Position(1, 16))


@pytest.mark.parametrize("formats", [None, [types.MarkupKind.PlainText, types.MarkupKind.Markdown]])
async def test_plain_text_for_those_who_want_it(indexed: Make, start: Start, formats: Any) -> None:
    def change(params: types.InitializeParams) -> None:
        about = types.HoverClientCapabilities(content_format=formats)
        params.capabilities.text_document.hover = about  # type: ignore[union-attr]

    made = indexed(CODE)
    found = await hover(await start(made, change=change), made)
    assert found is not None
    assert found.contents == types.MarkupContent(types.MarkupKind.PlainText, PLAIN)


async def test_an_open_file_is_waited_for(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    assert await hover(client, made) is not None


async def test_what_is_edited_is_told_where_it_is_now(indexed: Make, start: Start) -> None:
    made = indexed("// Counts.\nint n;\nint y = ^n;\n")
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    at = types.Position(0, 0)
    changes: list[types.TextDocumentContentChangeEvent] = [
        types.TextDocumentContentChangePartial(types.Range(at, at), "int added;\n\n")
    ]
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(2, made.uri()), changes)
    )
    params = types.HoverParams(made.document(), types.Position(4, 8))
    found = await client.text_document_hover_async(params)
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.value == (
        f"```cpp\nint n\n```\n\nCounts.\n\nVariable, defined on [line 4]({made.uri()}#L4)"
    )
    assert found.range == types.Range(types.Position(4, 8), types.Position(4, 9))


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///no/such/file.cc"])
async def test_an_unknown_document_has_none(indexed: Make, start: Start, uri: str) -> None:
    client = await start(indexed(CODE))
    params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(0, 4))
    assert await client.text_document_hover_async(params) is None


async def test_nothing_is_said_of_a_comment(indexed: Make, start: Start) -> None:
    made = indexed("int x;  // a ^comment\n")
    assert await hover(await start(made), made) is None
