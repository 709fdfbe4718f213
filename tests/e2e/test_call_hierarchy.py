"""textDocument/prepareCallHierarchy and callHierarchy/*, over the wire."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

CODE = """\
#include "f.h"
int twice(int x) { return [[one]](x) + [[one]](x); }
int y = [[one]](1);
// file: f.h
#pragma once
namespace n { int deep(int x); }
int ^one(int x);
// file: f.cc
#include "f.h"
int one(int x) { return n::deep(x); }
"""


async def prepare(client: LanguageClient, made: Project) -> types.CallHierarchyItem:
    params = types.CallHierarchyPrepareParams(*made.cursor())
    [item] = await client.text_document_prepare_call_hierarchy_async(params) or ()
    return item


@pytest.mark.parametrize("editor", EDITORS)
async def test_there_and_back(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    item = await prepare(client, made)
    assert (item.name, item.kind, item.uri) == ("one", types.SymbolKind.Function, made.uri("f.cc"))
    params = types.CallHierarchyIncomingCallsParams(item)
    incoming = await client.call_hierarchy_incoming_calls_async(params) or ()
    assert [(call.from_.name, len(call.from_ranges)) for call in incoming] == [("twice", 2), ("y", 1)]
    places = [
        made.place(types.Location(call.from_.uri, one)) for call in incoming for one in call.from_ranges
    ]
    assert places == made.ranges()
    [twice, _] = incoming
    outgoing = await client.call_hierarchy_outgoing_calls_async(
        types.CallHierarchyOutgoingCallsParams(twice.from_)
    )
    assert [(call.to.name, call.to.uri, list(call.from_ranges)) for call in outgoing or ()] == [
        ("one", item.uri, list(twice.from_ranges))
    ]


async def test_what_is_called_is_told_with_its_scope(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    params = types.CallHierarchyOutgoingCallsParams(await prepare(client, made))
    [call] = await client.call_hierarchy_outgoing_calls_async(params) or ()
    assert (call.to.name, call.to.detail, call.to.uri) == ("deep", "n", made.uri("f.h"))


async def test_nothing_is_prepared_where_nothing_can_be_called(indexed: Make, start: Start) -> None:
    made = indexed("struct ^S {};")
    client = await start(made)
    params = types.CallHierarchyPrepareParams(*made.cursor())
    assert await client.text_document_prepare_call_hierarchy_async(params) is None


@pytest.mark.parametrize("data", [None, "x", 1])
async def test_an_item_of_another_server_has_no_calls(
    indexed: Make, start: Start, data: str | int | None
) -> None:
    made = indexed(CODE)
    client = await start(made)
    item = await prepare(client, made)
    item.data = data
    params = types.CallHierarchyIncomingCallsParams(item)
    assert await client.call_hierarchy_incoming_calls_async(params) is None


async def test_each_program_has_its_own_main(indexed: Make, start: Start) -> None:
    made = indexed(
        "// file: a.cc\nint f();\nint main() { return f(); }\n// file: b.cc\nint g();\nint ^main() { return g(); }\n"
    )
    client = await start(made)
    item = await prepare(client, made)
    assert item.uri == made.uri("b.cc")
    outgoing = types.CallHierarchyOutgoingCallsParams(item)
    [call] = await client.call_hierarchy_outgoing_calls_async(outgoing) or ()
    assert call.to.name == "g"


async def test_a_local_classs_method_calls_for_itself(indexed: Make, start: Start) -> None:
    made = indexed(
        "int ^f();\nint g() {\n  struct L { static int m() { return [[f]](); } };\n  return L::m();\n}\n"
    )
    client = await start(made)
    params = types.CallHierarchyIncomingCallsParams(await prepare(client, made))
    [call] = await client.call_hierarchy_incoming_calls_async(params) or ()
    assert (call.from_.name, call.from_.detail) == ("m", "g::L")
    [back] = (
        await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(call.from_))
        or ()
    )
    assert back.from_.name == "g"
