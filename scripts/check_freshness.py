#!/usr/bin/env python3
"""Whether answers and index keep up with somebody who edits at random: at rest, the index is that of a new one.

    .venv/bin/python scripts/check_freshness.py PROJECT [--steps 300] [--seed 1] [--quiet-every 30] [--watches]

PROJECT is a folder with a compile_commands.json in it or in its build/. A copy of it is indexed, and edited beside a
language server: files are opened, typed in, saved, closed, renamed, deleted and created, compiled with other flags, and
changed by switching branches (random_editor.py). With ``--watches`` the editor tells of what changes on disk; without
it the server has to notice that by itself, when it is asked.

After each step, definition and references are asked of names in open files: each place that is told must bear the name
that was asked about, in the text of now: on the screen, or on disk. Names are taken that are spelled wherever they are
told of in the untouched project (a constructor, say, is used where its class is not named; a destructor begins with its
tilde). At a quiet point everything
is saved or closed, files that changed are asked about where the editor does not watch, and when the server has come to
rest all rows of its index are compared with those of a new index of the same files (index_rows.py). Exits with 1 where
anything is otherwise.

Left out of the comparison is what is known to depend on which unit reads a header first: some lines, what is told of
files outside the project (index_rows.without_order), headers that a unit reads with errors (index_rows.disputed), and
symbols of which the untouched project shows it; and what is known only of files that were opened while no unit read
them.
"""

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from compare_places import draw, find_database, names_in_text
from index_rows import (
    Groups,
    differences,
    disputed,
    order_bound,
    read_groups,
    symbols_of_differences,
    without_adopted,
    without_disputed,
    without_order,
)
from lspclient import AnswerError, Place, Server
from playground import SIGN, Playground
from random_editor import RandomEditor

REST_WITHIN_S = 900.0
LISTEN_S = 0.2
KINDS = ("definition", "references")
TOLD_ACTS = 15


class CheckError(Exception):
    """Something is not as it has to be."""


@dataclass
class Tally:
    """What has been seen of a game."""

    questions: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    quiet: int = 0
    rows: int = 0
    disputed: int = 0
    acts: list[str] = field(default_factory=list)


