"""textDocument/typeDefinition, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODES = {
    "a variable": '#include "s.h"\nS* x;\nauto y = ^x;\n// file: s.h\nstruct [[S]] {};\n',
    "auto": '#include "s.h"\nS* f();\nint g() {\n  const a^uto* x = f();\n}\n// file: s.h\nstruct [[S]] {};\n',
    "nothing": "int ^x;\n",
}


@pytest.mark.parametrize("editor", EDITORS)
@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
async def test_a_type_definition(indexed: Make, start: Start, code: str, editor: str) -> None:
    made = indexed(code)
    client = await start(made, editor)
    document, position = made.cursor()
    answer: Any = await client.text_document_type_definition_async(
        types.TypeDefinitionParams(document, position)
    )
    assert [made.place(one) for one in answer] == made.ranges()


@pytest.mark.parametrize("takes_links", [True, False])
async def test_links_only_where_the_client_takes_them(indexed: Make, start: Start, takes_links: bool) -> None:
    def change(params: types.InitializeParams) -> None:
        about = types.TypeDefinitionClientCapabilities(link_support=takes_links)
        params.capabilities.text_document.type_definition = about  # type: ignore[union-attr]

    made = indexed(CODES["auto"])
    client = await start(made, change=change)
    answer: Any = await client.text_document_type_definition_async(types.TypeDefinitionParams(*made.cursor()))
    [found] = answer
    assert isinstance(found, types.LocationLink if takes_links else types.Location)
    if takes_links:
        assert found.origin_selection_range == types.Range(types.Position(3, 8), types.Position(3, 12))
