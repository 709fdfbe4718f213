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
        assert highlights(space.index.db, space.roots, space.path("main.cc"), []) == []
        assert highlights(space.index.db, space.roots, space.path("no.cc"), []) == []
