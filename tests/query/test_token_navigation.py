"""From what the index API is silent on to definitions and references: macros, templates, labels, skipped branches."""

import pytest
from support.cpp import check_definition, check_outline, check_references

DEFINITIONS = {
    "macro": "#define [[M]] 1\nint x = ^M;",
    "macro with arguments": "#define [[M]](x) x\nint x = ^M(1);",
    "macro in another's argument": "#define ID(x) x\n#define [[M]] 1\nint x = ID(^M);",
    "macro in another's body": "#define [[M]] 1\n#define N ^M\nint x = N;",
    "macro in a header": '#include "m.h"\nint x = ^M;\n// file: m.h\n#define [[M]] 1',
    "macro in a system header": "#include <m.h>\nint x = ^M;\n// file: outside/m.h\n#define [[M]] 1",
    "macro in #ifdef": "#define [[M]]\n#ifdef ^M\n#endif",
    "macro in #if defined": "#define [[M]]\n#if defined(^M) && !defined ^M\n#endif",
    "macro in #undef": "#define [[M]] 1\n#undef ^M",
    "macro that is defined anew": "#define M 1\n#undef M\n#define [[M]] 2\nint x = ^M;",
    "macro before it is defined anew": "#define [[M]] 1\nint x = ^M;\n#undef M\n#define M 2",
    "names in a macro's argument": (
        "#define EQ(a, b) ((a) == (b))\nint [[f]](int);\nint v;\nbool b = EQ(^f(v), 1);"
    ),
    "names in an argument's macro": "#define EQ(a, b) ((a) == (b))\nint [[v]];\nbool b = EQ(EQ(^v, 1), 1);",
    "namespace that a macro opens": (
        "#define BEGIN namespace [[n]] {\n#define END }\nBEGIN int x; END\nBEGIN int y; END\nint z = ^n::x;"
    ),
    "function that a macro declares": "#define DECLARE void [[f]]()\nDECLARE;\nvoid g() { ^f(); }",
    "parameter of a prototype": "void f(int ^[[p]]);",
    "parameter in a prototype's default": "struct S { static int f(int [[p]], int q = sizeof(^p)); };",
    "type parameter": "template <class [[T]]> ^T f(^T x) { ^T y = x; return y; }",
    "value parameter": "template <int [[N]]> struct S { int a[^N]; };",
    "value parameter in an expression": "template <int [[N]]> int f() { return ^N + 1; }",
    "template parameter": "template <template <class> class [[V]]> struct S { ^V<int> v; };",
    "pack": "template <class... [[Ts]]> int f(^Ts... x) { return sizeof...(^Ts); }",
    "parameter of a lambda": "auto f = [](auto [[x]]) { return ^x; };",
    "type parameter of a lambda": "auto f = []<class [[T]]>(^T x) { return x; };",
    "parameter behind its function": "template <class [[T]]> auto f(T x) -> ^T { return x; }",
    "parameter in a constraint": (
        "template <class T> concept C = true;\ntemplate <class [[T]]> requires C<^T> void f(T);"
    ),
    "member of this": "struct B { int [[b]]; };\ntemplate <class T> struct D : B { int f() { return this->^b; } };",
    "member of a dependent base": (
        "template <class T> struct B { int [[b]]; };\n"
        "template <class T> struct D : B<T> { int f() { return this->^b; } };"
    ),
    "member of a dependent variable": (
        "template <class T> struct V { int [[size]]() { return 0; } };\n"
        "template <class T> int f(V<T> v, V<T>& r, V<T>* p) { return v.^size() + r.^size() + p->^size(); }"
    ),
    "member of a class template by friend": (
        "template <class T> struct V { int [[x]]; friend bool operator==(V a, V b) { return a.^x == b.^x; } };"
    ),
    "static member of a dependent class": (
        "template <class T> struct Is { static const bool [[value]] = true; };\n"
        "template <class T> bool f() { return Is<T>::^value; }"
    ),
    "static member of a base of a dependent class": (
        "template <bool B> struct Bool { static const bool [[value]] = B; };\nusing No = Bool<false>;\n"
        "template <class T> struct Is : No {};\ntemplate <class T> bool f() { return Is<T>::^value; }"
    ),
    "static member by an alias of a template": (
        "template <bool B> struct Bool { static const bool [[value]] = B; };\n"
        "template <class T> using Big = Bool<(sizeof(T) > 8)>;\ntemplate <class T> bool f() { return Big<T>::^value; }"
    ),
    "static member by the type that a base names": (
        "template <bool B> struct Bool { static const bool [[value]] = B; typedef Bool type; };\n"
        "template <class T> struct Helper : Bool<false> {};\n"
        "template <class T> struct Is : Helper<T>::type {};\ntemplate <class T> bool f() { return Is<T>::^value; }"
    ),
    "type of a dependent class": (
        "template <class T> struct V { typedef T [[type]]; };\n"
        "template <class T> struct W { typename V<T>::^type x; };"
    ),
    "overloads in a template": (
        "void [[f]](int);\nvoid [[f]](char);\ntemplate <class T> void g(T x) { ^f(x); }"
    ),
    "overloads through a using-declaration": (
        "namespace n { void [[f]](int); void [[f]](char); }\nusing n::^f;\n"
        "template <class T> void g(T x) { ^f(x); }"
    ),
    "structured binding": "int a[2];\nvoid f() { auto [x, [[y]]] = a; x = ^y; }",
    "structured binding in a loop": (
        "struct P { int k, v; };\nvoid f(P (&a)[2]) { for (auto& [ [[k]], v] : a) v = ^k; }"
    ),
    "captured with an initialiser": "void f(int x) { auto l = [ [[c]] = x] { return ^c; }; }",
    "captured by reference": "void f(int [[x]]) { auto l = [&^x] { return ^x; }; }",
    "initialiser of a capture": "void f(int [[x]]) { auto l = [c = ^x] { return c; }; }",
    "caught variable": "void g(int);\nvoid f() { try { } catch (int [[e]]) { g(^e); } }",
    "label": "void f() { [[again]]: goto ^again; }",
    "label in its function": "void f() { again: goto again; }\nvoid g() { [[again]]: goto ^again; }",
    "namespace alias": "namespace n { int x; }\nnamespace [[m]] = n;\nint y = ^m::x;",
    "argument of an attribute": "class C { int x __attribute__((guarded_by(^m))); int [[m]]; };",
    "argument of an attribute by macro": (
        "#define GUARDED_BY(x) __attribute__((guarded_by(x)))\nclass C { int x GUARDED_BY(^m); int [[m]]; };"
    ),
    "parameter in an attribute": 'void f(int [[p]]) __attribute__((enable_if(^p > 0, "")));',
    "deduction guide": "template <class T> struct [[V]] { V(T); };\ntemplate <class T> ^V(T) -> ^V<T>;",
    "explicit instantiation": "template <class T> struct [[V]] {};\ntemplate struct ^V<int>;",
    "member of what is instantiated": (
        "template <class T> struct V { T [[x]]; };\ntemplate struct V<int>;\nint f(V<int> v) { return v.^x; }"
    ),
    "friend class": "class C { friend class ^F; };\nclass [[F]] {};",
    "local in a skipped branch": "int f(int [[p]]) {\n#if 0\n  return ^p;\n#endif\n  return 1;\n}",
    "member in a skipped branch": (
        "struct S { int [[m]]; int f(); };\nint S::f() {\n#if 0\n  return ^m;\n#endif\n  return 1;\n}"
    ),
    "macro in a skipped branch": "#define [[M]] 1\n#if 0\nint x = ^M;\n#endif",
}


