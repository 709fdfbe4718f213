"""The manifest of the extension for VS Code agrees with what the server knows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cpplsp.config import LEAST_BUDGET_BYTES, Settings, editor_name, options, parse_memory
from cpplsp.lsp import administration, includers, indexstate, memory

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
MANIFEST = json.loads((EXTENSION / "package.json").read_text("utf-8"))
SETTINGS: dict[str, dict[str, Any]] = {
    name: about
    for section in MANIFEST["contributes"]["configuration"]
    for name, about in section["properties"].items()
}
RESTRICTED = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
# The extension's own: what runs the server, and how it is watched.
OWN = {"path", "arguments", "trace.server", "restartAfterCrash", "detectOtherExtensions"}


def setting_of(name: str) -> dict[str, Any]:
    return SETTINGS[f"cpplsp.{editor_name(name)}"]


def test_every_option_is_a_setting_and_every_setting_an_option() -> None:
    expected = {f"cpplsp.{editor_name(name)}" for name, _ in options()} | {f"cpplsp.{name}" for name in OWN}
    assert set(SETTINGS) == expected


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_described(name: str) -> None:
    assert len(SETTINGS[name]["markdownDescription"]) > 30


@pytest.mark.parametrize("name", [name for name, _ in options()])
def test_a_setting_has_the_default_and_the_choices_of_its_option(name: str) -> None:
    option, default = dict(options())[name], getattr(Settings(), name)
    if default is None and option.form != "count":
        default = ""  # a field that is left empty; the extension does not pass it on
    assert setting_of(name)["default"] == (list(default) if isinstance(default, tuple) else default)
    assert tuple(setting_of(name).get("enum", ())) == option.choices


def test_the_extension_passes_every_option_on() -> None:
    source = (EXTENSION / "src" / "options.ts").read_text("utf-8")
    found = re.search(r"SERVER_OPTIONS = \[(.*?)\]", source, re.DOTALL)
    assert found is not None
    assert set(re.findall(r'"(\w+)"', found[1])) == {editor_name(name) for name, _ in options()}


def test_what_a_project_cannot_choose_is_not_taken_from_a_workspace_without_trust() -> None:
    persons = {f"cpplsp.{editor_name(name)}" for name, option in options() if option.person_only}
    assert persons <= RESTRICTED
    assert {"cpplsp.path", "cpplsp.arguments"} <= RESTRICTED


@pytest.mark.parametrize("text", ["4G", "512M", "1.5GiB", "50%", " 2 g ", str(LEAST_BUDGET_BYTES)])
def test_an_amount_of_memory_that_the_server_takes_is_none_that_vs_code_complains_of(text: str) -> None:
    assert parse_memory(text, 1 << 40)
    assert re.search(setting_of("memory_budget")["pattern"], text)


@pytest.mark.parametrize("text", ["much", "4X", "-1G"])
def test_an_amount_that_makes_no_sense_is_marked(text: str) -> None:
    assert not re.search(setting_of("memory_budget")["pattern"], text)


def test_both_sides_name_requests_and_commands_alike() -> None:
    source = (EXTENSION / "src" / "protocol.ts").read_text("utf-8")
    for name in (
        *(administration.INDEX_STATUS, administration.REBUILD, administration.RETRY_FAILED),
        *(administration.PAUSE, administration.RESUME),
        *(includers.INCLUDERS, indexstate.INDEX_STATE, memory.MEMORY_USAGE),
    ):
        assert f'"{name}"' in source


def test_both_sides_have_the_same_fields() -> None:
    source = (EXTENSION / "src" / "protocol.ts").read_text("utf-8")
    for interface, struct in (
        ("IndexState", indexstate.IndexState),
        ("TroubledUnit", administration.Trouble),
        ("IndexContents", administration.IndexContents),
        ("FolderStatus", administration.FolderStatus),
    ):
        body = source.split(f"export interface {interface} {{")[1].split("}\n")[0]
        fields = re.findall(r"^  (\w+)\??:", body, re.MULTILINE)
        assert fields == [editor_name(field) for field in struct.__struct_fields__]


def test_the_extension_carries_the_version_of_the_server() -> None:
    from cpplsp import __version__

    assert MANIFEST["version"] == __version__
