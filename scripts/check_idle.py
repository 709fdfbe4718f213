#!/usr/bin/env python3
"""What a server does when nobody asks it anything: nothing.

    .venv/bin/python scripts/check_idle.py PROJECT SOURCE [--seconds 60]

A server is started as an editor does it, its index brought up to date, SOURCE opened, edited and asked about; when the
worker that has read the edit is gone as well, its processes are watched: CPU time, and how often any of their threads
has woken up. Exits 1 when there was CPU time, or more than one wake-up in ten seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from lspclient import Server

REST_S = 75.0
"""The worker for unsaved texts is let go after a minute."""


def wake_ups(process: psutil.Process) -> int:
    """How often its threads have gone to sleep and come back so far."""
    total = 0
    for status in Path(f"/proc/{process.pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if "ctxt_switches" in line:
                total += int(line.split()[1])
    return total


def main() -> int:
    """Measure, and judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("source")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rest", type=float, default=REST_S, help="how long to wait before (s)")
    options = parser.parse_args()
    root = options.project.resolve()
    source = str(root / options.source)
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "cpplsp", "--cache-dir", cache]
        subprocess.run([*command, "--index-only", str(root)], check=True, stdout=subprocess.DEVNULL)
        with Server(command, root) as server:
            server.open(source)
            server.change(source, 2, Path(source).read_text("utf-8") + "\nint check_idle;\n")
            document = {"textDocument": {"uri": Path(source).as_uri()}}
            assert server.ask("textDocument/documentSymbol", document)
            time.sleep(options.rest)
            process = psutil.Process(server.pid)
            processes = [process, *process.children(recursive=True)]
            before = [(one.cpu_times(), wake_ups(one)) for one in processes]
            time.sleep(options.seconds)
            cpu_s = sum(
                sum(one.cpu_times()[:2]) - sum(then[:2])
                for one, (then, _) in zip(processes, before, strict=True)
            )
            woken = sum(wake_ups(one) - count for one, (_, count) in zip(processes, before, strict=True))
    found = {
        "seconds": options.seconds,
        "processes": len(processes),
        "cpu_s": round(cpu_s, 3),
        "wake_ups": woken,
    }
    print(json.dumps(found))
    return int(cpu_s > 0 or woken > options.seconds / 10)


if __name__ == "__main__":
    raise SystemExit(main())
