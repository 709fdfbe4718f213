#!/usr/bin/env python3
"""Whether a text of which only what was edited was read is told as one that was read as a whole, and how fast.

    .venv/bin/python scripts/check_skimming.py PROJECT FILE... [--edits 20] [--seed 1] [--most-differing 0.5]

PROJECT is a folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says); it is
indexed first, beside --cache-dir if that is given. FILEs are sources of it. Each is edited at random (a comment, a
statement in a function, a function, a line copied), every edit on top of those before, by nobody but this script: files
on disk stay as they are. After each edit the live reader skims the text, and reads it as a whole.

For each file is told how many edits could be skimmed (the others have errors, which send them to be read as a whole),
seconds of both, medians, and how many facts of the whole (declarations, occurrences) the skimmed text lost and gained,
in per cent. What is local is known by its name and place: its id may be another one. Exits with 1 where more than
--most-differing per cent of a file's facts are lost, or gained, and where nothing could be skimmed.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compare_places import find_database

from cpplsp.config import Settings
from cpplsp.facts import FUNCTION_KINDS
from cpplsp.live import Live
from cpplsp.paths import Roots
from cpplsp.project.resource import find_resource_dir
from cpplsp.store.connection import open_reader
from cpplsp.store.overlay import Overlay


@dataclass
class Outcome:
    """What came of a file's edits."""

    edits: int = 0
    skim_s: list[float] = field(default_factory=list)
    whole_s: list[float] = field(default_factory=list)
    facts: int = 0
    lost: int = 0
    gained: int = 0
    examples: list[object] = field(default_factory=list)


class Reader:
    """The live reader of a project, and what it tells. ``path``: of the index."""

    def __init__(self, path: str, roots: Roots):
        self._path = path
        self._roots = roots
        self._overlay: Overlay | None = None
        self.live = Live(path, roots, Settings(), self._lay_over)

    def _lay_over(self, overlay: Overlay) -> None:
        self._overlay = overlay

    def bodies(self, path: str) -> list[tuple[int, int]]:
        """First and last line of each function that a file defines on several lines."""
        columns = "d.begin_line, d.end_line, d.kind, d.definition"
        rows = self._rows(path, "declaration", columns)
        return [row[:2] for row in rows if row[2] in FUNCTION_KINDS and row[3] and row[1] > row[0] + 2]

    def facts(self, path: str) -> Counter[tuple[Any, ...]]:
        """What is told of a file; what is local by its name and place."""
        declared = self._rows(path, "declaration", "d.line, d.col, d.symbol, d.name, d.kind, d.local, d.type")
        named = self._rows(path, "occurrence", "d.line, d.col, d.symbol, d.length, d.roles")
        locals_ = {row[2]: f"{row[3]}:{row[0]}:{row[1]}" for row in declared if row[5]}
        return Counter(
            (kind, *row[:2], locals_.get(row[2], row[2]), *row[3:])
            for kind, rows in (("declaration", declared), ("occurrence", named))
            for row in rows
        )

    def _rows(self, path: str, table: str, columns: str) -> list[Any]:
        with closing(open_reader(self._path)) as db:
            if self._overlay:
                self._overlay.attach(db)
            return db.execute(
                f"SELECT {columns} FROM {table} d JOIN reading r ON r.shard = d.shard JOIN file f ON f.id = r.file"
                " WHERE f.root = ? AND f.path = ?",
                self._roots.split(path),
            ).fetchall()


def edited(
    lines: list[bytes], bodies: list[tuple[int, int]], chance: random.Random, number: int
) -> list[bytes]:
    """The lines of a text after one more edit. ``bodies``: of its functions."""
    begin, end = chance.choice(bodies)
    at, new = chance.choice(
        (
            (chance.randrange(begin + 1, end + 1), [b"// a comment"]),
            (end, [b"  int skimmed_%d = %d; skimmed_%d++;" % (number, number, number)]),
            (begin, [b"static int skimmed_%d(int value) {" % number, b"  return value;", b"}"]),
            (end, [lines[chance.randrange(begin + 1, end + 1)]]),
        )
    )
    return [*lines[:at], *new, *lines[at:]]


