"""The installed ``cpplsp`` for tests end to end: a project on disk, and what is asked about it."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from support.marked import Marked, unmark

EDITORS = ["visual_studio_code", "neovim@v0.11.0", "neovim@v0.6.1", "emacs"]
"""Between them: utf-8, utf-16 and none offered; watching and not; the newest and an old Neovim."""

SOURCES = (".c", ".cc", ".cpp")


def only_with(what: str, is_there: bool) -> pytest.MarkDecorator:
    """Skip a test where an editor is not installed, but not in CI, which installs all: there that is a failure."""
    return pytest.mark.skipif(not (is_there or os.environ.get("CI")), reason=f"{what} is not installed")


def command() -> str:
    """The ``cpplsp`` that is installed beside this Python."""
    found = shutil.which("cpplsp", path=os.path.dirname(sys.executable)) or shutil.which("cpplsp")
    assert found, "cpplsp is not installed: scripts/test does that"
    return found


class Project:
    """A project on disk, made of marked files; its cache is its own."""

    def __init__(self, folder: Path, code: str | bytes = ""):
        self.folder = folder / "project"
        self.folder.mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CPPLSP_")},
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self.marked = Marked()
        if code:
            self.write(code)
            self.write_database()

    def write(self, code: str | bytes) -> None:
        """Write marked files."""
        self.marked = unmark(code)
        for name, text in self.marked.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)

    def write_database(self, *arguments: str) -> None:
        """Write a compile database of all source files."""
        sources = sorted(path for path in self.folder.rglob("*") if path.suffix in SOURCES)
        entries = [
            {
                "directory": str(self.folder),
                "file": str(source),
                "arguments": ["c++" if source.suffix != ".c" else "cc", *arguments, "-c", str(source)],
            }
            for source in sources
        ]
        (self.folder / "compile_commands.json").write_text(json.dumps(entries))

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of cpplsp."""
        return subprocess.run(
            [command(), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            cwd=cwd or self.folder,
        )

    def index(self) -> dict[str, Any]:
        """Index it, before any server does; the summary."""
        done = self.run("--index-only", str(self.folder), "--json")
        assert done.returncode == 0, done.stderr
        summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return summary

    def uri(self, name: str = "main.cc") -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str = "main.cc") -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def text(self, name: str = "main.cc") -> str:
        return (self.folder / name).read_bytes().decode("utf-8-sig")

    def item(self, name: str = "main.cc") -> types.TextDocumentItem:
        language = "c" if name.endswith(".c") else "cpp"
        return types.TextDocumentItem(self.uri(name), language, 1, self.text(name))

    def place(self, location: types.Location | types.LocationLink) -> tuple[str, int, int, int]:
        """Name of the file, line, start and end of a location or of a link's target."""
        if isinstance(location, types.LocationLink):
            uri, found = location.target_uri, location.target_selection_range
        else:
            uri, found = location.uri, location.range
        assert found.start.line == found.end.line
        name = uri.removeprefix(self.folder.as_uri() + "/")
        return name, found.start.line, found.start.character, found.end.character

    def ranges(self) -> list[tuple[str, int, int, int]]:
        """The marked ranges, as :meth:`place` tells of places (in bytes: for ASCII, and for utf-8)."""
        return sorted((name, begin[0], begin[1], end[1]) for name, begin, end in self.marked.ranges)

    def cursor(self) -> tuple[types.TextDocumentIdentifier, types.Position]:
        """The document and position of the one cursor."""
        [(name, line, column)] = self.marked.cursors
        return self.document(name), types.Position(line, column)


Start = Callable[..., Awaitable[LanguageClient]]


def insert_at_the_beginning(client: LanguageClient, project: Project, text: str) -> None:
    """Open main.cc and type something at its beginning."""
    client.text_document_did_open(types.DidOpenTextDocumentParams(project.item()))
    begin = types.Position(0, 0)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, project.uri()),
            [types.TextDocumentContentChangePartial(types.Range(begin, begin), text)],
        )
    )


async def until_indexed(client: LanguageClient) -> list[Any]:
    """Wait for the end of indexing; what was reported until then, in order."""
    while True:
        for reports in client.progress_reports.values():
            if reports and isinstance(reports[-1], types.WorkDoneProgressEnd):
                return reports
        await client.wait_for_notification(types.PROGRESS)
        await asyncio.sleep(0)
