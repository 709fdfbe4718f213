"""What a place stands in."""

import pytest
from support.cpp import indexed

from cpplsp.facts import Kind
from cpplsp.worker.enclosing import Enclosing, Extents
from cpplsp.worker.files import Declared


def declared(symbol: int, begin: int, end: int, name: str, scope: str = "", container: int = 0) -> Declared:
    return Declared(begin, symbol, True, Kind.STRUCT, begin, end, name, scope, container, False)


def test_the_innermost_scope_counts() -> None:
    enclosing = Enclosing([declared(2, 10, 20, "b", "a"), declared(1, 0, 30, "a"), declared(3, 40, 50, "c")])
    found = [
        (enclosing.at(offset).symbol, enclosing.at(offset).name) for offset in (0, 9, 10, 19, 20, 30, 45, 60)
    ]
    assert found == [(1, "a"), (1, "a"), (2, "a::b"), (2, "a::b"), (1, "a"), (0, ""), (3, "c"), (0, "")]


def test_variables_are_no_scopes() -> None:
    variable = declared(1, 0, 30, "v")._replace(kind=Kind.VARIABLE)
    assert Enclosing([variable]).at(5).symbol == 0


def test_all_symbols_around_and_what_they_belong_to() -> None:
    enclosing = Enclosing([declared(1, 0, 90, "n"), declared(3, 10, 50, "f", "S", 2)])
    assert enclosing.symbols_at(5) == (1,)
    assert enclosing.symbols_at(20) == (3, 2, 1)
    assert enclosing.symbols_at(95) == ()


def test_scopes_of_one_extent_enclose_each_other() -> None:
    """As namespaces that one macro opens."""
    enclosing = Enclosing([declared(1, 0, 30, "a"), declared(2, 0, 30, "b", "a")])
    assert set(enclosing.symbols_at(5)) == {1, 2}
    assert enclosing.symbols_at(30) == ()


def test_a_macros_use_is_its_name_and_arguments_whole() -> None:
    """A use in the arguments of another is part of that."""
    expansions = Extents([(20, 25), (5, 15), (8, 10)])
    assert [offset in expansions for offset in (4, 5, 8, 14, 15, 20, 24, 25)] == [
        *(False, True, True, True, False, True, True, False)
    ]
    assert [expansions.begin_at(offset) for offset in (4, 5, 8, 20)] == [False, True, False, True]
    assert 0 not in Extents([])


ENCLOSED = {
    "nothing at file level": ("static_assert(sizeof(^g));", ""),
    "a function, and its default arguments": ("int f(int x = ^g) { return ^g; }", "f"),
    "a function's return type": ("auto f() -> decltype(^g) { return 1; }\ndecltype(^g) f();", "f"),
    "what it may throw": ("void f() noexcept(noexcept(^g));", "f"),
    "a method": ("struct S { int f() { return ^g; } };", "f"),
    "a method outside of its class": ("struct S { int f(); };\nint S::f() { return ^g; }", "f"),
    "a constructor's initialisers": ("struct S { int m; S() : m(^g) {} };", "S"),
    "a friend in a class": ("struct S { friend int f() { return ^g; } };", "f"),
    "a function, of its lambdas": ("int f() { return [](int x = ^g) { return ^g; }(); }", "f"),
    "a function, of its locals": (
        "void f() { int x = ^g; static int y = ^g; enum { e = sizeof(^g) }; using T = int[sizeof(^g)]; }",
        "f",
    ),
    "a template's function": ("template <class T> int f(T t) { return ^g; }", "f"),
    "a variable": ("int f = ^g;", "f"),
    "a variable in a namespace": ("namespace n { int f = ^g; }", "f"),
    "each of several variables": ("int a = 1, f = ^g, b = 2;", "f"),
    "a pointer to a function": ("int (*f)(int) = ^h;\nint (*t[])(int) = {};", "f"),
    "a table": ("struct O { int (*one)(int); };\nO f[] = {{^h}, {.one = &^h}};", "f"),
    "a variable, of its lambda": ("auto f = [](int x = ^g) { return ^g; };", "f"),
    "a field": ("struct S { int f = ^g; };", "f"),
    "a field, of its lambda": ("struct S { int f = [] { return ^g; }(); };", "f"),
    "a static field": ("struct S { static int f; };\nint S::f = ^g;", "f"),
    "an array's bound and a bit-field's width": ("struct S { int f[sizeof(^g)]; };", "f"),
    "an enumerator": ("enum E { f = sizeof(^g) };", "f"),
    "an alias": ("using f = decltype(^g);", "f"),
    "a concept": ("template <class T> concept f = sizeof(T) == sizeof(^g);", "f"),
    "a class": ("struct f { static_assert(sizeof(^g)); };", "f"),
    "a class's base": ("template <int> struct V {};\nstruct f : V<sizeof(^g)> {};", "f"),
    "a namespace": ("namespace f { static_assert(sizeof(^g)); }", "f"),
    "a method of a local class": (
        "void o() { struct L { int f() { return ^g; } static int s(); }; L l; l.f(); }",
        "f",
    ),
    "a field of a local class": ("void o() { struct L { int f = ^g; }; }", "f"),
    "a method of a local class in extern C": (
        'extern "C" { void o() { struct L { static int f(int x = ^g) { return ^g; } }; L::f(); } }',
        "f",
    ),
    "a method of a class in a lambda": (
        "auto o = [] { struct L { int f() { return ^g; } }; return L(); };",
        "f",
    ),
    "a function in extern C": ('extern "C" int f() { return ^g; }', "f"),
    "a function, of a macro's argument in it": ("#define ID(x) x\nint f() { return ID(^g); }", "f"),
    "a function whose name a macro makes": (
        "#define MAKE(n) int f()\nstruct S {};\nMAKE(x) { return ^g; }",
        "f",
    ),
    "a variable that a macro makes of it": ("#define MAKE(x) int f = x;\nMAKE(^g)", "f"),
    "a function with an attribute before it": ("\\[[nodiscard]] int f() { return ^g; }", "f"),
}


