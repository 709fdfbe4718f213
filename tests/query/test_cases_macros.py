"""Cases of the preprocessor: names that macros take, make, hide and define anew."""

import pytest
from support.cases import cases
from support.cpp import check_declaration, check_definition, check_outline, check_references
from support.features import check_callees, check_callers, check_highlights, check_links

DEFINITIONS = {
    "function-like macro without arguments": "#define [[M]]() 1\nint x = ^M();",
    "function-like macro's name without parentheses is no macro": "#define M(x) x\nint [[M]];\nint y = ^M;",
    "variadic macro": "#define [[LOG]](...) f(__VA_ARGS__)\nvoid f(int, int);\nvoid g() { ^LOG(1, 2); }",
    "name in a variadic argument": (
        "#define LOG(...) f(__VA_ARGS__)\nvoid f(int, int);\nvoid g(int [[a]]) { LOG(1, ^a); }"
    ),
    "name behind __VA_OPT__": (
        "#define F(x, ...) f(x __VA_OPT__(,) __VA_ARGS__)\nint f(int, int);\nint [[v]];\nint w = F(1, ^v);"
    ),
    "macro in its own argument": "#define [[ADD]](a, b) ((a) + (b))\nint x = ADD(^ADD(1, 2), 3);",
    "argument used twice": "#define SQR(x) ((x) * (x))\nint [[v]];\nint w = SQR(^v);",
    "argument that is dropped": "#define NOTHING(x)\nint [[v]];\nNOTHING(v)\nint w = ^v;",
    "argument that is a type": "#define MAKE(T) T()\nstruct [[S]] {};\nauto s = MAKE(^S);",
    "argument that is a member": (
        "#define GET(s, m) ((s).m)\nstruct S { int [[f]]; };\nint g(S s) { return GET(s, ^f); }"
    ),
    "argument that is a function": "#define CALL(f) f(1)\nint [[twice]](int);\nint x = CALL(^twice);",
    "argument that is stringised as well": (
        "#define CHECK(x) check(#x, x)\nint check(const char*, int);\nint [[v]];\nint w = CHECK(^v);"
    ),
    "argument of a macro in a macro": "#define A(x) (x)\n#define B(x) A(x)\nint [[v]];\nint w = B(^v);",
    "macro named in another's body": "#define [[ONE]] 1\n#define TWO (^ONE + ONE)\nint x = TWO;",
    "function named in a macro's body": "int [[f]](int);\n#define F(x) ^f(x)\nint y = F(1);",
    "variable declared by a macro": "#define DEF(n) int n = 0\nDEF([[count]]);\nint x = ^count;",
    "function defined by a macro": "#define FN(n) int n()\nFN([[f]]) { return 1; }\nint x = ^f();",
    "class defined by a macro": "#define CLASS(n) class n {}\nCLASS([[C]]);\n^C c;",
    "class attribute macro": (
        '#define EXPORT __attribute__((visibility("default")))\nclass EXPORT [[C]] {};\n^C c;'
    ),
    "macro in front of a class's name": "#define [[EXPORT]]\nclass ^EXPORT C {};",
    "macro for a keyword": (
        "#define [[OVERRIDE]] override\nstruct A { virtual void f(); };\n"
        "struct B : A { void f() ^OVERRIDE; };"
    ),
    "macro for a type": "#define [[INT]] int\n^INT x;",
    "macro for an attribute": "#define [[UNUSED]] __attribute__((unused))\nvoid f() { int x ^UNUSED; }",
    "macro for a namespace": "#define [[NS]] detail\nnamespace ^NS { int x; }",
    "name in a namespace that a macro names": (
        "#define NS detail\nnamespace NS { int [[x]]; }\nint y = detail::^x;"
    ),
    "pasted name, where it is used": "#define VAR(n) int var_##n;\n[[VAR]](a)\nint x = ^var_a;",
    "macro that pastes, where it is used": "#define [[VAR]](n) int var_##n;\n^VAR(a)",
    "pasted twice": (
        "#define CAT(a, b) a##b\n#define DEF(n) int CAT(n, 1), CAT(n, 2);\n[[DEF]](x)\nint y = ^x2;"
    ),
    "expands to nothing": "#define [[EMPTY]]\nint ^EMPTY x;",
    "expands to a macro's name": "#define A(x) x\n#define [[B]] A\nint y = ^B(1);",
    "undefined and a variable since": "#define n 1\n#undef n\nint [[n]];\nint x = ^n;",
    "defined anew, the same": "#define M 1\n#define [[M]] 1\nint x = ^M;",
    "defined anew, where the first was used": (
        "#define [[M]] 1\nint x = ^M;\n#undef M\n#define M 2\nint y = M;"
    ),
    "pushed and popped": (
        '#define [[M]] 1\n#pragma push_macro("M")\n#undef M\n#define M 2\n#pragma pop_macro("M")\nint x = ^M;'
    ),
    "conditional definition that is read": "#if 1\n#define [[M]] 1\n#else\n#define M 2\n#endif\nint x = ^M;",
    "in #if": "#define [[M]] 1\n#if ^M\n#endif",
    "in #elif": "#define [[M]] 1\n#if 0\n#elif ^M\n#endif",
    "in #ifndef": "#define [[M]] 1\n#ifndef ^M\n#endif",
    "in #elifdef's expression": "#define [[M]] 1\n#if 0\n#elif defined(^M)\n#endif",
    "function-like in #if": "#define [[AT_LEAST]](n) (n > 1)\n#if ^AT_LEAST(2)\n#endif",
    "in #line": "#define [[NUMBER]] 5\n#line ^NUMBER\nint x;",
    "in a pragma": '#define [[M]] 1\n#pragma push_macro("M")\nint x = ^M;',
    "in _Pragma's line": '#define [[M]] 1\n_Pragma("once_more") int x = ^M;',
    "on a continued line": "#define [[SUM]](a, b) \\\n  ((a) + \\\n   (b))\nint x = ^SUM(1, 2);",
    "name on a continued line of a body": "int [[f]](int);\n#define F(x) \\\n  ^f(x)\nint y = F(1);",
    "in a default argument": "#define [[DEFAULT]] 1\nvoid f(int x = ^DEFAULT);",
    "in an array's bound": "#define [[N]] 3\nint a[^N];",
    "in an enumerator": "#define [[BASE]] 1\nenum E { e = ^BASE };",
    "in a template's argument": "#define [[N]] 1\ntemplate <int> struct S {};\nS<^N> s;",
    "in a bit-field": "#define [[N]] 3\nstruct S { int x : ^N; };",
    "in a case": "#define [[N]] 3\nvoid f(int x) { switch (x) { case ^N:; } }",
    "in a string's place": '#define [[TEXT]] "t"\nconst char* s = "a" ^TEXT "b";',
    "in inline assembly": '#define [[NOP]] "nop"\nvoid f() { asm(^NOP); }',
    "in a lambda": "#define [[M]] 1\nauto l = [] { return ^M; };",
    "X-macro: an enumerator": (
        "#define LIST X(red) X([[green]])\n#define X(n) n,\nenum E { LIST };\nE e = ^green;"
    ),
    "X-macro: the list": "#define [[LIST]] X(red)\n#define X(n) n,\nenum E { ^LIST };",
    "X-macro in a file, read twice: the enumerator": (
        '#define X(n) n,\nenum E {\n#include "x.def"\n};\n#undef X\n#define X(n) #n,\n'
        'const char* names[] = {\n#include "x.def"\n};\n'
        "E e = ^a;\n// file: x.def\nX([[a]])"
    ),
    "list macro with a callback": (
        "#define LIST(X) X(a) X([[b]])\n#define DECL(n) int n;\nLIST(DECL)\nint x = ^b;"
    ),
    "local of a macro": (
        "#define SWAP(a, b) do { int tmp = a; a = b; b = tmp; } while (0)\n"
        "void f(int [[x]], int y) { SWAP(^x, y); }"
    ),
    "loop of a macro": (
        "#define EACH(i, n) for (int i = 0; i < n; ++i)\nvoid g(int);\nvoid f() { EACH([[k]], 3) g(^k); }"
    ),
    "macro of a header that the file defines anew": (
        '#include "m.h"\n#undef M\n#define [[M]] 2\nint x = ^M;\n// file: m.h\n#define M 1'
    ),
    "macro of the including file in a header": '#define [[M]] 1\n#include "u.h"\n// file: u.h\nint x = ^M;',
    "macro on the command line has no place": "int x = ^__LINE__;",
    "two headers define it: the last one read": (
        '#include "a.h"\n#include "b.h"\nint x = ^M;\n// file: a.h\n#define M 1\n// file: b.h\n#undef M\n'
        "#define [[M]] 2"
    ),
    "name between macros": "#define BEGIN {\n#define END }\nint f() BEGIN int [[x]] = 1; return ^x; END",
    "call through a macro that names it": (
        "struct S { int get(); };\n#define [[GET]] get\nint f(S s) { return s.^GET(); }"
    ),
    "assert-like": (
        "#define ASSERT(x) ((x) ? 0 : fail(#x))\nint fail(const char*);\n"
        "int f(int [[p]]) { return ASSERT(^p > 0 && p < 9); }"
    ),
    "member of what a macro gives": (
        "struct S { int [[m]]; };\nS* self();\n#define SELF self()\nint f() { return SELF->^m; }"
    ),
    "operator of what macros give": "struct S { int m; };\nS [[s]];\n#define M m\nint f() { return ^s.M; }",
}

