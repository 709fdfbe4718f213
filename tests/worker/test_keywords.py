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


_NEW = (
    "// file: outside/new\nnamespace std { using size_t = decltype(sizeof(0)); struct nothrow_t {}; "
    "extern const nothrow_t nothrow; }\n"
)
GLOBAL_OPERATORS = {
    "new": "int* a = ^new int;\n" + _NEW + "void* [[operator new]](std::size_t);",
    "new of an array": (
        "int* a = ^new int[3];\n"
        + _NEW
        + "void* operator new(std::size_t);\nvoid* [[operator new  ]][](std::size_t);"
    ),
    "new at a place": (
        "void* p;\nint* a = ^new (p) int;\n"
        + _NEW
        + "void* operator new(std::size_t);\nvoid* [[operator new]](std::size_t, void*);"
    ),
    "new that does not throw": (
        "int* a = ^new (std::nothrow) int(1);\n"
        + _NEW
        + "void* operator new(std::size_t);\nvoid* [[operator new]](std::size_t, const std::nothrow_t&);"
    ),
    "new of a type in parentheses": (
        "int* a = ^new (int)(1);\n"
        + _NEW
        + "void* [[operator new]](std::size_t);\nvoid* operator new(std::size_t, void*);"
    ),
    "delete": "void f(int* p) { ^delete p; }\n" + _NEW + "void [[operator delete]](void*);",
    "delete with a size": (
        "void f(int* p) { ^delete p; }\n"
        + _NEW
        + "void operator delete(void*);\nvoid [[operator delete]](void*, std::size_t);"
    ),
    "delete of an array": (
        "void f(int* p) { ^delete[] p; }\n"
        + _NEW
        + "void [[operator delete  ]][](void*);\nvoid operator delete[](void*, std::size_t);"
    ),
}


@pytest.mark.parametrize("code", GLOBAL_OPERATORS.values(), ids=GLOBAL_OPERATORS.keys())
def test_new_and_delete_lead_to_the_global_operators(code: str) -> None:
    check_definition("#include <new>\n" + code)


def test_global_operators_are_the_same_where_no_header_declares_them() -> None:
    check_references(
        "int* a = [[new]] int;\n// file: b.cc\nvoid* ^[[operator]] new(decltype(sizeof(0))) { return 0; }"
    )


def test_operators_that_take_something_else_than_a_place_are_not_the_global_ones() -> None:
    check_definition(
        "#include <new>\nstruct Arena {};\nvoid* operator new(std::size_t, Arena&);\n"
        "int* f(Arena& arena) { return ^new (arena) int; }\n"
        + _NEW
        + "void* operator new(std::size_t, void*);"
    )


def test_global_operators_that_the_project_replaces() -> None:
    check_references(
        "using size = decltype(sizeof(0));\nvoid* ^[[operator]] new(size) { return 0; }\nint* a = [[new]] int;\n"
        "template <class T> T* make() { return new T; }\n"
        "struct S { void* operator new(size); };\nS* s = new S;"
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
