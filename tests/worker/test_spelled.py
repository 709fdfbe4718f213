"""What a worker tells of identifiers that the index API leaves out, with their roles."""

import pytest
from support.cpp import check_occurrences, indexed

OCCURRENCES = {
    "a macro that is tested before it is defined": (
        "#ifndef G\n#define G\n#if !defined(M) && defined N\n#endif\n#define M\n#define N\n#ifdef O\n#endif\n#endif",
        [
            "0:8 G = G, reference",
            "1:8 G = G, definition",
            "2:13 M = M, reference",
            "2:27 N = N, reference",
            "4:8 M = M, definition",
            "5:8 N = N, definition",
        ],
    ),
    "in a skipped branch, no template's parameter outside of its template": (
        "template <class T> using A = T*;\ntemplate <class T> struct S { T t; };\n#if 0\n"
        "template <class T> void f(T);\n#endif",
        [
            "0:16 T = T, definition",
            "0:25 A = A, definition",
            "0:29 T = T, reference",
            "1:16 T = T, definition",
            "1:26 S = S, definition",
            "1:30 T = T, reference",
            "1:32 t = t, definition",
        ],
    ),
    "arguments of attributes, not their names": (
        "void cleanup(int*); enum { four = 4 };\n"
        "void f() { int x __attribute__((cleanup(cleanup), aligned(four))); }",
        [
            "0:5 cleanup = cleanup, declaration",
            "0:20 enum = , definition implicit",
            "0:27 four = four, definition",
            "1:5 f = f, definition",
            "1:15 x = x, definition",
            "1:40 cleanup = cleanup, reference",
            "1:58 four = four, reference",
        ],
    ),
    "a macro's life": (
        "#define M 1\n#ifdef M\nint x = M;\n#endif\n#undef M\n#ifdef M\n#endif",
        [
            "0:8 M = M, definition",
            "1:7 M = M, reference",
            "2:4 x = x, definition",
            "2:8 M = M, reference",
            "4:7 M = M, reference undefinition",
        ],
    ),
    "a variable that is a macro, too": (
        "int out;\n#define out out\nint x = out;",
        [
            "0:4 out = out, definition",
            "1:8 out = out, definition",
            "1:12 out = out, reference",
            "2:4 x = x, definition",
            "2:8 out = out, reference",
            "2:8 out = out, reference read",
        ],
    ),
    "what a macro declares is implicit at its use and spelled in its body": (
        "#define BEGIN namespace n {\nBEGIN }",
        [
            "0:8 BEGIN = BEGIN, definition",
            "0:24 n = n, definition",
            "1:0 BEGIN = BEGIN, reference",
            "1:0 BEGIN = n, definition implicit in_macro",
        ],
    ),
    "candidates are ambiguous": (
        "struct B { void f(int); void f(char); };\n"
        "template <class T> struct D : B { void g(T t) { this->f(t); } };",
        [
            "0:7 B = B, definition",
            "0:16 f = f, declaration",
            "0:29 f = f, declaration",
            "1:16 T = T, definition",
            "1:26 D = D, definition",
            "1:30 B = B, reference",
            "1:39 g = g, definition",
            "1:41 T = T, reference",
            "1:43 t = t, definition",
            "1:48 this = D, implicit keyword",
            "1:54 f = f, reference call ambiguous",
            "1:54 f = f, reference call ambiguous",
            "1:56 t = t, reference",
        ],
    ),
    "of two candidates through a using-declaration each is told": (
        "namespace n { void f(int); void f(char); }\nusing n::f;\ntemplate <class T> void g(T t) { f(t); }",
        [
            "0:10 n = n, definition",
            "0:19 f = f, declaration",
            "0:32 f = f, declaration",
            "1:6 n = n, reference",
            "1:9 f = f, reference",
            "1:9 f = f, reference",
            "2:16 T = T, definition",
            "2:24 g = g, definition",
            "2:26 T = T, reference",
            "2:28 t = t, definition",
            "2:33 f = f, reference call ambiguous",
            "2:33 f = f, reference call ambiguous",
            "2:35 t = t, reference",
        ],
    ),
    "a dependent call is a call": (
        "template <class T> struct V { void m(); };\ntemplate <class T> void f(V<T> v) { v.m(); }",
        [
            "0:16 T = T, definition",
            "0:26 V = V, definition",
            "0:35 m = m, declaration",
            "1:16 T = T, definition",
            "1:24 f = f, definition",
            "1:26 V = V, reference",
            "1:28 T = T, reference",
            "1:31 v = v, definition",
            "1:36 v = v, reference",
            "1:38 m = m, reference call",
        ],
    ),
    "nothing has compiled a skipped branch": (
        "void f(int p) {\n#if 0\n  p = unknown;\n#endif\n}",
        [
            "0:5 f = f, definition",
            "0:11 p = p, definition",
            "2:2 p = p, reference inactive",
        ],
    ),
    "in a skipped branch, a name of several is not guessed": (
        "int a(int); int a(char); int b;\n#if 0\nint x = a(b);\n#endif\nint y = a(1) + a('c') + b;",
        [
            "0:4 a = a, declaration",
            "0:16 a = a, declaration",
            "0:29 b = b, definition",
            "2:10 b = b, reference inactive",
            "4:4 y = y, definition",
            "4:8 a = a, reference call",
            "4:15 a = a, reference call",
            "4:24 b = b, reference read",
        ],
    ),
    "a label is of its function": (
        "void f() { l: goto l; }\nvoid g() { l: ; }",
        [
            "0:5 f = f, definition",
            "0:11 l = l, definition",
            "0:19 l = l, reference",
            "1:5 g = g, definition",
            "1:11 l = l, definition",
        ],
    ),
    "columns do not count a mark": (
        "\ufeff#define M 1\nint x = M;",
        ["0:8 M = M, definition", "1:4 x = x, definition", "1:8 M = M, reference"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), OCCURRENCES.values(), ids=OCCURRENCES.keys())
def test_occurrences(code: str, expected: list[str]) -> None:
    check_occurrences(code, expected)


@pytest.mark.parametrize(
    ("code", "name", "scope", "local"),
    [
        ("namespace n {\n#define M 1\n}", "M", "", False),
        ("namespace n { void f(int p); }", "p", "n::f", True),
        ("namespace n { template <class T> struct S {}; }", "T", "n::S", True),
        ("template <class T> void f(T);", "T", "f", True),
        ("template <class A> struct S { template <class B> void f(); };", "B", "S::f", True),
        ("int a[1]; auto [x] = a;", "x", "", False),
        ("int a[1]; namespace n { auto [x] = a; }", "x", "n", False),
        ("int a[1]; void f() { auto [x] = a; }", "x", "f", True),
        ("void f() { l: ; }", "l", "f", True),
        ("namespace a {} namespace n { namespace m = a; }", "m", "n", False),
    ],
)
def test_what_a_declaration_stands_in(code: str, name: str, scope: str, local: bool) -> None:
    with indexed(code) as space:
        found = [(one.scope, one.local) for one in space.of("main.cc").declarations if one.name == name]
    assert found == [(scope, local)]


def test_uses_in_a_template_know_what_encloses_them() -> None:
    code = "template <class T> struct V { int m; };\ntemplate <class T> int f(V<T> v) { return v.m; }"
    with indexed(code) as space:
        facts = space.of("main.cc")
        names = {one.symbol: one.name for one in facts.declarations}
        enclosing = [names[one.enclosing] for one in facts.occurrences if (one.line, one.column) == (1, 44)]
    assert enclosing == ["f"]


def test_a_macro_is_one_symbol_however_its_header_is_read() -> None:
    """To clang a macro of a system header is another one than the same macro of the user's."""
    code = (
        '// file: a.cc\n#include "v.h"\nint a = M;\n// file: b.cc\n#include <v.h>\nint b = M;\n'
        "// file: v.h\n#pragma GCC system_header\n#define M 1"
    )
    with indexed(code, arguments=["-isystem", "."]) as space:
        (defined,) = space.of("v.h").occurrences
        uses = [space.of(name).occurrences[-1] for name in ("a.cc", "b.cc")]
        assert [use.symbol for use in uses] == [defined.symbol, defined.symbol]
