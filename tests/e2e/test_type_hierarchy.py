"""textDocument/prepareTypeHierarchy and typeHierarchy/*, over the wire."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = """\
// file: c.cc
#include "b.h"
class C : B {};
class D : B {};
// file: a.h
#pragma once
struct A {};
namespace n { struct M {}; }
// file: b.h
#pragma once
#include "a.h"
struct ^B : A, n::M {};
"""


@pytest.mark.parametrize("editor", EDITORS)
async def test_up_and_down(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    params = types.TypeHierarchyPrepareParams(*made.cursor())
    [item] = await client.text_document_prepare_type_hierarchy_async(params) or ()
    assert item.name == "B"
    above = await client.type_hierarchy_supertypes_async(types.TypeHierarchySupertypesParams(item)) or ()
    assert [(one.name, one.detail, one.uri) for one in above] == [
        ("A", None, made.uri("a.h")),
        ("M", "n", made.uri("a.h")),
    ]
    below = await client.type_hierarchy_subtypes_async(types.TypeHierarchySubtypesParams(item)) or ()
    assert [(one.name, one.kind) for one in below] == [
        ("C", types.SymbolKind.Class),
        ("D", types.SymbolKind.Class),
    ]
    params_of_first = types.TypeHierarchySupertypesParams(below[0])
    [back] = await client.type_hierarchy_supertypes_async(params_of_first) or ()
    assert back.name == "B"


async def test_a_function_has_no_types(indexed: Make, start: Start) -> None:
    made = indexed("void ^f();")
    client = await start(made)
    params = types.TypeHierarchyPrepareParams(*made.cursor())
    assert await client.text_document_prepare_type_hierarchy_async(params) is None


async def test_a_variable_leads_to_its_class_and_that_to_a_template(indexed: Make, start: Start) -> None:
    made = indexed(
        '#include "v.h"\nstruct D : V<int> {};\nvoid f(D* ^d);\n// file: v.h\n#pragma once\n'
        "template <class T> struct V {};\n"
    )
    client = await start(made)
    params = types.TypeHierarchyPrepareParams(*made.cursor())
    [item] = await client.text_document_prepare_type_hierarchy_async(params) or ()
    assert item.name == "D"
    [above] = await client.type_hierarchy_supertypes_async(types.TypeHierarchySupertypesParams(item)) or ()
    assert (above.name, above.uri) == ("V", made.uri("v.h"))
    [below] = await client.type_hierarchy_subtypes_async(types.TypeHierarchySubtypesParams(above)) or ()
    assert below.name == "D"
