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
        ("", ["UniqueMap", "size", "unmapped", "ns"]),
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
    assert [one.name for one in answer] == ["map", "map_all_of_it", "map_all"]
