"""What the documents claim of the code is so: names, links, commands."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from cpplsp import __version__

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("editors/*.md"), *ROOT.glob("editors/*/*.md")]
)
SCRIPTS = sorted(
    path
    for folder in ("scripts", ".ci")
    for path in (ROOT / folder).iterdir()
    if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/env bash")
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", page.read_text("utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_to_be_written_into_files_can_be_read(page: Path) -> None:
    text = page.read_text("utf-8")
    for kind, read in (("json", json.loads), ("toml", tomllib.loads)):
        for block in re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            assert read(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_and_module_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    paths = re.findall(r"`((?:cpplsp|tests|scripts|docs|\.ci)/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in sources] == []


def test_the_map_has_a_paragraph_for_every_package() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    paragraphs = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE))))
    package = ROOT / "cpplsp"
    parts = {path.parent.name for path in package.glob("*/*.py")} | {
        path.stem for path in package.glob("*.py")
    }
    assert parts - {"__init__", "__main__"} <= paragraphs


def test_ci_runs_the_commands_that_the_readme_promises() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in ("scripts/run", "scripts/test", "scripts/check", "scripts/docs", "scripts/build"):
        assert f"{command}" in readme
        assert f"\n{command}\n" in ci
    first, second = re.findall(r"^need (.*?)[^\\]$", ci, re.DOTALL | re.MULTILINE)
    assert first.startswith('"${asked[@]'), "what the README has one install comes first"
    assert ci.index(first) < ci.index("\nscripts/run\n") < ci.index("\nscripts/test\n") < ci.index(second)


def test_the_changelog_speaks_of_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert __version__ in headings


def test_the_licence_is_the_one_that_the_package_names() -> None:
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text("utf-8")
    assert "License :: OSI Approved :: Apache Software License" in (ROOT / "pyproject.toml").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_parses_can_be_run_and_stops_at_errors(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    assert script.stat().st_mode & 0o111
    assert "\nset -euo pipefail\n" in script.read_text("utf-8")
