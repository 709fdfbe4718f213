"""Keywords that lead to a symbol."""

import pytest
from support.cpp import check_definition, check_occurrences, check_references

DEFINITIONS = {
    "auto": "struct [[S]] {};\nS make();\n^auto a = make();",
    "auto of a pointer": "struct [[S]] {} s;\n^auto* a = &s;\nconst ^auto& b = *a;",
    "auto that is no class": "^auto a = 1;",
    "auto of a template": "template <class T> struct [[V]] {};\nV<int> make();\n^auto a = make();",
    "auto as a result": "struct [[S]] {};\n^auto f() { return S(); }",
    "auto in a loop": "struct [[S]] {} s[2];\nvoid f() { for (^auto& x : s) {} }",
    "decltype(auto)": "struct [[S]] {};\nS make();\n^decltype(^auto) f() { return make(); }",
    "decltype": "struct [[S]] {};\nS make();\n^decltype(make()) a;",
    "decltype as an argument": "template <class T> struct V {};\nint i;\nV<^decltype(i)> a;",
    "this": "struct [[S]] { S* f() { return ^this; } };",
    "this in a template": "template <class T> struct [[V]] { V* f() { return ^this; } };",
    "override": "struct B { virtual void [[f]](); };\nstruct D : B { void f() ^override; };",
    "override of a destructor": "struct B { virtual [[~B]](); };\nstruct D : B { ~D() ^override; };",
    "final": "struct B { virtual void [[f]](); };\nstruct D : B { void f() ^final; };",
    "final of a class": "struct B { virtual void f(); };\nstruct D ^final : B {};",
    "override behind a method with a lambda": (
        "struct B { virtual void [[f]](int); };\n"
        "struct D : B { void g() { [] {}(); } void f(int x = [] { return 1; }()) ^override; };"
    ),
    "new": "struct S { void* [[operator]] new(decltype(sizeof 0)); };\nS* s = ^new S;",
    "new of a derived class": (
        "struct B { void* [[operator]] new(decltype(sizeof 0)); };\nstruct D : B {};\nD* s = ^new D();"
    ),
    "new of an array": (
        "typedef decltype(sizeof 0) size;\n"
        "struct S { void* operator new(size); void* [[operator]] new[](size); };\nS* s = ^new S[3];"
    ),
    "delete": "struct S { void [[operator]] delete(void*); };\nvoid f(S* s) { ^delete s; }",
    "delete of an array": (
        "struct S { void operator delete(void*); void [[operator]] delete[](void*); };\n"
        "void f(S* s) { ^delete[] s; }"
    ),
}


@pytest.mark.parametrize("code", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_definition(code: str) -> None:
    check_definition(code)


def test_keywords_are_no_references() -> None:
    check_references("struct ^[[S]] { auto f() { return this; } };\n[[S]] s;\nauto x = s;")


def test_new_and_delete_name_operators() -> None:
    check_references(
        "struct S { void* ^[[operator]] new(decltype(sizeof 0)); };\nS* a = [[new]] S;\nint* b = new int;"
    )


def test_occurrences() -> None:
    check_occurrences(
        "struct B { virtual void f(); };\nstruct D : B { void f() override; };",
        [
            "0:7 B = B, definition",
            "0:24 f = f, declaration",
            "1:7 D = D, definition",
            "1:11 B = B, reference",
            "1:20 f = f, declaration",
            "1:24 override = f, implicit keyword",
        ],
    )
