#!/usr/bin/env python3
"""How soon answers know what was typed and saved, through the protocol.

    .venv/bin/python scripts/bench_editing.py PROJECT SOURCE [--header HEADER] [--clangd /tmp/clangd/bin/clangd]

PROJECT is a folder with a compile_commands.json, SOURCE a source file and HEADER a header in it. The index is brought
up to date first (``--cache-dir`` keeps it). Both files are changed on disk and put back as they were in the end.

    shifted      a line is typed at the top: until the definition of a name further down is told at its new place
    typed        a function and a call of it are typed: until the call leads to the function
    saved        the same, saved at once: until references from another file's point of view have the call
    header       a declaration is saved in HEADER: until it leads from SOURCE, which is open and uses it by then
    typed after  typed, again and again, right after that
    the rest     from then until all that includes HEADER has been read, and how many units that was

Printed are the median and the highest of ``--rounds``, in milliseconds. clangd is asked the same, request by request.
With ``--at-once`` the rest is not waited for, and clangd does not index in the background.
"""

import argparse
import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lspclient import Place, Server

WITHIN_S = 300.0
BETWEEN_S = 0.02
_NAME = re.compile(r"\b[A-Za-z_]\w{5,}\b")


class Editing:
    """One server with one source file open, and what is on its screen."""

    def __init__(self, server: Server, path: str):
        self.server = server
        self.path = path
        self.saved = Path(path).read_text("utf-8")
        self.text = self.saved
        self._version = 1
        server.open(path)

    def type(self, text: str) -> None:
        """Show another text."""
        self._version += 1
        self.text = text
        self.server.change(self.path, self._version, text)

    def save(self) -> None:
        """Write what is shown to the disk."""
        Path(self.path).write_text(self.text, "utf-8")
        self.server.save(self.path)

    def place(self, text: str, last: bool = False) -> Place:
        """Where a text stands, the first or the last time."""
        at = self.text.rindex(text) if last else self.text.index(text)
        return self.path, self.text.count("\n", 0, at), at - (self.text.rfind("\n", 0, at) + 1)

    def until(self, is_right: Callable[[], bool]) -> float:
        """Ask until the answer is right; how long that took, in milliseconds."""
        began_s = time.perf_counter()
        while not is_right():
            if time.perf_counter() - began_s > WITHIN_S:
                raise SystemExit(f"{self.path}: no right answer within {WITHIN_S:.0f} s")
            time.sleep(BETWEEN_S)
        return (time.perf_counter() - began_s) * 1000


def shifted(editing: Editing, number: int) -> float:
    """A line is typed at the top."""
    name, before = _jump(editing)
    editing.type(f"// {number}\n{editing.text}")
    place = editing.place(name)
    return editing.until(
        lambda: (before[0], before[1] + 1, before[2]) in editing.server.at("definition", place)
    )


