"""Tokens against names, and facts that are the same however they were collected."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.content import content_hash
from cpplsp.facts import Declaration, FileVersion, Kind, Role
from cpplsp.worker.assemble import file_facts, partial_facts, spells, token_at
from cpplsp.worker.files import Declared, Named, SourceFile


@pytest.mark.parametrize(
    ("text", "name", "token", "spelled"),
    [
        ("abc(", "abc", "abc", True),
        ("abcd", "abc", "abcd", False),
        ("_a1$;", "_a1$", "_a1$", True),
        ("größe+", "größe", "größe", True),
        ("~ C()", "~C", "~ C", True),
        ("~C()", "~C", "~C", True),
        ("~c", "operator~", "~", True),
        ("operator +", "operator+", "operator", True),
        ("+= b", "operator+=", "+=", True),
        ("+ b", "operator+=", "+", False),
        ("<=> b", "operator<=>", "<=>", True),
        ("<<= b", "operator<<=", "<<=", True),
        ("->*m", "operator->*", "->*", True),
        ("->m", "operator->", "->", True),
        ("(1)", "operator()", "(", True),
        ("()", "operator()", "()", True),
        ("[1]", "operator[]", "[", True),
        ("new T", "operator new", "new", True),
        ("new T[2]", "operator new[]", "new", True),
        ("delete[] p", "operator delete[]", "delete", True),
        ("bo;", "operator bool", "bo", False),
        ("bool(", "operator bool", "bool", True),
        ("_km", 'operator""_km', "_km", True),
        ("_km", 'operator"" _km', "_km", True),
        ("!= b", "operator==", "!=", False),
        ("string s", "basic_string", "string", False),
        ("{", "", "{", False),
        ("", "x", "", False),
        ("\\u00e4b", "äb", "\\u00e4b", True),
        ("\\U000000e4b", "äb", "\\U000000e4b", True),
        ("\\u00e5b", "äb", "\\u00e5b", False),
    ],
)
def test_tokens_and_what_they_spell(text: str, name: str, token: str, spelled: bool) -> None:
    found = token_at(text.encode(), 0, name)
    assert found.decode() == token
    assert spells(found, name) is spelled


@given(
    st.binary(max_size=40), st.integers(0, 45), st.sampled_from(["x", "~x", "operator()", 'operator""_x', ""])
)
def test_any_bytes_have_a_token(text: bytes, offset: int, name: str) -> None:
    token = token_at(text, offset, name)
    assert text[offset:].startswith(token)
    assert bool(token) is (offset < len(text))
    assert spells(token, name) in (True, False)


@given(
    st.from_regex(re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,9}"), fullmatch=True),
    st.sampled_from([" ", "(", ";", "+", "\n"]),
)
def test_a_name_is_its_own_token(name: str, behind: str) -> None:
    token = token_at((name + behind).encode(), 0, name)
    assert (token.decode(), spells(token, name)) == (name, True)


TEXT = b"int f();\nint g = f() + f();\n"
NAMES = {1: "f", 2: "g", 3: "h"}


def source(named: list[Named], declared: list[Declared]) -> SourceFile:
    made = SourceFile(1, "/nowhere/a.cc", "project\0a.cc", is_ours=True, is_collected=True)
    made.occurrences = list(named)
    made.declarations = list(declared)
    return made


def test_facts_do_not_depend_on_the_order_of_collecting() -> None:
    named = [Named(4, 1, 1, 0), Named(13, 2, 2, 0), Named(17, 1, 36, 2), Named(23, 1, 36, 2)]
    declared = [
        Declared(4, 1, False, Kind.FUNCTION, 0, 7, "f", "", 0, False),
        Declared(13, 2, True, Kind.VARIABLE, 9, 26, "g", "", 0, False),
    ]
    content = content_hash(TEXT)
    all_of_them = [
        file_facts(source(list(one), list(two)), TEXT, content, NAMES)
        for one in itertools.permutations(named)
        for two in itertools.permutations(declared)
    ]
    assert all(facts == all_of_them[0] for facts in all_of_them)
    places = [(one.line, one.column, one.length) for one in all_of_them[0].occurrences]
    assert places == [(0, 4, 1), (1, 4, 1), (1, 8, 1), (1, 14, 1)]
    (first, second) = all_of_them[0].declarations
    assert (first.line, first.column, first.begin_column, first.end_column) == (0, 4, 0, 7)
    assert (second.line, second.begin_line, second.begin_column, second.end_column) == (1, 1, 0, 17)


def test_one_place_of_a_symbol_has_all_its_roles() -> None:
    facts = file_facts(source([Named(17, 1, 4, 2), Named(17, 1, 32, 2)], []), TEXT, b"", NAMES)
    (found,) = facts.occurrences
    assert (Role(found.roles), found.enclosing) == (Role.REFERENCE | Role.CALL, 2)


def test_of_declarations_of_a_symbol_at_one_place_the_telling_one_is_kept() -> None:
    vague = Declared(4, 1, False, Kind.UNKNOWN, 4, 5, "f", "", 0, False)
    known = Declared(4, 1, False, Kind.FUNCTION, 0, 7, "f", "", 0, False)
    defined = Declared(4, 1, True, Kind.FUNCTION, 0, 7, "f", "", 0, False)
    for given_, kept in (([vague, known], known), ([defined, known], defined), ([known, vague], known)):
        (found,) = file_facts(source([], given_), TEXT, b"", NAMES).declarations
        assert (found.kind, found.definition) == (kept.kind, kept.definition)


def test_what_is_not_spelled_is_implicit_whatever_clang_says() -> None:
    named = [Named(17, 1, int(Role.CALL | Role.IMPLICIT), 0), Named(17, 3, int(Role.CALL), 0)]
    roles = {
        one.symbol: Role(one.roles) for one in file_facts(source(named, []), TEXT, b"", NAMES).occurrences
    }
    assert roles == {1: Role.CALL, 3: Role.CALL | Role.IMPLICIT}


def test_the_digest_tells_facts_apart_and_contents() -> None:
    def digest(named: list[Named], content: bytes) -> bytes:
        return file_facts(source(named, []), TEXT, content, NAMES).digest

    one = digest([Named(17, 1, 4, 0)], b"content")
    assert one == digest([Named(17, 1, 4, 0)], b"content")
    assert one != digest([Named(17, 1, 4, 2)], b"content")
    assert one != digest([Named(17, 1, 4, 0)], b"other")


def test_partial_facts_do_not_count_a_mark() -> None:
    given_ = [
        Declaration(0, 7, 1, "ä", int(Kind.FUNCTION), False, 0, 7, 0, 9, "", 0, False),
        Declaration(1, 4, 2, "b", int(Kind.FUNCTION), True, 1, 4, 1, 5, "", 0, False),
    ]
    facts = partial_facts(FileVersion("/o.h", b"content"), b"", given_, [], has_mark=True)
    assert [(one.line, one.column, one.end_column) for one in facts.declarations] == [(0, 4, 6), (1, 4, 5)]
    assert [(one.line, one.column, one.length, Role(one.roles)) for one in facts.occurrences] == [
        (0, 4, 2, Role.DECLARATION),
        (1, 4, 1, Role.DEFINITION),
    ]
    assert facts.partial
