"""textDocument/didSave, workspace/didChangeWatchedFiles and the like: the index follows what is on disk."""

import json
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import Project, Start, until_indexed

Make = Callable[..., Project]


async def names(client: LanguageClient, query: str = "") -> list[str]:
    answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams(query))
    return sorted(one.name for one in answer or [])


async def test_a_saved_file_is_read_anew(project: Make, start: Start) -> None:
    made = project("int before;")
    made.index()
    client = await start(made)
    assert await names(client) == ["before"]
    (made.folder / "main.cc").write_text("int after;")
    client.text_document_did_save(types.DidSaveTextDocumentParams(made.document()))
    await until_indexed(client)
    assert await names(client) == ["after"]


async def test_a_changed_header_is_read_anew(project: Make, start: Start) -> None:
    made = project('#include "f.h"\n// file: f.h\nint before();')
    made.index()
    client = await start(made)
    (made.folder / "f.h").write_text("int after();")
    change = types.FileEvent(made.uri("f.h"), types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    await until_indexed(client)
    assert await names(client) == ["after"]


async def test_a_changed_compile_database_is_followed(project: Make, start: Start) -> None:
    made = project("int one;")
    made.index()
    client = await start(made)
    (made.folder / "two.cc").write_text("int two;")
    made.write_database()
    change = types.FileEvent(made.uri("compile_commands.json"), types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    await until_indexed(client)
    assert await names(client) == ["one", "two"]


async def test_a_project_that_comes_later_is_found(project: Make, start: Start) -> None:
    made = project()
    client = await start(made)
    while not client.messages:
        await client.wait_for_notification(types.WINDOW_SHOW_MESSAGE)
    assert "nothing to index" in client.messages[0].message
    made.write("int late;")
    made.write_database()
    change = types.FileEvent(made.uri("compile_commands.json"), types.FileChangeType.Created)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    await until_indexed(client)
    assert await names(client) == ["late"]


async def test_watching_is_asked_of_clients_that_can(project: Make, start: Start) -> None:
    made = project("int x;")
    registered: list[types.Registration] = []

    client = await start(made, "emacs", register=registered.extend)
    while not registered:
        await client.wait_for_notification(types.PROGRESS)
    [watching] = registered
    assert watching.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    patterns: Any = json.dumps(watching.register_options, default=lambda value: vars(value))
    assert "compile_commands.json" in patterns
