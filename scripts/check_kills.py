#!/usr/bin/env python3
"""Whether an index survives kill -9, of anyone at any time: the result is that of a run that nobody disturbed.

    .venv/bin/python scripts/check_kills.py PROJECT [--rounds 50] [--seed 1] [-j 2]

PROJECT is a folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says). Each
round indexes it into a new cache, by --index-only or by a language server, and kills at a random moment a worker, the
nursery (the parent of workers) or the indexer itself. Who is left has to come to its end; no process may be left over;
the index must be whole; a plain --index-only run then completes it. Then all rows of all tables are compared with those
of undisturbed runs, in the project's order, the opposite one, and by lot (index_rows.py says why). Exits with 1 where
anything is otherwise.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from compare_places import find_database
from index_rows import Groups, differences, read_groups
from lspclient import Server

MARK = "CPPLSP_CHECK_KILLS"
"""In the environment of a round's processes, and of all that they start: so each is found, whoever its parent is."""
ORDERS = 2
"""By lot."""
GONE_WITHIN_S = 10.0
ENDED_WITHIN_S = 600.0
LOOK_EVERY_S = 0.005
VICTIMS = ("worker", "nursery", "indexer", "server", "worker of a server", "nursery of a server")


class CheckError(Exception):
    """Something is not as it has to be."""


@dataclass(frozen=True)
class Check:
    """What all rounds have in common. ``expected``: undisturbed runs; ``takes_s``: how long the quickest took."""

    root: Path
    arguments: list[str]
    expected: list[Groups]
    takes_s: float

    def command(self, *arguments: str, cache: str) -> list[str]:
        """A command line of cpplsp's."""
        return [sys.executable, "-m", "cpplsp", *arguments, *self.arguments, "--cache-dir", cache]

    def complete(self, cache: str) -> dict[str, Any]:
        """Run the indexer to its end: its summary. Raises CheckError."""
        command = self.command("--index-only", str(self.root), "--json", cache=cache)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or "Traceback" in done.stderr:
            raise CheckError(f"--index-only ended with {done.returncode}: {done.stderr[-2000:]}")
        summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return summary


def tree(mark: str) -> dict[str, list[psutil.Process]]:
    """The processes of a round: by what they are."""
    found: dict[str, list[psutil.Process]] = {"worker": [], "nursery": [], "indexer": [], "other": []}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) != mark or process.pid == os.getpid():
                continue
            command = process.cmdline()
            kind = "other"
            if "cpplsp.worker" in command:
                kind = "worker" if "cpplsp.worker" in (process.parent() or process).cmdline() else "nursery"
            elif "cpplsp" in command:
                kind = "indexer"
            found[kind].append(process)
    return found


def strike(mark: str, kind: str, chance: random.Random, is_over: Callable[[], bool]) -> bool:
    """Kill one process of a kind as soon as there is one; False when there is none any more."""
    while not is_over():
        victims = tree(mark)[kind]
        if victims:
            with contextlib.suppress(psutil.Error):
                chance.choice(victims).kill()
                return True
        time.sleep(LOOK_EVERY_S)
    return False


def expect_none_left(mark: str) -> None:
    """Wait for a round's processes to go. Raises CheckError."""
    until_s = time.monotonic() + GONE_WITHIN_S
    while left := list(itertools.chain(*tree(mark).values())):
        if time.monotonic() > until_s:
            for process in left:
                process.kill()
            raise CheckError(f"left over: {[process.cmdline() for process in left]}")
        time.sleep(LOOK_EVERY_S)


def disturb_indexer(check: Check, cache: str, mark: str, kind: str, chance: random.Random) -> str:
    """An ``--index-only`` in which someone is killed; what came of it. Raises CheckError."""
    wait_s = chance.uniform(0, check.takes_s)
    command = check.command("--index-only", str(check.root), "--json", cache=cache)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(wait_s)
        has_struck = strike(mark, kind, chance, lambda: process.poll() is not None)
        _, errors = process.communicate(timeout=ENDED_WITHIN_S)
    if "Traceback" in errors:
        raise CheckError(errors[-2000:])
    if process.returncode != (-signal.SIGKILL if has_struck and kind == "indexer" else 0):
        raise CheckError(f"the indexer ended with {process.returncode}: {errors[-2000:]}")
    return f"killed after {wait_s:.2f} s" if has_struck else "over before anyone was killed"


