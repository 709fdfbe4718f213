#!/usr/bin/env python3
"""What more workers cost: memory and time of indexing by how many there may be, and how many there were.

    .venv/bin/python scripts/bench_memory.py PROJECT … [--workers 4,8,16,32] [--prelude auto,off] [--memory-budget 2G]
        [--units db/] [--sample 200]

Each PROJECT is a folder with a compile_commands.json, as for scripts/memory_timeline.py, which measures. Printed, as a
table in Markdown, for each run into a new cache:

    workers        how many there might be (-j)
    most at once   how many there were: memory and units limit them, too
    peak           highest sum of proportional set sizes (PSS) over all processes, sampled from outside
    server         PSS of the server's own process at its highest
    worker         PSS of the worker that took most

Wall times and CPU seconds of runs that had more workers than the machine has CPUs say little.
"""

import argparse
import sys
from pathlib import Path

from bench import MIB
from memory_timeline import Timeline, add_run_options, entries_of, memory_bytes, over, watch_indexing

HEADER = (
    "| project | prelude | workers | most at once | wall s | CPU s | peak MiB | server MiB | worker MiB |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|",
)


def row(project: str, prelude: str, workers: int, timeline: Timeline) -> str:
    """A run as a line of the table."""
    peaks = (timeline.peak_bytes, timeline.peak_of("server"), timeline.peak_of("worker"))
    cells = [project, prelude, str(workers), str(timeline.summary["workers_max"])]
    cells += [f"{timeline.wall_s:.1f}", f"{timeline.cpu_s:.1f}", *(f"{peak / MIB:.0f}" for peak in peaks)]
    return f"| {' | '.join(cells)} |"


def numbers(text: str) -> list[int]:
    """``4,8,16`` as numbers."""
    return [int(one) for one in text.split(",")]


def main() -> int:
    """Measure and print; 1 when a run took more than its budget, 2 when one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("projects", nargs="+", metavar="PROJECT")
    add_run_options(parser)
    parser.add_argument("--workers", type=numbers, default=[4, 8, 16, 32], metavar="N,N")
    parser.add_argument("--prelude", type=lambda text: text.split(","), default=["auto"], metavar="HOW,HOW")
    options = parser.parse_args()
    budget = ["--memory-budget", options.memory_budget] if options.memory_budget else []
    roots = [Path(project).resolve() for project in options.projects]
    chosen = [(root, entries_of(root, options)) for root in roots]
    print(*HEADER, sep="\n", flush=True)
    code = 0
    for root, entries in chosen:
        for prelude in options.prelude:
            for workers in options.workers:
                flags = ["-j", str(workers), "--prelude", prelude, *budget]
                timeline = watch_indexing(options.cpplsp.split(), root, entries, flags, options.rate)
                if not timeline.summary:
                    return 2
                print(row(f"{root.name}, {len(entries)} units", prelude, workers, timeline), flush=True)
                for line in over(timeline, memory_bytes(options.memory_budget), None):
                    print(f"over: {line}", file=sys.stderr)
                    code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
