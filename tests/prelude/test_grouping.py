"""Which contexts share a prelude, and what has no place in it."""

import pytest

from cpplsp.prelude.grouping import (
    BY_ITSELF,
    Manner,
    Mentions,
    differing,
    grouped,
    manner,
    names,
    without,
)

ARGUMENTS = [
    *("-x", "c++", "-std=c++17", "-DA=1", "-UB", "-fPIC", "-Ifolder", "-I", "/other", "-isystem", "/s"),
    *("-Xclang", "-include", "-Xclang", "config.h", "-DNDEBUG"),
]


def test_include_paths_and_the_place_of_code_do_not_matter() -> None:
    assert manner(ARGUMENTS) == Manner(
        frozenset(("-DA=1", "-UB", "-DNDEBUG")),
        ("-x", "c++", "-std=c++17", "-Xclang", "-include", "-Xclang", "config.h"),
    )


def test_small_contexts_that_differ_in_macros_go_together() -> None:
    manners = {
        "a": manner(["-x", "c++", "-DA"]),
        "b": manner(["-x", "c++", "-DB"]),
        "big": manner(["-x", "c++", "-DBIG"]),
        "c": manner(["-x", "c", "-DA"]),
    }
    waiting = {"a": 3, "b": BY_ITSELF - 1, "big": BY_ITSELF, "c": 3}
    assert grouped(manners, waiting) == [["a", "b"], ["big"], ["c"]]


def test_macros_differ_that_are_not_the_same_everywhere() -> None:
    one, other = manner(["-DA", "-DB=1", "-DC=1"]), manner(["-DA", "-DC=2", "-UD"])
    assert differing({"one": one, "other": other}) == {"one": {"B", "C"}, "other": {"C", "D"}}
    assert differing({"one": one}) == {"one": set()}


def test_arguments_without_some_macros() -> None:
    assert without(["-DA=1", "-UB", "-DAB", "-x", "c++"], {"A", "B"}) == ["-DAB", "-x", "c++"]
    assert names(["-DA=1", "-DF(x)=x", "-UB"]) == {"A", "F", "B"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"#ifdef A\n", {"A"}),
        (b"int AB; // xA", set()),
        (b"A+B", {"A", "B"}),
        (b"", set()),
    ],
)
def test_names_are_found_as_whole_words(text: bytes, found: set[str]) -> None:
    assert Mentions({"A", "B"}).find(text) == found


def test_nothing_looked_for_is_nothing_found() -> None:
    assert not Mentions(())
    assert Mentions(()).find(b"A") == set()
