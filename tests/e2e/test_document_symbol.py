"""textDocument/documentSymbol, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

CODE = "namespace ns {\nstruct S { int f; };\n}\nint g() { return 1; }\n"


def names(symbols: Any) -> list[Any]:
    return [(one.name, names(one.children)) if one.children else one.name for one in symbols]


@pytest.mark.parametrize("editor", EDITORS)
async def test_an_outline(indexed: Callable[..., Project], start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    answer: Any = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(made.document())
    )
    assert names(answer) == [("ns", [("S", ["f"])]), "g"]


async def test_a_flat_list_for_a_client_that_takes_no_tree(
    indexed: Callable[..., Project], start: Start
) -> None:
    made = indexed(CODE)

    def change(params: types.InitializeParams) -> None:
        params.capabilities.text_document.document_symbol = None  # type: ignore[union-attr]

    client = await start(made, change=change)
    answer: Any = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(made.document())
    )
    assert [(one.name, one.container_name) for one in answer] == [
        ("ns", None),
        ("S", "ns"),
        ("f", "ns::S"),
        ("g", None),
    ]


async def test_a_file_is_waited_for_while_it_is_indexed(
    project: Callable[..., Project], start: Start
) -> None:
    made = project(CODE)
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    answer: Any = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(made.document())
    )
    assert names(answer) == [("ns", [("S", ["f"])]), "g"]
