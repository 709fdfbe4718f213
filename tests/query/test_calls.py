"""What calls what, on marked C++."""

import pytest
from support.cpp import indexed
from support.features import check_callees, check_callers, hits

from cpplsp.query.calls import callables_at, callees

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
    "mutual recursion": (
        "int g(int);\nint ^f(int x) { return x ? g(x - 1) : 0; }\nint g(int x) { return [[f]](x); }",
        ["g"],
    ),
    "functions in anonymous namespaces": (
        "namespace { int ^f() { return 1; } }\nint g() { return [[f]](); }\n// file: b.cc\n"
        "namespace { int f() { return 2; } }\nint h() { return f(); }",
        ["g"],
    ),
    "functions of files named alike": (
        "// file: a/main.c\nstatic int ^f(void) { return 1; }\nint g(void) { return [[f]](); }\n"
        "// file: b/main.c\nstatic int f(void) { return 2; }\nint h(void) { return f(); }",
        ["g"],
    ),
    "C: tables of pointers to functions": (
        "// file: a.c\nint ^f(int);\nstruct ops { int (*one)(int), (*two)(int); };\n"
        "static const struct ops o = { .one = [[f]], .two = &[[f]] };\nint (*t[])(int) = { [[f]], 0 };\n"
        "int use(int (*)(int));\nint g(void) { return use([[f]]); }\n"
        "void h(struct ops* p) { p->one = [[f]]; p->one(1); }",
        ["o", "t", "g", "h"],
    ),
    "C: declared where it is called": (
        "// file: a.c\nint g(void) { int f(int); return [[f]](1); }\nint ^f(int x) { return x; }",
        ["g"],
    ),
    "a method of a local class calls, not the function around": (
        "int ^f(int);\nvoid g() { struct L { int m() { return [[f]](1); } static int s(int x = [[f]](2)); "
        "int d = [[f]](3); }; L l; l.m(); }",
        ["g::L::m", "g::L::s", "g::L::d"],
    ),
    "a local variable's initialiser is its function's": (
        "int ^f();\nvoid g() { int a = [[f]](); static int b = [[f]](); for (int i = [[f]](); i < [[f]]();) {} }",
        ["g"],
    ),
    "enumerators, aliases, array bounds, bit-fields": (
        "constexpr int ^f(int x) { return x; }\nenum E { e = [[f]](1) };\nusing A = int[ [[f]](2)];\n"
        "int a[ [[f]](3)];\nstruct S { int b : [[f]](4); int c[ [[f]](5)]; };",
        ["E::e", "A", "a", "S::b", "S::c"],
    ),
    "classes and namespaces, of what is in nothing else": (
        "constexpr int ^f(int x) { return x; }\ntemplate <int> struct V {};\n"
        "struct S : V<[[f]](1)> { static_assert([[f]](2)); };\nnamespace n { static_assert([[f]](3)); }",
        ["S", "n"],
    ),
    "concepts and variables of templates": (
        "constexpr int ^f(int x) { return x; }\ntemplate <class T> concept C = [[f]](1) == 1;\n"
        "template <class T> int v = [[f]](2);",
        ["C", "v"],
    ),
    "members of templates that are defined outside": (
        "int ^f();\ntemplate <class T> struct S { T m = [[f]](); void g(); static int s; };\n"
        "template <class T> void S<T>::g() { [[f]](); }\ntemplate <class T> int S<T>::s = [[f]]();",
        ["S::m", "S::g", "S::s"],
    ),
    "friends in their class": (
        "struct S { friend void ^f(S) {} friend void g(S s) { [[f]](s); } };",
        ["g"],
    ),
    "a destructor that is spelled": (
        "struct S { ^~S(); };\nvoid f(S* s) { s->[[~S]](); delete s; }",
        ["f"],
    ),
    "a conversion, wherever it is implied": (
        "struct S { ^operator bool() const; };\nint f(S a, S b) { if ([[a]] && ![[b]]) {} return [[a]] ? 1 : 2; }",
        ["f"],
    ),
    "constructors of bases and members": (
        "struct S { ^S(int); };\nstruct T : S { S m; T() : [[S]](1), [[m]](2) {} };\n"
        "struct U { S m = [[3]]; S n[[{]]4}; };",
        ["T::T", "U::m", "U::n"],
    ),
    "inherited constructors": (
        "struct S { ^S(int); };\nstruct T : S { using S::[[S]]; };\nT t(1);",
        ["T"],
    ),
    "what is in a skipped branch calls nothing": (
        "int ^f();\nint g() {\n#if 0\n  f();\n#endif\n  return [[f]]();\n}",
        ["g"],
    ),
    "two macros in each other": (
        "int ^f(int);\n#define ID(x) x\n#define CALL(x) ID(f(x))\nint g() { return [[CALL]](1) + ID([[f]](2)); }",
        ["g"],
    ),
    "a function that a macro makes": (
        "int ^f();\n#define DEFINE(n) int n##_made()\nDEFINE(g) { return [[f]](); }",
        ["g_made"],
    ),
    "a class that a macro makes of each test": (
        "int ^f();\n#define TEST(s, n) struct s##_##n { void body(); }; void s##_##n::body()\n"
        "TEST(a, b) { [[f]](); }\nTEST(a, c) { auto l = [] { return [[f]](); }; }",
        ["a_b::body", "a_c::body"],
    ),
    "a virtual function of two bases": (
        "struct A { virtual void f(); };\nstruct B { virtual void f(); };\nstruct C : A, B { void ^f(); };\n"
        "void g(A& a, B& b) { a.[[f]](); b.[[f]](); a.A::f(); }",
        ["g"],
    ),
    "a virtual function of a template's instantiation": (
        "template <class T> struct A { virtual void f(T); };\nstruct B : A<int> { void ^f(int) override; };\n"
        "void g(A<int>& a, A<char>& c) { a.[[f]](1); c.[[f]](1); }",
        ["g"],
    ),
    "a function that hides a virtual one": (
        "struct A { virtual void f(int); };\nstruct B : A { void ^f(char); };\n"
        "void g(A& a, B& b) { a.f(1); b.[[f]]('1'); }",
        ["g"],
    ),
    "a covariant one": (
        "struct A { virtual A* f(); };\nstruct B : A { B* ^f() override; };\nvoid g(A& a) { a.[[f]](); }",
        ["g"],
    ),
    "a pure one, through the class of its caller": (
        "struct A { void g() { [[f]](); } virtual void f() = 0; };\nstruct B : A { void ^f() override; };",
        ["A::g"],
    ),
    "a template's method, through this": (
        "template <class D> struct C { void g() { static_cast<D*>(this)->f(); this->[[h]](); } void ^h(); };\n"
        "struct D : C<D> { void f(); };\nvoid k(D& d) { d.[[h]](); }",
        ["C::g", "k"],
    ),
    "none": ("int ^f();", []),
}


