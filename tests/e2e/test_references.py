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