async def check(reader: Reader, path: str, edits: int, chance: random.Random) -> Outcome:
    """Edit a file; what came of it."""
    outcome = Outcome()
    lines = Path(path).read_bytes().split(b"\n")  # noqa: ASYNC240  # nothing else goes on
    for _ in range(3):  # one that takes long is precompiled, then read under that
        await whole(reader, path, lines)
    while outcome.edits < edits:
        bodies = reader.bodies(path)
        if not bodies:
            break
        outcome.edits += 1
        after = edited(lines, bodies, chance, outcome.edits)
        text = b"\n".join(after)
        began_s = time.monotonic()
        told = await reader.live.skim(path, {path: text})
        skim_s = time.monotonic() - began_s
        skimmed = reader.facts(path)
        whole_s = await whole(reader, path, after)
        if not told:
            await whole(reader, path, lines)  # an error: it is undone
            continue
        lines = after
        outcome.skim_s.append(skim_s)
        outcome.whole_s.append(whole_s)
        expected = reader.facts(path)
        lost, gained = expected - skimmed, skimmed - expected
        outcome.facts += expected.total()
        outcome.lost += lost.total()
        outcome.gained += gained.total()
        outcome.examples += [*[("lost", one) for one in lost][:2], *[("gained", one) for one in gained][:2]]
    return outcome


async def whole(reader: Reader, path: str, lines: list[bytes]) -> float:
    """Read a text as a whole; seconds."""
    text = b"\n".join(lines)
    began_s = time.monotonic()
    await reader.live.read(path, {path: text}, {path: text})
    return time.monotonic() - began_s


def index(root: Path, database: str, cache: str) -> str:
    """Index a project; the path of the index."""
    command = [sys.executable, "-m", "cpplsp", "--index-only", str(root), "--json"]
    command += ["--compile-commands-dir", database, "--cache-dir", cache]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    path: str = json.loads(done.stdout.splitlines()[-1])["cache_path"]
    return path


async def run(options: argparse.Namespace, database: str, cache: str) -> int:
    """Check each file; the exit code."""
    root = options.project.resolve()
    roots = Roots(str(root), database, find_resource_dir())
    reader = Reader(await asyncio.to_thread(index, root, database, cache), roots)
    status = 0
    print(f"{'edits':>6} {'skimmed':>8} {'skim s':>7} {'whole s':>8} {'lost %':>7} {'gained %':>9}  file")
    try:
        for file in options.files:
            path = str((root / file).resolve())
            found = await check(reader, path, options.edits, random.Random(options.seed))
            skim_s, whole_s = (statistics.median(one or [0.0]) for one in (found.skim_s, found.whole_s))
            lost, gained = (100 * one / max(found.facts, 1) for one in (found.lost, found.gained))
            counts = f"{found.edits:6} {len(found.skim_s):8} {skim_s:7.2f} {whole_s:8.2f}"
            print(f"{counts} {lost:7.3f} {gained:9.3f}  {file}")
            if max(lost, gained) > options.most_differing or not found.skim_s:
                print(*found.examples[:8], sep="\n")
                status = 1
    finally:
        await reader.live.close()
    return status


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("files", nargs="+", help="relative to the project")
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-differing", type=float, default=0.5, help="per cent")
    parser.add_argument("--compile-commands-dir")
    parser.add_argument("--cache-dir", help="where the index is, or is made (default: a temporary folder)")
    options = parser.parse_args()
    database = str(find_database(options.project.resolve(), options.compile_commands_dir).parent)
    with tempfile.TemporaryDirectory() as scratch:
        return asyncio.run(run(options, database, options.cache_dir or scratch))


if __name__ == "__main__":
    sys.exit(main())
