"""Tokens, and brackets that belong together."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.text.lexer import BRACKETS, TOKENS, TOKENS_IN_DIRECTIVE, Nesting, directive_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a<b>>c", ["a", "<", "b", ">", ">", "c"]),
        ("a->b::c...", ["a", "->", "b", "::", "c", "..."]),
        ("x<<=1 <=> .5f+1e-3", ["x", "<<=", "1", "<=>", ".5f", "+", "1e-3"]),
        ("1'000'000ull", ["1'000'000ull"]),
        ('R"x(")")x" u8R"(a)" L"b"', ['R"x(")")x"', 'u8R"(a)"', "L", '"b"']),
        ("'\\'' \"\\\"\" '", ["'\\''", '"\\""', "'"]),
        ('f("a\ng', ["f", "(", '"a', "g"]),
        ("ä $b", ["ä", "$b"]),
        ("/* a // b */ c // d \\\n e\nf", ["/* a // b */", "c", "// d \\\n e", "f"]),
        ("#define F(x) \\\n {\n{", ["#define F(x) \\\n {", "{"]),
        ("\ufeff#if 1\na", ["#if 1", "a"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    raw = text.encode()
    begin = 3 if text.startswith("\ufeff") else 0
    assert [match.group().decode() for match in TOKENS.finditer(raw, begin)] == expected


def test_in_a_directive_there_is_no_other_one() -> None:
    assert [match.group() for match in TOKENS_IN_DIRECTIVE.finditer(b"#a")] == [b"#", b"a"]


@pytest.mark.parametrize(
    ("directive", "name"),
    [(b"#if A", b"if"), (b"  #  pragma region x", b"region"), (b"# 12", b"12"), (b"#", b"")],
)
def test_names_of_directives(directive: bytes, name: bytes) -> None:
    assert directive_name(directive) == name


def pairs(text: str) -> list[tuple[int, int]]:
    """The offsets of brackets that belong together, in the order in which they close."""
    nesting = Nesting()
    found = []
    for match in BRACKETS.finditer(text.encode()):
        if (
            match.lastgroup == "bracket"
            and (opened := nesting.bracket(match.group(), match.start())) is not None
        ):
            found.append((opened, match.start()))
        elif match.lastgroup == "directive":
            nesting.directive(directive_name(match.group()), *match.span())
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("([]{})", [(1, 2), (3, 4), (0, 5)]),
        ("(]", []),
        ("{(}", [(0, 2)]),
        ("{(}) []", [(0, 2), (5, 6)]),
        ("'(' \"(\" /*(*/ ()", [(14, 15)]),
    ],
)
def test_brackets(text: str, expected: list[tuple[int, int]]) -> None:
    assert pairs(text) == expected


def test_what_opens_in_each_branch_closes_once() -> None:
    assert pairs("#if A\n(\n#else\n(\n#endif\n)") == [(6, 23)]


def test_a_bracket_leaves_a_thousand_open_and_no_more() -> None:
    assert pairs("{" + "(" * 999 + "}") == [(0, 1000)]
    assert pairs("{" + "(" * 1000 + "}") == []


def test_a_branch_is_told_where_it_ends() -> None:
    nesting = Nesting()
    told = [
        nesting.directive(name, at, at + 1) for at, name in enumerate((b"if", b"else", b"endif", b"endif"))
    ]
    assert told == [None, 1, 2, None]


@given(st.text(alphabet="{}()[]\"'/*\\\n#if10 R", max_size=60))
def test_tokens_of_any_text_are_in_order(text: str) -> None:
    spans = [match.span() for match in TOKENS.finditer(text.encode())]
    assert all(begin < end for begin, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
