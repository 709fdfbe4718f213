#!/usr/bin/env python3
"""How the cost of an index grows with the number of units.

    .venv/bin/python scripts/bench_growth.py PROJECT --counts 50 100 200 400 [--seed 1] [-j 2] [--plot growth.svg]

PROJECT is a folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says). Of its
units so many are drawn, each draw holding the one before, and indexed into a new cache. Printed for each: CPU seconds,
wall seconds, the highest sum of proportional set sizes that cpplsp saw, preludes; then the marginal cost of a unit: the
slope of a straight line through the CPU seconds from the second count on. --plot needs matplotlib.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import MIB, chosen_units
from compare_places import find_database


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--counts", type=int, nargs="+", default=[50, 100, 200, 400], metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prelude", default="auto", choices=("auto", "system", "off"))
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--plot", metavar="FILE", help="CPU against units, as PNG or SVG")
    options = parser.parse_args()
    root = Path(options.project).resolve()
    entries = list(chosen_units(find_database(root, options.compile_commands_dir), ""))
    random.Random(options.seed).shuffle(entries)
    counts = sorted({min(count, len(entries)) for count in options.counts})
    cpu_s = []
    print(f"{root.name}, -j{options.jobs}, --prelude={options.prelude}:\n")
    print("| units | CPU s | CPU s a unit | wall s | peak MiB | preludes |")
    print("|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="growth-") as scratch:
            Path(scratch, "compile_commands.json").write_text(json.dumps(entries[:count]))
            command = [sys.executable, "-m", "cpplsp", "--index-only", str(root), "--json"]
            command += ["--compile-commands-dir", scratch, "--cache-dir", f"{scratch}/cache"]
            command += ["-j", str(options.jobs), "--prelude", options.prelude]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        summary = json.loads(done.stdout.splitlines()[-1])
        cpu_s.append(summary["cpu_s"])
        print(
            f"| {summary['indexed']} | {summary['cpu_s']:.1f} | {summary['cpu_s'] / count:.2f} "
            f"| {summary['wall_s']:.1f} | {summary['peak_memory_bytes'] / MIB:.0f} | {summary['preludes']} |",
            flush=True,
        )
    if len(counts) > 2:
        line = statistics.linear_regression(counts[1:], cpu_s[1:])
        print(
            f"\nmarginal cost of a unit: {line.slope:.2f} s of CPU (and {line.intercept:.0f} s for all together)"
        )
    if options.plot:
        plot(root.name, counts, cpu_s, options.plot)
    return 0


def plot(name: str, counts: list[int], cpu_s: list[float], path: str) -> None:
    """CPU seconds against units."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    axes.plot(counts, cpu_s, marker="o")
    axes.set(xlabel=f"units of {name}", ylabel="CPU seconds", xlim=(0, None), ylim=(0, None))
    figure.savefig(path)


if __name__ == "__main__":
    sys.exit(main())