class Game:
    """One server and one editor in a playground. ``arguments``: for every cpplsp."""

    def __init__(
        self, ground: Playground, folder: Path, arguments: list[str], chance: random.Random, watches: bool
    ):
        self.ground = ground
        self.folder = folder
        self.arguments = arguments
        self.chance = chance
        self.watches = watches
        self.tally = Tally()
        self.log = folder / "server.log"
        self.index = self.index_anew("cache")
        self.unsure = self._unsure()
        self._lock = self.index.with_name("writer.lock")
        """It names who holds it."""
        self._signs = 0
        self.names = spelled_names(read_groups(str(self.index)), ground)
        """What is asked about."""

    def command(self, *arguments: str, cache: str) -> list[str]:
        """A command line of cpplsp's."""
        return [
            sys.executable,
            "-m",
            "cpplsp",
            *arguments,
            *self.arguments,
            "--cache-dir",
            str(self.folder / cache),
        ]

    def index_anew(self, cache: str) -> Path:
        """Run the indexer to its end: where the index is. Raises CheckError."""
        command = self.command("--index-only", str(self.ground.root), "--json", cache=cache)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or "Traceback" in done.stderr:
            raise CheckError(f"--index-only ended with {done.returncode}: {done.stderr[-2000:]}")
        return Path(json.loads(done.stdout.splitlines()[-1])["cache_path"])

    def _unsure(self) -> frozenset[str]:
        """Symbols of which the untouched project tells otherwise when its units are read the other way round."""
        entries = list(self.ground.entries)
        self.ground.write_entries(entries[::-1])
        other = read_groups(str(self.index_anew("reversed")))
        self.ground.write_entries(entries)
        return frozenset(symbols_of_differences(read_groups(str(self.index)), other))

    def play(self, steps: int, quiet_every: int) -> None:
        """Play so many steps. Raises CheckError."""
        command = self.command("--log-file", str(self.log), cache="cache")
        with Server(command, self.ground.root, watches=self.watches) as server:
            editor = RandomEditor(self.ground, server, self.chance, sorted(self.names), self.watches)
            for step in range(1, steps + 1):
                self.tally.acts.append(f"{step} {editor.step()}")
                self._ask(server, editor)
                if step % quiet_every == 0 or step == steps:
                    self._rest(server, editor, step)
        if not all(self.tally.places[kind] for kind in KINDS):
            raise CheckError("no place was told: nothing can be seen here")
        if "Traceback" in self.log.read_text("utf-8", "replace"):
            raise CheckError("there is a traceback in the server's log")

    # Questions

    def _ask(self, server: Server, editor: RandomEditor) -> None:
        """Ask about a name in each of some open files."""
        for name in draw(self.chance, list(editor.open), 2):
            found = [one for one in names_in_text(editor.open[name].text) if one[2] in self.names]
            if not found:
                continue
            line, column, word = self.chance.choice(found)
            kind = self.chance.choice(KINDS)
            asked = self.ground.path(name), line, column
            places = server.at(kind, asked)
            self.tally.questions[kind] += 1
            self.tally.places[kind] += len(places)
            for place in places:
                said = self._said(place, word, editor.text(self.ground.name(place[0])))
                if said not in (word, f"~{word}"[:-1]):
                    raise CheckError(
                        f"{kind} of {word} at {name}:{line + 1}:{column + 1} tells of"
                        f" {self.ground.name(place[0])}:{place[1] + 1}:{place[2] + 1}, where {said!r} is"
                    )

    def _said(self, place: Place, word: str, text: str | None) -> str | None:
        """What is at a place, as long as a word. ``text``: of its file; None: as it is on disk."""
        path, line, column = place
        try:
            lines = (Path(path).read_text("utf-8", "replace") if text is None else text).split("\n")
        except OSError:
            return None
        return lines[line][column : column + len(word)] if line < len(lines) else None

    # Rest

    def _rest(self, server: Server, editor: RandomEditor, step: int) -> None:
        """Bring everything to rest, and compare the index with a new one. Raises CheckError."""
        editor.settle()
        if not self.watches:
            for name in sorted(editor.touched & self.ground.texts.keys()):
                self._ask_once(server, name)
        editor.touched.clear()
        self._wait_for_rest(server)
        found = read_groups(str(self.index))
        cache = f"anew-{step}"
        anew = read_groups(str(self.index_anew(cache)))
        lines = self._differences(anew, found)
        if lines:
            raise CheckError(
                "\n  ".join(["the index is not that of a new one:", *lines[:20], f"({len(lines)} in all)"])
            )

    def _differences(self, anew: Groups, found: Groups) -> list[str]:
        texts = {f"project:{name}": text for name, text in self.ground.texts.items()}
        pair = [without_adopted(anew), without_adopted(found)]
        files = set().union(*map(disputed, pair))
        self.tally.disputed += len(files)
        symbols = set().union(*(order_bound(one, texts, files) for one in pair))
        pair = [without_disputed(one, files) for one in pair]
        expected, compared = (without_order(one, texts, symbols, self.unsure) for one in pair)
        self.tally.quiet += 1
        self.tally.rows += sum(map(len, expected.values()))
        return differences([expected], compared)

    def _ask_once(self, server: Server, name: str) -> None:
        """Ask about the first name in a file: so a server notices that it has changed."""
        text = self.ground.texts[name].decode("utf-8", "replace")
        for line, column, _ in names_in_text(text):
            server.at("definition", (self.ground.path(name), line, column))
            return

    def _wait_for_rest(self, server: Server) -> None:
        """Wait until all is in the index that is on disk now. Raises CheckError.

        A unit of its own is changed for that. The run that reads it may have begun before other files changed, and have
        seen this one only because it looks again in the end: the next run has not.
        """
        for _ in range(2):
            self._signs += 1
            sign = f"sign_{self._signs}"
            (self.ground.root / SIGN).write_text(f"int {sign};\n")
            if self.watches:
                server.changed_on_disk({str(self.ground.root / SIGN): 2})
            self._wait_for(server, partial(self._is_known, server, sign))
            self._wait_for(server, lambda: not server.is_working and not self._lock.read_text())

    def _is_known(self, server: Server, name: str) -> bool:
        return any(one["name"] == name for one in server.ask("workspace/symbol", {"query": name}) or ())

    def _wait_for(self, server: Server, is_over: Callable[[], bool]) -> None:
        """Wait; an editor that does not watch asks about the sign meanwhile."""
        path = str(self.ground.root / SIGN)
        until_s = time.monotonic() + REST_WITHIN_S
        while not is_over():
            if time.monotonic() > until_s:
                raise CheckError(f"the server has not come to rest within {REST_WITHIN_S:.0f} s")
            if not self.watches:
                server.at("definition", (path, 0, 4))
            server.listen(LISTEN_S)

    def story(self) -> Iterator[str]:
        """What was done lately, and what the server says."""
        yield from self.tally.acts[-TOLD_ACTS:]
        if self.log.exists():
            yield from self.log.read_text("utf-8", "replace").splitlines()[-TOLD_ACTS:]


