"""textDocument/prepareRename and textDocument/rename, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = """\
#include "s.h"
[[S]]::[[S]]() {}
[[^S]] s; // S
// file: s.h
struct [[S]] { [[S]](); };
"""
NEW = "Renamed"
REQUEST_FAILED = -32803


async def rename(client: LanguageClient, project: Project, new: str = NEW) -> types.WorkspaceEdit:
    answer = await client.text_document_rename_async(types.RenameParams(*project.cursor(), new))
    assert answer is not None
    return answer


def edits_of(answer: types.WorkspaceEdit) -> dict[str, list[Any]]:
    """The edits of each document by its URI, whichever way they came."""
    if answer.changes is not None:
        assert answer.document_changes is None
        return {uri: list(edits) for uri, edits in answer.changes.items()}
    found: Any = answer.document_changes
    return {one.text_document.uri: list(one.edits) for one in found}


def places(project: Project, answer: types.WorkspaceEdit) -> list[tuple[str, int, int, int]]:
    found = edits_of(answer)
    return sorted(
        project.place(types.Location(uri, edit.range)) for uri, edits in found.items() for edit in edits
    )


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_class_is_renamed_in_all_files(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    answer = await rename(client, made)
    assert places(made, answer) == made.ranges()
    assert {edit.new_text for edits in edits_of(answer).values() for edit in edits} == {NEW}


async def test_edits_have_the_versions_of_open_documents(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    item = made.item()
    item.version = 7
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    found: Any = (await rename(client, made)).document_changes
    assert {one.text_document.uri: one.text_document.version for one in found} == {
        made.uri(): 7,
        made.uri("s.h"): None,
    }


async def test_a_client_without_versions_gets_changes_by_document(indexed: Make, start: Start) -> None:
    made = indexed(CODE)

    def change(params: types.InitializeParams) -> None:
        params.capabilities.workspace.workspace_edit.document_changes = None  # type: ignore[union-attr]

    client = await start(made, change=change)
    answer = await rename(client, made)
    assert answer.document_changes is None
    assert sorted(answer.changes or ()) == sorted([made.uri(), made.uri("s.h")])


@pytest.mark.parametrize("takes_annotations", [True, False])
async def test_the_client_asks_about_what_is_not_compiled(
    indexed: Make, start: Start, takes_annotations: bool
) -> None:
    made = indexed("int ^x;\n#if 0\nint y = x;\n#endif\n")

    def change(params: types.InitializeParams) -> None:
        if not takes_annotations:
            params.capabilities.workspace.workspace_edit.change_annotation_support = None  # type: ignore[union-attr]

    client = await start(made, change=change)
    answer = await rename(client, made)
    [edits] = edits_of(answer).values()
    ids = [getattr(edit, "annotation_id", None) for edit in edits]
    assert len(ids) == 2
    if takes_annotations:
        annotations = answer.change_annotations or {}
        assert ids[0] is None
        assert annotations[ids[1]].needs_confirmation
    else:
        assert ids == [None, None]
        assert answer.change_annotations is None


@pytest.mark.parametrize("editor", EDITORS)
async def test_the_name_to_change_is_told_before(indexed: Make, start: Start, editor: str) -> None:
    made = indexed("struct S { ~[[^S]](); };")
    client = await start(made, editor)
    answer: Any = await client.text_document_prepare_rename_async(types.PrepareRenameParams(*made.cursor()))
    assert answer.placeholder == "S"
    assert [made.place(types.Location(made.uri(), answer.range))] == made.ranges()


@pytest.mark.parametrize(
    ("encodings", "codec", "size"),
    [(["utf-8"], "utf-8", 1), (["utf-32"], "utf-32-le", 4), (None, "utf-16-le", 2)],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_columns_are_counted_as_agreed(
    indexed: Make, start: Start, encodings: list[str] | None, codec: str, size: int, mark: str
) -> None:
    line = 'const char* s = "\U0001f600é"; int höhe = 1; int y = höhe;'
    made = indexed(mark + line + "\n")

    def change(params: types.InitializeParams) -> None:
        params.capabilities.general = types.GeneralClientCapabilities(position_encodings=encodings)

    client = await start(made, change=change)
    begins = [len(line[:at].encode(codec)) // size for at in (line.index("höhe"), line.rindex("höhe"))]
    length = len("höhe".encode(codec)) // size
    at = types.Position(0, begins[1])
    prepared: Any = await client.text_document_prepare_rename_async(
        types.PrepareRenameParams(made.document(), at)
    )
    assert made.place(types.Location(made.uri(), prepared.range)) == (
        "main.cc",
        0,
        begins[1],
        begins[1] + length,
    )
    answer = await client.text_document_rename_async(types.RenameParams(made.document(), at, "h"))
    assert places(made, answer) == [("main.cc", 0, begin, begin + length) for begin in begins]


@pytest.mark.parametrize(
    ("code", "new", "reason"),
    [
        ("int ^ x;", NEW, "no name here"),
        ("int ^x;", "class", "keyword"),
        ("int y; int ^x;", "y", "in the same scope, at main.cc:1:5"),
        ("struct S { S ^operator+(S); };", NEW, "operator"),
    ],
)
async def test_a_refusal_says_why(indexed: Make, start: Start, code: str, new: str, reason: str) -> None:
    made = indexed(code)
    client = await start(made)
    with pytest.raises(JsonRpcException) as refused:
        await rename(client, made, new)
    assert refused.value.code == REQUEST_FAILED
    assert reason in refused.value.message


async def test_what_cannot_be_renamed_is_told_before(indexed: Make, start: Start) -> None:
    made = indexed("int ^main() {}")
    client = await start(made)
    with pytest.raises(JsonRpcException, match="where the program begins") as refused:
        await client.text_document_prepare_rename_async(types.PrepareRenameParams(*made.cursor()))
    assert refused.value.code == REQUEST_FAILED


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///no/such/file.cc"])
async def test_an_unknown_document_has_nothing_to_rename(indexed: Make, start: Start, uri: str) -> None:
    client = await start(indexed(CODE))
    params = types.RenameParams(types.TextDocumentIdentifier(uri), types.Position(0, 4), NEW)
    with pytest.raises(JsonRpcException, match="no name here"):
        await client.text_document_rename_async(params)


def edit_at(line: int, character: int, text: str) -> types.TextDocumentContentChangePartial:
    place = types.Position(line, character)
    return types.TextDocumentContentChangePartial(types.Range(place, place), text)


async def test_unsaved_lines_move_what_is_changed(project: Make, start: Start) -> None:
    made = project("int ^x;\nint y = x;\n")
    made.index()
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, made.uri()), [edit_at(1, 0, "// a new line\n")]
        )
    )
    answer = await rename(client, made)
    assert places(made, answer) == [("main.cc", 0, 4, 5), ("main.cc", 2, 8, 9)]
    found: Any = answer.document_changes
    assert [one.text_document.version for one in found] == [2]


async def test_unsaved_uses_are_not_left_behind(project: Make, start: Start) -> None:
    made = project("int ^x;\n// file: b.cc\nextern int x;\n")
    made.index()
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item("b.cc")))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, made.uri("b.cc")), [edit_at(1, 0, "int y = x;\n")]
        )
    )
    found = places(made, await rename(client, made))
    assert found == [("b.cc", 0, 11, 12), ("b.cc", 1, 8, 9), ("main.cc", 0, 4, 5)]


async def test_a_local_is_renamed_whatever_is_unsaved_elsewhere(project: Make, start: Start) -> None:
    made = project("void f() { int [[^x]] = 1; [[x]]++; }\n// file: b.cc\nint y;\n")
    made.index()
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item("b.cc")))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, made.uri("b.cc")), [edit_at(1, 0, "int x;\n")]
        )
    )
    assert places(made, await rename(client, made)) == made.ranges()
