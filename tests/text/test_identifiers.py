"""Identifiers in a text, by its tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.text.identifiers import Text, is_identifier, is_keyword, unescape

PIECES = {
    "x": True,
    "xx": False,
    "$x": False,
    "x1": False,
    "/* x */": False,
    "// x\n": False,
    "// x \\\n x\n": False,
    '"x"': False,
    '"\\" x"': False,
    "'x'": False,
    'R"(x " x)"': False,
    'u8R"d(x )" x)d"': False,
    "1'000": False,
    "0x": False,
    "1.x": False,
    "#define F(x) x\n": None,
    "éx": False,
    "\n": False,
    "{": False,
}


@given(st.lists(st.sampled_from([piece for piece, is_name in PIECES.items() if is_name is not None])))
def test_a_name_is_found_where_it_is_one(pieces: list[str]) -> None:
    text, places = "", []
    for piece in pieces:
        text += " "
        if PIECES[piece]:
            places.append(len(text.encode()))
        text += piece
    found = Text("a.cc", text.encode()).spelled("x")
    assert [one.offset for one in found] == places
    assert all(one.length == 1 for one in found)


@given(st.text(alphabet="x{}()[]<>'\"/*\\\n#ifendR;, ", max_size=60))
def test_any_text_is_taken(content: str) -> None:
    text = Text("a.cc", content.encode())
    for one in text.spelled("x"):
        assert text.spells(one.offset, "x")
        assert text.offset(*text.place(one.offset)) == one.offset
        begin, end = text.around(one.offset)
        assert begin < one.offset <= end
        assert one.offset <= text.scope_end(one.offset) <= len(text.content)
        text.macro(one.offset)
        text.branch(one.line)


def test_a_universal_character_name_is_the_character() -> None:
    text = Text("a.cc", "int \\u00e9; int é; int \\U000000e9x;".encode())
    assert [(one.offset, one.length) for one in text.spelled("é")] == [(4, 6), (16, 2)]
    assert unescape(b"\\u00e9a") == "éa"


@pytest.mark.parametrize(
    ("code", "parameters", "names"),
    [
        ("#define M x + y\n", set(), ["x", "y"]),
        ("#define M(a, b) a + x * b\n", {"a", "b"}, ["x"]),
        ("#define M(a, ...) f(__VA_ARGS__) a\n", {"a", "__VA_ARGS__"}, ["f", "__VA_ARGS__"]),
        ("#define M(rest...) f(rest)\n", {"rest", "__VA_ARGS__"}, ["f"]),
        ("#  define \\\n  M x \\\n  y\nz\n", set(), ["x", "y"]),
        ('#define M(a) a##_x "x" #a y // z\n', {"a"}, ["y"]),
        ("#define M x##y z ## w v\n", set(), ["v"]),
        ("#define M (x)\n", set(), ["x"]),
    ],
)
def test_what_a_macro_is_made_of(code: str, parameters: set[str], names: list[str]) -> None:
    found = Text("a.h", code.encode()).macro(code.index("M"))
    assert found is not None
    assert found.parameters == parameters
    assert [name for name, _ in found.names] == names


def test_a_name_elsewhere_is_no_macro() -> None:
    text = Text("a.h", b"#define M x\nint M;\n#undef M\n")
    assert text.macro(16) is None
    assert text.macro(10) is None


def test_the_branch_of_a_line_is_the_innermost() -> None:
    text = Text("a.h", b"#if A\n1\n#ifdef B\n3\n#else\n5\n#endif\n7\n#elif C\n9\n#endif\n11\n")
    assert [text.branch(line) for line in (1, 3, 5, 7, 9, 11)] == [
        (0, 8),
        (2, 4),
        (4, 6),
        (0, 8),
        (8, 10),
        (-1, -1),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "{ int x; { } [ ] @}",
        "for (int x = 0; x < 1;) { x; @}",
        "for (int x : y) x++@; x;",
        "if (int x = f()) { @} else",
        "try {} catch (int x) { {} @}",
        "[](int x) { x; @}",
        "[x = 1](int) { x; @}",
        "f(int (*g)(int x)) { @}",
        "int x; { }@",
    ],
)
def test_where_a_local_ends(code: str) -> None:
    text = code.replace("@", "")
    assert Text("a.cc", text.encode()).scope_end(text.index("x")) == code.index("@")


@pytest.mark.parametrize("name", ["x", "_X", "__x", "a$", "$", "höhe", "x1", "变量"])
def test_what_can_be_a_name(name: str) -> None:
    assert is_identifier(name)


@pytest.mark.parametrize("name", ["", "1x", "a b", "~S", "a-b", "operator+", "a::b", "x\n", "é!"])
def test_what_cannot_be_a_name(name: str) -> None:
    assert not is_identifier(name)


@pytest.mark.parametrize(
    ("name", "in_c", "in_cpp"), [("int", True, True), ("class", False, True), ("x", False, False)]
)
def test_what_is_a_keyword(name: str, in_c: bool, in_cpp: bool) -> None:
    assert (is_keyword(name, in_c=True), is_keyword(name, in_c=False)) == (in_c, in_cpp)
