#!/usr/bin/env python3
"""How soon a warm index answers, through the protocol: of a configured project, or of a million made-up symbols.

    .venv/bin/python scripts/bench_latency.py PROJECT [--clangd /tmp/clangd/bin/clangd]
    .venv/bin/python scripts/bench_latency.py --symbols 1000000

PROJECT is any folder with a compile_commands.json; it is indexed first where it is not (``--cache-dir`` keeps that).
Places are drawn from its code by ``--seed``, names from the outlines of its files; what is typed for a name is its
beginning, its initials, some of its letters, or qualified. Printed are percentiles in milliseconds, from the request's
first byte to the answer's last, client included; a second server is asked the same, request by request in turn:

    definition, hover, documentHighlight, references   at names in the code
    references, 100    those that have 50 to 200
    workspace/symbol   1 letter, 2 letters, none, as typed for names, and what is nowhere
    documentSymbol     the largest file; with --lines, one of so many lines that is made for it

With --symbols the names are of an index that is written for it (in a temporary folder, or --cache-dir); there is no
code, so only workspace/symbol is asked. Other work on the machine disturbs all figures.
"""

import argparse
import contextlib
import json
import os
import random
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from compare_places import Wanted, find_database, outlined, sample_places, searches
from lspclient import Place, Server, position_in
from synthetic_index import open_index, synthesise

from cpplsp.store.connection import index_path

MIB = 1 << 20
FILES = 40
HUNDRED = (50, 200)
"""How many references a symbol has that stands for those with a hundred."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and under what name its time is counted."""

    row: str
    method: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Figures:
    """How one server answered one kind of request. ``empty``: the share of answers with nothing in them."""

    row: str
    server: str
    requests: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    empty: float


class Clock:
    """Times requests to servers, all of them asked in turn."""

    def __init__(self, servers: dict[str, Server]):
        self._servers = servers
        self._times_ms: dict[tuple[str, str], list[float]] = {}
        self._empty: dict[tuple[str, str], int] = {}

    def ask(self, requests: Sequence[Request]) -> None:
        """Ask each server each of these."""
        for request in requests:
            for name, server in self._servers.items():
                key = request.row, name
                begin = time.perf_counter()
                answer = server.ask(request.method, request.parameters)
                self._times_ms.setdefault(key, []).append((time.perf_counter() - begin) * 1000)
                self._empty[key] = self._empty.get(key, 0) + (not answer)

    def figures(self) -> list[Figures]:
        """What was measured, in the order of asking."""
        return [
            Figures(
                row,
                server,
                len(times),
                round(at(times, 50), 2),
                round(at(times, 95), 2),
                round(at(times, 99), 2),
                self._empty[row, server] / len(times),
            )
            for (row, server), times in self._times_ms.items()
        ]


def at(times: Sequence[float], share: int) -> float:
    """A percentile, by the nearest rank."""
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]


def searches_for(
    names: Sequence[str], typed: Sequence[str], count: int, chance: random.Random
) -> Iterator[Request]:
    """Requests for symbols, of all lengths. ``names``: qualified; ``typed``: what people type for them."""
    letters = string.ascii_lowercase + "_"
    texts = {
        "empty": [""] * min(count, 20),
        "1 letter": [
            *letters,
            *(chance.choice(string.ascii_uppercase) for _ in range(max(0, count - len(letters)))),
        ],
        "2 letters": ["".join(chance.choices(string.ascii_lowercase, k=2)) for _ in range(count)],
        "typed": list(typed),
        "exact": [name.rpartition("::")[2] for name in names[:count]],
        "qualified": list(names[:count]),
        "in a class": [
            name.rpartition("::")[0].rpartition("::")[2] + "::" for name in names[:count] if "::" in name
        ],
        "nowhere": [
            "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 12))) for _ in range(count)
        ],
    }
    for row, queries in texts.items():
        for query in queries:
            yield Request(f"workspace/symbol, {row}", "workspace/symbol", {"query": query})


def at_places(places: Sequence[Place], server: Server, wanted: int) -> Iterator[Request]:
    """Requests at these places; of references, those that have a hundred apart from all."""
    for method in ("definition", "hover", "documentHighlight", "references"):
        for place in places[:wanted]:
            yield Request(method, f"textDocument/{method}", _at(place, method))
    hundred = []
    for place in places:
        found = server.ask("textDocument/references", _at(place, "references")) or []
        if HUNDRED[0] <= len(found) <= HUNDRED[1]:
            hundred.append(place)
    again = [hundred[number % len(hundred)] for number in range(wanted)] if hundred else []
    for place in again:
        yield Request("references, 100", "textDocument/references", _at(place, "references"))


