"""What the machine and its cgroups leave this process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpplsp.scheduler.machine import (
    data_bytes,
    limit_data,
    look_at,
    private_bytes,
    read_machine,
    tree_bytes,
)

GIB = 1 << 30


def make(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


def read(tmp_path: Path, cgroup: str, files: dict[str, str]) -> tuple[int, int | None]:
    make(tmp_path / "fs", files)
    (tmp_path / "cgroup").write_text(cgroup + "\n")
    machine = read_machine(str(tmp_path / "cgroup"), str(tmp_path / "fs"))
    return machine.cpus, machine.cgroup_free_bytes


CPUS = len(os.sched_getaffinity(0))


def test_without_cgroups_affinity_and_the_machine_count(tmp_path: Path) -> None:
    machine = read_machine(str(tmp_path / "none"), str(tmp_path))
    assert machine.cpus == CPUS
    assert 0 < machine.available_bytes <= machine.total_bytes
    assert machine.cgroup_free_bytes is None


def test_version_2_the_tightest_limit_of_all_around_holds(tmp_path: Path) -> None:
    cpus, free = read(
        tmp_path,
        "0::/user/job",
        {
            "memory.stat": "inactive_file 0",
            "user/memory.max": str(4 * GIB),
            "user/memory.current": str(3 * GIB),
            "user/memory.stat": f"anon 5\ninactive_file {GIB // 2}\nactive_file {GIB // 2}\nslab 3",
            "user/cpu.max": "max 100000",
            "user/job/memory.max": "max",
            "user/job/memory.current": str(GIB),
            "user/job/cpu.max": "100000 100000",
        },
    )
    assert cpus == 1
    assert free == 2 * GIB


def test_version_1_has_a_folder_for_each_controller(tmp_path: Path) -> None:
    cpus, free = read(
        tmp_path,
        "5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/",
        {
            "memory/job/memory.limit_in_bytes": str(2 * GIB),
            "memory/job/memory.usage_in_bytes": str(GIB),
            "memory/job/memory.stat": f"total_inactive_file {GIB // 4}\ntotal_active_file {GIB // 4}",
            "memory/memory.limit_in_bytes": "9223372036854771712",
            "memory/memory.usage_in_bytes": "5",
            "cpu,cpuacct/job/cpu.cfs_quota_us": "50000",
            "cpu,cpuacct/job/cpu.cfs_period_us": "100000",
        },
    )
    assert cpus == 1
    assert free == 3 * GIB // 2


@pytest.mark.parametrize("quota", ["-1", "max 100000", "0 0", "nonsense"])
def test_a_quota_that_is_none_or_nonsense_limits_nothing(tmp_path: Path, quota: str) -> None:
    assert read(tmp_path, "0::/", {"cpu.max": quota}) == (CPUS, None)


def test_a_limited_address_space_is_known() -> None:
    code = "from cpplsp.scheduler.machine import read_machine; print(read_machine().address_space_bytes)"
    command = f"ulimit -v 900000; exec {sys.executable} -c '{code}'"
    limited = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert limited.stdout == f"{900000 * 1024}\n"


def test_a_process_can_be_looked_at_and_limited() -> None:
    code = (
        "print(flush=True); input(); x = bytearray(64 << 20); print(flush=True); input()\n"
        "try:\n x += bytearray(400 << 20)\nexcept MemoryError:\n print('refused', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as child:
        assert child.stdin
        assert child.stdout
        child.stdout.readline()
        before = private_bytes([child.pid])[child.pid]
        child.stdin.write(b"\n")
        child.stdout.readline()
        assert 60 << 20 < private_bytes([child.pid])[child.pid] - before < 80 << 20
        mapped = data_bytes(child.pid)
        assert mapped is not None
        assert mapped > 64 << 20
        found = look_at(child.pid)
        assert found is not None
        assert found[0] in "RS"
        assert found[1] >= 0
        limit_data(child.pid, mapped + (100 << 20))
        child.stdin.write(b"\n")
        assert child.stdout.readline() == b"refused\n"
    assert private_bytes([child.pid]) == {}
    assert look_at(child.pid) is None
    assert data_bytes(child.pid) is None
    limit_data(child.pid, 1 << 30)  # nobody is there to be limited


def test_memory_of_processes_is_what_the_system_says() -> None:
    command = [sys.executable, "-c", "x = bytearray(64 << 20); print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        sizes = tree_bytes([child.pid, os.getpid()])
        assert 64 << 20 < sizes[child.pid] < 128 << 20
        assert sizes[os.getpid()] > 1 << 20
        child.communicate(b"\n")
    assert tree_bytes([child.pid]) == {}
