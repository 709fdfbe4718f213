"""What two servers are asked about: places of names in a project's code, and texts typed in search of a symbol."""

import json
import os
import random
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lspclient import Place

HEADERS = (".h", ".hh", ".hpp", ".hxx")
_SKIPPED = re.compile(
    r"//[^\n]*|/\*.*?\*/"  # comments
    r"|R\"(\w*)\(.*?\)\1\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'"  # literals
    r"|^[ \t]*#(?:\\\n|[^\n])*",  # directives
    re.DOTALL | re.MULTILINE,
)
_NAME = re.compile(r"(?<!\w)[A-Za-z_]\w*")
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """alignas alignof and asm auto bool break case catch char char16_t char32_t char8_t class
        co_await co_return co_yield concept const const_cast constexpr continue decltype default
        delete do double dynamic_cast else enum explicit export extern false final float for friend
        goto if inline int long mutable namespace new noexcept not nullptr operator or override
        private protected public register reinterpret_cast requires return short signed sizeof
        static static_assert static_cast struct switch template this thread_local throw true try
        typedef typeid typename union unsigned using virtual void volatile wchar_t while""",
    )
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_NO_KIND = 21  # SymbolKind.Null: clangd's for a macro that declares what it then shows in it

T = TypeVar("T")


def find_database(root: Path, configured: str | None) -> Path:
    """Find the compile database of a project."""
    for folder in [Path(configured)] if configured else [root, root / "build"]:
        if (folder / "compile_commands.json").exists():
            return (folder / "compile_commands.json").resolve()
    raise SystemExit(
        f"no compile_commands.json in {root} or its build/: name its folder with --compile-commands-dir"
    )


def names_in(path: str) -> Iterator[Place]:
    """Places of names in the code of a file: not in comments, literals or directives."""
    for line, column, _ in names_in_text(Path(path).read_text("utf-8", "replace")):
        yield path, line, column


def names_in_text(text: str) -> Iterator[tuple[int, int, str]]:
    """Lines and columns of names in a text, and the names."""
    code = _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for number, line in enumerate(code.split("\n")):
        for match in _NAME.finditer(line):
            if match.group() not in _KEYWORDS and line.isascii():
                yield number, match.start(), match.group()


def sample_places(root: Path, database: Path, places: int, files: int, seed: int) -> dict[str, list[Place]]:
    """Draw places from files of the project: its units, and headers outside the build folder."""
    entries = json.loads(database.read_text("utf-8"))
    units = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in entries}
    units = {path for path in units if Path(path).is_relative_to(root) and os.path.exists(path)}
    headers = {
        str(path)
        for path in root.rglob("*")
        if path.suffix in HEADERS and not path.is_relative_to(database.parent) and path.is_file()
    }
    chance = random.Random(seed)
    # Two thirds sources, one third headers: people stand in sources more than in headers.
    chosen = draw(chance, units, files - files // 3) + draw(chance, headers, files // 3)
    by_file = {path: list(names_in(path)) for path in chosen}
    each = max(1, places // max(1, len(by_file)))
    return {path: sorted(draw(chance, names, each)) for path, names in by_file.items() if names}


def draw(chance: random.Random, population: Collection[T], count: int) -> list[T]:
    """Choose so many, or all that there are."""
    ordered = sorted(population)  # type: ignore[type-var]
    return chance.sample(ordered, min(count, len(ordered)))


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """A symbol that a person looks for. ``scope``: what it stands in, ``ns::Class``."""

    scope: str
    name: str

    def __str__(self) -> str:
        return f"{self.scope}::{self.name}" if self.scope else self.name


@dataclass(frozen=True, slots=True)
class Search:
    """What is typed for a symbol. ``way``: how it was made from the name."""

    typed: str
    way: str
    wanted: Wanted

    def __str__(self) -> str:
        return f"{self.typed!r} ({self.way} of {self.wanted})"


def outlined(symbols: Iterable[dict[str, Any]], scope: str = "") -> Iterator[Wanted]:
    """The symbols of an answer to documentSymbol that a search could be for, in their named scopes."""
    for symbol in symbols:
        name = symbol["name"].rpartition("::")[2]
        qualified = scope
        if _IDENTIFIER.fullmatch(name) and symbol["kind"] != _NO_KIND:
            yield Wanted(scope, name)
            qualified = f"{scope}::{symbol['name']}".removeprefix("::")
        yield from outlined(symbol.get("children") or (), qualified)


def searches(symbols: Collection[Wanted], count: int, seed: int) -> list[Search]:
    """So many texts, a quarter in each of four ways: a beginning, initials, some of the letters, a qualified name.

    Of symbols of one name, one is drawn: no text tells them apart. Nobody looks for a constructor by its own name.
    """
    chance = random.Random(seed)
    looked_for = sorted(wanted for wanted in symbols if wanted.scope.rpartition("::")[2] != wanted.name)
    by_name = {wanted.name: wanted for wanted in chance.sample(looked_for, len(looked_for))}
    ways = {"prefix": _prefix, "initials": _initials, "subsequence": _subsequence, "qualified": _qualified}
    found: list[Search] = []
    for way, make in ways.items():
        fit = [wanted for wanted in by_name.values() if len(make(random.Random(0), wanted)) >= 3]
        found += [
            Search(make(chance, wanted), way, wanted) for wanted in draw(chance, fit, count // len(ways))
        ]
    return found


def _prefix(_chance: random.Random, wanted: Wanted) -> str:
    return wanted.name[: max(3, len(wanted.name) * 2 // 3)]


def _initials(_chance: random.Random, wanted: Wanted) -> str:
    """Of each word the first letter; of the last one three."""
    words = _WORD.findall(wanted.name)
    return "".join(word[0] for word in words[:-1]) + words[-1][:3] if len(words) > 1 else ""


def _subsequence(chance: random.Random, wanted: Wanted) -> str:
    """A quarter of the letters left out, but not the first."""
    name = wanted.name
    left_out = set(chance.sample(range(1, len(name)), len(name) // 4)) if len(name) > 5 else set()
    return "".join(letter for index, letter in enumerate(name) if index not in left_out) if left_out else ""


def _qualified(_chance: random.Random, wanted: Wanted) -> str:
    scope = wanted.scope.rpartition("::")[2]
    return f"{scope}::{wanted.name[: max(2, len(wanted.name) * 2 // 3)]}" if scope else ""