def _at(place: Place, method: str) -> dict[str, object]:
    parameters = position_in(place)
    return parameters | {"context": {"includeDeclaration": True}} if method == "references" else parameters


def of_file(row: str, path: str, count: int) -> Iterator[Request]:
    """Requests for the outline of a file."""
    for _ in range(count):
        yield Request(row, "textDocument/documentSymbol", {"textDocument": {"uri": Path(path).as_uri()}})


def long_file(lines: int) -> str:
    """A source of so many lines: classes of fields and methods, and functions."""
    each = [
        "namespace long_file {{ struct Class{0} {{",
        "  int field{0};",
        "  int method{0}(int argument);",
        "}}; }}",
        "int long_file::Class{0}::method{0}(int argument) {{",
        "  int local = argument + field{0};",
        "  return local;",
        "}}",
        "static int function{0}() {{ long_file::Class{0} made; made.field{0} = {0}; return made.method{0}(1); }}",
        "int variable{0} = function{0}();",
    ]
    return "".join(f"{line.format(number)}\n" for number in range(lines // len(each)) for line in each)


def measure_project(arguments: argparse.Namespace, cache: str) -> tuple[list[Figures], int]:
    """Measure on a project; the memory of the server in the end."""
    root = Path(os.path.realpath(arguments.project))
    database = find_database(root, arguments.compile_commands_dir)
    flags = ["--cache-dir", cache]
    if arguments.compile_commands_dir:
        flags += ["--compile-commands-dir", arguments.compile_commands_dir]
    subprocess.run([*cpplsp(), "--index-only", *flags, str(root)], check=False, stdout=subprocess.DEVNULL)
    chance = random.Random(arguments.seed)
    by_file = sample_places(root, database, 4 * arguments.requests, FILES, arguments.seed)
    places = [place for of_one in by_file.values() for place in of_one]
    chance.shuffle(places)
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(Server([*cpplsp(), *flags], root))
        servers = {"cpplsp": own}
        if arguments.clangd:
            command = [arguments.clangd, f"--compile-commands-dir={database.parent}", "--limit-references=0"]
            servers["clangd"] = stack.enter_context(Server(command, root))
        for name, server in servers.items():
            for path in by_file:
                server.open(path)
            for path in by_file:
                server.ask("textDocument/documentSymbol", {"textDocument": {"uri": Path(path).as_uri()}})
            if server.index_seen or name == "clangd":  # with an index up to date, cpplsp announces nothing
                server.wait_for_index()
        names = _names(own, by_file, 4 * arguments.requests, chance)
        typed = [one.typed for one in searches(names, arguments.requests, arguments.seed)]
        qualified = sorted(map(str, names))
        chance.shuffle(qualified)
        largest = max(by_file, key=os.path.getsize)
        clock = Clock(servers)
        requests = [
            *at_places(places, own, arguments.requests),
            *searches_for(qualified, typed, arguments.requests, chance),
            *of_file(f"documentSymbol, {lines_in(largest):,} lines", largest, 40),
        ]
        clock.ask(requests)
        return clock.figures(), psutil.Process(own.pid).memory_full_info().pss


def measure_long_file(lines: int, count: int) -> list[Figures]:
    """Measure the outline of a file that is made for it, of a project of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(os.path.realpath(folder)) / "project"
        root.mkdir()
        path = root / "long.cc"
        path.write_text(long_file(lines), "utf-8")
        command = {"directory": str(root), "file": "long.cc", "arguments": ["c++", "-c", "long.cc"]}
        (root / "compile_commands.json").write_text(json.dumps([command]), "utf-8")
        index = [*cpplsp(), "--index-only", "--cache-dir", f"{folder}/cache", str(root)]
        subprocess.run(index, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with Server([*cpplsp(), "--cache-dir", f"{folder}/cache"], root) as server:
            clock = Clock({"cpplsp": server})
            clock.ask(
                list(of_file(f"documentSymbol, {lines_in(str(path)):,} lines, generated", str(path), count))
            )
            return clock.figures()


def measure_symbols(arguments: argparse.Namespace, cache: str) -> tuple[list[Figures], int]:
    """Measure searches in an index of made-up symbols; the memory of the server in the end."""
    root = Path(os.path.realpath(cache)) / f"symbols-{arguments.symbols}"
    root.mkdir(parents=True, exist_ok=True)
    # As long as this process holds the index, no server brings it in line with files that are not there.
    index = open_index(index_path(str(root), cache), root)
    try:
        names = synthesise(index, root, arguments.symbols, arguments.seed)
        with Server([*cpplsp(), "--cache-dir", cache], root) as server:
            clock = Clock({"cpplsp": server})
            chance = random.Random(arguments.seed)
            typed = [_typed(chance, name) for name in names[: arguments.requests]]
            clock.ask([Request("", "workspace/symbol", {"query": "warm"})])
            clock = Clock({"cpplsp": server})
            clock.ask(list(searches_for(names, typed, arguments.requests, chance)))
            return clock.figures(), psutil.Process(server.pid).memory_full_info().pss
    finally:
        index.close()


def _typed(chance: random.Random, name: str) -> str:
    """A beginning, or all but some letters."""
    last = name.rpartition("::")[2]
    if chance.random() < 0.5:
        return last[: max(1, len(last) * chance.randint(2, 9) // 10)]
    return last[0] + "".join(letter for letter in last[1:] if chance.random() > 0.25)


def _names(server: Server, paths: Iterable[str], count: int, chance: random.Random) -> list[Wanted]:
    """Symbols of these files, in the scopes that a search has them in: an outline also nests by macros."""
    names: set[str] = set()
    for path in paths:
        outline = (
            server.ask("textDocument/documentSymbol", {"textDocument": {"uri": Path(path).as_uri()}}) or []
        )
        names.update(wanted.name for wanted in outlined(outline))
    found = []
    for name in chance.sample(sorted(names), min(count, len(names))):
        for symbol in server.ask("workspace/symbol", {"query": name}) or []:
            if symbol["name"] == name:
                found.append(Wanted(symbol.get("containerName", ""), name))
                break
    return found


def lines_in(path: str) -> int:
    """How many lines a file has."""
    return Path(path).read_bytes().count(b"\n")


def cpplsp() -> list[str]:
    """The command of the cpplsp that this Python has."""
    return [sys.executable, "-m", "cpplsp"]


def table(figures: Sequence[Figures]) -> str:
    """Figures in Markdown."""
    lines = ["| | server | requests | p50 ms | p95 ms | p99 ms | empty |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {one.row} | {one.server} | {one.requests} | {one.p50_ms:.1f} | {one.p95_ms:.1f} | {one.p99_ms:.1f}"
        f" | {one.empty:.0%} |"
        for one in figures
    ]
    return "\n".join(lines)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("project", nargs="?", help="a folder with a compile database")
    parser.add_argument("--symbols", type=int, help="measure on an index of so many made-up symbols instead")
    parser.add_argument("--clangd", help="a clangd to measure beside it")
    parser.add_argument("--compile-commands-dir", help="the folder of the compile database")
    parser.add_argument("--cache-dir", help="where the index is, or is to be kept")
    parser.add_argument("--requests", type=int, default=200, help="of each kind (%(default)s)")
    parser.add_argument("--lines", type=int, help="also outline a file of so many lines that is made for it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    arguments = parser.parse_args(argv)
    if not arguments.project and not arguments.symbols and not arguments.lines:
        parser.error("name a project, or --symbols, or --lines")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(argv)
    figures: list[Figures] = []
    memory_bytes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as temporary:
        cache = os.path.abspath(arguments.cache_dir or temporary)
        measures: dict[str, Callable[[argparse.Namespace, str], tuple[list[Figures], int]]] = {}
        if arguments.project:
            measures["project"] = measure_project
        if arguments.symbols:
            measures["symbols"] = measure_symbols
        for name, measure in measures.items():
            some, memory_bytes[name] = measure(arguments, cache)
            figures += some
    if arguments.lines:
        figures += measure_long_file(arguments.lines, 40)
    if arguments.json:
        print(
            json.dumps(
                {"figures": [asdict(one) for one in figures], "server_pss_bytes": memory_bytes}, indent=1
            )
        )
        return 0
    print(table(figures))
    for name, size in memory_bytes.items():
        print(f"\nserver in the end ({name}): {size / MIB:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
