"""Which comment is about a declaration, and what it says: ranges are declarations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.marked import unmark

from cpplsp.columns import line_starts
from cpplsp.facts import Kind
from cpplsp.text.comments import comment_of

F, V, C = Kind.FUNCTION, Kind.VARIABLE, Kind.CLASS
FIELD, E, M = Kind.FIELD, Kind.ENUMERATOR, Kind.MACRO
CASES: dict[str, tuple[Kind, str, str]] = {
    "line comments": (F, "// One.\n// Two.\n[[int f()]];", "One.\nTwo."),
    "documenting line comments": (F, "/// One.\n///   Two.\n[[int f()]];", "One.\n  Two."),
    "Qt's": (F, "//! One.\n[[int f()]];", "One."),
    "a block": (F, "/* One. */\n[[int f()]];", "One."),
    "a block with stars": (F, "/**\n * One.\n *\n *  Two.\n */\n[[int f()]];", "One.\n\n Two."),
    "a block without stars": (F, "/*!\n  One.\n    Two.\n*/\n[[int f()]];", "One.\n  Two."),
    "a block whose stars are a list": (F, "/*\n  * One.\n  Two.\n*/\n[[int f()]];", "* One.\nTwo."),
    "indented": (FIELD, "struct S {\n  int a;\n  // One.\n  [[int b]];\n};", "One."),
    "CRLF": (F, "// One.\r\n// Two.\r\n[[int f()]];\r\n", "One.\nTwo."),
    "on the same line": (F, "/** One. */ [[int f()]];", "One."),
    "an empty line separates": (F, "// One.\n\n[[int f()]];", ""),
    "code separates": (F, "// One.\nint g();\n[[int f()]];", ""),
    "a directive separates": (F, "// One.\n#if A\n[[int f()]];", ""),
    "documenting ones count before plain ones": (F, "// ---- f ----\n/// One.\n[[int f()]];", "One."),
    "wide characters": (F, "// Größe: 1 €\n[[int f()]];", "Größe: 1 €"),
    "what is not UTF-8": (F, "// a\udce4b\n[[int f()]];", "a\ufffdb"),
    "a byte-order mark": (F, "\ufeff// One.\n[[int f()]];", "One."),
    # Between comment and declaration
    "a macro on its line": (F, "// One.\nEXPORT\n[[int f()]];", "One."),
    "macros on their line": (
        F,
        "/// One.\n\\[[nodiscard]] _GLIBCXX20_CONSTEXPR A(1)\n[[bool\nf()]];",
        "One.",
    ),
    "attributes on their line": (F, "// One.\n\\[[nodiscard]]\n[[int f()]];", "One."),
    "specifiers before it": (C, "// One.\ntypedef [[struct S {}]] T;", "One."),
    "linkage before it": (F, '// One.\nextern "C" [[int f()]];', "One."),
    "a template's head": (F, "// One.\ntemplate <class T>\n[[int f()]];", "One."),
    "something else on its line": (E, "// Colours.\nenum E { A, [[B]] };", ""),
    "a return before it": (V, "// One.\nreturn [[x]];", ""),
    # Behind
    "behind a field": (FIELD, "int a;\n[[int b]];  ///< One.\nint c;", "One."),
    "behind, before above": (FIELD, "// Above.\n[[int b]];  //!< One.", "One."),
    "a block behind": (E, "[[A]],  /**< One. */\nB", "One."),
    "a block of lines behind": (E, "[[A]],  /*!< One.\n      Two. */\nB", "One.\nTwo."),
    "plain behind a field": (FIELD, "[[int b]];  // One.", "One."),
    "plain behind an enumerator": (E, "[[A]],  // One.\nB,  // Two.", "One."),
    "plain behind a macro": (M, "#define [[A]] /* One. */", "One."),
    "plain behind a function": (F, "[[int f()]];  // NULL?", ""),
    "above, before plain behind": (FIELD, "// Above.\n[[int b]];  // Behind.", "Above."),
    "behind, over lines": (FIELD, "[[int b]];  // One.\n        // Two.\nint c;", "One.\nTwo."),
    "documenting behind, over lines": (FIELD, "[[int b]];  ///< One.\n  ///< Two.\nint c;", "One.\nTwo."),
    "that of the line above": (FIELD, "int a;  // One.\n        // Two.\n[[int b]];", ""),
    "one behind what is above": (FIELD, "int a;\n///< One.\n[[int b]];", ""),
    "a block behind what is above": (FIELD, "int a; /* One. */\n[[int b]];", ""),
    "not in the way of code": (FIELD, "[[int b]]; /* One. */ int c;", ""),
    # What is none
    "a licence": (C, "// Copyright 2011 The Authors.\n// All rights.\n[[class A {}]];", ""),
    "a licence in a block": (C, "/* SPDX-License-Identifier: MIT */\n[[class A {}]];", ""),
    "copyright further down": (F, "int a;\n// Copyright notices.\n[[int f()]];", "Copyright notices."),
    "rulers": (F, "//===----------===//\n// One.\n//===---\n[[int f()]];", "One."),
    "what is like a ruler in a line": (
        F,
        "// a --- b --- c, x <<< y\n[[int f()]];",
        "a --- b --- c, x <<< y",
    ),
    "a heading between rulers": (F, "// ----- One -----\n[[int f()]];", "One"),
    "a ruler of slashes": (F, "//////////////\n// One.\n//////////////\n[[int f()]];", "One."),
    "a ruler of stars": (F, "/***********\n * One.\n ***********/\n[[int f()]];", "One."),
    "a note to a tool": (F, "// One.\n// NOLINTNEXTLINE(x)\n[[int f()]];", "One."),
    "a note to a tool behind": (FIELD, "[[int b]];  // NOLINT", ""),
    "switches of a formatter": (F, "// clang-format off\n[[int f()]];", ""),
    "a namespace": (Kind.NAMESPACE, "// One.\n[[namespace a {}]]", ""),
    "a parameter": (Kind.PARAMETER, "// One.\nint f([[int a]]);", ""),
    "no comment": (F, "[[int f()]];", ""),
    "a fence": (F, "// ```\n// x\n// ```\n[[int f()]];", "```\nx\n```"),
}


@pytest.mark.parametrize(("kind", "code", "expected"), CASES.values(), ids=CASES)
def test_the_comment_of_a_declaration(kind: Kind, code: str, expected: str) -> None:
    marked = unmark(code.encode("utf-8", "surrogateescape"))
    [text] = marked.files.values()
    [(_, begin, end)] = marked.ranges
    starts = line_starts(text)
    found = comment_of(text, starts[begin[0]] + begin[1], starts[end[0]] + end[1], kind)
    assert found == expected


def test_a_macros_comment_is_above_its_define() -> None:
    text = b"int x;\n// One.\n#  define A 1\n"
    at = text.index(b"A 1")
    assert comment_of(text, at, at + 3, Kind.MACRO) == "One."


_PIECES = [
    "//",
    "///",
    "/*",
    "*/",
    "/**",
    "///<",
    "\n",
    "\n",
    " ",
    "*",
    "A",
    "int f()",
    ";",
    "(",
    "-----",
    "\r\n",
    "ä",
]


@given(
    st.lists(st.sampled_from(_PIECES), max_size=30).map("".join),
    st.integers(0, 60),
    st.sampled_from(list(Kind)),
)
def test_no_comment_ends_in_white_space_or_keeps_its_marks(text: str, at: int, kind: Kind) -> None:
    raw = text.encode()
    found = comment_of(raw, min(at, len(raw)), min(at + 3, len(raw)), kind)
    assert found == found.strip("\n")
    assert all(line == line.rstrip() for line in found.split("\n"))
