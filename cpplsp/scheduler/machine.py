"""What the machine and the cgroups around this process leave it: read from ``/proc`` and ``/sys/fs/cgroup``."""

import contextlib
import os
import resource
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import psutil

from cpplsp.scheduler.capacity import Machine

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_UNLIMITED_BYTES = 1 << 60
"""cgroup v1 writes "no limit" as a number above this."""


def read_machine(cgroup_file: str = "/proc/self/cgroup", cgroup_root: str = "/sys/fs/cgroup") -> Machine:
    """Look at the machine as it is now."""
    memory = psutil.virtual_memory()
    folders = list(_folders(cgroup_file, cgroup_root))
    quotas = [quota for quota in map(_cpu_quota, folders) if quota is not None]
    free = [room for room in map(_memory_free, folders) if room is not None]
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(
        cpus=max(1, min([cpus, *(int(quota + 0.5) for quota in quotas)])),
        total_bytes=memory.total,
        available_bytes=memory.available,
        cgroup_free_bytes=max(0, min(free)) if free else None,
        address_space_bytes=_address_space_bytes(),
    )


def _address_space_bytes() -> int | None:
    """What this process, and each that it starts, may map (``ulimit -v``)."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY or soft >= _UNLIMITED_BYTES else soft


def _folders(cgroup_file: str, cgroup_root: str) -> Iterator[str]:
    """The folders of this process's cgroups and of all around them: a limit holds for all that is inside."""
    for line in _lines(cgroup_file):
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        named = [
            os.path.join(cgroup_root, controller) for controller in (controllers, *controllers.split(","))
        ]
        for base in dict.fromkeys(named if controllers else [cgroup_root]):
            folder = os.path.normpath(base + "/" + path)
            while folder.startswith(base):
                if os.path.isdir(folder):
                    yield folder
                folder = os.path.dirname(folder)


def _cpu_quota(folder: str) -> float | None:
    """CPUs' worth of time that a cgroup may use (v2: ``cpu.max``; v1: ``cpu.cfs_*``)."""
    words = " ".join(_lines(os.path.join(folder, "cpu.max"))).split() or [
        *_lines(os.path.join(folder, "cpu.cfs_quota_us")),
        *_lines(os.path.join(folder, "cpu.cfs_period_us")),
    ]
    if len(words) != 2 or not all(word.isdecimal() for word in words) or words[1] == "0":
        return None
    return int(words[0]) / int(words[1])


def _memory_free(folder: str) -> int | None:
    """Bytes that a cgroup may still take (v2: ``memory.max``; v1: ``memory.limit_in_bytes``).

    File pages can be dropped and do not count as taken: those that we map count as ours (:func:`tree_memory`).
    """
    for most, taken, droppable in (
        ("memory.max", "memory.current", ("inactive_file", "active_file")),
        (
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            ("total_inactive_file", "total_active_file"),
        ),
    ):
        limit, used = _number(folder, most), _number(folder, taken)
        if limit is not None and used is not None and limit < _UNLIMITED_BYTES:
            statistics = dict(
                line.split(maxsplit=1) for line in _lines(os.path.join(folder, "memory.stat")) if " " in line
            )
            return limit - max(used - sum(int(statistics.get(name, 0)) for name in droppable), 0)
    return None


def _number(folder: str, name: str) -> int | None:
    text = "".join(_lines(os.path.join(folder, name)))
    return int(text) if text.isdecimal() else None


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            return stream.read().split("\n")[:-1]
    except OSError:
        return []


class Taken(NamedTuple):
    """Memory of a process in bytes: its proportional set size, and what of that is no file's.

    Of a page that n processes share, each has 1/n. Without ``/proc`` (macOS) both are what is unique to the process.
    """

    size: int
    anonymous: int


def tree_memory(pids: Iterable[int]) -> dict[int, Taken]:
    """What processes take, by pid. One that is gone is left out."""
    found = {}
    for pid in pids:
        try:
            found[pid] = _taken(pid)
        except (OSError, psutil.Error):
            continue
    return found


def tree_bytes(pids: Iterable[int]) -> dict[int, int]:
    """The proportional set sizes of processes, by pid. One that is gone is left out."""
    return {pid: taken.size for pid, taken in tree_memory(pids).items()}


def _taken(pid: int) -> Taken:
    path = f"/proc/{pid}/smaps_rollup"
    if not os.path.exists("/proc/self/smaps_rollup"):
        unique = int(psutil.Process(pid).memory_full_info().uss)
        return Taken(unique, unique)
    fields = dict.fromkeys((b"Pss:", b"Pss_Anon:"), 0)
    with open(path, "rb") as stream:
        for line in stream:
            name, _, rest = line.partition(b" ")
            if name in fields:
                fields[name] = int(rest.split()[0]) * 1024
    return Taken(*fields.values())


def _field_bytes(path: str, name: bytes) -> int | None:
    """A line of ``/proc`` that gives KiB; None where there is none of this name. Raises OSError."""
    with open(path, "rb") as stream:
        for line in stream:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return None


def private_bytes(pids: Iterable[int]) -> dict[int, int]:
    """Memory of processes that is no file's, by pid: a quick look (10 µs), without what was shared by forking.

    Pages that a worker has from its parent and has not written are counted (some MiB). Without ``/proc``: nothing.
    """
    found = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/statm", "rb") as stream:
                fields = stream.read().split()
        except OSError:
            continue
        if len(fields) > 2:
            found[pid] = (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
    return found


def data_bytes(pid: int) -> int | None:
    """What a process has mapped for its own writing, touched or not: what RLIMIT_DATA limits. None where unknown."""
    try:
        return _field_bytes(f"/proc/{pid}/status", b"VmData:")
    except OSError:
        return None


def limit_data(pid: int, limit_bytes: int) -> None:
    """Let the kernel refuse a process memory for data beyond this (Linux; setrlimit(2), RLIMIT_DATA)."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        _, most = resource.prlimit(pid, resource.RLIMIT_DATA)
        limit = limit_bytes if most == resource.RLIM_INFINITY else min(limit_bytes, most)
        resource.prlimit(pid, resource.RLIMIT_DATA, (limit, most))


def look_at(pid: int) -> tuple[str, float] | None:
    """The state of a process as proc(5) has it (``R``, ``S``, ``D``, ``T`` …) and its CPU seconds; None if unknown."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
    except OSError:
        return None
    if len(fields) < 13:
        return None
    return fields[0].decode(), (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
