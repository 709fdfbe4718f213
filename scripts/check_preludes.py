#!/usr/bin/env python3
"""Whether a project's index is the same with and without preludes: facts of main files, both ways.

    .venv/bin/python scripts/check_preludes.py PROJECT [--sample 200] [--modes auto system] [--most-differing 0.1]

PROJECT is a folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says). Its
units, or --sample of them drawn by --seed, are indexed with --prelude=off and with each mode. For each mode is told how
many facts of the units' main files (declarations, occurrences, relations, includes) are lost and gained, in per cent of
those without; then the files that differ most. Candidates of unresolved calls count. Exits with 1 where more than
--most-differing per cent are lost, or gained.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import chosen_units, drawn
from compare_places import find_database

from cpplsp.facts import FileFacts, UnitState
from cpplsp.paths import Roots
from cpplsp.prelude.agreement import Agreement, compare
from cpplsp.store.index import Index
from cpplsp.store.preludes import main_facts


@dataclass(frozen=True)
class Indexed:
    """A project's index: the facts of each unit's main file, and what its run said."""

    facts: dict[str, FileFacts]
    cpu_s: float
    preludes: int


def index(root: Path, database: str, cache: str, mode: str, jobs: int) -> Indexed:
    """Index the units of a database with preludes as ``mode`` has it."""
    command = [sys.executable, "-m", "cpplsp", "--index-only", str(root), "--json", "--prelude", mode]
    command += ["--compile-commands-dir", database, "--cache-dir", cache, "-j", str(jobs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    summary = json.loads(done.stdout.splitlines()[-1])
    index = Index(summary["cache_path"], Roots(str(root)))
    try:
        facts = dict(_facts(index))
    finally:
        index.close()
    return Indexed(facts, summary["cpu_s"], summary["preludes"])


def _facts(index: Index) -> Iterator[tuple[str, FileFacts]]:
    rows = index.db.execute(
        "SELECT u.id, f.root, f.path FROM unit u JOIN file f ON f.id = u.file"
        f" WHERE u.state IN ({UnitState.INDEXED:d}, {UnitState.ERRORS:d}) ORDER BY u.ordinal"
    ).fetchall()
    for unit, base, path in rows:
        facts = main_facts(index, unit)
        if facts:
            yield f"{base}:{path}", facts


def main() -> int:
    """Index, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--units", default="", help="only files whose path holds this")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many of them, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modes", nargs="+", default=["auto"], choices=("auto", "system"))
    parser.add_argument("--most-differing", type=float, default=0.1, metavar="PER_CENT")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    root = Path(options.project).resolve()
    entries = list(chosen_units(find_database(root, options.compile_commands_dir), options.units))
    entries = drawn(entries, options.sample, options.seed)
    is_good = True
    with tempfile.TemporaryDirectory(prefix="check-") as scratch:
        Path(scratch, "compile_commands.json").write_text(json.dumps(entries))
        alone = index(root, scratch, f"{scratch}/off", "off", options.jobs)
        print(f"{root.name}: {len(alone.facts)} units, {alone.cpu_s:.1f} s of CPU without preludes")
        for mode in options.modes:
            is_good &= _report(
                mode, alone, index(root, scratch, f"{scratch}/{mode}", mode, options.jobs), options
            )
    return 0 if is_good else 1


def _report(mode: str, alone: Indexed, other: Indexed, options: argparse.Namespace) -> bool:
    found = {
        path: compare(facts, other.facts[path]) for path, facts in alone.facts.items() if path in other.facts
    }
    missing = alone.facts.keys() - other.facts.keys()
    total = sum(found.values(), Agreement())
    lost, gained = (100 * count / max(total.facts, 1) for count in (total.lost, total.gained))
    print(
        f"--prelude={mode}: {other.preludes} preludes, {other.cpu_s:.1f} s of CPU; "
        f"of {total.facts:,} facts of main files {total.lost} lost ({lost:.3f} %), "
        f"{total.gained} gained ({gained:.3f} %); {len(missing)} files missing"
    )
    for path, one in sorted(found.items(), key=lambda item: -item[1].lost - item[1].gained)[:5]:
        if one.lost or one.gained:
            print(f"  {path}: {one.lost} lost, {one.gained} gained of {one.facts:,}")
    return not missing and max(lost, gained) <= options.most_differing


if __name__ == "__main__":
    sys.exit(main())