def _jump(editing: Editing) -> tuple[str, Place]:
    """A text that leads to a place in the file itself, further down than its first lines."""
    lines = editing.text.split("\n")
    for number in range(len(lines) // 2, len(lines)):
        for found in _NAME.finditer(lines[number]):
            place = editing.path, number, found.start()
            for target in editing.server.at("definition", place):
                line = lines[number]
                behind = line[found.start() :]
                if target[0] == editing.path and target != place and editing.text.count(behind) == 1:
                    return behind, target
    raise SystemExit(f"{editing.path}: nothing in it leads to another place in it")


def typed(editing: Editing, number: int) -> float:
    """A function and a call are typed at the end."""
    name = f"bench_typed_{number}"
    editing.type(f"{editing.saved}\nstatic int {name}(int x) {{ return x; }}\nint {name}_ = {name}(1);\n")
    call, function = editing.place(f"{name}(1)"), editing.place(f"{name}(int")
    return editing.until(lambda: function in editing.server.at("definition", call))


def saved(editing: Editing, number: int) -> float:
    """The same, saved at once; asked for references."""
    name = f"bench_saved_{number}"
    editing.type(f"{editing.saved}\nint {name}(int x) {{ return x; }}\nint {name}_ = {name}(1);\n")
    editing.save()
    call, function = editing.place(f"{name}(1)"), editing.place(f"{name}(int")
    return editing.until(lambda: {call, function} <= editing.server.at("references", function))


def header(editing: Editing, path: str, number: int) -> float:
    """A declaration is saved in a header, and used in the open file."""
    name = f"bench_header_{number}"
    text = Path(path).read_text("utf-8")
    at = text.rindex("#endif") if "#endif" in text and "#pragma once" not in text else len(text)
    changed = f"{text[:at]}int {name}(int x);\n{text[at:]}"
    Path(path).write_text(changed, "utf-8")
    editing.server.save(path)
    editing.type(f"{editing.saved}\nint {name}_ = {name}(1);\n")
    call = editing.place(f"{name}(1)")
    declared = path, changed.count("\n", 0, at), len("int ")
    return editing.until(lambda: declared in editing.server.at("definition", call))


@contextlib.contextmanager
def kept(*paths: str) -> Iterator[None]:
    """Put files back as they were."""
    texts = {path: Path(path).read_bytes() for path in paths}
    try:
        yield
    finally:
        for path, text in texts.items():
            Path(path).write_bytes(text)


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("source")
    parser.add_argument("--header")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--compile-commands-dir", type=Path)
    parser.add_argument("--cache-dir", type=Path)
    parser.add_argument("--clangd")
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    root = options.project.resolve()
    source = str(root / options.source)
    headers = [str(root / options.header)] if options.header else []
    figures: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        database = (
            ["--compile-commands-dir", str(options.compile_commands_dir)]
            if options.compile_commands_dir
            else []
        )
        cache = [*database, "--cache-dir", str(options.cache_dir or temporary)]
        ours = [sys.executable, "-m", "cpplsp"]
        subprocess.run([*ours, "--index-only", str(root), *cache], check=True, stdout=subprocess.DEVNULL)
        commands = {"cpplsp": [*ours, *cache]}
        if options.clangd:
            where = f"--compile-commands-dir={options.compile_commands_dir or root / 'build'}"
            background = f"--background-index={'false' if options.at_once else 'true'}"
            commands["clangd"] = [options.clangd, where, background, "--log=error"]
        for name, command in commands.items():
            with kept(source, *headers), Server(command, root) as server:
                figures[name] = measure(server, source, headers, options.rounds, waits=not options.at_once)
        # What was changed is put back: so is the index.
        subprocess.run([*ours, "--index-only", str(root), *cache], check=True, stdout=subprocess.DEVNULL)
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)
    return 0


def measure(
    server: Server, source: str, headers: list[str], rounds: int, *, waits: bool
) -> dict[str, list[float]]:
    """All that is measured of one server: milliseconds of each round. ``waits``: for the rest, too."""
    editing = Editing(server, source)
    editing.until(
        lambda: bool(
            server.ask("textDocument/documentSymbol", {"textDocument": {"uri": Path(source).as_uri()}})
        )
    )
    found: dict[str, list[float]] = {"shifted": [], "typed": [], "saved": []}
    for number in range(rounds):
        found["shifted"].append(shifted(editing, number))
        editing.type(editing.saved)
    for number in range(rounds):
        found["typed"].append(typed(editing, number))
    for number in range(rounds):
        found["saved"].append(saved(editing, number))
    editing.type(editing.saved)
    editing.save()
    if waits:
        server.wait_for_index()
    for path in headers:
        began_s = time.perf_counter()
        found["header"] = [header(editing, path, 0)]
        found["typed after"] = [typed(editing, rounds + number) for number in range(rounds)]
        if waits:
            server.wait_for_index()
            found["the rest"] = [(time.perf_counter() - began_s) * 1000 - found["header"][0]]
    return found


def show(figures: dict[str, dict[str, list[float]]]) -> None:
    """Print a table."""
    print("| | " + " | ".join(f"{name}, median | highest" for name in figures) + " |")
    print("|---|" + "--:|--:|" * len(figures))
    for row in next(iter(figures.values())):
        cells = [f"{statistics.median(of[row]):.0f} | {max(of[row]):.0f}" for of in figures.values()]
        print(f"| {row} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    raise SystemExit(main())
