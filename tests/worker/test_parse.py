"""How arguments reach libclang."""

from pathlib import Path

import pytest

from cpplsp.paths import Roots
from cpplsp.worker.parse import with_own_headers


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["-DA", "-isystem", "vendor", "-O2"], ["-DA", "-O2", "-I", "vendor"]),
        (["-isystem", "{project}/vendor"], ["-I", "{project}/vendor"]),
        (["-isystem", "a", "-I", "b", "-isystem", "c"], ["-I", "b", "-I", "a", "-I", "c"]),
        (["-isystem", "{outside}"], ["-isystem", "{outside}"]),
        (["-isystem", ".."], ["-isystem", ".."]),
        (["-Xclang", "-isystem", "-Xclang", "vendor"], ["-Xclang", "-isystem", "-Xclang", "vendor"]),
        (["-isystem"], ["-isystem"]),
        ([], []),
    ],
)
def test_the_projects_own_system_folders_are_the_users(
    tmp_path: Path, given: list[str], expected: list[str]
) -> None:
    places = {"project": str(tmp_path / "p"), "outside": str(tmp_path / "o")}
    roots = Roots(places["project"])
    (tmp_path / "p").mkdir()
    found = with_own_headers([one.format(**places) for one in given], places["project"], roots)
    assert found == [one.format(**places) for one in expected]
