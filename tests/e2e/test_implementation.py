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
