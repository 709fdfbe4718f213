"""Outlines of marked C++: what is in them, nested how, under which names, over which ranges."""

import pytest
from support.cpp import check_outline, indexed

from cpplsp.query.outline import outline

OUTLINES = {
    "functions": ("int f();\nint f() { return 1; }", "function f\nfunction f"),
    "variables": ("int a, b = 1;\nextern int c;", "variable a\nvariable b\nvariable c"),
    "locals and parameters are left out": ("int f(int p) { int x = p; return x; }", "function f"),
    "local classes are left out": ("void f() { struct L { int x; }; }", "function f"),
    "lambdas are left out": ("auto l = [](int p) { return p; };", "variable l"),
    "class": (
        "class C { C(); ~C(); void m(); int f; static int s; enum E { e }; };",
        "class C\n  constructor C\n  destructor ~C\n  method m\n  field f\n  static_field s\n"
        "  enum E\n    enumerator e",
    ),
    "members defined outside": (
        "struct S { void m(); static int f; };\nvoid S::m() {}\nint S::f = 1;",
        "struct S\n  method m\n  static_field f\nmethod S::m\nstatic_field S::f",
    ),
    "members defined outside, in their namespace": (
        "namespace n { struct S { void m(); }; }\nnamespace n { void S::m() {} }\nvoid g();",
        "namespace n\n  struct S\n    method m\nnamespace n\n  method S::m\nfunction g",
    ),
    "members defined outside their namespace": (
        "namespace n { struct S { void m(); }; }\nvoid n::S::m() {}",
        "namespace n\n  struct S\n    method m\nmethod n::S::m",
    ),
    "namespaces": (
        "namespace a::b { int x; }\nnamespace a { inline namespace c { int y; } }",
        "namespace a\n  namespace b\n    variable x\nnamespace a\n  namespace c\n    variable y",
    ),
    "reopened class members do not mix": (
        "struct A { int x; };\nstruct B { int x; };",
        "struct A\n  field x\nstruct B\n  field x",
    ),
    "nested classes": (
        "struct A { struct B { int x; }; B b; };",
        "struct A\n  struct B\n    field x\n  field b",
    ),
    "operators": (
        "struct S { bool operator==(S); operator int(); };\nS operator+(S, S);",
        "struct S\n  method operator==\n  conversion operator int\nfunction operator+",
    ),
    "enums": ("enum class E : int { a, b };", "enum E\n  enumerator a\n  enumerator b"),
    "aliases": ("typedef int T;\nusing U = int;", "type_alias T\ntype_alias U"),
    "templates": (
        "template <class T> struct V { V(T); T t; };\ntemplate <> struct V<int> { int u; };\n"
        "template <class T> void f(T t);",
        "struct V\n  constructor V\n  field t\nstruct V<int>\n  field u\nfunction f",
    ),
    'extern "C"': ('extern "C" { int f(); }\nextern "C" int g();', "function f\nfunction g"),
    "unnamed": (
        "struct { int x; } s;\nenum { e };\nstruct N { union { int i; float f; }; };",
        "struct (anonymous struct)\n  field x\nvariable s\nenum (anonymous enum)\n  enumerator e\n"
        "struct N\n  union (anonymous union)\n    field i\n    field f",
    ),
    "anonymous namespace": (
        "namespace { int x; }\nnamespace n { namespace { int y; } }",
        "namespace (anonymous namespace)\n  variable x\nnamespace n\n  namespace (anonymous namespace)\n    variable y",
    ),
    "by macro": (
        "#define F(n) void f_##n() {}\nF(a)\nF(b)",
        "macro F\n  function f_a\nmacro F\n  function f_b",
    ),
    "friends": (
        "struct S { friend void f(S) {} friend void g(S); friend class C; template <class T> friend class D; int x; };",
        "struct S\n  function f\n  field x",
    ),
    "classes that are mentioned": ("typedef struct S T;\nstruct U* p;", "type_alias T\nvariable p"),
    "members in an anonymous namespace": (
        "namespace n { namespace { struct S { void m(); }; void S::m() {} } }",
        "namespace n\n  namespace (anonymous namespace)\n    struct S\n      method m\n    method S::m",
    ),
    "members of templates": (
        "template <class T> struct V { void m(); struct I; };\ntemplate <class T> void V<T>::m() {}\n"
        "template <class T> struct V <T> :: I {};\ntemplate <> void V<int>::m() {}",
        "struct V\n  method m\n  struct I\nmethod V<T>::m\nstruct V <T>::I\nmethod V<int>::m",
    ),
    "specialisations": (
        "template <class T, class U> struct P;\ntemplate <class T> struct P<T, int> { P(); };\n"
        "template <class T> bool v = false;\ntemplate <> bool v<int> = true;\n"
        "template <class T> void f();\ntemplate <> void f< int >();",
        "struct P\nstruct P<T, int>\n  constructor P\nvariable v\nvariable v<int>\nfunction f\nfunction f< int >",
    ),
    "what uses of macros declare": (
        "#define T(a, b) struct a##b { void m(); }; void a##b::m()\nT(x, y) { }\nint z;",
        "macro T\n  method xy::m\n  struct xy\nvariable z",
    ),
    "a namespace that is opened by a macro": (
        "#define BEGIN namespace n { inline namespace v {\n#define END } }\nBEGIN\nstruct S { int x; };\nEND\nint y;",
        "macro BEGIN\n  namespace n\n    namespace v\n      struct S\n        field x\nvariable y",
    ),
    "scopes of which one name begins the other": (
        "namespace n { void f(); }\nnamespace nn {}\nusing namespace nn;\nvoid n::f() {}",
        "namespace n\n  function f\nnamespace nn\nfunction n::f",
    ),
    "nothing": ("// nothing\n", ""),
    "order is the file's": ("int b;\nint a;\nvoid c();", "variable b\nvariable a\nfunction c"),
    "concept": ("template <class T> concept C = true;", "concept C"),
}