WRONG_DEFINITIONS = {
    "pushed and popped": "a definition that pop_macro brings back is not known by its place",
}


@pytest.mark.parametrize("code", cases(DEFINITIONS, WRONG_DEFINITIONS))
def test_definition(code: str) -> None:
    check_definition(code)


DECLARATIONS = {
    "macro": "#define [[M]] 1\nint x = ^M;",
    "function in a macro's argument": (
        "#define CALL(f) f()\nvoid [[g]]();\nvoid g() {}\nvoid h() { CALL(^g); }"
    ),
    "macro of a variable's name": "extern int e;\n#define [[e]] e\nint x = ^e;",
}

WRONG_DECLARATIONS = {
    "macro of a variable's name": "what the macro expands to has a declaration, the macro has none"
}


@pytest.mark.parametrize("code", cases(DECLARATIONS, WRONG_DECLARATIONS))
def test_declaration(code: str) -> None:
    check_declaration(code)


REFERENCES = {
    "argument that is only pasted is none": (
        "#define COUNT(f) ++f##_count\nint f_count;\nvoid ^[[f]]() { COUNT(f); }"
    ),
    "argument that is only stringised is none": (
        "#define NAME(x) #x\nint [[v]];\nconst char* s = NAME(v);\nint w = ^[[v]];"
    ),
    "in directives and code": (
        "#define [[M]] 1\n#ifndef [[M]]\n#endif\n#if [[M]] > 0 && defined([[M]])\nint x = ^[[M]];\n#endif\n"
        "#undef [[M]]"
    ),
    "function-like": "#define [[F]](x) (x)\nint a = [[F]](1) + ^[[F]](2);",
    "nested in its own argument": "#define [[F]](x) (x)\nint a = [[F]](^[[F]](1));",
    "of one name, defined anew": (
        "#define M 1\nint x = M;\n#undef M\n#define [[M]] 2\nint y = ^[[M]] + [[M]];"
    ),
    "variable in arguments": (
        "#define ID(x) x\n#define TWICE(x) (x + x)\nint [[v]];\n"
        "int a = ID([[v]]) + TWICE(^[[v]]) + ID(ID([[v]]));"
    ),
    "variable in stringised arguments": (
        "#define CHECK(x) check(#x, x)\nint check(const char*, int);\nint [[v]];\nint a = CHECK(^[[v]]);"
    ),
    "parameter of a macro is no variable": "int [[x]];\n#define F(x) (x)\nint a = F(^[[x]]);",
    "function called in a body: the expansions": (
        "int [[f]](int);\n#define F(a) f(a)\nint x = [[F]](1) + [[F]](2) + ^[[f]](3);"
    ),
    "field through a macro": (
        "#define GET(s, m) ((s).m)\nstruct S { int [[f]]; };\nint g(S s) { return GET(s, [[f]]) + s.^[[f]]; }"
    ),
    "function that a macro declares": (
        "#define DECL(n) int n()\nDECL([[f]]);\nint [[f]]() { return 1; }\nint x = ^[[f]]();"
    ),
    "macro in a header, used in two files": (
        '#include "m.h"\nint a = ^[[M]];\n// file: b.cc\n#include "m.h"\nint b = [[M]];\n// file: m.h\n'
        "#ifndef H\n#define H\n#define [[M]] 1\n#endif"
    ),
    "include guard": (
        '#include "g.h"\n#include "g.h"\n// file: g.h\n#ifndef [[GUARD]]\n#define ^[[GUARD]]\nint g;\n#endif'
    ),
    "type in a cast macro": (
        "#define CAST(T, x) ((T)(x))\nstruct [[S]] {};\nvoid* p;\n[[S]]* q = CAST(^[[S]]*, p);"
    ),
    "enumerator of an X-macro": (
        "#define LIST(X) X([[a]]) X(b)\n#define E(n) n,\nenum Q { [[LIST]](E) };\nQ q = ^[[a]];"
    ),
    "label in a macro": "#define GOTO(l) goto l\nvoid f() { [[out]]: GOTO(^[[out]]); }",
}


