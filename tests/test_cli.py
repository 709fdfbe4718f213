"""The command line: what it takes, what it says, and how it ends."""

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cpplsp import __version__, cli, commandline
from cpplsp.config import flag_name, options

COMMANDS = ("status", "query", "doctor", "cache", "completion")


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``cpplsp ARGUMENTS…`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cpplsp", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("COLUMNS", "80")


def test_the_version_is_told() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"cpplsp {__version__}\n")


def test_help_names_every_command_and_setting_on_one_screen() -> None:
    done = run("--help")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    for wanted in ("--index-only [ROOT]", "--tcp", "--json", *(f"  {name} " for name in COMMANDS)):
        assert wanted in done.stdout
    for name, option in options():
        assert f"{flag_name(name)} {option.value}" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_is_its_own_and_fits_a_screen(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: cpplsp {command} ")
    lines = done.stdout.splitlines()
    assert (len(lines) <= 24, max(map(len, lines)) <= 80) == (True, True)
    assert "--help-settings" in done.stdout


def test_every_setting_is_explained() -> None:
    done = run("--help-settings")
    text = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    for name, option in options():
        assert f"{flag_name(name)} {option.value}" in text
        assert " ".join(option.doc.split()) in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate' (choose from"),
        (["query"], "the following arguments are required: ASKED, WHAT"),
        (["query", "hover", "main"], "argument ASKED: invalid choice: 'hover'"),
        (["query", "definition"], "the following arguments are required: WHAT"),
        (["status", ".", ".."], "unrecognized arguments: .."),
        (["status", "--watch", "--json"], "--watch does not go with --json"),
        (["--json", "status", "--watch"], "--watch does not go with --json"),
        (["--json", "completion", "bash"], "--json does not go with completion"),
        (["completion", "bash", "--json"], "unrecognized arguments: --json"),
        (["--index-only", ".", "--watch"], "unrecognized arguments: --watch"),
        (["--watch"], "unrecognized arguments: --watch"),
        (["--retry-failed"], "--retry-failed goes with --index-only"),
        (["status", "no/such/folder"], "no/such/folder is not a folder"),
        (["cache", "prune", "--older-than", "never"], "'never' is no number of days"),
        (["cache", "prune", "--max-size", "50%"], "'50%' is no size: write it like 4G or 512M"),
        (["completion", "cmd.exe"], "invalid choice: 'cmd.exe'"),
        (["--index-only", ".", ".."], "--index-only takes one ROOT"),
        (["--index-only", "no/such/folder"], "no/such/folder is not a folder"),
        (["--stdio", "--index-only"], "not allowed with argument"),
        (["--tcp", "nowhere"], "'nowhere' is not [HOST:]PORT"),
        (["--tcp", "70000"], "'70000' is not [HOST:]PORT"),
        (["--job", "3"], "unrecognized arguments: --job"),
    ],
)
def test_wrong_usage_is_explained_and_ends_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_ends_with_1_and_no_traceback(tmp_path: Path) -> None:
    done = run("--index-only", str(tmp_path), "--jobs", "many")
    assert done.returncode == 1
    assert done.stderr == "cpplsp: the command line: `jobs`: 'many' is not a whole number from 1 up\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7777", ("127.0.0.1", 7777)),
        ("localhost:0", ("localhost", 0)),
        (":7777", ("127.0.0.1", 7777)),
        ("[::1]:7777", ("::1", 7777)),
    ],
)
def test_the_server_listens_on_loopback_unless_told(text: str, expected: tuple[str, int]) -> None:
    assert commandline.address(text) == expected


def test_streams_that_are_closed_cost_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int a;\n")
    command = f"{shlex.quote(sys.executable)} -m cpplsp"
    for line in (
        f"{command} --index-only {tmp_path} >&-",
        f"{command} --index-only {tmp_path} <&- >&- 2>&-",
        f"{command} status {tmp_path} <&- >&-",
    ):
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_a_server_without_a_client_says_so_by_its_exit_code() -> None:
    for closed in ("<&-", "</dev/null >&-"):
        line = f"{shlex.quote(sys.executable)} -m cpplsp --stdio {closed}"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (1, "")


def test_a_person_who_starts_a_server_in_a_terminal_is_told_what_it_is() -> None:
    ours, terminal = pty.openpty()
    command = [sys.executable, "-m", "cpplsp"]
    with subprocess.Popen(
        command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        os.close(terminal)
        assert server.stderr is not None
        told = "".join(server.stderr.readline() for _ in range(3))
        server.send_signal(signal.SIGINT)  # what Ctrl-C is
        out, err = server.communicate()
        os.close(ours)
    assert told.startswith("cpplsp is a language server")
    assert "`cpplsp --help`" in told
    assert max(map(len, told.splitlines())) <= 80
    assert (server.returncode, out, err) == (128 + signal.SIGINT, "", "")


def test_a_full_disk_under_the_answer_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int a;\n")
    assert run("--index-only", str(tmp_path)).returncode == 0
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cpplsp", "status", str(tmp_path)],
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "cpplsp: the system says: No space left on device\n"


@pytest.mark.parametrize("arguments", [["status"], ["--index-only", "/"], ["--stdio"]])
def test_a_folder_that_is_gone_is_said(tmp_path: Path, arguments: list[str]) -> None:
    command = shlex.join([sys.executable, "-m", "cpplsp", *arguments])
    line = f"mkdir gone && cd gone && rmdir ../gone && {command}"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("cpplsp: the folder in which this was started is gone")


@pytest.mark.parametrize(("text", "code"), [("", 1), ('{"file": "a.c"}', 1), ("[]", 0)])
def test_a_database_that_holds_nothing_is_no_success_if_it_is_broken(
    tmp_path: Path, text: str, code: int
) -> None:
    (tmp_path / "compile_commands.json").write_text(text)
    done = run("--index-only", str(tmp_path))
    assert done.returncode == code
    assert ("compile_commands.json:1:1: not valid JSON" in done.stdout) is bool(code)
    assert ("it is empty, so there is nothing to index. Configure" in done.stdout) is not bool(code)


def test_each_command_is_carried_out(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.c").write_text("int a;\n")

    def told(*arguments: str) -> Any:
        done = run(*arguments, "--json", cwd=root)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    assert told("cache", "path") == {"path": (path := told("cache", "path")["path"]), "exists": False}
    assert told("--index-only")["indexed"] == 1
    assert told("--root", str(root), "status")["units"] == {"indexed": 1}
    assert [one["line"] for one in told("query", "definition", "a")] == [1]
    assert told("doctor")["ok"] is True
    [held] = told("cache", "list")["indexes"]
    assert (held["path"], held["root"], held["gone"]) == (path, str(root), False)
    assert told("cache", "prune")["deleted"] == []
    dry = told("cache", "prune", "--max-size", "0", "--dry-run")
    assert ([one["path"] for one in dry["would_delete"]], dry["deleted"]) == ([path], [])
    assert told("cache", "path")["exists"] is True
    assert [one["path"] for one in told("cache", "prune", "--older-than", "0")["deleted"]] == [path]
    assert told("cache", "path")["exists"] is False
    assert run("completion", "bash").stdout.startswith("#")


def test_something_wrong_ends_the_doctor_with_1(tmp_path: Path) -> None:
    done = run("doctor", str(tmp_path))
    assert done.returncode == 1
    assert f"WRONG compile commands: there is nothing to index in {tmp_path}" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("checks found something wrong")
