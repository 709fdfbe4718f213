"""textDocument/foldingRange, over the wire."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start, insert_at_the_beginning

Make = Callable[..., Project]

CODE = "int f() {\n  return 1;\n}\n"


async def lines(client: LanguageClient, made: Project) -> list[tuple[int, int]]:
    found = await client.text_document_folding_range_async(types.FoldingRangeParams(made.document()))
    return [(one.start_line, one.end_line) for one in found or ()]


@pytest.mark.parametrize("editor", EDITORS)
async def test_folds(project: Make, start: Start, editor: str) -> None:
    made = project(CODE)
    client = await start(made, editor)
    folding = client.capabilities.text_document.folding_range  # type: ignore[union-attr]
    last = 1 if folding is not None and folding.line_folding_only else 2
    assert await lines(client, made) == [(0, last)]


async def test_the_buffer_is_folded(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    insert_at_the_beginning(client, made, "\n\n")
    [(first, _)] = await lines(client, made)
    assert first == 2


async def test_a_file_that_is_not_there_has_none(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    params = types.FoldingRangeParams(made.document("no.cc"))
    assert list(await client.text_document_folding_range_async(params) or ()) == []
