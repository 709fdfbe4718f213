#!/usr/bin/env python3
"""Whether a project still compiles after a rename, and whether anything but the name has changed.

    .venv/bin/python scripts/check_rename.py PROJECT --symbols 50 --seed 1

PROJECT is a folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says). It is
copied, and the copy indexed. Symbols that are declared in it are drawn with --seed, each kind as often as the next one
while there are any. Each is renamed through the server, the edits are made, units that read a changed file are
compiled (with the compiler of their command, or --compiler, and -fsyntax-only; at most --units of them, drawn too),
and the edits are undone. Units that do not compile as they are do not count.

What is reported: how many were renamed, by kind; which did not compile, with the first error; which edits changed more
than the name; and how many were refused, for which reason. Exits with 1 where anything did not compile or changed more.
"""

import argparse
import json
import os
import random
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from lspclient import Server, position_in

from cpplsp.facts import Kind
from cpplsp.store.units import unpack_versions

_WORD = re.compile(r"[\w$]")
_PLACES = re.compile(r"\S+:\d+:\d+|\S*/\S*")
_OUTPUT = frozenset(("-o", "-MF", "-MT", "-MQ"))
_DEPENDING = frozenset(("-c", "-MD", "-MMD", "-MP", "-M", "-MM"))


@dataclass(frozen=True)
class Symbol:
    """A declaration to be renamed: absolute path, line, column in UTF-16 units."""

    name: str
    kind: str
    path: str
    line: int
    column: int

    @property
    def place(self) -> str:
        """Its place as a person counts."""
        return f"{self.path}:{self.line + 1}:{self.column + 1}"


@dataclass
class Outcome:
    """What came of all symbols."""

    drawn: Counter[str] = field(default_factory=Counter)
    renamed: Counter[str] = field(default_factory=Counter)
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    broken: list[str] = field(default_factory=list)
    edits: int = 0
    units: int = 0