@pytest.mark.parametrize(("code", "expected"), CALLERS.values(), ids=CALLERS)
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)


CALLEES = {
    "one of those that a name may mean": (
        "template <class T> struct V { void a(int); void a(char); };\n"
        "template <class T> void ^f(V<T>& v) { v.[[a]](1); }",
        ["V::a"],
    ),
    "global operators of new and delete": (
        "void* operator new(decltype(sizeof 0));\nvoid operator delete(void*) noexcept;\n"
        "void ^f() { int* p = [[new]] int; [[delete]] p; }",
        ["operator new", "operator delete"],
    ),
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
    "those whose addresses it takes": (
        "void f();\nvoid ^g() { void (*p)() = [[f]]; p = &[[f]]; p(); }",
        ["f"],
    ),
    "pointers to members": (
        "struct S { void m(); };\nvoid ^f(S& s) { auto p = &S::[[m]]; (s.*p)(); }",
        ["S::m"],
    ),
    "of a constructor: those of its initialisers": (
        "int f();\nint g();\nstruct S { int a; int b = g(); ^S(); };\nS::S() : a([[f]]()) {}",
        ["f"],
    ),
    "none of a local class": (
        "int f();\nvoid ^g() { struct L { L(); void m() { f(); } int x = f(); }; L [[l]]; l.[[m]](); }",
        ["g::L::L", "g::L::m"],
    ),
    "of a method of a local class": (
        "int f();\nvoid g() { struct L { void ^m() { [[f]](); } }; f(); }",
        ["f"],
    ),
    "itself": ("int ^f(int x) { return [[f]](x); }", ["f"]),
    "by default arguments": ("int f();\nint ^g(int x = [[f]]());", ["f"]),
    "of a table": ("int f();\nint g();\nint (*^t[])() = {[[f]], &[[g]]};", ["f", "g"]),
    "of an enumerator": ("constexpr int f() { return 1; }\nenum { ^e = [[f]]() };", ["f"]),
    "in a template: what is known of it": (
        "int f(int);\ntemplate <class T> T id(T);\ntemplate <class T> void ^g(T t) { [[f]](t); [[id]](t); t.m(); }",
        ["f", "id"],
    ),
    "none in a skipped branch": ("int f();\nvoid ^g() {\n#ifdef NO\n  f();\n#endif\n}", []),
    "the compiler's own in a macro are hidden": (
        "#include <assert.h>\nint f();\nvoid ^g() { assert([[f]]()); }\n// file: outside/assert.h\n"
        "void __fail(); \n#define assert(x) ((x) ? (void)0 : __fail())",
        ["f"],
    ),
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
        "enum ^E {};",
        "void f() { enum { ^e }; }",
        "namespace ^n {}",
        "using ^A = int;",
    ],
)
def test_what_cannot_call_is_no_item(code: str) -> None:
    with indexed(code) as space:
        for cursor in space.marked.cursors:
            assert callables_at(space.db, space.roots, hits(space, *cursor)) == []


def test_an_item_is_the_definition_whole() -> None:
    with indexed("int f();\nnamespace n { int g() { return ^f(); } }\nint f() {\n  return 1;\n}\n") as space:
        [item] = callables_at(space.db, space.roots, hits(space, *space.marked.cursors[0]))
        assert (item.name, item.scope, item.is_definition) == ("f", "", True)
        assert (item.begin, item.end) == ((2, 0), (4, 1))
        assert (item.place.line, item.place.start, item.place.end) == (2, 4, 5)


def test_of_two_programs_each_main_has_its_own_calls() -> None:
    code = (
        "// file: a.cc\nint f();\nint ^main() { return f(); }\n"
        "// file: b.cc\nint g();\nint ^main() { return g(); }\n"
    )
    with indexed(code) as space:
        db, roots = space.db, space.roots
        told = []
        for cursor in space.marked.cursors:
            [item] = callables_at(db, roots, hits(space, *cursor))
            path = item.place.path
            called = [call.item.name for call in callees(db, roots, item.symbol, [path])]
            told.append((space.name(path), called))
    assert told == [("a.cc", ["f"]), ("b.cc", ["g"])]
