"""Memory over time: what is read from samples, and a run that is watched for real."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
import bench_memory
import memory_timeline
from memory_timeline import Sample, Timeline, Use

SCRIPTS = Path(__file__).parents[2] / "scripts"
MIB = 1 << 20
TIMELINE = Timeline(
    [
        Sample(0.0, (Use(1, "server", 40 * MIB),)),
        Sample(0.1, (Use(1, "server", 50 * MIB), Use(2, "nursery", 20 * MIB), Use(3, "worker", 200 * MIB))),
        Sample(0.2, (Use(1, "server", 60 * MIB), Use(3, "worker", 90 * MIB), Use(4, "worker", 110 * MIB))),
    ],
    wall_s=0.3,
    cpu_s=0.4,
    summary={"workers_max": 2},
)


def test_peaks_are_of_all_and_of_a_single_process() -> None:
    assert TIMELINE.peak_bytes == 270 * MIB
    assert [TIMELINE.peak_of(role) // MIB for role in memory_timeline.ROLES] == [60, 20, 200, 0]


@pytest.mark.parametrize(
    ("budget", "server", "said"),
    [
        (None, None, []),
        (270 * MIB, 60 * MIB, []),
        (
            259 * MIB,
            None,
            ["all processes took more than 259 MiB in 2 of 3 samples: 270.0 MiB at most"],
        ),
        (None, 50 * MIB, ["the server took more than 50 MiB in 1 of 3 samples: 60.0 MiB at most"]),
    ],
)
def test_a_single_sample_over_a_limit_is_told(
    budget: int | None, server: int | None, said: list[str]
) -> None:
    assert memory_timeline.over(TIMELINE, budget, server) == said


def test_each_sample_is_written_with_its_sum(tmp_path: Path) -> None:
    memory_timeline.write_csv(TIMELINE.samples[:2], str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "seconds,pid,role,pss_bytes",
        f"0.000,1,server,{40 * MIB}",
        f"0.000,,sum,{40 * MIB}",
        f"0.100,1,server,{50 * MIB}",
        f"0.100,2,nursery,{20 * MIB}",
        f"0.100,3,worker,{200 * MIB}",
        f"0.100,,sum,{270 * MIB}",
    ]


@pytest.mark.parametrize(
    ("parent", "command", "role"),
    [
        ("server", ["python", "-m", "cpplsp.worker", "--control", "5"], "nursery"),
        ("nursery", ["python", "-m", "cpplsp.worker", "--control", "5"], "worker"),
        ("server", ["g++", "-E", "-v"], "other"),
        ("other", ["cc1plus"], "other"),
    ],
)
def test_what_a_process_is_follows_from_its_parent(parent: str, command: list[str], role: str) -> None:
    assert memory_timeline.role_of(parent, command) == role


def test_a_run_is_a_line_of_the_table() -> None:
    line = bench_memory.row("p, 3 units", "off", 4, TIMELINE)
    assert line == "| p, 3 units | off | 4 | 2 | 0.3 | 0.4 | 270 | 60 | 200 |"
    assert line.count("|") == bench_memory.HEADER[0].count("|") == bench_memory.HEADER[1].count("|")


def watch(project: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPTS / "memory_timeline.py", project, "--rate", "50", *flags],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_is_watched_and_judged(tmp_path: Path) -> None:
    (tmp_path / "a.cc").write_text("#include <string>\nstd::string a;\n")
    (tmp_path / "compile_commands.json").write_text(
        f'[{{"directory": "{tmp_path}", "file": "a.cc", "command": "c++ -c a.cc"}}]'
    )
    table = tmp_path / "timeline.csv"
    good = watch(tmp_path, "-j", "1", "--csv", str(table), "--memory-budget", "1G")
    assert good.returncode == 0, good.stderr
    assert ": 1 of 1 units in " in good.stdout
    roles = {line.split(",")[2] for line in table.read_text().splitlines()[1:]}
    assert {"server", "nursery", "worker", "sum"} <= roles
    bad = watch(tmp_path, "-j", "1", "--server-at-most", "1M")
    assert bad.returncode == 1
    assert bad.stderr.startswith("over: the server took more than 1 MiB in ")


def test_a_run_that_fails_is_told_apart_from_one_that_took_too_much(tmp_path: Path) -> None:
    (tmp_path / "a.cc").write_text("int a;\n")
    (tmp_path / "compile_commands.json").write_text(
        f'[{{"directory": "{tmp_path}", "file": "a.cc", "command": "c++ -c a.cc"}}]'
    )
    failed = watch(tmp_path, "--cpplsp", "false")
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr
