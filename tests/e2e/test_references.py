"""textDocument/references, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

CODE = """\
#include "f.h"
int x = ^[[f]]();
int y = [[f]]() + [[f]]();
// file: f.h
int f();
// file: f.cc
#include "f.h"
int f() { return 1; }
"""


@pytest.mark.parametrize("editor", EDITORS)
async def test_references_in_all_files(indexed: Callable[..., Project], start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    document, position = made.cursor()
    for with_declarations in (True, False):
        params = types.ReferenceParams(types.ReferenceContext(with_declarations), document, position)
        answer: Any = await client.text_document_references_async(params)
        declarations = [("f.cc", 1, 4, 5), ("f.h", 0, 4, 5)] if with_declarations else []
        assert sorted(made.place(one) for one in answer) == sorted([*declarations, *made.ranges()])


async def test_references_in_parts(indexed: Callable[..., Project], start: Start) -> None:
    uses = "".join(f"int y{number} = f();\n" for number in range(1500))
    made = indexed(f"int ^f();\n{uses}")
    client = await start(made)
    parts: list[Any] = []

    # pytest-lsp takes all progress for that of work.
    client.protocol.fm.features.pop(types.PROGRESS)

    @client.feature(types.PROGRESS)
    def progress(params: types.ProgressParams) -> None:
        parts.append((params.token, params.value))

    document, position = made.cursor()
    context = types.ReferenceContext(False)
    params = types.ReferenceParams(context, document, position, partial_result_token="part")
    assert list(await client.text_document_references_async(params) or []) == []
    lines = [one["range"]["start"]["line"] for token, value in parts if token == "part" for one in value]
    assert lines == list(range(1, 1501))
    assert [len(value) for token, value in parts if token == "part"] == [100, 1000, 400]


async def test_references_in_text_that_is_being_edited(indexed: Callable[..., Project], start: Start) -> None:
    made = indexed("int ^value = 1;\nint a = [[value]];\nint b = value;\nint c = [[value]];\n")
    client = await start(made)
    document, _position = made.cursor()
    text = "// new\n\nint value = 1;\nint a = 2 + value;\nint b = values;\nint c = value;\nint d = value;\n"
    item = types.TextDocumentItem(document.uri, "cpp", 1, made.text("main.cc"))
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    changed = types.VersionedTextDocumentIdentifier(2, document.uri)
    change = types.TextDocumentContentChangeWholeDocument(text)
    client.text_document_did_change(types.DidChangeTextDocumentParams(changed, [change]))
    for line, column in ((2, 4), (3, 12), (5, 8)):
        params = types.ReferenceParams(types.ReferenceContext(True), document, types.Position(line, column))
        answer: Any = await client.text_document_references_async(params)
        assert sorted(made.place(one) for one in answer) == [
            ("main.cc", 2, 4, 9),
            ("main.cc", 3, 12, 17),
            ("main.cc", 5, 8, 13),
            ("main.cc", 6, 8, 13),
        ]
