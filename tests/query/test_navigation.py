"""From a cursor in marked C++ to definitions, declarations and references, through a real index."""

import os
from pathlib import Path

import pytest
from support.cpp import check_declaration, check_definition, check_references, indexed

from cpplsp.facts import Kind, Role
from cpplsp.query import navigation

DEFINITIONS = {
    "function": "int [[twice]](int x) { return 2 * x; }\nint y = ^twi^ce^(1);",
    "function declared first": "int f();\nint [[f]]() { return 1; }\nint y = ^f();",
    "function only declared": "int [[f]]();\nint y = ^f();",
    "function in another file": "int f();\nint y = ^f();\n// file: f.cc\nint [[f]]() { return 1; }",
    "function in a header": '#include "f.h"\nint y = ^f();\n// file: f.h\ninline int [[f]]() { return 1; }',
    "overload by type": "void f(int) {}\nvoid [[f]](char) {}\nvoid g() { ^f('c'); }",
    "overload by number": "void f() {}\nvoid [[f]](int) {}\nvoid g() { ^f(1); }",
    "default argument": "const int [[k]] = 1;\nvoid f(int x = ^k);",
    "method": "struct S { void m(); };\nvoid S::[[m]]() {}\nvoid f(S s) { s.^m(); }",
    "method through a pointer": "struct S { void [[m]]() {} };\nvoid f(S* s) { s->^m(); }",
    "const overload": "struct S { void m() {} void [[m]]() const {} };\nvoid f(const S& s) { s.^m(); }",
    "static method": "struct S { static int [[m]]() { return 1; } };\nint x = S::^m();",
    "virtual method in its static type": (
        "struct B { virtual void [[m]]() {} };\nstruct D : B { void m() override {} };\nvoid f(B* b) { b->^m(); }"
    ),
    "override": (
        "struct B { virtual void m() {} };\nstruct D : B { void [[m]]() override {} };\nvoid f(D* d) { d->^m(); }"
    ),
    "inherited method": "struct B { void [[m]]() {} };\nstruct D : B {};\nvoid f(D d) { d.^m(); }",
    "class where its constructor is called": "struct [[S]] { S(int) {} };\nauto s = ^S(1);",
    "constructor where it is declared": "struct S { [[S]](int); };\nS::^S(int) {}",
    "class where new calls its constructor": "struct [[S]] { S(int) {} };\nauto s = new ^S(1);",
    "constructor outside its class": "struct S { ^S(int); };\nS::[[S]](int) {}",
    "variable whose declaration calls a constructor": "struct S { S(int) {} };\nS [[s]](1);\nint f(S);\nint x = f(^s);",
    "name of a variable whose declaration calls a constructor": "struct S { S() {} };\nS ^[[s]];",
    "class where no constructor is declared": "struct [[S]] { int x; };\nauto s = ^S{1};",
    "destructor": "struct S { ~S(); };\nS::[[~S]]() {}\nvoid f(S* s) { s->^~S(); }",
    "operator": "struct S {};\nvoid [[operator]]+(S, S) {}\nvoid f(S s) { s ^+ s; }",
    "call operator": "struct S { void [[operator]]()() {} };\nvoid f(S s) { s ^(); }",
    "callable variable": "struct S { void operator()() {} };\nvoid f(S [[s]]) { ^s^(); }",
    "subscript operator": "struct S { int [[operator]][](int) { return 1; } };\nvoid f(S s) { s ^[1]; }",
    "operator called by name": "struct S { void [[operator]]+(int) {} };\nvoid f(S s) { s.^operator+(1); }",
    "unary operator": "struct S { void [[operator]]~() {} };\nvoid f(S s) { ^~s; }",
    "variable that is converted": (
        "struct S { operator bool() const { return true; } };\nvoid f() { S [[bo]]; if (^bo) {} }"
    ),
    "user-defined literal": (
        'int [[operator]]""_km(unsigned long long n) { return int(n); }\nint x = 5^_km;'
    ),
    "field": "struct S { int [[f]]; };\nint g(S s) { return s.^f; }",
    "designated initialiser": "struct S { int [[f]]; };\nS s{.^f = 1};",
    "member initialiser": "struct S { int [[f]]; S() : ^f(1) {} };",
    "base initialiser": "struct [[B]] { B(int) {} };\nstruct D : B { D() : ^B(1) {} };",
    "static field": "struct S { static int f; };\nint S::[[f]] = 1;\nint x = S::^f;",
    "enum": "enum [[E]] { e };\n^E x;",
    "enumerator": "enum E { [[e]] };\nE x = ^e;",
    "scoped enumerator": "enum class E { [[e]] };\nE x = E::^e;",
    "enum declared first": "enum class E : int;\nenum class [[E]] : int { e };\n^E x;",
    "namespace": "namespace [[n]] { int x; }\nint y = ^n::x;",
    "namespace member": "namespace n { int [[x]]; }\nint y = n::^x;",
    "inline namespace member": "namespace n { inline namespace v { int [[x]]; } }\nint y = n::^x;",
    "anonymous namespace member": "namespace { int [[x]]; }\nint y = ^x;",
    "through a namespace alias": "namespace n { int [[x]]; }\nnamespace m = n;\nint y = m::^x;",
    "through using": "namespace n { int [[x]]; }\nusing n::^x;\nint y = ^x;",
    "through using namespace": "namespace n { int [[x]]; }\nusing namespace n;\nint y = ^x;",
    "typedef": "typedef int [[T]];\n^T x;",
    "using alias": "using [[T]] = int;\n^T x;",
    "alias template": "template <class X> using [[P]] = X*;\n^P<int> p;",
    "class": "class [[C]] {};\n^C c;",
    "class declared first": "class C;\n^C* c;\nclass [[C]] {};",
    "class only declared": "class [[C]];\n^C* c;",
    "class defined in another file": "struct C;\n^C* c;\n// file: c.cc\nstruct [[C]] {};",
    "base": "struct [[B]] {};\nstruct D : ^B {};",
    "union": "union [[U]] { int x; };\n^U u;",
    "nested class": "struct S { struct [[In]] {}; };\nS::^In x;",
    "friend": "struct [[G]];\nstruct F { friend struct ^G; };",
    "friend that is declared behind": "struct F { friend struct ^G; };\nstruct [[G]];",
    "class that is mentioned only": "struct F { friend struct [[^G]]; };\nstruct ^G* g;",
    "class that is mentioned only, in a header first": (
        '#include "h.h"\nstruct ^G* g;\n// file: h.h\nstruct F { friend struct [[G]]; };'
    ),
    "function template": "template <class T> T [[f]](T t) { return t; }\nint x = ^f(1);",
    "function template's specialisation": (
        "template <class T> int f(T) { return 1; }\ntemplate <> int [[f]](char) { return 2; }\nint x = ^f('c');"
    ),
    "class template": "template <class T> struct [[V]] {};\n^V<int> v;",
    "member of a class template": "template <class T> struct V { void [[m]]() {} };\nvoid f(V<int> v) { v.^m(); }",
    "member of a class template, defined outside": (
        "template <class T> struct V { void m(); };\ntemplate <class T> void V<T>::[[m]]() {}\n"
        "void f(V<int> v) { v.^m(); }"
    ),
    "constructor of a class template": (
        "template <class T> struct V { ^V(T); };\ntemplate <class T> V<T>::[[V]](T) {}\nauto v = V<int>(1);"
    ),
    "member of an explicit specialisation": (
        "template <class T> struct V { int m; };\ntemplate <> struct V<char> { int [[m]]; };\n"
        "int f(V<char> v) { return v.^m; }"
    ),
    "member of a partial specialisation": (
        "template <class T> struct V { int m; };\ntemplate <class T> struct V<T*> { int [[m]]; };\n"
        "int f(V<int*> v) { return v.^m; }"
    ),
    "partial specialisation where it is defined": (
        "template <class T> struct [[V]] {};\ntemplate <class T> struct ^V<T*> {};\nV<int> v;"
    ),
    "macro that names namespaces and a function": (
        "namespace n { int f(); }\n#define [[F]] n::f()\nint x = ^F;"
    ),
    "concept": "template <class T> concept [[C]] = true;\ntemplate <^C T> void f(T);",
    "variable template": "template <class T> constexpr int [[n]] = 1;\nint x = ^n<int>;",
    "lambda held by a variable": "void f() { auto [[l]] = [] {}; ^l(); }",
    "captured by reference": "void f() { int [[x]] = 1; auto l = [&^x] { return ^x; }; }",
    "captured by value": "void f() { int [[x]] = 1; auto l = [^x] { return ^x; }; }",
    "captured by default": "void f() { int [[x]] = 1; auto l = [=] { return ^x; }; }",
    "lambda's parameter": "auto l = [](int [[p]]) { return ^p; };",
    "local": "int f() { int [[x]] = 1; return ^x; }",
    "local that hides another": "int f() { int x = 1; { int [[x]] = 2; return ^x; } }",
    "static local": "int f() { static int [[x]]; return ^x; }",
    "local class": "void f() { struct [[L]] {}; ^L l; }",
    "parameter": "int f(int [[p]]) { return ^p; }",
    "condition's variable": "int f() { if (int [[x]] = 1) return ^x; return 0; }",
    "loop's variable": "void f() { for (int [[i]] = 0; ^i < 3; ++^i) {} }",
    "range-for's variable": "int f() { int a[3]; for (int [[x]] : a) return ^x; return 0; }",
    "range-for's range": "int f() { int [[a]][3]; for (int x : ^a) return x; return 0; }",
    'extern "C"': 'extern "C" int [[f]]() { return 1; }\nint x = ^f();',
    "global declared extern": "extern int g;\nint [[g]] = 1;\nint x = ^g;",
    "declared in a macro's argument": "#define VAR(n) int n = 1;\nVAR([[x]])\nint y = ^x;",
    "declared by pasting": "#define GETTER(n) int get_##n() { return 1; }\n[[GETTER]](x)\nint y = ^get_x();",
    "used in a macro's argument": "#define ID(x) x\nint [[v]];\nint w = ID(^v);",
    "non-ASCII name": "int [[größe]] = 1;\nint x = ^größe + ^größe;",
    "after wide characters": "int [[x]]; /* äöü 🙂 */ int y = ^x;",
    "CRLF": "int [[x]];\r\n// ä\r\nint y = ^x;\r\n",
    "lone CR": "int [[x]];\rint y = ^x;\r",
    "byte-order mark": "\ufeffint [[x]]; int y = ^x;\nint z = ^x;",
    "NUL bytes": "int [[x]];\n\0\nint y =\0^x;",
    "trigraph-free continuation": "int [[x]];\n#define Y \\\n  1\nint y = ^x + Y;",
    "from a declaration to the definition": "int ^f();\nint [[f]]() { return 1; }",
    "from the definition to the declaration": "int [[f]]();\nint ^f() { return 1; }",
    "on the only definition": "int ^[[f]]() { return 1; }",
    "on a type's definition": "struct S;\nstruct ^[[S]] {};",
    "C struct": "// file: main.c\nstruct [[S]] { int x; };\nstruct ^S s;",
    "C typedef of an unnamed struct": "// file: main.c\ntypedef struct { int x; } [[S]];\n^S s;",
    "C field": "// file: main.c\ntypedef struct { int [[x]]; } S;\nint f(S* s) { return s->^x; }",
    "C function": (
        "// file: main.c\nint f(void);\nint g(void) { return ^f(); }\n// file: f.c\nint [[f]](void) { return 1; }"
    ),
    "C function called from C++": (
        'extern "C" int f();\nint x = ^f();\n// file: f.c\nint [[f]](void) { return 1; }'
    ),
    "header without a guard": '#include "h.h"\n#include "h.h"\nint x = ^h();\n// file: h.h\nint [[h]]();',
    "X-macro file": '#define X(n) n,\nenum E {\n#include "x.def"\n};\nint v = ^b;\n// file: x.def\nX(a)\nX([[b]])',
    "header inside a namespace": 'namespace n {\n#include "in.inc"\n}\nint x = n::^v;\n// file: in.inc\nint [[v]];',
    "header inside a function": 'int f() {\n#include "in.inc"\n  return ^v;\n}\n// file: in.inc\nint [[v]] = 1;',
    "static functions of one name": (
        "static int [[f]]() { return 1; }\nint x = ^f();\n// file: other.cc\nstatic int f() { return 2; }\nint y = f();"
    ),
    "static functions in files of one name": (
        "// file: a/m.cc\nstatic int [[f]]() { return 1; }\nint x = ^f();\n"
        "// file: b/m.cc\nstatic int f() { return 2; }\nint y = f();"
    ),
    "anonymous namespaces in files of one name": (
        "// file: a/m.cc\nnamespace { struct [[S]] {}; }\n^S x;\n// file: b/m.cc\nnamespace { struct S {}; }\nS y;"
    ),
    "locals in files of one name": (
        "// file: a/m.cc\nstatic int f() { int [[x]] = 1; return ^x; }\n"
        "// file: b/m.cc\nstatic int f() { int x = 2; return x; }"
    ),
    "static in a header": (
        '#include "s.h"\nint x = ^s();\n// file: s.h\nstatic inline int [[s]]() { return 1; }\n'
        '// file: other.cc\n#include "s.h"\nint y = s();'
    ),
    "header read as C and as C++": (
        '#include "h.h"\nint x = ^h();\n// file: m.c\n#include "h.h"\nint y(void) { return ^h(); }\n'
        '// file: h.h\n#ifdef __cplusplus\nextern "C" {\n#endif\nstatic inline int [[h]](void) { return 1; }\n'
        "#ifdef __cplusplus\n}\n#endif"
    ),
    "outside the project": "#include <o.h>\nint x = ^o();\n// file: outside/o.h\nint [[o]]();",
    "type outside the project": "#include <o.h>\n^S s;\n// file: outside/o.h\nstruct [[S]] {};",
    "type outside the project, first met as the scope of a member": (
        "#include <o.h>\nvoid f() { g().m(); }\n^S s;\n"
        "// file: outside/o.h\nstruct [[S]] { void m(); };\nstruct S g();"
    ),
    "type outside the project, only declared in the first unit": (
        "#include <fwd.h>\nvoid f(S*);\n// file: b.cc\n#include <full.h>\n^S s;\n"
        "// file: outside/fwd.h\nstruct S;\n// file: outside/full.h\n#include <fwd.h>\nstruct [[S]] {};"
    ),
    "outside the project, behind wide characters and a mark": (
        "#include <o.h>\nint x = ^o();\n// file: outside/o.h\n\ufeff/* äöü */ int [[o]]();"
    ),
}


