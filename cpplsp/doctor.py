"""``cpplsp doctor``: looks at all that cpplsp needs to work for a project, and says what to do about what it lacks.

Each check tells one thing in one line; none ends the others. What only costs something is a ``note``, what keeps
answers away is ``wrong`` and makes the exit code 1.
"""

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

from cpplsp import styled
from cpplsp.config import Settings
from cpplsp.paths import real_path
from cpplsp.project.resource import CLANG_VERSION, find_resource_dir, is_resource_dir

State = Literal["ok", "note", "wrong"]

_LEAST_SQLITE = (3, 35)
"""The first with RETURNING, which the index is written with."""
_LIBRARY_WITHIN_S = 30.0
_LIBRARY = """\
import sys
from cpplsp.worker.libclang import Libclang, find_library
path = find_library(sys.argv[1] or None)
print(path, Libclang(path).version, sep="\\n")
"""
_TRIAL = """\
#include <cstddef>
#include <string>
#include <vector>
std::size_t count(const std::vector<std::string>& words) { return words.size(); }
"""


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one thing. ``advice``: what to do about it; '' where there is nothing to do."""

    name: str
    state: State
    found: str
    advice: str = ""


def doctor(root: str, settings: Settings, as_json: bool) -> int:
    """Check everything for a project (real path); 1 where something is wrong."""
    found: list[Check] = []
    for check in checks(root, settings):
        found.append(check)
        if not as_json:
            _write(check)
    wrong = sum(check.state == "wrong" for check in found)
    if as_json:
        print(json.dumps({"project": root, "ok": not wrong, "checks": [asdict(check) for check in found]}))
    else:
        said = f"{wrong} of {len(found)} checks found something wrong" if wrong else "nothing is wrong"
        styled.write([[(said, "bold red" if wrong else "bold green")]], sys.stdout)
    return 1 if wrong else 0


def checks(root: str, settings: Settings) -> Iterator[Check]:
    """All checks, from what everything depends on to what depends on everything."""
    from cpplsp.examination import cache, index, memory, project

    each: tuple[tuple[str, Callable[[], Iterator[Check]]], ...] = (
        ("Python", _python),
        ("libclang", lambda: _library(settings)),
        ("builtin headers", lambda: _headers(settings)),
        ("project", lambda: project(root, settings)),
        ("memory", lambda: memory(settings)),
        ("cache", lambda: cache(settings)),
        ("index", lambda: index(root, settings)),
        ("trial", lambda: _trial(settings)),
    )
    for name, examine in each:
        try:
            yield from examine()
        except Exception as error:  # a doctor that falls ill says of what
            yield Check(name, "wrong", f"the check failed: {error!r}", "please report this")


_MARKS = {"ok": ("ok   ", "green"), "note": ("note ", "yellow"), "wrong": ("WRONG", "bold red")}
_ARROW = "      → "


def _write(check: Check) -> None:
    styled.write(
        [[_MARKS[check.state], (f" {check.name}: ", "bold"), (check.found, "")]], sys.stdout, len(_ARROW) - 2
    )
    if check.advice:
        styled.write([[(_ARROW, "dim"), (check.advice, "")]], sys.stdout, len(_ARROW))


def _python() -> Iterator[Check]:
    """The interpreter, and its SQLite: an old system may give a new Python an old one."""
    python = ".".join(map(str, sys.version_info[:3]))
    found = f"{python} with SQLite {sqlite3.sqlite_version}, {sys.executable}"
    if sqlite3.sqlite_version_info >= _LEAST_SQLITE:
        yield Check("Python", "ok", found)
    else:
        least = ".".join(map(str, _LEAST_SQLITE))
        yield Check(
            "Python",
            "wrong",
            found,
            f"use a Python with SQLite {least} or later: python.org's, uv's, conda's",
        )


def _library(settings: Settings) -> Iterator[Check]:
    """Load libclang in another process: what is no libclang may crash."""
    advice = (
        "--libclang (or libclang in a settings file) names it: leave that out, or name a libclang 18"
        if settings.libclang
        else "install cpplsp anew (pip install --force-reinstall libclang==18.1.1), or name one with --libclang"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", _LIBRARY, settings.libclang or ""],
            capture_output=True,
            text=True,
            timeout=_LIBRARY_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield Check("libclang", "wrong", f"it does not load within {_LIBRARY_WITHIN_S:.0f} s", advice)
        return
    if done.returncode:
        last = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        yield Check("libclang", "wrong", f"it cannot be loaded: {last}", advice)
        return
    path, version = done.stdout.splitlines()[-2:]
    is_right = f"version {CLANG_VERSION}." in version
    found = f"{version}, {path}" if is_right else f"{version} ({path}) is not libclang {CLANG_VERSION}"
    yield Check("libclang", "ok" if is_right else "wrong", found, "" if is_right else advice)


def _headers(settings: Settings) -> Iterator[Check]:
    configured = settings.resource_dir
    found = configured or find_resource_dir()
    if found and is_resource_dir(found):
        yield Check("builtin headers", "ok", found)
    elif configured:
        advice = "leave --resource-dir out, or name a folder with include/stddef.h in it"
        yield Check("builtin headers", "wrong", f"{configured} holds none", advice)
    else:
        advice = (
            f"install cpplsp anew (they come with clang-tidy=={CLANG_VERSION}.1.8), or clang {CLANG_VERSION}"
        )
        yield Check("builtin headers", "wrong", f"clang {CLANG_VERSION}'s are nowhere", advice)


def _trial(settings: Settings) -> Iterator[Check]:
    """Index a file that includes standard headers: what all of the above is for."""
    from cpplsp.project.project import ProjectError
    from cpplsp.scheduler.processes import StartError
    from cpplsp.store.connection import CacheError

    advice = "install a C++ compiler with its standard library (on Debian or Ubuntu: apt-get install g++)"
    with tempfile.TemporaryDirectory(prefix="cpplsp-doctor-") as folder:
        started_s = time.monotonic()
        try:
            errors = _index_trial(real_path(folder), settings)
        except (ProjectError, CacheError, StartError) as error:
            yield Check("trial", "wrong", f"nothing can be indexed: {error}", "see the checks above")
            return
    if errors:
        found = f"a file that includes <string> and <vector> has errors: {errors[0]}"
        yield Check("trial", "wrong", found, advice)
    else:
        took_s = time.monotonic() - started_s
        yield Check("trial", "ok", f"a file with standard headers was indexed in {took_s:.1f} s")


def _index_trial(folder: str, settings: Settings) -> list[str]:
    """What is wrong with the one unit of a project that is made here."""
    from cpplsp.indexer import Indexer
    from cpplsp.project.project import Project
    from cpplsp.query.status import index_status
    from cpplsp.store.connection import open_reader

    root = os.path.join(folder, "project")
    os.mkdir(root)
    # A database of its own: else one above the folder for temporary files would be found.
    for name, text in (("trial.cc", _TRIAL), ("compile_flags.txt", "-std=c++17\n")):
        with open(os.path.join(root, name), "w", encoding="utf-8") as stream:
            stream.write(text)
    alone = replace(settings, cache_dir=os.path.join(folder, "cache"), compile_commands_dir=None)
    project = Project.open(root, alone)
    with contextlib.closing(Indexer(project, alone, lambda _: None)) as indexer:
        summary = asyncio.run(indexer.run())
    with contextlib.closing(open_reader(summary.cache_path)) as db:
        held = index_status(db, project.roots)
    troubled = [unit.error for unit in (*held.failed, *held.with_errors)]
    return troubled if troubled or summary.indexed else ["it was not read at all"]