@pytest.mark.parametrize("code", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_definition(code: str) -> None:
    check_definition(code)


REFERENCES = {
    "macro": (
        "#define [[M]] 1\n#ifdef [[M]]\nint x = ^[[M]];\n#endif\n#if defined([[M]])\n#endif\n#undef [[^M]]\nint M;"
    ),
    "macro in macros": ("#define [[M]] 1\n#define N [[M]]\n#define ID(x) x\nint x = ID([[^M]]) + N;"),
    "macro defined twice": ("#define M 1\nint x = M;\n#undef M\n#define [[M]] 2\nint y = ^[[M]];\n"),
    "macro across files": (
        '#include "m.h"\nint x = ^[[M]];\n// file: m.h\n#define [[M]] 1\n// file: b.cc\n#include "m.h"\nint y = [[M]];'
    ),
    "macros of one name in two files": (
        "// file: a/m.cc\n#define [[M]] 1\nint x = ^[[M]];\n// file: b/m.cc\n#define M 1\nint y = M;"
    ),
    "type parameter": (
        "template <class [[T]]> struct V { [[T]] x; V<[[^T]]>* next; };\ntemplate <class T> struct W { T x; };"
    ),
    "parameter of a prototype": "void f(int [[p]], int q = sizeof([[^p]]));\nvoid f(int p, int) {}",
    "structured binding": "int a[2];\nvoid f() { auto [ [[x]], y] = a; [[^x]] = y; }",
    "label": "void f() { [[again]]: goto [[^again]]; goto [[again]]; }\nvoid g() { again: goto again; }",
    "member in a template": (
        "template <class T> struct V { int [[x]]; };\n"
        "template <class T> int f(V<T> v) { return v.[[x]]; }\nint g(V<int> v) { return v.[[^x]]; }"
    ),
    "what a skipped branch names is not compiled": (
        "int f(int [[p]]) {\n#if 0\n  return p;\n#endif\n  return ^[[p]];\n}"
    ),
    "guarded by a member": (
        "class C { int x __attribute__((guarded_by([[m]]))); int [[m]]; int f() { return ^[[m]]; } };"
    ),
}


@pytest.mark.parametrize("code", REFERENCES.values(), ids=REFERENCES.keys())
def test_references(code: str) -> None:
    check_references(code)


def test_a_vendored_header_is_read_as_a_users_header() -> None:
    """As a system header it would be told without the bodies of its functions."""
    code = (
        "// file: vendor/v.h\nstruct S { int [[m]]; int f() { return [[m]]; } };\n"
        "// file: main.cc\n#include <v.h>\nint x = S().^[[m]];"
    )
    check_references(code, arguments=["-isystem", "vendor"])


def test_macros_are_in_no_outline() -> None:
    check_outline("#define M 1\n#define D(n) int n;\nD(x)\nint y = M;", "variable x\nvariable y")
