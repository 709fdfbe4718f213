"""textDocument/implementation, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

CODE = """\
#include "a.h"
void B::[[f]]() {}
// file: a.h
#pragma once
struct A { virtual void ^f() = 0; };
struct B : A { void f(); };
// file: c.cc
#include "a.h"
struct C : B { void [[f]]() {} };
"""


@pytest.mark.parametrize("editor", EDITORS)
async def test_implementations(indexed: Callable[..., Project], start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    answer: Any = await client.text_document_implementation_async(types.ImplementationParams(*made.cursor()))
    assert [made.place(one) for one in answer] == made.ranges()


@pytest.mark.parametrize("takes_links", [True, False])
async def test_links_only_where_the_client_takes_them(
    indexed: Callable[..., Project], start: Start, takes_links: bool
) -> None:
    def change(params: types.InitializeParams) -> None:
        about = types.ImplementationClientCapabilities(link_support=takes_links)
        params.capabilities.text_document.implementation = about  # type: ignore[union-attr]

    made = indexed(CODE)
    client = await start(made, change=change)
    answer: Any = await client.text_document_implementation_async(types.ImplementationParams(*made.cursor()))
    assert all(isinstance(one, types.LocationLink if takes_links else types.Location) for one in answer)
    assert [made.place(one) for one in answer] == made.ranges()
