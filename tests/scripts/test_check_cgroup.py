"""Indexing in a real cgroup, where one can be made."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_the_kernel_kills_nothing_in_a_small_cgroup(tmp_path: Path) -> None:
    project = tmp_path / "project"
    generate = [
        sys.executable,
        SCRIPTS / "generate_hostile.py",
        project,
        "--ordinary",
        "6",
        "--only",
        "array_initialiser",
    ]
    subprocess.run(generate, capture_output=True, check=True)
    check = [sys.executable, SCRIPTS / "check_cgroup.py", project, "--limit", "200M", "-j", "4"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 processes killed" in done.stdout
