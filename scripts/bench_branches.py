#!/usr/bin/env python3
"""What a branch switch costs: a project indexed, taken some commits back, indexed, taken forward again, indexed.

    .venv/bin/python scripts/bench_branches.py PROJECT [--back 50] [--units table/block_based] [-j 2] [--compare]
        --configure "cmake -S . -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON"

PROJECT is a git checkout, which stays as it is: it is cloned into a temporary folder (its objects are shared). There
--configure is run after each checkout; it has to leave a compile_commands.json in the folder or in its build/. Only
units whose path holds --units are indexed. Printed for each step, as a table in Markdown: files that git changed, units
in all, units parsed, units put back as they were read before, CPU seconds of all processes, wall seconds, size of the
index. With --compare the index after the last step is held against one made anew (index_rows.py): exits with 1 where
the project's own files differ. It takes a few times the index's size in memory.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import MIB, chosen_units
from compare_places import find_database
from index_rows import Groups, read_groups


class Checkout:
    """A clone of a project, with a cache beside it. ``folder``: an empty one for both."""

    def __init__(self, project: Path, folder: Path, configure: str, units: str, jobs: int):
        self._folder = folder
        self._root = folder / project.name
        self._configure = shlex.split(configure)
        self._units = units
        self._jobs = jobs
        subprocess.run(
            ["git", "clone", "--quiet", "--shared", "--no-checkout", project, self._root], check=True
        )
        self.head = self._git("rev-parse", "HEAD").strip()
        self._at = ""

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self._root), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def check_out(self, commit: str) -> int:
        """Check a commit out and configure it: how many files changed, 0 the first time."""
        commit = self._git("rev-parse", commit).strip()
        changed = len(self._git("diff", "--name-only", self._at, commit).splitlines()) if self._at else 0
        self._git("-c", "advice.detachedHead=false", "checkout", "--quiet", commit)
        self._at = commit
        done = subprocess.run(
            self._configure,
            cwd=self._root,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            raise SystemExit(
                f"{shlex.join(self._configure)} ended with {done.returncode}:\n{done.stdout[-2000:]}"
            )
        entries = list(chosen_units(find_database(self._root, None), self._units))
        (self._folder / "compile_commands.json").write_text(json.dumps(entries))
        return changed

    def index(self, cache: str) -> dict[str, Any]:
        """Bring an index up to date: the summary of it."""
        command = [
            sys.executable,
            "-m",
            "cpplsp",
            "--index-only",
            str(self._root),
            "--json",
            "-j",
            str(self._jobs),
        ]
        command += ["--compile-commands-dir", str(self._folder), "--cache-dir", str(self._folder / cache)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return summary


def differing(anew: Groups, found: Groups) -> Iterator[str]:
    """A line for each of the project's files, and each unit, of which two indexes say different things."""
    for key in sorted(anew.keys() | found.keys()):
        is_own = key[0] in ("unit", "dependencies", "shapes") or (
            key[0] == "reading" and not key[1].startswith(("system:", "resource:"))
        )
        lost, gained = (
            one.get(key, frozenset()) - other.get(key, frozenset())
            for one, other in ((anew, found), (found, anew))
        )
        # Under a prelude a unit depends on all that its headers read, and one made later holds others.
        if is_own and (lost or gained) and key[0] != "dependencies":
            yield f"{' '.join(key)}: {len(lost)} lost {sorted(lost, key=str)[:1]}, {len(gained)} gained"


def main() -> int:
    """Go back and forward, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    parser.add_argument("--back", type=int, default=50, metavar="N", help="so many commits")
    parser.add_argument("--configure", required=True, metavar="COMMAND")
    parser.add_argument("--units", default="", help="only files whose path holds this")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--compare", action="store_true", help="hold the last index against one made anew")
    options = parser.parse_args()
    project = Path(options.project).resolve()
    with tempfile.TemporaryDirectory(prefix="branches-") as scratch:
        checkout = Checkout(project, Path(scratch), options.configure, options.units, options.jobs)
        back = f"{checkout.head}~{options.back}"
        print(f"{project.name}, {options.back} commits, -j{options.jobs}:\n")
        print("| | files changed | units | parsed | put back | CPU s | wall s | index MiB |")
        print("|---|---|---|---|---|---|---|---|")
        for name, commit in (
            ("cold", checkout.head),
            ("back", back),
            ("forward again", checkout.head),
            ("back again", back),
            ("forward again", checkout.head),
        ):
            changed = checkout.check_out(commit)
            summary = checkout.index("cache")
            print(
                f"| {name} | {changed} | {summary['units']} | {summary['indexed']} | {summary['revived']} "
                f"| {summary['cpu_s']:.1f} | {summary['wall_s']:.1f} | {summary['cache_bytes'] / MIB:.1f} |",
                flush=True,
            )
        if not options.compare:
            return 0
        anew = checkout.index("anew")
        found = list(differing(*(read_groups(one["cache_path"]) for one in (anew, summary))))
    print(f"\n{len(found)} files and units are not as in an index made anew", *found[:20], sep="\n  ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
