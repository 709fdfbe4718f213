"""Splitting commands: a table, and ``shlex`` where it does as a shell does."""

import shlex

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cpplsp.project.shell import split_command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("   \t\n", []),
        ("g++ -c a.cc", ["g++", "-c", "a.cc"]),
        ("  g++\t-c\r\na.cc  ", ["g++", "-c", "a.cc"]),
        (r"-DX=\"text\"", ['-DX="text"']),
        (r"a\ b c", ["a b", "c"]),
        (r"'a b' 'c\'", ["a b", "c\\"]),
        (r'"a b" "c\"d" "e\\f"', ["a b", 'c"d', "e\\f"]),
        (r'"-DX=\"a b\""', ['-DX="a b"']),
        ("a'b c'd\"e f\"g", ["ab cde fg"]),
        ("'' \"\" a''", ["", "", "a"]),
        # In double quotes a backslash goes before a few characters only, as POSIX says (and shlex does not know).
        (r'"\$x \` \n"', [r"$x ` \n"]),
        ("a \\\n b", ["a", "b"]),
        ("a\\\nb", ["ab"]),
        ('"a\\\nb"', ["ab"]),
        # No expansion of any kind.
        ("$HOME *.cc `ls` ~ a;b", ["$HOME", "*.cc", "`ls`", "~", "a;b"]),
        # White space of other scripts is part of a name.
        ("a\u00a0b c\u2003d e\x0bf", ["a\u00a0b", "c\u2003d", "e\x0bf"]),
        # What is not closed reaches to the end.
        ("a 'b c", ["a", "b c"]),
        ('a "b c', ["a", "b c"]),
        ('a "b\\', ["a", "b"]),
        ("a b\\", ["a", "b"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert split_command(text) == words


TEXTS = st.text(st.sampled_from("ab-= \t\n'\"\\") | st.characters(codec="utf-8"))


@given(TEXTS)
@example("a 'b' \"c\" d\\ e")
@example('x"\\\\"y')
def test_it_splits_as_shlex_does(text: str) -> None:
    try:
        expected = shlex.split(text)
    except ValueError:  # a quote or an escape that does not end
        assume(False)
    for pair in ("\\$", "\\`", "\\\n"):  # shlex knows none of them
        assume(pair not in text)
    assert split_command(text) == expected


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_what_was_quoted_comes_back(words: list[str]) -> None:
    assert split_command(shlex.join(words)) == words


@given(TEXTS)
def test_it_takes_anything(text: str) -> None:
    assert all(isinstance(word, str) for word in split_command(text))
