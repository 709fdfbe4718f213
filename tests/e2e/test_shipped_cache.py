"""An index made in CI and shipped: at another path, and where it cannot be written."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.editor import Project, command
from support.readonly import read_only, unprivileged
from support.speaking import spoken_to

CODE = """\
// file: lib.h
#pragma once
#include <vector>
std::vector<int> answer();
// file: lib.cc
#include "lib.h"
std::vector<int> [[answer]]() { return {}; }
// file: main.cc
#include "lib.h"
int main() { ^answer(); }
"""
UNITS = 2


@pytest.fixture
def shipped(project: Callable[[str], Project], tmp_path: Path) -> tuple[Project, Path]:
    """A project and its cache, made at one path and now at another; what was at the first is gone."""
    made = project(CODE)
    done = made.run("--index-only", str(made.folder), "--cache-dir", str(tmp_path / "built"), "--json")
    assert json.loads(done.stdout.splitlines()[-1])["indexed"] == UNITS
    was, made.folder = made.folder, tmp_path / "workspaces" / "name"
    made.folder.parent.mkdir()
    shutil.copytree(was, made.folder)  # other inodes and other times, as a clone has
    shutil.rmtree(was)
    made.write_database()
    shutil.copytree(tmp_path / "built", tmp_path / "shipped")
    shutil.rmtree(tmp_path / "built")
    [origin] = (tmp_path / "shipped").glob("*/project.json")
    origin.write_text(json.dumps({**json.loads(origin.read_text()), "machine": "another"}))
    return made, tmp_path / "shipped"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_that_is_unchanged_is_indexed_again(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    for _ in range(2):
        done = made.run("--index-only", str(made.folder), "--cache-dir", str(cache), "--json")
        summary = json.loads(done.stdout.splitlines()[-1])
        assert (summary["skipped_fresh"], summary["indexed"]) == (UNITS, 0)
    assert len(list(cache.iterdir())) == 2, "another machine may share the cache"
    assert made.run("cache", "prune", "--gone", "--cache-dir", str(cache)).returncode == 0
    assert len(list(cache.iterdir())) == 1
    assert "2 indexed" in made.run("status", "--cache-dir", str(cache)).stdout


def test_one_that_was_not_used_yet_is_not_pruned(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    listed = made.run("cache", "list", "--cache-dir", str(cache)).stdout
    assert "made elsewhere, not used here yet" in listed
    made.run("cache", "prune", "--cache-dir", str(cache))
    assert "2 indexed" in made.run("status", "--cache-dir", str(cache)).stdout


async def test_a_server_answers_from_it_and_makes_it_its_own(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    answer, _ = await spoken_to(made, [command(), "--cache-dir", str(cache)])
    assert [one["uri"] for one in answer] == [made.uri("lib.cc")]
    # What is under way when it ends is taken up by the next.
    summary = made.run("--index-only", str(made.folder), "--cache-dir", str(cache), "--json").stdout
    assert json.loads(summary.splitlines()[-1])["indexed"] == 0


async def test_a_server_answers_from_one_that_it_cannot_write_and_says_so_once(
    shipped: tuple[Project, Path],
) -> None:
    made, cache = shipped
    was, heard = contents(cache), list[Any]()
    argv = unprivileged(command(), "--cache-dir", str(cache))
    with read_only(cache):
        answer, _ = await spoken_to(made, argv, until="window/showMessage", heard=heard)
    assert [one["uri"] for one in answer] == [made.uri("lib.cc")]
    [shown] = [message["params"] for message in heard if message["method"] == "window/showMessage"]
    assert shown["type"] == 2, "a warning: answers there are"
    assert "cannot be written" in shown["message"]
    assert "--cache-dir" in shown["message"]
    assert contents(cache) == was


def ask(made: Project, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        unprivileged(command(), *arguments),
        env=made.environment,
        cwd=made.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_shell_is_answered_from_it_too(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    with read_only(cache):
        found = ask(made, "query", "definition", "answer", "--cache-dir", str(cache))
        assert found.stdout.startswith("lib.cc:2:18: "), found.stderr
        assert "2 indexed" in ask(made, "status", "--cache-dir", str(cache)).stdout
        examined = ask(made, "doctor", "--cache-dir", str(cache), "--json")
        states = {check["name"]: check["state"] for check in json.loads(examined.stdout)["checks"]}
        assert (states["cache"], states["index"]) == ("note", "ok"), examined.stdout
        refused = ask(made, "--index-only", "--cache-dir", str(cache))
        assert refused.returncode == 1
        assert refused.stderr.startswith("cpplsp: the index in ")
        assert "cannot be written (Permission denied)" in refused.stderr


def test_one_that_was_not_closed_is_refused_with_the_way_out(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    [folder] = cache.iterdir()
    (folder / "index.sqlite-wal").write_bytes(b"what a writer that was killed leaves")
    with read_only(cache):
        done = ask(made, "status", "--cache-dir", str(cache))
    assert done.returncode == 1
    assert "its last writer did not close it" in done.stderr


def test_one_whose_folder_alone_is_read_only_is_no_other_case(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    with read_only(cache):
        for path in cache.rglob("*"):
            if path.is_file():
                path.chmod(0o644)
        refused = ask(made, "--index-only", "--cache-dir", str(cache))
        assert "cannot be written (its folder is read-only)" in refused.stderr
        assert ask(made, "query", "definition", "answer", "--cache-dir", str(cache)).returncode == 0


def test_a_folder_that_its_user_made_read_only_stays_so(shipped: tuple[Project, Path]) -> None:
    made, cache = shipped
    [folder] = cache.iterdir()
    with read_only(cache):
        ask(made, "--index-only", "--cache-dir", str(cache))
        assert os.stat(folder).st_mode & 0o777 == 0o555
