"""What can be folded: marked texts, and texts of any kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.features import check_folds

from cpplsp.columns import line_starts
from cpplsp.text.folding import FoldKind, folds

FOLDS = {
    "a body": "int f() {[[\n  return 1;\n]]}\n",
    "nested": "namespace n {[[\nstruct S {[[\n  void f() {[[\n  ]]}\n]]};\n]]}\n",
    "one line: none": "int f() { return 1; }\nint a[] = {1, 2};\n",
    "else": "void f() {[[\n  if (1) {[[\n  ]]} else {[[\n  ]]}\n]]}\n",
    "arguments": "int x = f([[1,\n  2]]);\n",
    "a block comment": "/*[[ one\n * two ]]*/\nint x;\n",
    "comments that follow one another": "//[[ one\n// two\n  // three]]\n\n// alone\nint x;\n",
    "comments behind code": "int x; //[[ one\n       // two]]\nint y; // three\nint z; //[[ four\n// five]]\n",
    "a comment goes on in the next line": "//[[ one \\\ntwo]]\n",
    "brackets in comments and strings": "int f() {[[\n  // }\n  g(\"{\\\"\", '{', '\\''); /* { */\n]]}\n",
    "brackets in a raw string": 'auto s = R"x(\n{\n)" )x";\nint f() {[[\n]]}\n',
    "a name that ends in R": 'auto s = FOR"(\\n";\nint f() {[[\n]]}\n',
    "digits with separators": "int x = 1'000'000;\nint f() {[[\n  return 0xA'B'C;\n]]}\n",
    "branches": "#if A[[\nint a;\n]]#elif B[[\nint b;\n]]#else[[\nint c;\n]]#endif\n",
    "branches in branches": "#ifdef A[[\n#ifndef B[[\nint b;\n]]#endif\n]]#endif\n",
    "branches that each are whole": (
        "#ifdef A[[\nint f() {[[\n]]}\n]]#else[[\nint g() {[[\n]]}\n]]#endif\nint h() {[[\n]]}\n"
    ),
    "macros": "#define BEGIN {\n#define F(x) f(x, \\\n  {\nint f() {[[\n]]}\n",
    "regions": "#pragma region one[[\nint x;\n]]#pragma endregion\n#pragma once\n",
    "what is not closed": "int f() {\n  g([[\n  ]]);\n",
    "what is closed too often": "int f() {[[\n]]}\n}\nint g() {[[\n]]}\n",
    "what is closed otherwise": "int f() {[[\n  g(\n]]}\n",
    "an #endif too many": "#endif\n#else\nint f() {[[\n]]}\n",
    "an apostrophe in what is skipped": "#if 0[[\ndon't {\n]]#endif\nint f() {[[\n]]}\n",
    "CRLF": "int f() {[[\r\n  return 1;\r\n]]}\r\n",
    "a byte-order mark and wide characters": "\ufeff/*ö*/ int f() {[[\n/*ö*/ ]]}\n",
    "nothing": "\n",
}


@pytest.mark.parametrize("code", FOLDS.values(), ids=FOLDS)
def test_folds(code: str) -> None:
    check_folds(code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"int y = a[\n0\n];\n", [((0, 10), (2, 0))]),
        (
            b"#ifdef A\nint f() {\n#else\nint g() {\n#endif\n  return 1;\n}\n",
            [((0, 8), (2, 0)), ((1, 9), (6, 0)), ((2, 5), (4, 0))],
        ),
    ],
    ids=["an index", "branches that open one bracket each"],
)
def test_folds_that_marks_cannot_show(text: bytes, expected: list[object]) -> None:
    assert [(fold.begin, fold.end) for fold in folds(text)] == expected


def test_kinds_and_what_is_closed() -> None:
    found = folds(b"// a\n// b\n/* c\n*/\n#if 1\n#endif\nint f(\n);\n")
    assert [(fold.kind, fold.is_closed) for fold in found] == [
        (FoldKind.COMMENT, False),
        (FoldKind.COMMENT, True),
        (FoldKind.REGION, True),
        (FoldKind.REGION, True),
    ]


_PIECES = [*"{}()[]\"'\\x ö#\n\r\ufeff", "\r\n", "//", "/*", "*/", 'R"(', ')"', "1'0", "#if"]
_LINES = ["\n#if 1\n", "\n#else\n", "\n#endif\n", "\n#pragma region\n", "\n#pragma endregion\n"]


@given(st.lists(st.sampled_from([*_PIECES, *_LINES]), max_size=60).map("".join))
def test_folds_of_any_text_are_over_several_lines_of_it(text: str) -> None:
    raw = text.encode()
    starts = [*line_starts(raw), len(raw) + 1]
    for fold in folds(raw):
        assert fold.begin[0] < fold.end[0] < len(starts) - 1
        for line, column in (fold.begin, fold.end):
            assert 0 <= column <= starts[line + 1] - starts[line]