class Copy:
    """A copy of a project, its compile commands by file, and its index."""

    def __init__(self, root: Path, database: Path, scratch: Path, compiler: str | None):
        self.root = scratch / root.name
        self._compiler = compiler
        shutil.copytree(root, self.root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        self.database = scratch / "database"
        self.database.mkdir()
        entries = json.loads(database.read_text("utf-8").replace(str(root), str(self.root)))
        home = str(database.parent).replace(str(root), str(self.root))
        self._commands: dict[str, tuple[str, list[str]]] = {}
        for entry in entries:
            entry["directory"] = os.path.join(home, entry["directory"])
            path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
            arguments = entry.get("arguments") or shlex.split(entry["command"])
            self._commands.setdefault(path, (entry["directory"], arguments))
        (self.database / "compile_commands.json").write_text(json.dumps(entries), "utf-8")
        self._compiles: dict[str, bool] = {}
        self.index = ""

    def units_of(self, paths: set[str]) -> list[str]:
        """Main files of the units that read one of these files."""
        with sqlite3.connect(f"file:{self.index}?mode=ro", uri=True) as db:
            names = {
                file: os.path.join(self.root, path)
                for file, path in db.execute("SELECT id, path FROM file WHERE root = 'project'")
            }
            file_of = dict(db.execute("SELECT id, file FROM version"))
            found = set()
            for main, packed in db.execute(
                "SELECT file, dependencies FROM unit WHERE dependencies IS NOT NULL"
            ):
                read = {names.get(file_of.get(version, 0), "") for version in unpack_versions(packed)}
                if not read.isdisjoint(paths):
                    found.add(names.get(main, ""))
        return sorted(found & set(self._commands))

    def compiled_before(self, unit: str) -> bool:
        """Whether a unit compiles as it is."""
        if unit not in self._compiles:
            self._compiles[unit] = not self.compile(unit)
        return self._compiles[unit]

    def compile(self, unit: str) -> str:
        """The first error of a unit; empty where it compiles."""
        directory, arguments = self._commands[unit]
        kept = [self._compiler or arguments[0], "-fsyntax-only", "-w"]
        rest = iter(arguments[1:])
        for argument in rest:
            if argument in _OUTPUT:
                next(rest, None)
            elif argument not in _DEPENDING:
                kept.append(argument)
        done = subprocess.run(kept, cwd=directory, capture_output=True, text=True, check=False)
        errors = [line for line in done.stderr.splitlines() if "error:" in line]
        return (errors or [f"exit {done.returncode}"])[0] if done.returncode else ""


def symbols_of(index: str, root: Path) -> dict[str, list[Symbol]]:
    """The symbols that are declared in a project, each at one place, by kind."""
    found: dict[str, list[Symbol]] = defaultdict(list)
    lines: dict[str, list[bytes]] = {}
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as db:
        rows = db.execute(
            "SELECT d.name, d.kind, f.path, d.line, d.col FROM declaration d"
            " JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
            " WHERE f.root = 'project' AND d.name <> '' GROUP BY d.symbol ORDER BY f.path, d.line, d.col, d.symbol"
        )
        for name, kind, relative, line, column in rows:
            path = str(root / relative)
            if path not in lines:
                lines[path] = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
            text = lines[path][line]
            if text[column:].startswith(name.encode()):
                units = len(text[:column].decode("utf-8", "replace").encode("utf-16-le")) // 2
                found[Kind(kind).name.lower()].append(
                    Symbol(name, Kind(kind).name.lower(), path, line, units)
                )
    return found


def draw(by_kind: dict[str, list[Symbol]], count: int, chance: random.Random) -> Iterator[Symbol]:
    """Symbols, each kind in turn."""
    left = {kind: chance.sample(some, len(some)) for kind, some in sorted(by_kind.items())}
    while count and any(left.values()):
        for some in left.values():
            if some and count:
                count -= 1
                yield some.pop()


def apply(edits: dict[str, list[dict[str, Any]]], old: str, new: str) -> tuple[dict[str, bytes], list[str]]:
    """Make edits; what the files were before, by path, and what is wrong with the edits."""
    before: dict[str, bytes] = {}
    wrong = []
    for uri, changes in edits.items():
        path = unquote(urlparse(uri).path)
        before[path] = Path(path).read_bytes()
        lines = before[path].decode("utf-8", "surrogateescape").split("\n")
        places = [(one["range"]["start"]["line"], one["range"]["start"]["character"], one) for one in changes]
        for number, start, change in sorted(places, key=lambda place: place[:2], reverse=True):
            end = change["range"]["end"]
            line = lines[number]
            begin, stop = _index(line, start), _index(line, end["character"])
            around = line[max(begin - 1, 0) : begin] + line[stop : stop + 1]
            if (
                end["line"] != number
                or line[begin:stop] != old
                or _WORD.search(around)
                or change["newText"] != new
            ):
                wrong.append(f"{path}:{number + 1}:{start + 1} changes “{line[begin:stop]}”")
            lines[number] = line[:begin] + change["newText"] + line[stop:]
        Path(path).write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    return before, wrong


def _index(line: str, units: int) -> int:
    for index, character in enumerate(line):
        if units <= 0:
            return index
        units -= 1 + (character > "\uffff")
    return len(line)


def check(
    symbol: Symbol, server: Server, copy: Copy, outcome: Outcome, most_units: int, chance: random.Random
) -> None:
    """Rename one symbol, compile, and undo it."""
    outcome.drawn[symbol.kind] += 1
    old = symbol.name.removeprefix("~")
    new = f"{old}_renamed"
    place = (symbol.path, symbol.line, symbol.column + len(symbol.name) - len(old))
    try:
        answer = server.ask("textDocument/rename", {**position_in(place), "newName": new})
    except RuntimeError as error:
        reason = str(error).removeprefix("textDocument/rename: ")
        known = _PLACES.sub("…", reason.replace(old, "NAME"))
        outcome.refused[known].append(f"{symbol.kind} {symbol.place}: {reason}")
        return
    edits: dict[str, list[dict[str, Any]]] = answer["changes"]
    before, wrong = apply(edits, old, new)
    try:
        outcome.renamed[symbol.kind] += 1
        outcome.edits += sum(map(len, edits.values()))
        changed = dict.fromkeys(before)
        now = {path: Path(path).read_bytes() for path in before}
        for path, text in before.items():
            Path(path).write_bytes(text)  # for the units that are compiled for the first time
        units = copy.units_of(set(changed))
        chosen = [
            one for one in chance.sample(units, min(most_units, len(units))) if copy.compiled_before(one)
        ]
        for path, text in now.items():
            Path(path).write_bytes(text)
        outcome.units += len(chosen)
        with ThreadPoolExecutor(2) as pool:
            errors = [error for error in pool.map(copy.compile, chosen) if error]
        for reason in [*wrong, *errors[:1]]:
            outcome.broken.append(f"{symbol.kind} {symbol.name} at {symbol.place}: {reason}")
            print(f"BROKEN {outcome.broken[-1]}", file=sys.stderr, flush=True)
    finally:
        for path, text in before.items():
            Path(path).write_bytes(text)


def report(outcome: Outcome, root: Path, seed: int, show: int) -> None:
    """Print what came of it."""
    for kind, count in sorted(outcome.drawn.items()):
        print(f"  {kind:20} {count:4} drawn  {outcome.renamed[kind]:4} renamed")
    refused = sum(map(len, outcome.refused.values()))
    print(
        f"{outcome.drawn.total()} symbols of {root.name}, seed {seed}: {outcome.renamed.total()} renamed"
        f" ({outcome.edits} edits, {outcome.units} compilations), {refused} refused, {len(outcome.broken)} broken"
    )
    for reason, examples in sorted(outcome.refused.items(), key=lambda item: -len(item[1])):
        print(f"  {len(examples):4} refused: {reason}")
        for example in examples[:show]:
            print(f"         {example}")
    for text in outcome.broken:
        print(f"BROKEN {text}")


def main() -> int:
    """Rename and compile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--cpplsp", default=f"{sys.executable} -m cpplsp", help="the server to be judged")
    parser.add_argument("--compiler", help="instead of that of each command")
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--units", type=int, default=6, help="compiled at most for a rename")
    parser.add_argument("--kinds", help="only these, as variable,field")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=3, help="so many examples of each reason for a refusal")
    options = parser.parse_args()
    root = Path(options.project).resolve()
    folders = [options.compile_commands_dir] if options.compile_commands_dir else [root, root / "build"]
    found = [Path(one) / "compile_commands.json" for one in folders]
    database = next((one for one in found if one.exists()), None)
    if database is None:
        raise SystemExit(
            f"no compile_commands.json in {root} or its build/: name it with --compile-commands-dir"
        )
    outcome, chance = Outcome(), random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="check-rename-") as scratch:
        copy = Copy(root, database, Path(os.path.realpath(scratch)), options.compiler)
        command = [
            *(*options.cpplsp.split(), "--cache-dir", f"{scratch}/cache"),
            *("--compile-commands-dir", str(copy.database)),
        ]
        index = [*command, "-j", str(options.jobs), "--json", "--index-only", str(copy.root)]
        done = subprocess.run(index, check=True, stdout=subprocess.PIPE, text=True)
        copy.index = json.loads(done.stdout.splitlines()[-1])["cache_path"]
        by_kind = symbols_of(copy.index, copy.root)
        if options.kinds:
            by_kind = {kind: some for kind, some in by_kind.items() if kind in options.kinds.split(",")}
        with Server(command, copy.root) as server:
            for symbol in draw(by_kind, options.symbols, chance):
                check(symbol, server, copy, outcome, options.units, chance)
    report(outcome, root, options.seed, options.show)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
