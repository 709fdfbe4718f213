"""What is watched: code and what says how it is compiled, as glob patterns of the protocol."""

import re

import pytest

from cpplsp.lsp.watching import GLOBS, changes_settings, file_watcher


def matches(path: str) -> bool:
    """Whether a pattern takes a path: the protocol's ``**/``, ``*`` and ``{a,b}`` are all that is used."""
    for glob in GLOBS:
        text = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        text = re.sub(r"\\\{(.*?)\\\}", lambda found: f"(?:{found[1].replace(',', '|')})", text)
        if re.fullmatch(text, path):
            return True
    return False


@pytest.mark.parametrize(
    ("path", "is_watched"),
    [
        ("a.cc", True),
        ("src/deep/a.cpp", True),
        ("a.c++", True),
        ("include/x.hpp", True),
        ("x.inl", True),
        ("build/compile_commands.json", True),
        ("compile_flags.txt", True),
        ("sub/.clangd", True),
        (".cpplsp.toml", True),
        ("README.md", False),
        ("a.o", False),
        ("a.cc.tmp", False),
        ("package.json", False),
    ],
)
def test_what_the_index_depends_on_is_watched(path: str, is_watched: bool) -> None:
    assert matches(path) == is_watched


def test_the_request_has_a_pattern_for_each() -> None:
    assert [watcher.glob_pattern for watcher in file_watcher().register_options.watchers] == list(GLOBS)


def test_the_projects_own_file_changes_settings() -> None:
    assert changes_settings("/project/.cpplsp.toml")
    assert not changes_settings("/project/compile_commands.json")
