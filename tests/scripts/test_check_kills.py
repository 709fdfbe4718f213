"""The check that kills at random, on a project that takes no time; and what it compares indexes by."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(script: str, *arguments: "str | Path") -> str:
    command = [sys.executable, SCRIPTS / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_index_is_that_of_an_undisturbed_run_whoever_is_killed(tmp_path: Path) -> None:
    run("generate_hostile.py", tmp_path / "project", "--ordinary", "8", "--only")
    told = run(
        "check_kills.py", tmp_path / "project", "--rounds", "3", "--victims", "worker", "nursery", "indexer"
    )
    assert told.endswith("3 of 3 rounds well, seed 1\n")


def test_what_is_missing_in_an_index_or_too_much_is_told() -> None:
    code = (
        "from index_rows import differences\n"
        "usual, other = {('a',): frozenset({(1,)})}, {('a',): frozenset({(2,)})}\n"
        "assert not differences([usual, other], other)\n"
        "assert differences([usual], other) == ['a: 1 lost [(1,)], 1 gained [(2,)]']\n"
        "assert differences([usual], {}) == ['a: 1 lost [(1,)], 0 gained []']\n"
        "assert differences([{}], usual) == ['a: 0 lost [], 1 gained [(1,)]']\n"
        "more = {('dependencies', 'a'): frozenset({1, 2})}\n"
        "less = {('dependencies', 'a'): frozenset({1})}\n"
        "assert not differences([less], more)\n"
        "assert differences([more], less)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