@pytest.mark.parametrize("code", cases(REFERENCES))
def test_references(code: str) -> None:
    check_references(code)


OUTLINES = {
    "namespaces that one macro opens": (
        "#define BEGIN namespace a { namespace b {\n#define END }}\nBEGIN\nint x;\nEND",
        "macro BEGIN\n  namespace a\n    namespace b\n      variable x",
    ),
    "what macros declare is shown": ("#define DEF(n) int n;\nDEF(a)\nDEF(b)", "variable a\nvariable b"),
    "what one macro declares": ("#define BOTH int a; int b;\nBOTH", "macro BOTH\n  variable a\n  variable b"),
    "pasted names": ("#define GET(n) int get_##n();\nGET(x)", "macro GET\n  function get_x"),
    "class with an attribute macro": ("#define API\nclass API C { int x; };", "class C\n  field x"),
    "what is skipped is not shown": ("#if 0\nint a;\n#else\nint b;\n#endif", "variable b"),
}


@pytest.mark.parametrize(("code", "expected"), cases(OUTLINES))
def test_outline(code: str, expected: str) -> None:
    check_outline(code, expected)


HIGHLIGHTS = {
    "macro": ("#define [[^M]] 1\n#ifdef [[M]]\nint x = [[M]];\n#endif\n#undef [[M]]", "tttt"),
    "variable in an argument": ("#define ID(x) x\nint f(int [[^v]]) { return ID([[v]]) + [[v]]; }", "trr"),
    "written in an argument": ("#define SET(x, y) x = y\nvoid f(int [[^v]]) { SET([[v]], 1); }", "tw"),
}


@pytest.mark.parametrize(("code", "kinds"), cases(HIGHLIGHTS))
def test_highlights(code: str, kinds: str) -> None:
    check_highlights(code, kinds)


CALLERS = {
    "by a macro's argument": ("#define CALL(f) f()\nint ^g();\nint h() { return CALL([[g]]); }", ["h"]),
    "in a function that a macro begins": (
        "#define FN(n) int n()\nint ^g();\nFN(h) { return [[g]](); }",
        ["h"],
    ),
    "in a macro's body, twice": ("int ^g();\n#define TWO (g() + g())\nint h() { return [[TWO]]; }", ["h"]),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLERS))
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)


CALLEES = {
    "by macros": ("int g();\nint k(int);\n#define G g()\nint ^h() { return [[k]]([[G]]); }", ["k", "g"]),
    "by nothing but macros": ("#define M 1\nint ^h() { return M; }", []),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLEES))
def test_callees(code: str, expected: list[str]) -> None:
    check_callees(code, expected)


def test_an_include_by_a_macro_leads_to_its_file() -> None:
    check_links('#define HEADER "h.h"\n#include [[HEADER]]\n// file: h.h\nint h;', ["h.h"])
