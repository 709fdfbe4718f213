"""Completion in a shell: what bash offers for a line, and that every shell gets a script it can read."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cpplsp import completion
from cpplsp.commandline import SHELLS
from cpplsp.config import flag_name, options

_ASK = """\
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
_shtab_cpplsp cpplsp "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "cpplsp.bash"
    path.write_text(completion.script("bash"))
    return path


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (["st"], {"status"}),
        ([""], {"status", "query", "doctor", "cache", "completion"}),
        (["query", ""], {"definition", "references", "symbols"}),
        (["cache", "p"], {"prune", "path"}),
        (["cache", "prune", "--older"], {"--older-than"}),
        (["--log-level", ""], {"error", "warning", "info", "debug"}),
        (["status", "--prelude", "s"], {"system"}),
        (["status", "fol"], {"folder"}),
        (["--cache-dir", "fol"], {"folder"}),
        (["--log-file", "fi"], {"file"}),
        (
            ["status", "--"],
            {"--help", "--json", "--watch", "--max-workers", *(flag_name(one) for one, _ in options())},
        ),
    ],
)
def test_bash_offers_what_can_stand_there(
    bash_script: Path, tmp_path: Path, line: list[str], offered: set[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    done = subprocess.run(
        ["bash", "-c", _ASK, "bash", bash_script, "cpplsp", *line],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_with_every_command(shell: str, tmp_path: Path) -> None:
    script = completion.script(shell)
    assert all(word in script for word in ("doctor", "references", "older-than", "cache-dir"))
    if shutil.which(shell) and shell != "tcsh":
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)
