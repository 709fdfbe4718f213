"""What selections grow to, from a cursor in a text, and in texts of any kind."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.marked import unmark

from cpplsp.columns import line_starts
from cpplsp.text.selection import Selector


def grown(code: str) -> list[str]:
    """What a selection at the cursor grows to, inner before outer."""
    marked = unmark(code)
    [(_, line, column)] = marked.cursors
    [text] = marked.files.values()
    return [text[begin:end].decode() for begin, end in Selector(text).spans(line_starts(text)[line] + column)]


SELECTIONS: dict[str, tuple[str, list[str]]] = {
    "a call": ("x = ^f(1);", ["f", "f(1)", "x = f(1)", "x = f(1);"]),
    "behind a name": ("x = f^(1);", ["f", "f(1)"]),
    "on a bracket": ("x = f(1 ^);", ["(1 )", "f(1 )"]),
    "an argument": ("f(1, a^b, 3);", ["ab", "1, ab, 3", "(1, ab, 3)", "f(1, ab, 3)", "f(1, ab, 3);"]),
    "an argument of several tokens": ("f(1, ^a + 2);", ["a", "a + 2", "1, a + 2", "(1, a + 2)"]),
    "members": ("x = a.b->^c(1).d;", ["c", "a.b->c", "a.b->c(1)", "a.b->c(1).d", "x = a.b->c(1).d"]),
    "a qualified name": ("x = s^td::a::b;", ["std", "std::a", "std::a::b", "x = std::a::b"]),
    "a name from the global scope": ("x = ::^a;", ["a", "::a"]),
    "an index": ("x = a[i + ^1];", ["1", "i + 1", "[i + 1]", "a[i + 1]"]),
    "template arguments": (
        "std::map<int, A<^B>> m;",
        ["B", "<B>", "A<B>", "int, A<B>", "<int, A<B>>", "std::map<int, A<B>>", "std::map<int, A<B>> m"],
    ),
    "less is no bracket": ("x = a < ^b && c > d;", ["b", "a < b", "a < b && c > d"]),
    "operators by precedence": ("x = a + b * ^c == d;", ["c", "b * c", "a + b * c", "a + b * c == d"]),
    "operators from the left": ("x = a - ^b - c;", ["b", "a - b", "a - b - c"]),
    "on an operator": ("x = a * b ^+ c < d;", ["+", "a * b + c", "a * b + c < d"]),
    "a choice": ("x = a ? ^b : c;", ["b", "x = a ? b : c"]),
    "signs in front": ("x = !*^p->q;", ["p", "p->q", "*p->q", "!*p->q"]),
    "a shift": ("x = a >> ^b;", ["b", "a >> b"]),
    "return": ("int f() { return ^a + 1; }", ["a", "a + 1", "return a + 1", "return a + 1;"]),
    "a list of values": ("int a[] = {1, ^2};", ["2", "1, 2", "{1, 2}", "int a[] = {1, 2}"]),
    "a value with braces": ("x = T{^1}.f();", ["1", "{1}", "T{1}", "T{1}.f", "T{1}.f()"]),
    "a lambda": (
        "auto l = [&](int a) mutable { return ^a; };",
        [
            "a",
            "return a",
            "return a;",
            "{ return a; }",
            "[&](int a) mutable { return a; }",
            "auto l = [&](int a) mutable { return a; }",
        ],
    ),
    "new": ("x = new ^T(1);", ["T", "T(1)", "new T(1)"]),
    "a cast": ("x = static_cast<int>(^y);", ["y", "(y)", "static_cast<int>(y)"]),
    "an operator's name": ("bool operator==(^S a);", ["S", "S a", "(S a)", "operator==(S a)"]),
    "a function": (
        "template <class T>\nint A::f(int x) const { ^x; }",
        [
            "x",
            "x;",
            "{ x; }",
            "int A::f(int x) const { x; }",
            "template <class T>\nint A::f(int x) const { x; }",
        ],
    ),
    "a function's head": (
        "int A::f(int ^x) const {}",
        ["x", "int x", "(int x)", "A::f(int x)", "int A::f(int x)", "int A::f(int x) const"],
    ),
    "a template's head": (
        "template <class ^T> void f();",
        ["T", "class T", "<class T>", "template <class T>"],
    ),
    "if and else": (
        "void f() { if (a) { ^b; } else c; d; }",
        [
            "b",
            "b;",
            "{ b; }",
            "if (a) { b; } else c",
            "if (a) { b; } else c;",
            "if (a) { b; } else c; d;",
        ],
    ),
    "else if": (
        "void f() { if (a) b; else if (c) ^d; else e; g; }",
        [
            "d",
            "d;",
            "if (c) d; else e",
            "if (c) d; else e;",
            "else if (c) d; else e;",
            "if (a) b; else if (c) d; else e;",
        ],
    ),
    "for": (
        "void f() { for (int i = 0; i < ^n; ++i) g(); }",
        [
            "n",
            "i < n",
            "int i = 0; i < n; ++i",
            "(int i = 0; i < n; ++i)",
            "for (int i = 0; i < n; ++i) g()",
            "for (int i = 0; i < n; ++i) g();",
        ],
    ),
    "for in a range": ("void f() { for (auto x : ^xs) {} }", ["xs", "auto x : xs", "(auto x : xs)"]),
    "do": ("void f() { do { ^a; } while (b); c; }", ["a", "a;", "{ a; }", "do { a; } while (b)"]),
    "try": (
        "void f() { try { ^a; } catch (...) { } b; }",
        ["a", "a;", "{ a; }", "try { a; } catch (...) { }"],
    ),
    "a case": (
        "void f() { switch (x) { case 1: ^a; b; case 2: c; } }",
        ["a", "a;", "case 1: a; b;", "case 1: a; b; case 2: c;"],
    ),
    "a section of a class": (
        "struct S { int a; public: int ^b; int c; };",
        ["b", "int b", "int b;", "public: int b; int c;", "int a; public: int b; int c;"],
    ),
    "a class": (
        "struct S : B { int ^a; } s;",
        [
            "a",
            "int a",
            "int a;",
            "{ int a; }",
            "struct S : B { int a; }",
            "struct S : B { int a; } s",
            "struct S : B { int a; } s;",
        ],
    ),
    "a class template": (
        "template <class T> class S { int ^a; };\nint b;",
        [
            "a",
            "int a",
            "int a;",
            "{ int a; }",
            "class S { int a; }",
            "template <class T> class S { int a; }",
            "template <class T> class S { int a; };",
        ],
    ),
    "a namespace": (
        "namespace n { int ^a; }\nint b;",
        ["a", "int a", "int a;", "{ int a; }", "namespace n { int a; }"],
    ),
    "enumerators": (
        "enum E { a, ^b = 1 };",
        ["b", "b = 1", "a, b = 1", "{ a, b = 1 }", "enum E { a, b = 1 }"],
    ),
    "a constructor": (
        "S::S() : a{1}, b(^2) { c; }\nint d;",
        ["2", "(2)", "b(2)", "a{1}, b(2)", "S::S() : a{1}, b(2)", "S::S() : a{1}, b(2) { c; }"],
    ),
    "a macro on a line of its own": (
        "BEGIN\nint ^a;\nEND\n",
        ["a", "int a", "int a;", "BEGIN\nint a;\nEND\n"],
    ),
    "linkage": ('extern "C" int ^f();', ["f", "f()", "int f()", 'extern "C" int f()']),
    "a string": ('f("a b^c d", 1);', ["bc", "a bc d", '"a bc d"', '"a bc d", 1']),
    "a string with a prefix": ('x = L"a^b";', ["ab", '"ab"', 'L"ab"']),
    "strings side by side": ('x = "a" "^b";', ["b", '"b"', '"a" "b"']),
    "a raw string": ('x = R"q(a ")" b^c)q";', ["bc", 'a ")" bc', 'R"q(a ")" bc)q"', 'x = R"q(a ")" bc)q"']),
    "a character": ("x = '^a';", ["a", "'a'", "x = 'a'"]),
    "a number": ("x = 1'0^00.5e+3;", ["1'000.5e+3", "x = 1'000.5e+3"]),
    "a line comment": (
        "// one\n// two ^three\n\n// four\nint a;",
        ["three", "two three", "// two three", "// one\n// two three"],
    ),
    "a block comment": ("int a; /* one ^two */ int b;", ["two", "one two", "/* one two */"]),
    "an include of no name": ('#includeö "^b.h"\n', ["b", "b.h", '"b.h"', 'ö "b.h"', '#includeö "b.h"']),
    "an include": ("#include <a/^b.h>\n", ["b", "a/b.h", "<a/b.h>", "#include <a/b.h>"]),
    "a macro's body": (
        "#define F(x) g(x, \\\n  ^y)\nint a;",
        [
            "y",
            "x, \\\n  y",
            "(x, \\\n  y)",
            "g(x, \\\n  y)",
            "F(x) g(x, \\\n  y)",
            "#define F(x) g(x, \\\n  y)",
        ],
    ),
    "a macro's name": ("#define ^F 1\n", ["F", "F 1", "#define F 1"]),
    "a directive's name": ("#^pragma once\n", ["pragma", "#pragma once"]),
    "a branch": (
        "#if A\nint ^a;\nint b;\n#else\nint c;\n#endif\nint d;",
        [
            "a",
            "int a",
            "int a;",
            "int a;\nint b;",
            "#if A\nint a;\nint b;\n#else\nint c;\n#endif",
        ],
    ),
    "branches that open one bracket each": (
        "#if A\nvoid f() {\n#else\nvoid g() {\n#endif\n  ^a;\n}\n",
        ["a", "a;"],
    ),
    "what is not closed": ("void f() { g(^a; }", ["a"]),
    "what is closed too often": ("x = (^a)); b;", ["a", "(a)"]),
    "between statements": ("void f() { a;  ^  b; }", ["a;    b;", "{ a;    b; }"]),
    "wide characters": ("x = ä(^ö);", ["ö", "(ö)", "ä(ö)"]),
    "a directive behind a byte-order mark": ("\ufeff#if ^A\n#endif\n", ["A", "#if A"]),
    "a byte-order mark": ("\ufeffx = ^a;", ["a", "x = a", "x = a;"]),
    "CRLF": ("void f() {\r\n  ^a;\r\n}\r\n", ["a", "a;", "{\r\n  a;\r\n}"]),
}


@pytest.mark.parametrize(("code", "expected"), SELECTIONS.values(), ids=SELECTIONS)
def test_selection(code: str, expected: list[str]) -> None:
    assert grown(code)[: len(expected)] == expected


def test_the_last_is_the_whole_text() -> None:
    assert grown("int a;\n^int b;\n")[-1] == "int a;\nint b;\n"


def test_of_an_empty_text_there_is_none() -> None:
    assert Selector(b"").spans(0) == []


def test_what_is_nested_deeply_has_the_innermost_and_the_whole() -> None:
    text = b"(" * 5000 + b"a" + b")" * 5000
    found = Selector(text).spans(5000)
    assert len(found) <= 100
    assert (found[0], found[1], found[-1]) == ((5000, 5001), (4999, 5002), (0, len(text)))


_PIECES = [
    *"{}()[]<>;,:=+-*&\"'\\ x#\n\r?.\ufeffö",
    *(
        "::",
        "->",
        "//",
        "/*",
        "*/",
        'R"(',
        ')"',
        "1'0",
        " if ",
        " else ",
        " do ",
        " while ",
        " for ",
        " try ",
    ),
    *(" catch ", " case ", " class ", " return ", " operator", " template ", "T<", " extern ", "MACRO\n"),
    *("\n#if 0\n", "\n#else\n", "\n#endif\n", "\n#define F(x) "),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join), st.floats(0, 1))
def test_selections_in_any_text_hold_the_place_and_one_another(text: str, share: float) -> None:
    raw = text.encode()
    offset = round(share * len(raw))
    begin = 3 if text.startswith("\ufeff") else 0
    offset = max(offset, begin)
    found = Selector(raw).spans(offset)
    assert all(first <= offset <= last for first, last in found)
    assert all(a != b and b[0] <= a[0] and a[1] <= b[1] for a, b in pairwise(found))
    assert found[-1:] == ([(begin, len(raw))] if len(raw) > begin else [])


@given(st.binary(max_size=80))
def test_bytes_that_are_no_text_do_no_harm(raw: bytes) -> None:
    selector = Selector(raw)
    for offset in range(len(raw) + 1):
        assert all(0 <= begin <= offset <= end <= len(raw) for begin, end in selector.spans(offset))
