"""Pictures of commands: what they wrote, in its colours, with nothing loaded from elsewhere."""

import html
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "picture.py"


def draw(*arguments: "str | Path") -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_a_picture_has_what_a_command_wrote_to_its_terminal(tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    colours = r"test -t 1 && printf '\033[35msrc/main.cc\033[0m of /secret/place\n'"
    done = draw(out, colours, "echo two", "--hide", "/secret/place=~")
    assert done.returncode == 0, done.stderr
    text = html.unescape(out.read_text("utf-8")).replace("\xa0", " ")
    assert "src/main.cc" in text
    assert " of ~" in text
    assert "$ " in text
    assert ">two" in text
    assert "/secret" not in text
    assert "font-face" not in text
    assert "https://fonts" not in text


def test_a_command_that_fails_leaves_the_picture_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    out.write_text("before")
    assert draw(out, "exit 3").returncode != 0
    assert out.read_text() == "before"
