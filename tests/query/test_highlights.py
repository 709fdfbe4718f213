"""What a file names once more, on marked C++, and how it uses it."""

import pytest
from support.cpp import indexed
from support.features import check_highlights

from cpplsp.query.highlights import highlights

PLACES = {
    "a local variable": (
        "int f() { int [[^x]] = 1; [[x]] = 2; [[x]]++; [[x]] += [[x]]; int* p = &[[x]]; return [[x]]; }",
        "twwwrtr",
    ),
    "a parameter": ("int f(int [[p]]) { return [[^p]] + [[p]]; }", "trr"),
    "a field": (
        "struct S { int [[^f]]; S() : [[f]](1) {} };\nint g(S& s) { s.[[f]] = 1; return s.[[f]]; }",
        "twwr",
    ),
    "a static field": ("struct S { static int [[^s]]; };\nint S::[[s]] = 1;", "tt"),
    "a function, its declaration and its calls": (
        "int [[f]](int);\nint [[^f]](int x) { return x; }\nint y = [[f]]([[f]](1));\nauto p = &[[f]];",
        "ttttt",
    ),
    "an overload only": ("void [[^f]](int);\nvoid f(char);\nvoid g() { [[f]](1); f('1'); }", "tt"),
    "a virtual function without what overrides it": (
        "struct A { virtual void [[^f]](); };\nstruct B : A { void f(); };\nvoid g(A& a, B& b) { a.[[f]](); b.f(); }",
        "tt",
    ),
    "a class with its constructors' names": (
        "struct [[^S]] { [[S]](); ~[[S]](); };\n[[S]] make() { return [[S]](); }",
        "ttttt",
    ),
    "a constructor, where it is implied": (
        "struct S { [[^S]](int); };\nS [[a]](1);\nS b = [[S]](2);",
        "ttt",
    ),
    "an enumerator": ("enum E { [[^e]] };\nE x = [[e]];", "tt"),
    "a template's function": (
        "template <class T> T [[^f]](T t) { return t; }\nint x = [[f]](1);\ndouble y = [[f]](1.0);",
        "ttt",
    ),
    "a type alias without its class": ("struct S {};\nusing [[^A]] = S;\n[[A]] a;\nS s;", "tt"),
    "an operator": (
        "struct S { S [[^operator]]+(S); };\nS f(S a) { return a [[+]] a; }",
        "tt",
    ),
    "a variable in a lambda": ("int f() { int [[^x]] = 1; return [&] { return [[x]]; }(); }", "tr"),
    "what is named in a header is not in this file": (
        '#include "f.h"\nint x = [[^f]]();\n// file: f.h\ninline int f() { return 1; }',
        "t",
    ),
    "in a header": ('#include "f.h"\nint x = f();\n// file: f.h\nint [[^f]]();\nint [[f]]();', "tt"),
    "between wide characters": ('/*é*/ int [[^ö]] = 1; const char* s = "\U0001f600"; int y = [[ö]];', ""),
    "behind a byte-order mark": ("\ufeffint [[^x]]; int f() { return [[x]]; }", "tr"),
    "a field of a pointer's": (
        "struct S { int [[^f]]; };\n"
        "void g(S* s) { s->[[f]] = 1; s->[[f]] += 1; ++s->[[f]]; int y = s->[[f]]; int* p = &s->[[f]]; }",
        "twwwrt",
    ),
    "what is handed by reference or by pointer": (
        "void r(int&); void p(int*); void v(int);\nvoid f() { int [[^x]]; r([[x]]); p(&[[x]]); v([[x]]); }",
        "tttr",
    ),
    "a pointer and what it points to": (
        "void f(int* [[^p]]) { *[[p]] = 1; [[p]][0] = 2; [[p]] = 0; ([[p]]) = 0; if ([[p]]) {} }",
        "trrwwr",
    ),
    "an array's elements": ("int [[^a]][2];\nvoid f() { [[a]][0] = [[a]][1]; }", "ttt"),
    "a pointer to a function": (
        "void g();\nvoid (*[[^p]])();\nvoid f() { [[p]] = g; [[p]](); (*[[p]])(); }",
        "twrr",
    ),
    "what a lambda captures": (
        "int f() { int [[^x]] = 1; return [[[x]]] { return [[x]]; }() + [&y = [[x]]] { return y; }(); }".replace(
            "[[[x]]]", "[ [[x]]]"
        ),
        "trrt",
    ),
    "in a macro's argument": (
        "#define SET(a) a = 1\n#define ID(a) a\nvoid f() { int [[^x]]; SET([[x]]); int y = ID([[x]]); }",
        "twr",
    ),
    "a macro": ("#define [[^M]] 1\nint x = [[M]];\n#ifdef [[M]]\n#undef [[M]]\n#endif", "tttt"),
    "a label": ("void f() { [[^l]]: goto [[l]]; }", "tt"),
    "a namespace": ("namespace [[^n]] { int x; }\nint y = [[n]]::x;\nusing namespace [[n]];", "ttt"),
    "a template's parameter": ("template <class [[^T]]> [[T]] f([[T]] t) { return t; }", "ttt"),
    "a class without what auto and this stand for": (
        "struct [[^S]] { int x; int f() { return this->x; } };\n[[S]] g();\nauto h = g();",
        "tt",
    ),
    "a method without what overrides it": (
        "struct A { virtual void [[^f]](); };\nstruct B : A { void f() override; };",
        "t",
    ),
    "a compiled name without those in skipped branches": (
        "void [[^f]]();\n#if 0\nint x = f();\n#endif\nvoid g() { [[f]](); }",
        "tt",
    ),
    "a name in a skipped branch with all": (
        "int [[f]]();\n#if 0\nint x = [[^f]]();\n#endif\nint y = [[f]]();",
        "ttt",
    ),
    "designated initialisers": (
        "struct S { int g, [[^f]]; };\nS s = {.g = 1, .[[f]] = 2};\nS t{ .[[f]] = 1 };\nint x = s.[[f]];",
        "twwr",
    ),
    "structured bindings": (
        "int a[2];\nint f() { auto [ [[^x]], y] = a; [[x]] = 1; return [[x]] + y; }",
        "twr",
    ),
    "C": ("// file: a.c\nint [[^x]]; int f(void) { [[x]] = 1; return [[x]]; }", "twr"),
}


@pytest.mark.parametrize(("code", "kinds"), PLACES.values(), ids=PLACES)
def test_what_is_highlighted(code: str, kinds: str) -> None:
    check_highlights(code, kinds)


def test_a_header_read_in_two_ways_has_each_place_once() -> None:
    check_highlights(
        '#include "f.h"\n// file: b.c\n#include "f.h"\n// file: f.h\nextern int [[^x]];\n'
        "#ifdef __cplusplus\ninline int f() { return [[x]]; }\n#else\nstatic int g(void) { return [[x]]; }\n#endif\n"
    )


def test_nothing_is_highlighted_where_nothing_is_named() -> None:
    with indexed("int x;") as space:
        assert highlights(space.db, space.roots, space.path("main.cc"), []) == []
        assert highlights(space.db, space.roots, space.path("no.cc"), []) == []


@pytest.mark.parametrize(
    "code",
    ["struct S {};\nS f();\n^auto x = f();", "struct S { int f() { return ^this->x; } int x; };"],
)
def test_a_keyword_highlights_nothing(code: str) -> None:
    check_highlights(code)