def disturb_server(check: Check, cache: str, mark: str, kind: str, chance: random.Random) -> str:
    """A language server that indexes, in which someone is killed; what came of it. Raises CheckError."""
    wait_s = chance.uniform(0, check.takes_s)
    server = Server(check.command(cache=cache), check.root)
    time.sleep(wait_s)
    quiet_s = time.monotonic() + check.takes_s
    has_struck = strike(mark, kind, chance, lambda: time.monotonic() > quiet_s)
    if kind == "indexer":
        server.wait()
    else:
        server.wait_for_index()
        server.end()
        if code := server.wait():
            raise CheckError(f"the server ended with {code}")
    return f"killed after {wait_s:.2f} s" if has_struck else "over before anyone was killed"


def play(check: Check, victim: str, chance: random.Random, scratch: str) -> str:
    """One round. Raises CheckError."""
    mark = os.environ[MARK] = f"{os.getpid()}-{scratch}"
    cache = os.path.join(scratch, "cache")
    kind, _, by_server = victim.partition(" of a ")
    if victim == "server":
        kind, by_server = "indexer", victim
    told = (disturb_server if by_server else disturb_indexer)(check, cache, mark, kind, chance)
    expect_none_left(mark)
    for index in Path(cache).glob("*/index.sqlite"):
        read_groups(str(index))
    summary = check.complete(cache)
    expect_none_left(mark)
    if any("damaged" in note for note in summary["notes"]):
        raise CheckError(f"the index was not whole: {summary['notes']}")
    found = differences(check.expected, read_groups(summary["cache_path"]))
    if found:
        raise CheckError("\n  ".join(["the index is not that of an undisturbed run:", *found]))
    return f"{told}; then {summary['indexed']} units were left to read"


def undisturbed(root: Path, database: Path, more: list[str], seed: int) -> Check:
    """Index the project in several orders."""
    entries = json.loads(database.read_text("utf-8"))
    shuffled = [random.Random(f"{seed}/{number}").sample(entries, len(entries)) for number in range(ORDERS)]
    expected, takes_s = [], ENDED_WITHIN_S
    for order in (entries, entries[::-1], *shuffled):
        for prelude in ([], ["--prelude=off"]):
            with tempfile.TemporaryDirectory(prefix="kills-") as scratch:
                Path(scratch, "compile_commands.json").write_text(json.dumps(order))
                arguments = ["--compile-commands-dir", scratch, *more, *prelude]
                summary = Check(root, arguments, [], 0.0).complete(os.path.join(scratch, "cache"))
                expected.append(read_groups(summary["cache_path"]))
                takes_s = min(takes_s, summary["wall_s"])
    return Check(root, ["--compile-commands-dir", str(database.parent), *more], expected, takes_s)


def main() -> int:
    """Play so many rounds, and tell of each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--rounds", type=int, default=50, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--victims", nargs="+", choices=VICTIMS, default=VICTIMS, metavar="VICTIM", help=str(VICTIMS)
    )
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    root = Path(options.project).resolve()
    database = find_database(root, options.compile_commands_dir)
    check = undisturbed(root, database, ["-j", str(options.jobs)], options.seed)
    print(f"{root.name}: an undisturbed run takes {check.takes_s:.1f} s", flush=True)
    failed = 0
    for number in range(options.rounds):
        chance = random.Random(f"{options.seed}/{number}")
        victim = options.victims[number % len(options.victims)]
        with tempfile.TemporaryDirectory(prefix="kills-") as scratch:
            try:
                told = play(check, victim, chance, scratch)
            except (CheckError, OSError, RuntimeError, sqlite3.Error, subprocess.TimeoutExpired) as error:
                failed += 1
                told = f"FAILED: {error}"
        print(f"{number + 1:3} {victim}: {told}", flush=True)
    print(f"{options.rounds - failed} of {options.rounds} rounds well, seed {options.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