@pytest.mark.parametrize(("code", "expected"), ENCLOSED.values(), ids=ENCLOSED)
def test_what_encloses_an_occurrence(code: str, expected: str) -> None:
    with indexed('// file: g.h\nint g;\nint h(int);\n// file: main.cc\n#include "g.h"\n' + code) as space:
        facts = space.of("main.cc")
        names = {one.symbol: one.name for one in facts.declarations} | {0: ""}
        of_headers = {one.symbol for one in space.of("g.h").declarations}
        places = {
            (one.line, one.column): names[one.enclosing]
            for one in facts.occurrences
            if one.symbol in of_headers
        }
        assert places == {(line, column): expected for _, line, column in space.marked.cursors}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("int x;", ""),
        ("namespace n { int x; }", "n"),
        ("struct S { int x; };", "S"),
        ("void f() { int x; }", "f"),
        ("void f(int x);", "f"),
        ("struct S { void f() { int x; } };", "f"),
        ("void f() { struct L { void m() { int x; } }; }", "m"),
        ("template <class x> struct S;", "S"),
        ("struct S { void x(); };\nvoid S::x() { x(); }", "S||x"),
        ("auto v = [] { int x; };", "v"),
    ],
)
def test_a_declaration_does_not_enclose_its_own_name(code: str, expected: str) -> None:
    with indexed(code) as space:
        facts = space.of("main.cc")
        names = {one.symbol: one.name for one in facts.declarations} | {0: ""}
        found = [names[one.enclosing] for one in facts.occurrences if names.get(one.symbol) == "x"]
    assert "|".join(found) == expected


def test_all_that_one_macro_makes_is_enclosed_as_clang_tells() -> None:
    """As googletest's ``TEST``: a class, its method, a static variable, all at the macro's name."""
    code = (
        "int g();\nint h();\n#define TEST(n) \\\n  struct n##_Test { void Body(); "
        "int m() { return g(); } static int s; }; \\\n  int n##_Test::s = h(); \\\n"
        "  void n##_Test::Body()\nTEST(x) { g(); }\n"
    )
    with indexed(code) as space:
        facts = space.of("main.cc")
        names = {one.symbol: one.name for one in facts.declarations} | {0: ""}
        found = {
            (one.column, names[one.symbol], names[one.enclosing])
            for one in facts.occurrences
            if one.line == 6 and names[one.symbol] in ("g", "h")
        }
    assert found == {(0, "g", "m"), (0, "h", "s"), (10, "g", "Body")}
