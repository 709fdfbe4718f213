#!/usr/bin/env python3
"""Whether indexing keeps within a cgroup's memory limit, so that the kernel kills nothing: as in a container.

    sudo .venv/bin/python scripts/check_cgroup.py PROJECT --limit 600M [-j 8] [--units table/] [--sample 200]

PROJECT is a folder with a compile_commands.json, as for scripts/memory_timeline.py. A cgroup (version 1 or 2) is made
for the run, which takes the right to make one. Printed are how many units were indexed and how many have failed, the
most memory that the cgroup was charged with, how often it reached its limit and how many processes the kernel killed.
Exits with 1 where it killed one, or where cpplsp told of another budget than the limit leaves it.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import MIB
from memory_timeline import add_run_options, entries_of, memory_bytes

CGROUPS = Path("/sys/fs/cgroup")
NAME = f"cpplsp-check-{os.getpid()}"


class Group:
    """A cgroup of our own: its folder, and what its files are called."""

    def __init__(self) -> None:
        self.is_version_1 = (CGROUPS / "memory" / "memory.limit_in_bytes").exists()
        self.folder = (CGROUPS / "memory" if self.is_version_1 else CGROUPS) / NAME

    @contextlib.contextmanager
    def limited(self, limit_bytes: int) -> Iterator[None]:
        """It is there, with this limit. Raises OSError where that is not allowed."""
        if not self.is_version_1:
            with contextlib.suppress(OSError):
                (CGROUPS / "cgroup.subtree_control").write_text("+memory")
        self.folder.mkdir()
        try:
            name = "memory.limit_in_bytes" if self.is_version_1 else "memory.max"
            (self.folder / name).write_text(str(limit_bytes))
            yield
        finally:
            self.folder.rmdir()

    def enter(self) -> None:
        """Put this process into it."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def peak_bytes(self) -> int:
        """The most that it was charged with."""
        name = "memory.max_usage_in_bytes" if self.is_version_1 else "memory.peak"
        return int((self.folder / name).read_text())

    def reached(self) -> int:
        """How often an allocation met the limit, so that pages had to go."""
        if self.is_version_1:
            return int((self.folder / "memory.failcnt").read_text())
        return self._event("memory.events", "max")

    def killed(self) -> int:
        """How many processes the kernel killed."""
        return self._event("memory.oom_control" if self.is_version_1 else "memory.events", "oom_kill")

    def _event(self, file: str, name: str) -> int:
        return int(dict(line.split() for line in (self.folder / file).read_text().splitlines())[name])


def main() -> int:
    """Index in a cgroup, and tell of it; 2 where there can be none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--limit", default="600M", metavar="SIZE")
    parser.add_argument("-j", "--jobs", type=int, default=8)
    add_run_options(parser)
    options = parser.parse_args()
    root = options.project.resolve()
    entries = entries_of(root, options)
    limit = memory_bytes(options.limit) or 0
    group = Group()
    with tempfile.TemporaryDirectory(prefix="cgroup-") as scratch:
        Path(scratch, "compile_commands.json").write_text(json.dumps(entries))
        command = [*options.cpplsp.split(), "--index-only", str(root), "--json", "-j", str(options.jobs)]
        command += ["--compile-commands-dir", scratch, "--cache-dir", f"{scratch}/cache"]
        if options.memory_budget:
            command += ["--memory-budget", options.memory_budget]
        try:
            with group.limited(limit):
                done = subprocess.run(
                    command, stdout=subprocess.PIPE, preexec_fn=group.enter, check=False, text=True
                )
                peak, reached, killed = group.peak_bytes(), group.reached(), group.killed()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"no cgroup of our own can be made here: {error}", file=sys.stderr)
            return 2
    if not done.stdout:
        print(f"cpplsp ended with {done.returncode}, and says nothing", file=sys.stderr)
        return 1
    summary = json.loads(done.stdout.splitlines()[-1])
    budget = summary["memory_budget_bytes"]
    print(
        f"{root.name} in {limit / MIB:.0f} MiB: {summary['indexed']} of {summary['units']} units indexed,"
        f" {len(summary['failed'])} failed; {peak / MIB:.0f} MiB charged at most, limit met {reached} times,"
        f" {killed} processes killed; budget {budget / MIB:.0f} MiB, {summary['wall_s']:.0f} s"
    )
    for one in summary["failed"]:
        print(f"  {one['file']}: {one['reason']}")
    is_told_right = budget <= limit and (options.memory_budget or budget > limit // 2)
    return 1 if killed or not is_told_right else 0


if __name__ == "__main__":
    sys.exit(main())
