"""Lines for a person: plain in a file, coloured on a terminal, and folded only where that is asked for."""

import io

import pytest

from cpplsp import styled

LINE = [("src/main.cc", "magenta"), (":7: ", ""), ("[bold] x" * 40, "bold red")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_the_text_as_it_is() -> None:
    stream = io.StringIO()
    styled.write([LINE, []], stream)
    assert stream.getvalue() == "".join(text for text, _ in LINE) + "\n\n"


def test_a_terminal_gets_colours_and_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    styled.write([LINE], stream)
    assert stream.getvalue().startswith("\x1b[35msrc/main.cc\x1b[0m:7: \x1b[1;31m[bold] x")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("note it fits here", "note it fits here\n"),
        ("note it does not fit", "note it does not\n   fit\n"),
        ("note one two three four five six", "note one two three\n   four five six\n"),
        ("note /a/path/without/an/end it", "note /a/path/without/an/end\n   it\n"),
        ("note 広い字は二つ分 one", "note\n   広い字は二つ分\n   one\n"),
        ("  → a list of words", "  → a list of\n   words\n"),
        ("", "\n"),
    ],
)
def test_lines_that_may_be_folded_are_so_at_words(
    line: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "18")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    styled.write([[(line, "magenta")]], stream, 3)
    assert stream.getvalue() == shown
    file = io.StringIO()
    styled.write([[(line, "magenta")]], file, 3)
    assert file.getvalue() == f"{line}\n"


def test_who_wants_no_colours_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    styled.write([[("src/main.cc", "magenta")]], stream)
    assert stream.getvalue() == "src/main.cc\n"


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    rows = [[("9 KiB", ""), ("a", "")], [("10 KiB", ""), ("bcd", "")]]
    lines = ["".join(text for text, _ in line) for line in styled.columns(rows, right=frozenset((0,)))]
    assert lines == [" 9 KiB  a", "10 KiB  bcd"]