def spelled_names(groups: Groups, ground: Playground) -> frozenset[str]:
    """Names that are spelled wherever the index tells of a symbol of that name."""
    names = {
        row[3]: row[4]
        for key, rows in groups.items()
        if key[0] == "reading"
        for row in rows
        if row[0] == "declaration"
    }
    good, bad = set[str](), set[str]()
    for key, rows in groups.items():
        text = ground.texts.get(key[1].removeprefix("project:")) if key[0] == "reading" else None
        lines = (text or b"").split(b"\n")
        for row in rows if text is not None else ():
            if row[0] == "occurrence" and row[3] in names:
                _, line, column, symbol, length, *_ = row
                is_spelled = lines[line][column : column + length] == names[symbol].encode()
                (good if is_spelled else bad).add(names[symbol])
    return frozenset(good - bad)


def main() -> int:
    """Play a game, and tell of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet-every", type=int, default=30, metavar="STEPS")
    parser.add_argument("--watches", action="store_true", help="the editor tells of files that change")
    parser.add_argument(
        "--units", type=int, help="keep so many compile commands, drawn at random", metavar="N"
    )
    parser.add_argument("--prelude", choices=("off", "auto"), default="off")
    parser.add_argument(
        "--keep", type=Path, help="a new folder for the copy and all indexes", metavar="FOLDER"
    )
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    root = options.project.resolve()
    database = find_database(root, None)
    chance = random.Random(options.seed)
    began_s = time.monotonic()
    with contextlib.ExitStack() as stack:
        temporary = options.keep or stack.enter_context(tempfile.TemporaryDirectory(prefix="freshness-"))
        folder = Path(temporary).resolve()
        ground = Playground(root, database, folder / "tree", options.units, chance)
        arguments = ["--prelude", options.prelude, "-j", str(options.jobs)]
        game = Game(ground, folder, arguments, chance, options.watches)
        try:
            game.play(options.steps, options.quiet_every)
        except (CheckError, AnswerError, RuntimeError) as error:
            print(f"FAILED, seed {options.seed}: {error}", *game.story(), sep="\n  ")
            return 1
    tally = game.tally
    print(
        f"{root.name}, seed {options.seed}: {options.steps} steps in {time.monotonic() - began_s:.0f} s;"
        f" {tally.quiet} quiet points, {tally.rows} rows the same, {tally.disputed} files left out;"
        f" {', '.join(f'{tally.questions[kind]} {kind}: {tally.places[kind]} places' for kind in KINDS)}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
