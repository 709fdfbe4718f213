"""workspace/configuration and initializationOptions: settings from the editor."""

from collections.abc import Callable
from typing import Any

from lsprotocol import types
from support.editor import Project, Start, until_indexed

Make = Callable[..., Project]


def caches(made: Project, name: str) -> list[str]:
    folder = made.folder.parent / name
    return sorted(path.name for path in folder.rglob("index.sqlite")) if folder.exists() else []


async def test_settings_are_asked_for(project: Make, start: Start) -> None:
    made = project("int x;")
    cache = str(made.folder.parent / "pulled")
    client = await start(made, configuration={"cacheDir": cache, "jobs": None})
    await until_indexed(client)
    assert caches(made, "pulled") == ["index.sqlite"]


async def test_settings_come_with_initialize(project: Make, start: Start) -> None:
    made = project("int x;")

    def change(params: types.InitializeParams) -> None:
        params.initialization_options = {"cacheDir": str(made.folder.parent / "sent")}

    client = await start(made, change=change)
    await until_indexed(client)
    assert caches(made, "sent") == ["index.sqlite"]


async def test_a_setting_that_cannot_be_used_is_shown_and_the_server_goes_on(
    project: Make, start: Start
) -> None:
    made = project("int x;")
    made.index()
    client = await start(made, configuration={"jobs": "many"})
    answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams("x"))
    assert [one.name for one in answer] == ["x"]
    assert [one.message for one in client.messages] == [
        "cpplsp: the editor's settings: `jobs`: 'many' is not a whole number from 1 up"
    ]


async def test_changed_settings_hold_from_then_on(project: Make, start: Start) -> None:
    made = project("int x;")
    made.index()
    client = await start(made)
    await client.workspace_symbol_async(types.WorkspaceSymbolParams("x"))
    client.set_configuration({"cpplsp": {"cacheDir": str(made.folder.parent / "new")}})
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
    await until_indexed(client)
    assert caches(made, "new") == ["index.sqlite"]
