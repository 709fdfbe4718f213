"""window/workDoneProgress and $/progress while a project is indexed."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start, until_indexed

Make = Callable[..., Project]

CODE = "".join(f"// file: u{number}.cc\nint u{number};\n" for number in range(5))


@pytest.mark.parametrize("editor", EDITORS)
async def test_indexing_is_told_from_its_begin_to_its_end(project: Make, start: Start, editor: str) -> None:
    client = await start(project(CODE), editor)
    reports = await until_indexed(client)
    begin, *between, end = reports
    assert isinstance(begin, types.WorkDoneProgressBegin)
    assert begin.title == "indexing"
    assert all(isinstance(one, types.WorkDoneProgressReport) for one in between)
    assert isinstance(end, types.WorkDoneProgressEnd)
    assert end.message == "5/5"
    percentages = [one.percentage for one in reports[:-1]]
    assert percentages == sorted(percentages)
    assert begin.message is not None
    assert begin.message.split("/")[1].startswith("5")


async def test_nothing_is_told_when_nothing_is_to_be_done(project: Make, start: Start) -> None:
    made = project(CODE)
    made.index()
    client = await start(made)
    client.text_document_did_save(types.DidSaveTextDocumentParams(made.document("u1.cc")))
    (made.folder / "u1.cc").write_text("int changed;\n")
    client.text_document_did_save(types.DidSaveTextDocumentParams(made.document("u1.cc")))
    await until_indexed(client)
    assert len(client.progress_reports) == 1  # of the changed file, and none of the start


async def test_a_client_that_cannot_show_it_is_told_nothing(project: Make, start: Start) -> None:
    made = project(CODE)

    def change(params: types.InitializeParams) -> None:
        params.capabilities.window = types.WindowClientCapabilities(work_done_progress=False)

    client = await start(made, change=change)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item("u4.cc")))
    answer: Any = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(made.document("u4.cc"))
    )
    assert [one.name for one in answer] == ["u4"]
    assert client.progress_reports == {}
