#!/usr/bin/env python3
"""What a project's compile database costs: memory over that of an empty one, and seconds.

    scripts/generate_project.py /tmp/big && .venv/bin/python scripts/bench_database.py /tmp/big

Each line is measured in a process of its own: opening the project, then streaming all commands, or streaming them and
making libclang's arguments of each. Memory is the peak resident size (VmHWM) of that process.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cpplsp.config import Settings
from cpplsp.project.project import Project

WAYS = ("commands", "invocations")


def peak_bytes() -> int:
    """Peak resident size of the process. Not ``ru_maxrss`` where there is better: that is inherited through exec."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10
    except OSError:
        scale = 1 if sys.platform == "darwin" else 1 << 10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def measure(way: str, root: str) -> None:
    """In a child: do it, and print how many commands there are, the seconds and the peak in bytes."""
    project = Project.open(root, Settings())
    started = time.perf_counter()
    count = 0
    for command in project.commands():
        count += 1
        if way == "invocations":
            project.invocation(command)
    print(count, time.perf_counter() - started, peak_bytes())


def run(way: str, root: str) -> tuple[int, float, int]:
    """Measure in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", way, root], check=True, capture_output=True, text=True
    )
    count, seconds, peak = done.stdout.split()
    return int(count), float(seconds), int(peak)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", help="a folder with a compile database")
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        measure(given.child, given.project)
        return 0
    source = Project.open(given.project, Settings()).source
    print(f"{source}: {os.path.getsize(source) / 1e6:.1f} MB" if source else "no database")
    print(f"{'':12}  {'entries':>8}  {'seconds':>8}  {'peak MB':>8}  {'over empty MB':>13}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "compile_commands.json").write_text("[]", "utf-8")
        _, _, empty = run("commands", folder)
    print(f"{'empty':12}  {0:>8}  {'':>8}  {empty / 1e6:>8.1f}")
    for way in WAYS:
        count, seconds, peak = run(way, given.project)
        print(f"{way:12}  {count:>8}  {seconds:>8.2f}  {peak / 1e6:>8.1f}  {(peak - empty) / 1e6:>13.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
