"""textDocument/declaration, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_declaration(indexed: Callable[..., Project], start: Start, editor: str) -> None:
    made = indexed(
        '#include "f.h"\nint x = ^f();\n// file: f.h\nint [[f]]();\n// file: f.cc\nint f() { return 1; }'
    )
    client = await start(made, editor)
    document, position = made.cursor()
    answer: Any = await client.text_document_declaration_async(types.DeclarationParams(document, position))
    assert sorted(made.place(one) for one in answer) == made.ranges()