@pytest.mark.parametrize(("code", "expected"), OUTLINES.values(), ids=OUTLINES.keys())
def test_outline(code: str, expected: str) -> None:
    check_outline(code, expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("[[int f() {\n  return 1;\n}]]\n", "function f"),
        ("[[template <class T>\nstruct V {\n  [[T t]];\n}]];", "struct V\n  field t"),
        ("/* ä */ [[namespace n {\r\n  [[int x = 1]];\r\n}]]\r\n", "namespace n\n  variable x"),
        ("#define BODY { return 1; }\n[[int f() BODY]]\n", "function f"),
        ("#define INT int\n[[INT x]];", "variable x"),
        ("\ufeff[[int x]];", "variable x"),
        ("[[enum E { [[a = 1]], [[b]] }]];", "enum E\n  enumerator a\n  enumerator b"),
    ],
)
def test_a_symbol_extends_over_its_whole_declaration(code: str, expected: str) -> None:
    check_outline(code, expected)


def test_a_header_has_an_outline_of_its_own() -> None:
    code = '#include "h.h"\nint x;\n// file: h.h\nint f();\nstruct S { int m; };'
    check_outline(code, "function f\nstruct S\n  field m", name="h.h")


def test_what_two_readings_of_a_header_have_in_common_comes_once() -> None:
    code = (
        '// file: a.cc\n#include "h.h"\n// file: b.c\n#include "h.h"\n// file: h.h\n'
        "struct s { int x; };\n#ifdef __cplusplus\nint cpp();\n#else\nint c();\n#endif\n"
    )
    check_outline(code, "struct s\n  field x\nfunction cpp\nfunction c", name="h.h")


def test_the_name_is_where_it_stands() -> None:
    with indexed("struct S { void m(); };\nvoid S::m() {}") as space:
        found = outline(space.db, space.roots, space.path("main.cc"))
    assert [(one.start, one.stop) for one in found] == [((0, 7), (0, 8)), ((1, 8), (1, 9))]
    assert [(one.name, one.scope, one.is_definition) for one in found] == [
        ("S", "", True),
        ("S::m", "S", True),
    ]
    assert [one.is_definition for one in found[0].children] == [False]


def test_of_a_file_that_is_not_known_there_is_none() -> None:
    with indexed("int x;") as space:
        assert outline(space.db, space.roots, space.path("nowhere.cc")) == []
