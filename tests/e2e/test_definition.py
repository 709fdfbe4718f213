"""textDocument/definition, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = """\
#include "f.h"
int x = ^f();
// file: f.h
int f();
// file: f.cc
int [[f]]() { return 1; }
"""


async def define(client: LanguageClient, project: Project) -> list[tuple[str, int, int, int]]:
    document, position = project.cursor()
    answer: Any = await client.text_document_definition_async(types.DefinitionParams(document, position))
    return sorted(project.place(one) for one in answer)


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_definition_in_another_file(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    assert await define(client, made) == made.ranges()


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_file_is_waited_for_while_it_is_indexed(project: Make, start: Start, editor: str) -> None:
    made = project("int [[f]]() { return 1; }\nint x = ^f();")
    client = await start(made, editor)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    assert await define(client, made) == made.ranges()


@pytest.mark.parametrize("takes_links", [True, False])
async def test_links_only_where_the_client_takes_them(indexed: Make, start: Start, takes_links: bool) -> None:
    made = indexed(CODE)

    def change(params: types.InitializeParams) -> None:
        params.capabilities.text_document.definition.link_support = takes_links  # type: ignore[union-attr]

    client = await start(made, change=change)
    document, position = made.cursor()
    answer: Any = await client.text_document_definition_async(types.DefinitionParams(document, position))
    assert [type(one) for one in answer] == [types.LocationLink if takes_links else types.Location]
    if takes_links:
        assert answer[0].origin_selection_range == types.Range(types.Position(1, 8), types.Position(1, 9))


async def test_a_header_is_followed_by_its_include(indexed: Make, start: Start) -> None:
    made = indexed('#include "f.h"^\nint x = f();\n// file: f.h\nint f();')
    client = await start(made)
    assert await define(client, made) == [("f.h", 0, 0, 0)]


@pytest.mark.parametrize(
    ("encodings", "encoding"), [(["utf-8", "utf-16"], "utf-8"), (["utf-32"], "utf-32"), (None, "utf-16")]
)
@pytest.mark.parametrize(("newline", "mark"), [(b"\n", b""), (b"\r\n", b"\xef\xbb\xbf")])
async def test_columns_are_counted_as_agreed(
    indexed: Make, start: Start, encodings: list[str] | None, encoding: str, newline: bytes, mark: bytes
) -> None:
    lines = [
        'const char* s = "\U0001f600é"; int höhe() { return 1; }',
        "/* \U0001f600 */ int y = höhe();",
        "",
    ]
    made = indexed(mark + newline.join(line.encode() for line in lines))

    def change(params: types.InitializeParams) -> None:
        params.capabilities.general = types.GeneralClientCapabilities(position_encodings=encodings)

    client = await start(made, change=change)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    codec, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]

    def units(text: str) -> int:
        return len(text.encode(codec)) // size

    at = types.Position(1, units(lines[1].partition("höhe")[0]) + 1)
    answer: Any = await client.text_document_definition_async(types.DefinitionParams(made.document(), at))
    begin = units(lines[0].partition("höhe")[0])
    assert [made.place(one) for one in answer] == [("main.cc", 0, begin, begin + units("höhe"))]


async def test_an_edited_line_is_counted_as_it_is_on_the_screen(project: Make, start: Start) -> None:
    made = project("int f() { return 1; }\nint y = f();\n")
    made.index()
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    behind = types.Position(1, 12)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, made.uri()),
            [types.TextDocumentContentChangePartial(types.Range(behind, behind), " // ä€\U0001f600")],
        )
    )
    answer: Any = await client.text_document_definition_async(
        types.DefinitionParams(made.document(), types.Position(1, 8))
    )
    assert [made.place(one) for one in answer] == [("main.cc", 0, 4, 5)]


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///no/such/file.cc", "git:/x.cc"])
async def test_a_document_that_is_not_known_has_none(indexed: Make, start: Start, uri: str) -> None:
    made = indexed("int x;")
    client = await start(made)
    params = types.DefinitionParams(types.TextDocumentIdentifier(uri), types.Position(0, 4))
    assert list(await client.text_document_definition_async(params) or []) == []


async def test_a_folder_behind_a_link_is_answered_by_the_link(project: Make, start: Start) -> None:
    made = project(CODE)
    made.index()
    link = made.folder.parent / "a link"
    link.symlink_to(made.folder)

    def change(params: types.InitializeParams) -> None:
        params.workspace_folders = [types.WorkspaceFolder(link.as_uri(), "link")]

    client = await start(made, change=change)
    document = types.TextDocumentIdentifier((link / "main.cc").as_uri())
    answer: Any = await client.text_document_definition_async(
        types.DefinitionParams(document, made.cursor()[1])
    )
    assert [one.target_uri for one in answer] == [(link / "f.cc").as_uri()]


async def test_without_an_index_the_answer_is_empty_and_no_error(project: Make, start: Start) -> None:
    made = project()
    (made.folder / "notes.txt").write_text("nothing to index")
    client = await start(made)
    params = types.DefinitionParams(made.document("a.cc"), types.Position(0, 0))
    assert list(await client.text_document_definition_async(params) or []) == []
