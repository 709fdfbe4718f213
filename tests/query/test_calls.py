"""What calls what, on marked C++."""

import pytest
from support.cpp import indexed
from support.features import check_callees, check_callers, hits

from cpplsp.query.calls import callables_at

CALLERS = {
    "a function, each of its calls": (
        "int ^f(int);\nint g() { return [[f]]([[f]](1)); }\nint h() { return [[f]](2); }",
        ["g", "h"],
    ),
    "itself": ("int ^f(int x) { return x ? [[f]](x - 1) : 0; }", ["f"]),
    "methods": (
        "namespace n { struct S { void ^m(); void k() { [[m]](); } }; }\nvoid f(n::S& s) { s.[[m]](); }",
        ["n::S::k", "f"],
    ),
    "an overload only": ("void ^f(int);\nvoid f(char);\nvoid g() { [[f]](1); f('1'); }", ["g"]),
    "a constructor, spelled or implied": (
        "struct S { ^S(int); };\nvoid f() { S [[a]](1); S b = [[S]](2); S* c = new [[S]](3); }\nS [[g]](4);",
        ["f", "g"],
    ),
    "an operator and a conversion": (
        "struct S { bool ^operator==(S) const; };\nbool f(S a) { return a [[==]] a; }",
        ["f"],
    ),
    "initialisers of variables and fields": (
        "int ^f();\nint x = [[f]]();\nstruct S { int m = [[f]](); static int s; };\nint S::s = [[f]]();\n"
        "int a[] = { [[f]](), 2 };",
        ["x", "S::m", "S::s", "a"],
    ),
    "initialisers of a constructor": (
        "int ^f();\nstruct S { int m; S() : m([[f]]()) {} };",
        ["S::S"],
    ),
    "lambdas are of what they stand in": (
        "int ^f(int);\nint g() { return [](int x) { return [[f]](x); }(1); }\n"
        "int h = [](int x) { return [[f]](x); }(1);",
        ["g", "h"],
    ),
    "default arguments and return types": (
        "int ^f();\nint g(int x = [[f]]()) { return x; }\ndecltype([[f]]()) h();",
        ["g", "h"],
    ),
    "static_assert is in nothing": ("int ^f();\nstatic_assert(sizeof(f()) == 4);", []),
    "its address is taken to be called": (
        "int ^f();\nint g() { auto p = &[[f]]; return p(); }\nint (*h)() = [[f]];",
        ["g", "h"],
    ),
    "in macros": (
        "int ^f(int);\n#define CALL(x) f(x)\nint g() { return [[CALL]](1); }",
        ["g"],
    ),
    "a template's function": (
        "template <class T> T ^f(T t) { return t; }\nint g() { return [[f]](1) + (int)[[f]](1.0); }",
        ["g"],
    ),
    "in a template's function": (
        "int ^f(int);\ntemplate <class T> int g(T t) { return [[f]](1); }\ntemplate <> int g(int) { return [[f]](2); }",
        ["g", "g"],
    ),
    "a virtual function: calls of what it overrides, if not bound to a class": (
        "struct A { virtual void f(); };\nstruct B : A { void ^f(); };\nvoid B::f() { A::f(); }\n"
        "void g(A& a) { a.[[f]](); }\nvoid h(B& b) { b.[[f]](); }",
        ["g", "h"],
    ),
    "a virtual function: no calls of what overrides it": (
        "struct A { virtual void ^f(); };\nstruct B : A { void f(); };\nvoid g(A& a, B& b) { a.[[f]](); b.f(); }",
        ["g"],
    ),
    "a variable: what uses it": ("int ^x;\nint f() { return [[x]]; }\nvoid g() { [[x]] = 1; }", ["f", "g"]),
    "a field": ("struct S { int ^x; };\nint f(S s) { return s.[[x]]; }", ["f"]),
    "in other files": (
        '#include "f.h"\nint g() { return [[f]](); }\n// file: b.cc\n#include "f.h"\nint h() { return [[f]](); }\n'
        "// file: f.h\n#pragma once\nint ^f();\ninline int i() { return [[f]](); }",
        ["h", "i", "g"],
    ),
    "two functions of one name": (
        "static int ^f() { return 1; }\nint g() { return [[f]](); }\n// file: b.cc\n"
        "static int f() { return 2; }\nint h() { return f(); }",
        ["g"],
    ),
    "none": ("int ^f();", []),
}


@pytest.mark.parametrize(("code", "expected"), CALLERS.values(), ids=CALLERS)
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)


CALLEES = {
    "functions, each of the calls": (
        "int f(int);\nint g();\nint ^h() { return [[g]]() + [[f]]([[f]](1)); }",
        ["g", "f"],
    ),
    "from its declaration or a call, too": (
        "int f();\nint ^h();\nint h() { return [[f]](); }\nint x = ^h();",
        ["f"],
    ),
    "methods, constructors, operators": (
        "struct S { S(int); void m(); S operator+(S); };\nvoid ^f() { S [[a]](1); a.[[m]](); a [[+]] a; }",
        ["S::S", "S::m", "S::operator+"],
    ),
    "of an initialiser": ("int f();\nint ^x = [[f]]();\nstruct S { int m = f(); };", ["f"]),
    "of a field's initialiser": ("int f();\nint x = f();\nstruct S { int ^m = [[f]](); };", ["f"]),
    "in lambdas": ("int f();\nint ^g() { return [] { return [[f]](); }(); }", ["f"]),
    "no variables, types or macros": (
        "int x;\nstruct S {};\n#define M 1\nint ^f() { S s; return x + M; }",
        [],
    ),
    "a virtual one is what is named": (
        "struct A { virtual void f(); };\nstruct B : A { void f(); };\nvoid ^g(A& a) { a.[[f]](); }",
        ["A::f"],
    ),
    "in the header where it is defined": (
        '#include "f.h"\nint y = ^g();\n// file: f.h\nint f();\ninline int g() { return [[f]](); }',
        ["f"],
    ),
    "of what is nowhere defined": ("int ^f();\nint g() { return f(); }", []),
}


@pytest.mark.parametrize(("code", "expected"), CALLEES.values(), ids=CALLEES)
def test_callees(code: str, expected: list[str]) -> None:
    check_callees(code, expected)


@pytest.mark.parametrize(
    "code",
    [
        "struct ^S {};",
        "int f(int ^p) { return p; }",
        "int f() { int ^x = 1; return x; }",
        "enum ^E { ^e };",
        "namespace ^n {}",
        "using ^A = int;",
    ],
)
def test_what_cannot_call_is_no_item(code: str) -> None:
    with indexed(code) as space:
        for cursor in space.marked.cursors:
            assert callables_at(space.index.db, space.roots, hits(space, *cursor)) == []


def test_an_item_is_the_definition_whole() -> None:
    with indexed("int f();\nnamespace n { int g() { return ^f(); } }\nint f() {\n  return 1;\n}\n") as space:
        [item] = callables_at(space.index.db, space.roots, hits(space, *space.marked.cursors[0]))
        assert (item.name, item.scope, item.is_definition) == ("f", "", True)
        assert (item.begin, item.end) == ((2, 0), (4, 1))
        assert (item.place.line, item.place.start, item.place.end) == (2, 4, 5)
