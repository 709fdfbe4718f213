"""textDocument/didOpen: for clients that name no folder, and files of which the turn comes first."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import Project, Start

Make = Callable[..., Project]


async def test_without_a_folder_the_project_of_the_file_is_found(project: Make, start: Start) -> None:
    made = project("int other;\n// file: src/deep/a.cc\nint [[f]]() { return 1; }\nint x = ^f();")

    def change(params: types.InitializeParams) -> None:
        params.workspace_folders = None

    client = await start(made, change=change)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item("src/deep/a.cc")))
    document, position = made.cursor()
    answer: Any = await client.text_document_definition_async(types.DefinitionParams(document, position))
    assert [made.place(one) for one in answer] == made.ranges()


@pytest.mark.parametrize("name", ["alone.cc", "include/alone.hpp", "alone.h"])
async def test_a_file_that_no_unit_reads_is_read_as_its_neighbours_are(
    project: Make, start: Start, name: str
) -> None:
    made = project("int x;")
    made.write_database("-DCOUNT=3")
    path = made.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#ifdef COUNT\nint counted;\n#endif\n")
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item(name)))
    params = types.DocumentSymbolParams(made.document(name))
    answer: Any = await client.text_document_document_symbol_async(params)
    assert [one.name for one in answer] == ["counted"]


async def test_a_file_of_no_language_of_ours_leaves_the_server_well(project: Make, start: Start) -> None:
    made = project("int x;")
    (made.folder / "notes.md").write_text("# Notes\n")
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item("notes.md")))
    params = types.DocumentSymbolParams(made.document("notes.md"))
    assert list(await client.text_document_document_symbol_async(params) or []) == []


async def test_a_folder_that_is_added_is_indexed(project: Make, start: Start) -> None:
    made = project("int x;")
    other = made.folder.parent / "other"
    other.mkdir()
    (other / "b.cc").write_text("int added;\n")
    (other / "compile_flags.txt").write_text("-DX\n")
    client = await start(made)
    folder = types.WorkspaceFolder(other.as_uri(), "other")
    event = types.WorkspaceFoldersChangeEvent([folder], [])
    client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    item = types.TextDocumentItem((other / "b.cc").as_uri(), "cpp", 1, "int added;\n")
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    document = types.TextDocumentIdentifier(item.uri)
    answer: Any = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    assert [one.name for one in answer] == ["added"]
