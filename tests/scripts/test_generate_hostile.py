"""The hostile project: whatever its units do, the run comes to its end and the ordinary ones are indexed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cpplsp.facts import FAILED_STATES, UnitState
from cpplsp.store.connection import open_reader

SCRIPT = Path(__file__).parents[2] / "scripts" / "generate_hostile.py"
ENDLESS = {"template_endless", "constexpr_endless", "pragma_overflow_stack", "include_pipe", "include_device"}
"""They go on until somebody stops them, at any scale: not here."""
CRASHING = {"pragma_crash", "pragma_parser_crash", "pragma_fatal_error"}
NO_FILES = {"source_pipe", "source_folder", "source_device"}
WRONG = {"include_itself", "include_chain", "source_garbage", "comment_without_end"}


def units() -> list[str]:
    shown = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True)
    return shown.stdout.split("Hostile units:")[1].replace(".", "").replace(",", " ").split()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, UnitState], str]:
    """The summary of a run, the state of each unit, and what was written to stderr."""
    folder = tmp_path_factory.mktemp("hostile")
    names = [name for name in units() if name not in ENDLESS]
    command = [sys.executable, SCRIPT, folder / "project", "--scale", "0.03", "--only", *names]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(
        [sys.executable, "-m", "cpplsp", "--index-only", folder / "project", "--json", "--cache-dir", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    reader = open_reader(summary["cache_path"])
    rows = reader.execute("SELECT f.path, u.state FROM unit u JOIN file f ON f.id = u.file").fetchall()
    reader.close()
    states = {path.removesuffix("/main.cc"): UnitState(state) for path, state in rows}
    return summary, states, done.stderr


def test_there_are_twenty_at_least() -> None:
    assert len(units()) >= 20
    assert set(units()) > ENDLESS | CRASHING | NO_FILES | WRONG


def test_ordinary_units_are_indexed(found: tuple[dict[str, Any], dict[str, UnitState], str]) -> None:
    states = found[1]
    assert [states[f"ordinary/unit{number}.cc"] for number in range(5)] == [UnitState.INDEXED] * 5


def test_each_of_the_others_is_indexed_or_failed_with_a_reason(
    found: tuple[dict[str, Any], dict[str, UnitState], str],
) -> None:
    summary, states, errors = found
    reasons = {one["file"].removesuffix("/main.cc"): one["reason"] for one in summary["failed"]}
    assert {name for name, state in states.items() if state == UnitState.ERRORS} == WRONG
    reasons["source_device"] = reasons.pop("/dev/zero")  # what it is a link to
    assert reasons.keys() >= CRASHING | NO_FILES
    assert {states[name] for name in CRASHING} <= FAILED_STATES
    assert all(reasons[name].startswith("cannot read it: ") for name in NO_FILES)
    assert all(reasons.values())
    assert "Traceback" not in errors