@pytest.mark.parametrize("code", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_definition(code: str) -> None:
    check_definition(code)


DECLARATIONS = {
    "function": "int [[f]]();\nint f() { return 1; }\nint x = ^f();",
    "function that is only defined": "int [[f]]() { return 1; }\nint x = ^f();",
    "all declarations": "int [[f]]();\nint [[f]]();\nint f() { return 1; }\nint x = ^f();",
    "from the declaration to the definition": "int ^f();\nint [[f]]() { return 1; }",
    "from the definition": "int [[f]]();\nint ^f() { return 1; }",
    "method": "struct S { void [[m]](); };\nvoid S::m() {}\nvoid f(S s) { s.^m(); }",
    "static field": "struct S { static int [[f]]; };\nint S::f = 1;\nint x = S::^f;",
    "extern variable": "extern int [[g]];\nint g = 1;\nint x = ^g;",
    "in a header": '#include "f.h"\nint f() { return 1; }\nint x = ^f();\n// file: f.h\nint [[f]]();',
    "of a type in the same file": "struct [[S]];\nstruct S {};\n^S s;",
    "of a type in another file: its definition": (
        '#include "s.h"\nstruct [[S]] {};\n^S s;\n// file: s.h\nstruct S;'
    ),
    "from the declaration of a type: its definition": "struct ^S;\nstruct [[S]] {};\nS s;",
    "of a type without a definition": "struct [[S]];\n^S* s;",
    "constructor": "struct S { [[S]](int); };\nS::^S(int) {}",
}


@pytest.mark.parametrize("code", DECLARATIONS.values(), ids=DECLARATIONS.keys())
def test_declaration(code: str) -> None:
    check_declaration(code)


REFERENCES = {
    "function": "int [[f]]();\nint [[f]]() { return 1; }\nint x = ^[[f]]() + [[f]]();",
    "across files": (
        '#include "f.h"\nint x = ^[[f]]();\n// file: f.h\nint [[f]]();\n'
        '// file: f.cc\n#include "f.h"\nint [[f]]() { return 1; }\nint g() { return [[f]](); }'
    ),
    "overload": "void [[f]](int);\nvoid f(char);\nvoid g() { ^[[f]](1); f('c'); }",
    "by address": "void [[f]]();\nauto p = &^[[f]];",
    "method": "struct S { void [[m]](); };\nvoid S::[[m]]() {}\nvoid f(S s, S* p) { s.^[[m]](); p->[[m]](); }",
    "static functions of one name": (
        "// file: a/m.cc\nstatic int [[f]]() { return 1; }\nint x = ^[[f]]();\n"
        "// file: b/m.cc\nstatic int f() { return 2; }\nint y = f();"
    ),
    "class, with the names of its constructors": (
        "struct [[S]] { [[S]](); ~[[S]](); [[S]]* next; };\n"
        "[[S]]::[[S]]() {}\n[[S]]::~[[S]]() {}\n^[[S]]* p = new [[S]];"
    ),
    "constructor": "struct S { ^[[S]](int); };\nS::[[S]](int) {}\nS [[s]](1);\nauto t = [[S]](2);",
    "destructor": "struct S { ^[[~^S]](); };\nS::[[~S]]() {}\nvoid f(S* s) { s->[[~S]](); }",
    "field": "struct S { int [[f]]; S() : [[f]](1) {} };\nint g(S s) { return s.^[[f]]; }",
    "class template": "template <class T> struct [[V]] { [[V]]* next; };\n[[V]]<int> a;\n^[[V]]<char> b;",
    "member of a class template": (
        "template <class T> struct V { void [[m]](); };\ntemplate <class T> void V<T>::[[m]]() {}\n"
        "void f(V<int> a, V<char> b) { a.^[[m]](); b.[[m]](); }"
    ),
    "function template": "template <class T> void [[f]](T) {}\nvoid g() { ^[[f]](1); [[f]]('c'); }",
    "macro's argument expanded twice": "#define TWICE(x) (x + x)\nint [[v]];\nint w = TWICE(^[[v]]);",
    "macro's body": "int [[v]];\n#define V v\nint w = [[V]] + ^[[v]];",
    "header read by two units": (
        '#include "h.h"\n// file: b.cc\n#include "h.h"\n// file: h.h\n'
        "#pragma once\nint [[v]];\ninline int f() { return ^[[v]]; }"
    ),
    "header read as C and as C++": (
        '// file: a.cc\n#include "h.h"\n// file: b.c\n#include "h.h"\n// file: h.h\n'
        "struct [[s]] { int x; };\nextern struct ^[[s]] t;"
    ),
    "header entered twice, differently": (
        '#define N a\n#include "n.inc"\n#undef N\n#define N b\n#include "n.inc"\n'
        "int x = a + ^[[b]];\n// file: n.inc\nint [[N]];"
    ),
    "enumerator": "enum E { [[e]], f = [[e]] };\nE x = ^[[e]];",
    "namespace": "namespace [[n]] { int x; }\nnamespace [[n]] { int y; }\nint z = ^[[n]]::x;",
    "typedef": "typedef int [[T]];\n[[T]] f(^[[T]]);",
    "parameter": "int f(int [[p]]) { return ^[[p]] + [[p]]; }",
    "local": "int f() { int [[x]] = 1; auto l = [&[[x]]] { return ^[[x]]; }; return l() + [[x]]; }",
    "operator": "struct S {};\nint [[operator]]+(S, S);\nint f(S s) { return (s ^[[+]] s) + 1; }",
    "CRLF": "int [[x]];\r\nint y = ^[[x]];\r\nint z = [[x]];\r\n",
    "byte-order mark and wide characters": "\ufeff/* ä */ int [[x]]; /* 🙂 */ int y = ^[[x]];\nint z = [[x]];",
    "override, with calls through its base": (
        "struct A { virtual void [[m]](); };\nstruct B : A { void [[m]]() override; };\n"
        "struct C : B { void [[m]]() override; };\nvoid C::[[m]]() {}\n"
        "void f(A* a, B* b, C* c) { a->[[m]](); b->[[m]](); c->^[[m]](); }"
    ),
    "base, with its overrides but without calls of them": (
        "struct A { virtual void [[m]](); };\nstruct B : A { void [[m]]() override; };\n"
        "void f(A* a, B* b) { a->^[[m]](); b->m(); }"
    ),
    "outside the project": "#include <o.h>\nint x = ^[[o]]() + [[o]]();\n// file: outside/o.h\nint [[o]]();",
}


@pytest.mark.parametrize("code", REFERENCES.values(), ids=REFERENCES.keys())
def test_references(code: str) -> None:
    check_references(code)


@pytest.mark.parametrize(
    "code",
    [
        "int f();\nint f() { return 1; }\nint x = ^[[f]]() + [[f]]();",
        "struct S;\nstruct S {};\n[[S]]* p = new ^[[S]];",
        "void f() { int x = 1; ^[[x]] = 2; }",
        "struct A { virtual void m(); };\nstruct B : A { void m() override; };\n"
        "void f(A* a, B* b) { a->[[m]](); b->^[[m]](); }",
    ],
)
def test_references_without_declarations(code: str) -> None:
    check_references(code, declarations=False)


@pytest.mark.parametrize(
    "code",
    [
        "int x = ^1;",
        "^\nint x;",
        "int x; // ^x",
        'const char* x = "^x";',
        "int x;\n\n\n^",
    ],
)
def test_where_nothing_is_named_nothing_is_found(code: str) -> None:
    check_definition(code)


def test_of_a_file_that_is_not_known_nothing_is_found() -> None:
    with indexed("int x;") as space:
        nowhere = space.path("nowhere.cc")
        assert navigation.symbols_at(space.db, space.roots, nowhere, 0, 0) == []
        assert navigation.included_at(space.db, space.roots, nowhere, 0) == []
        assert navigation.includers(space.db, space.roots, nowhere) == []
        assert navigation.definitions(space.db, space.roots, []) == []
        assert list(navigation.references(space.db, space.roots, [], include_declarations=True)) == []


@pytest.mark.parametrize("column", [4, 5, 6, 7])
def test_a_cursor_anywhere_on_a_token_or_right_behind_it_is_on_it(column: int) -> None:
    with indexed("int abc;") as space:
        hits = navigation.symbols_at(space.db, space.roots, space.path("main.cc"), 0, column)
        assert [(hit.place.start, hit.place.end) for hit in hits] == [(4, 7)]


def test_between_two_names_the_one_that_begins_counts() -> None:
    with indexed("struct S { int m; S* operator->(); };\nint f(S s) { return s->m; }") as space:
        column = "int f(S s) { return s->m; }".index("m;")
        hits = navigation.symbols_at(space.db, space.roots, space.path("main.cc"), 1, column)
        assert [(hit.place.start, hit.place.end) for hit in hits] == [(column, column + 1)]


def test_roles_tell_how_a_symbol_is_used() -> None:
    with indexed("int f();\nint f() { return 1; }\nint x = f();\nvoid g() { x = 1; }") as space:
        places = [
            place
            for column, line in ((4, 0), (4, 2))
            for place in navigation.references(
                space.index.db,
                space.roots,
                [
                    hit.symbol
                    for hit in navigation.symbols_at(
                        space.db, space.roots, space.path("main.cc"), line, column
                    )
                ],
                include_declarations=True,
            )
        ]
    assert [Role(place.roles) for place in places] == [
        Role.DECLARATION,
        Role.DEFINITION,
        Role.REFERENCE | Role.CALL,
        Role.DEFINITION,
        Role.REFERENCE | Role.WRITE,
    ]


def test_the_projects_own_definitions_come_before_others_and_headers_before_sources() -> None:
    # One symbol by its name, three definitions: their reader wants to see them all.
    code = (
        '#include <o.h>\nS s;\n// file: a.cc\nstruct S {};\n// file: z.cc\n#include "z.h"\n'
        "// file: z.h\nstruct S {};\n// file: outside/o.h\nstruct S {};"
    )
    with indexed(code) as space:
        hits = navigation.symbols_at(space.db, space.roots, space.path("main.cc"), 1, 0)
        found = navigation.definitions(space.db, space.roots, hits)
        assert [space.name(place.path) for place in found] == ["z.h", "a.cc", "outside/o.h"]


def test_an_include_leads_to_its_file_and_back() -> None:
    code = (
        '#include "a.h"\n#include <o.h>\nint x;\n// file: b.cc\n\n#include "sub/../a.h"\n// file: a.h\n'
        "#include <o.h>\n// file: sub/x.h\n// file: outside/o.h\nint o();"
    )
    with indexed(code) as space:
        db, roots = space.db, space.roots

        def included(name: str, line: int) -> list[str]:
            places = navigation.included_at(db, roots, space.path(name), line)
            return [space.name(place.path) for place in places]

        def includers(name: str) -> list[tuple[str, int]]:
            places = navigation.includers(db, roots, space.path(name))
            return [(space.name(place.path), place.line) for place in places]

        assert included("main.cc", 0) == ["a.h"]
        assert included("main.cc", 1) == ["outside/o.h"]
        assert included("main.cc", 2) == []
        assert included("b.cc", 1) == ["a.h"]
        assert includers("a.h") == [("b.cc", 1), ("main.cc", 0)]
        assert includers("outside/o.h") == [("a.h", 0), ("main.cc", 1)]
        assert includers("b.cc") == []


def test_a_header_reached_through_a_link_is_one_file() -> None:
    with indexed("// file: real/h.h\nint h();\n") as space:
        os.symlink(space.path("real"), space.path("linked"))
        for name in ("a.cc", "b.cc"):
            folder = "real" if name == "a.cc" else "linked"
            Path(space.path(name)).write_text(f'#include "{folder}/h.h"\nint {name[0]} = h();')
            assert space.run(space.job(name)).error == ""
        hits = navigation.symbols_at(space.db, space.roots, space.path("linked/h.h"), 0, 4)
        found = navigation.references(
            space.db, space.roots, [hit.symbol for hit in hits], include_declarations=True
        )
        assert [space.name(place.path) for place in found] == ["a.cc", "b.cc", "real/h.h"]


def test_two_spellings_of_one_declaration_are_one_symbol() -> None:
    with indexed("int f(int);\nint x = f(1);") as space:
        db = space.index.db
        (symbol,) = {row[0] for row in db.execute("SELECT symbol FROM declaration WHERE name = 'f'")}
        db.execute("INSERT INTO shard (file, version, digest) SELECT file, version, x'01' FROM shard LIMIT 1")
        twin = symbol + 1
        db.execute(
            "INSERT INTO declaration SELECT (SELECT max(id) FROM shard), line, col, ?, name, kind, definition,"
            " begin_line, begin_col, end_line, end_col, scope, container, local, type, value, type_symbol, traits"
            " FROM declaration WHERE symbol = ?",
            (twin, symbol),
        )
        assert navigation.same_symbols(db, [symbol]) == sorted((symbol, twin))
        assert navigation.same_symbols(db, [twin]) == sorted((symbol, twin))


def test_types_are_what_the_kinds_say() -> None:
    assert {Kind.CLASS, Kind.STRUCT, Kind.UNION, Kind.ENUM} == navigation.TYPE_KINDS


def test_functions_that_one_macro_declares_at_one_place_are_several() -> None:
    code = (
        "#define TEST(name) struct name { name(); name(const name&) = delete; void run(); }\n"
        "TEST(Stack);\nvoid f() { Stack s; s.run(); }"
    )
    with indexed(code) as space:
        constructors = [
            one.symbol for one in space.of("main.cc").declarations if one.kind == Kind.CONSTRUCTOR
        ]
        assert len(constructors) == 2
        for symbol in constructors:
            assert navigation.same_symbols(space.index.db, [symbol]) == [symbol]


def test_of_several_declarations_and_no_definition_those_elsewhere_are_meant() -> None:
    check_definition("void ^f();\nvoid [[f]]();\nvoid [[f]]();")


def test_the_class_is_meant_where_a_macro_declares_its_constructors() -> None:
    check_definition(
        "#define DISALLOW(T) T(const T&) = delete; T& operator=(const T&) = delete\n"
        "struct [[S]] { S(); DISALLOW(^S); };"
    )


def test_a_specialisation_leads_to_its_template() -> None:
    check_definition("template <class T> struct [[V]] {};\ntemplate <> struct ^V<int> {};")
    check_definition("template <class T> void [[f]](T) {}\ntemplate <> void ^f(int) {}")
