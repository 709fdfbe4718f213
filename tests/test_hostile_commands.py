"""A compile database from anyone: nothing in it is loaded, run or written, whatever the spelling."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.commands import ENTRIES, HONOURED, UNNAMED, Entry, contents, give_libclang, names, write_project

from cpplsp.store.connection import open_reader


@dataclass(frozen=True)
class Run:
    """An index of all entries. ``before``, ``after``: all files but the index and the log."""

    root: Path
    before: dict[str, tuple[int, bytes]]
    after: dict[str, tuple[int, bytes]]
    summary: dict[str, Any]
    log: str
    names: set[tuple[str, str]]
    errors: dict[str, str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    outside = tmp_path_factory.mktemp("outside")
    watched = tmp_path_factory.mktemp("watched")
    root = watched / "project"
    write_project(root)
    for folder in ("here", "home", "tmp"):
        (watched / folder).mkdir()
    before = contents(watched)
    command = [sys.executable, "-m", "cpplsp", "--index-only", str(root), "--json"]
    command += ["--cache-dir", str(outside / "cache"), "--log-file", str(outside / "log")]
    programs = root / "runs" / "load0"
    done = subprocess.run(
        command,
        cwd=watched / "here",
        env={
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(watched / "home"),
            "TMPDIR": str(watched / "tmp"),
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    reader = open_reader(summary["cache_path"])
    names = set(
        reader.execute(
            "SELECT f.path, d.name FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
        )
    )
    errors = dict(reader.execute("SELECT f.path, u.error FROM unit u JOIN file f ON f.id = u.file"))
    reader.close()
    log = (outside / "log").read_text()
    return Run(root, before, contents(watched), summary, log, names, errors)


def test_no_file_is_made_or_changed_by_any_of_them(run: Run) -> None:
    """A program that is run or an object that is loaded leaves a file as well."""
    assert run.after == run.before


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.name} {entry.words}")
def test_its_unit_is_indexed_and_what_was_left_out_is_named(run: Run, entry: Entry) -> None:
    file = f"{entry.name}.cc"
    failed = {one["file"]: one["reason"] for one in run.summary["failed"]}
    assert (file, entry.name) in run.names or failed.get(file), run.errors.get(file)
    said = [line for line in run.log.splitlines() if f"/{file}: left out of its compile command: " in line]
    if entry.name.startswith(("load", "run")):
        assert bool(said) == (entry.words not in UNNAMED)


def test_libclang_by_itself_would_write_for_these(tmp_path: Path) -> None:
    """Else the test above would prove little."""
    root = tmp_path / "project"
    write_project(root)
    honoured = set()
    before = names(root)
    for entry in ENTRIES:
        if entry.words in HONOURED or entry.name.startswith("load"):
            give_libclang(root, entry)
            after = names(root)
            if after != before:
                honoured.add(entry.words)
            before = after
    assert honoured == HONOURED
