"""The generator of big projects: what it writes is a project, and parses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.reading import check_reads

from cpplsp.config import Settings
from cpplsp.project.project import Project

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(SCRIPTS / script), *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated") / "out"
    done = run("generate_project.py", str(out), "--units", "100", "--megabytes", "0.6", "--seed", "3")
    assert done.returncode == 0, done.stderr
    return out


def test_the_database_has_the_size_and_the_units(project: Path) -> None:
    database = project / "build" / "compile_commands.json"
    assert abs(database.stat().st_size - 600_000) < 2_000
    entries = json.loads(database.read_text())
    assert len({entry["file"] for entry in entries}) == 100
    assert all(Path(entry["file"]).is_file() for entry in entries)
    assert all(len(entry["command"]) > 5_000 for entry in entries)


def test_its_units_parse(project: Path) -> None:
    opened = Project.open(str(project), Settings())
    commands = list(opened.commands())
    assert (len(commands), opened.complete) == (100, True)
    for command in commands[:40:10]:
        check_reads(command.file, command.directory, opened.invocation(command).arguments)
    assert opened.notes == []


def test_it_is_read_in_few_ways(project: Path) -> None:
    opened = Project.open(str(project), Settings())
    assert len({opened.invocation(command).context for command in opened.commands()}) == 5


def test_the_same_seed_gives_the_same_project(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert (
        run(
            "generate_project.py", str(project), "--units", "100", "--megabytes", "0.6", "--seed", "3"
        ).returncode
        == 0
    )
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_it_does_not_write_into_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    done = run("generate_project.py", str(tmp_path), "--units", "1")
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_the_benchmark_measures_it(project: Path) -> None:
    done = run("bench_database.py", str(project))
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()[2:]]
    assert [(line[0], line[1]) for line in lines] == [
        ("empty", "0"),
        ("commands", "100"),
        ("invocations", "100"),
    ]
    assert all(float(line[-2]) > 0 for line in lines[1:])
