"""A copy of a configured project that may be changed at will: its code, its compile commands, its earlier states."""

import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare_places import HEADERS

SOURCES = (".c", ".cc", ".cpp", ".cxx")
SIGN = "freshness_sign.cc"
"""A unit of its own: once it is indexed, so is all that was written before it."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """All that is on disk at a moment: the text of each file of code, and the compile commands."""

    texts: dict[str, bytes]
    entries: tuple[Entry, ...]


class Playground:
    """The copy, in ``folder``. Files are named by their paths below its root.

    ``texts``: what is on disk, of files of code outside the build folder; ``entries``: the compile database. ``units``:
    how many compile commands are kept, drawn by ``chance`` (None: all).
    """

    def __init__(
        self,
        root: Path,
        database: Path,
        folder: Path,
        units: int | None = None,
        chance: random.Random | None = None,
    ):
        self.root = folder / root.name
        left_out = shutil.ignore_patterns(".git", "*.o", "*.a", "*.so", "CMakeFiles")
        shutil.copytree(root, self.root, symlinks=True, ignore=left_out)
        self.database = self.root / database.relative_to(root)
        text = database.read_text("utf-8").replace(str(root), str(self.root))
        entries = [
            {**entry, "directory": os.path.join(self.database.parent, entry["directory"])}
            for entry in json.loads(text)
        ]
        if units is not None and units < len(entries):
            chosen = set((chance or random.Random(0)).sample(range(len(entries)), units))
            entries = [entry for at, entry in enumerate(entries) if at in chosen]
        self.texts = {
            self.name(path): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.suffix in (*HEADERS, *SOURCES)
            and (self.database.parent == self.root or not path.is_relative_to(self.database.parent))
            and path.is_file()
            and not path.is_symlink()
        }
        (self.root / SIGN).write_text("int sign_0;\n")
        sign = str(self.root / SIGN)
        self.entries: list[Entry] = []
        self.write_entries(
            [
                *entries,
                {"directory": str(self.root), "file": sign, "arguments": ["c++", "-c", sign]},
            ]
        )

    def name(self, path: "str | Path") -> str:
        """How a file is named here."""
        return os.path.relpath(path, self.root)

    def path(self, name: str) -> str:
        """The absolute path of a file."""
        return str(self.root / name)

    def state(self) -> State:
        """What is on disk now."""
        return State(dict(self.texts), tuple(self.entries))

    def switch(self, state: State) -> list[str]:
        """Write the files of another state, as a change of branches does; those that came, changed or went."""
        changed = [
            name
            for name in sorted(self.texts.keys() | state.texts.keys())
            if self.texts.get(name) != state.texts.get(name)
        ]
        for name in changed:
            if name in state.texts:
                self.write(name, state.texts[name])
            else:
                self.remove(name)
        return changed

    def write(self, name: str, text: bytes) -> None:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        self.texts[name] = text

    def remove(self, name: str) -> None:
        """Delete a file."""
        (self.root / name).unlink()
        del self.texts[name]

    def write_entries(self, entries: Sequence[Entry]) -> None:
        """Write the compile database, as CMake does: beside the old one, then in its place. Not if it is the same."""
        if list(entries) != self.entries:
            beside = self.database.with_suffix(".new")
            beside.write_text(json.dumps(list(entries), indent=1))
            beside.replace(self.database)
            self.entries = list(entries)

    def units(self) -> list[str]:
        """The sources that compile commands name, without the sign."""
        names = {self.name(_source(entry)) for entry in self.entries}
        return sorted(names & self.texts.keys())

    def commands_of(self, name: str, as_if: str | None = None) -> list[Entry]:
        """The compile commands of a source, or such as it would have under another name."""
        found = [entry for entry in self.entries if _source(entry) == self.path(name)]
        return [_moved(entry, self.path(as_if)) for entry in found] if as_if else found

    def recompiled(self, name: str, new: str) -> list[Entry]:
        """All compile commands, with another name in place of a source's."""
        path = self.path(name)
        return [_moved(entry, self.path(new)) if _source(entry) == path else entry for entry in self.entries]


def _source(entry: Entry) -> str:
    return os.path.normpath(os.path.join(entry["directory"], entry["file"]))


def _moved(entry: Entry, to: str) -> Entry:
    moved: Entry = json.loads(json.dumps(entry).replace(entry["file"], to))
    return moved


def with_flags(entry: Entry, flags: Sequence[str]) -> Entry:
    """A compile command with more flags, behind the compiler's name."""
    if "arguments" in entry:
        first, *rest = entry["arguments"]
        return {**entry, "arguments": [first, *flags, *rest]}
    first, _, rest = entry["command"].partition(" ")
    return {**entry, "command": " ".join([first, *flags, rest])}
