"""workspace/symbol, over the wire."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from support.editor import EDITORS, Project, Start

CODE = """\
namespace ns {
struct UniqueMap { int size() { return 1; } };
int unmapped();
}
"""


@pytest.mark.parametrize("editor", EDITORS)
async def test_symbols_by_name(indexed: Callable[..., Project], start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    for query, expected in [
        ("UM", ["UniqueMap", "unmapped"]),
        ("unm", ["unmapped", "UniqueMap"]),
        ("ns::UniqueMap::si", ["size"]),
        ("nothing", []),
        ("", ["size", "ns", "UniqueMap", "unmapped"]),
    ]:
        answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams(query))
        assert [one.name for one in answer or []] == expected


async def test_the_symbols_of_several_folders_are_ranked_together(
    project: Callable[..., Project], start: Start
) -> None:
    made = project("int map_all();\n// file: sub/main.cc\nstruct map_all_of_it;\nstruct map {};\n")
    for name in ("main.cc", "sub/main.cc"):
        folder = (made.folder / name).parent
        (folder / "compile_commands.json").write_text(
            f'[{{"directory": "{folder}", "file": "main.cc", "command": "c++ -c main.cc"}}]'
        )
        assert made.run("--index-only", str(folder)).returncode == 0

    def change(params: types.InitializeParams) -> None:
        uris = [made.folder.as_uri(), (made.folder / "sub").as_uri()]
        params.workspace_folders = [types.WorkspaceFolder(uri, uri) for uri in uris]

    client = await start(made, change=change)
    answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams("map"))
    assert [one.name for one in answer] == ["map", "map_all", "map_all_of_it"]


async def test_a_deprecated_symbol_is_tagged_or_marked(indexed: Callable[..., Project], start: Start) -> None:
    made = indexed("__attribute__((deprecated)) int old_one();\nint old_other();\n")

    async def answer(change: Callable[[types.InitializeParams], object]) -> list[Any]:
        client = await start(made, change=change)
        found: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams("old"))
        return [(one.name, one.tags, getattr(one, "deprecated", None)) for one in found]

    def plain(params: types.InitializeParams) -> None:
        params.capabilities.workspace = types.WorkspaceClientCapabilities()

    assert sorted(await answer(lambda _params: None)) == [
        ("old_one", (types.SymbolTag.Deprecated,), None),
        ("old_other", None, None),
    ]
    assert sorted(await answer(plain)) == [("old_one", None, True), ("old_other", None, None)]


async def test_a_symbol_can_be_resolved(indexed: Callable[..., Project], start: Start) -> None:
    def resolving(params: types.InitializeParams) -> None:
        support = types.ClientSymbolResolveOptions(["location.range"])
        params.capabilities.workspace = types.WorkspaceClientCapabilities(
            symbol=types.WorkspaceSymbolClientCapabilities(resolve_support=support)
        )

    client = await start(indexed(CODE), change=resolving)
    answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams("size"))
    found = answer[0]
    assert isinstance(found, types.WorkspaceSymbol)
    bare = types.WorkspaceSymbol(
        types.LocationUriOnly(found.location.uri), "size", found.kind, data=found.data
    )
    resolved = await client.workspace_symbol_resolve_async(bare)
    assert (resolved.name, resolved.location) == ("size", found.location)
    for data in (None, "no id", "9" * 19, 7, str(-(2**62))):
        unknown = types.WorkspaceSymbol(found.location, "gone", found.kind, data=data)
        assert (await client.workspace_symbol_resolve_async(unknown)).name == "gone"


async def test_the_best_of_many_come_first_and_exact_names_always(
    indexed: Callable[..., Project], start: Start
) -> None:
    many = "".join(f"int get_{number}();\n" for number in range(1200))
    client = await start(indexed(f"{many}struct get {{}};\nint budget = 1;\nint used = budget + budget;\n"))
    answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams("get"))
    assert answer[0].name == "get"
    answer = await client.workspace_symbol_async(types.WorkspaceSymbolParams("get_1199"))
    assert [one.name for one in answer][:1] == ["get_1199"]
    answer = await client.workspace_symbol_async(types.WorkspaceSymbolParams("udge"))
    assert [one.name for one in answer] == ["budget"]
