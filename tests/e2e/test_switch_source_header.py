"""textDocument/switchSourceHeader, clangd's extension of the protocol."""

from collections.abc import Callable

import pytest
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

Make = Callable[..., Project]

METHOD = "textDocument/switchSourceHeader"
CODE = """\
// file: same.cc
#include "same.h"
#include "api.h"
int c() { return d(); }
// file: same.h
#pragma once
int c();
// file: api.h
#pragma once
int d();
// file: implementation.cc
#include "api.h"
int d() { return 1; }
"""


async def switch(client: LanguageClient, uri: str) -> object:
    return await client.protocol.send_request_async(METHOD, {"uri": uri})


@pytest.mark.parametrize("editor", EDITORS)
async def test_there_and_back(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    for one, other in (("same.cc", "same.h"), ("api.h", "implementation.cc")):
        assert await switch(client, made.uri(one)) == made.uri(other)
        assert await switch(client, made.uri(other)) == made.uri(one)


async def test_a_namesake_needs_no_index(project: Make, start: Start) -> None:
    made = project()
    for name in ("a.cc", "a.h"):
        (made.folder / name).touch()
    client = await start(made)
    assert await switch(client, made.uri("a.cc")) == made.uri("a.h")


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///no/such/file.cc"])
async def test_without_a_counterpart_it_is_null(indexed: Make, start: Start, uri: str) -> None:
    client = await start(indexed(CODE))
    assert await switch(client, uri) is None


async def test_it_needs_a_uri(indexed: Make, start: Start) -> None:
    client = await start(indexed(CODE))
    with pytest.raises(JsonRpcException, match="needs the uri") as refused:
        await client.protocol.send_request_async(METHOD, {"textDocument": {}})
    assert refused.value.code == -32602
