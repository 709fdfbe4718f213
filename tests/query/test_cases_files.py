"""Cases of files: how they are written, included, read twice, joined into one, and renumbered."""

import pytest
from support.cases import cases
from support.cpp import check_declaration, check_definition, check_outline, check_references
from support.features import check_callers, check_folds, check_highlights, check_links

DEFINITIONS = {
    # Headers without guards, and read in several ways.
    "header without a guard, two macros: the first": (
        '#define TYPE int\n#define NAME i\n#include "list.inc"\n#undef TYPE\n#undef NAME\n#define TYPE char\n'
        '#define NAME c\n#include "list.inc"\nint x = ^i_size;\n// file: list.inc\n'
        "#define CAT_(a, b) a##b\n#define CAT(a, b) CAT_(a, b)\n"
        "TYPE [[CAT]](NAME, _size);\n#undef CAT\n#undef CAT_"
    ),
    "header read as two classes: a member": (
        '#define NAME A\n#include "c.inc"\n#undef NAME\n#define NAME B\n#include "c.inc"\n'
        "int x = B().^m;\n// file: c.inc\nstruct NAME { int [[m]]; };"
    ),
    "header read with and without a macro: what only one has": (
        '#define EXTRA\n#include "h.h"\nint x = ^extra();\n// file: b.cc\n#include "h.h"\nint y = base();\n'
        "// file: h.h\n#pragma once\nint base();\n#ifdef EXTRA\nint [[extra]]();\n#endif"
    ),
    "header read with and without a macro: what both have": (
        '#define EXTRA\n#include "h.h"\nint x = base();\n// file: b.cc\n#include "h.h"\nint y = ^base();\n'
        "// file: h.h\n#pragma once\nint [[base]]();\n#ifdef EXTRA\nint extra();\n#endif"
    ),
    "header that defines a function in one way of two": (
        '#include "h.h"\nint x = ^f();\n// file: b.cc\n#define IMPL\n#include "h.h"\n'
        "// file: h.h\nint f();\n#ifdef IMPL\nint [[f]]() { return 1; }\n#endif"
    ),
    "header of which a later unit alone compiles the implementation": (
        '// file: a.cc\n#include "stb.h"\nint x = ^load(1);\n// file: z.cc\n#define STB_IMPLEMENTATION\n'
        '#include "stb.h"\n// file: stb.h\n#pragma once\nint load(int);\n#ifdef STB_IMPLEMENTATION\n'
        "int [[load]](int x) { return x; }\n#endif"
    ),
    "header that an earlier include of one unit switches": (
        '// file: a.cc\n#include "h.h"\n// file: b.cc\n#include "config.h"\n#include "h.h"\nint x = S().^f();\n'
        "// file: config.h\n#define METHODS\n// file: h.h\n#pragma once\n#ifdef METHODS\n"
        "struct S { int m; int [[f]]() { return m; } };\n#endif"
    ),
    "header that includes itself": (
        '#include "r.h"\nint x = ^inner;\n// file: r.h\n#ifndef R\n#define R\n#include "r.h"\n#else\n'
        "extern int [[inner]];\n#endif"
    ),
    "headers that include each other": (
        '#include "a.h"\nint x = f(^b());\n// file: a.h\n#pragma once\n#include "b.h"\nint f(int);\n'
        '// file: b.h\n#pragma once\n#include "a.h"\nint [[b]]();'
    ),
    "header behind a header": (
        '#include "a.h"\nint x = ^b;\n// file: a.h\n#include "b.h"\n// file: b.h\nextern int [[b]];'
    ),
    "header of one name in two folders: the nearer": (
        '// file: a/main.cc\n#include "h.h"\nint x = ^h;\n// file: a/h.h\nextern int [[h]];\n// file: h.h\n'
        "extern int h;"
    ),
    "include in a function": (
        'int [[f]]() {\n#include "body.inc"\n}\nint x = ^f();\n// file: body.inc\nreturn 1;'
    ),
    "local named in a file that its function includes": (
        'int f(int [[p]]) {\n#include "body.inc"\n}\n// file: body.inc\nreturn ^p;'
    ),
    "include in a class": 'struct S {\n#include "m.inc"\n};\nint x = S().^m;\n// file: m.inc\nint [[m]];',
    "include in an initialiser": 'int [[v]];\nint a[] = {\n#include "v.inc"\n};\n// file: v.inc\n^v, ^v',
    "include in an enum": 'enum E {\n#include "e.inc"\n};\nE x = ^two;\n// file: e.inc\none,\n[[two]],',
    "include in an argument list": (
        'void g(int, int);\nvoid f(int [[p]]) { g(\n#include "a.inc"\n  ); }\n// file: a.inc\n^p, 1'
    ),
    # Units of several sources.
    "unity build: a function of another source": (
        '#include "a.cc"\n#include "b.cc"\n// file: a.cc\n#pragma once\nint [[a]]() { return 1; }\n'
        "// file: b.cc\n#pragma once\nint a();\nint b() { return ^a(); }"
    ),
    "unity build: static functions of one name": (
        '#include "a.inc"\n#include "b.inc"\n// file: a.inc\n'
        "namespace a { static int [[f]]() { return 1; } int x = ^f(); }\n"
        "// file: b.inc\nnamespace b { static int f() { return 2; } int y = f(); }"
    ),
    "source that includes its tables": (
        '#include "t.cpp.inc"\nint x = ^table[0];\n// file: t.cpp.inc\nint [[table]][] = {1};'
    ),
    # Names alike.
    "functions of one name in two sources of one name": (
        "// file: a/x.cc\nstatic int f() { return 1; }\nint g = f();\n// file: b/x.cc\n"
        "static int [[f]]() { return 2; }\nint h = ^f();"
    ),
    "anonymous namespaces: variables": (
        "// file: a/x.cc\nnamespace { int [[n]]; }\nint* g = &^n;\n// file: b/x.cc\nnamespace { int n; }\n"
        "int* h = &n;"
    ),
    "anonymous namespace in a namespace": (
        "// file: a/x.cc\nnamespace q { namespace { void [[f]]() {} } void g() { ^f(); } }\n"
        "// file: b/x.cc\nnamespace q { namespace { void f() {} } void h() { f(); } }"
    ),
    "classes of one name in two sources (against the rule): a member": (
        "// file: a/x.cc\nnamespace { struct S { int [[m]]; }; }\nint f(S s) { return s.^m; }\n"
        "// file: b/x.cc\nnamespace { struct S { int m; }; }\nint g(S s) { return s.m; }"
    ),
    "main in two sources": (
        "// file: a.cc\nint f();\nint main() { return ^f(); }\n"
        "// file: b.cc\nint main() { return 0; }\nint [[f]]() { return 1; }"
    ),
    "function-like names in a header and a source": (
        '#include "h.h"\nnamespace m { int f() { return 2; } }\nint x = n::^f();\n// file: h.h\n'
        "namespace n { inline int [[f]]() { return 1; } }"
    ),
    # How a file is written.
    "digraphs": "int [[a]]<:2:> = <%1, 2%>;\nint x = ^a<:0:>;",
    "digraph of a macro's definition": "%:define [[M]] 1\nint x = ^M;",
    "continued line in a name": "int [[count]];\nint x = ^cou\\\nnt;",
    "continued line between names": "int [[a]], \\\n  b;\nint x = ^a \\\n  + b;",
    "behind a continued line": "int a, \\\n  [[b]];\nint x = ^b;",
    "comment in an expression": "int [[a]];\nint x = /* a */ ^a /* a */ + /* a */ 1;",
    "comment that ends behind a backslash": "int [[a]];\n// a \\\n  a\nint x = ^a;",
    "form feeds and vertical tabs": "int\f[[a]];\v\nint x =\f^a;",
    "tabs": "int\t[[a]];\nint\tx\t=\t^a;",
    "CRLF with continued lines": "#define [[M]](x) \\\r\n  (x)\r\nint x = ^M(1);\r\n",
    "CRLF in a raw string": 'int [[a]];\r\nconst char* s = R"(\r\n)"; int x = ^a;\r\n',
    "BOM in a header": '#include "h.h"\nint x = ^h;\n// file: h.h\n\ufeffextern int [[h]];',
    "BOM and CRLF": "\ufeffint [[a]];\r\nint x = ^a;\r\n",
    "no newline at the end": "#define [[M]] 1\nint x = M;\n#undef ^M",
    "Greek name": "int [[α]] = 1;\nint x = ^α + ^α;",
    "name beyond the basic plane": "int [[𝒙]] = 1;\nint y = ^𝒙;",
    "combining mark in a name": "int [[e\u0301]] = 1;\nint y = ^e\u0301;",
    "name written by its code": "int [[größe]] = 1;\nint x = ^gr\\u00f6\\u00dfe;",
    "Latin-1 in a comment": b"int [[a]]; // \xe4\nint x = ^a;",
    "Latin-1 in a string before a name": b'int [[a]];\nconst char* s = "\xe4"; int x = ^a;',
    "wide characters in a string before a name": 'int [[a]];\nconst char* s = "äöü🙂"; int x = ^a;',
    "#line with another number": "#line 100\nint [[a]];\nint x = ^a;",
    "#line with another file": 'int [[a]];\n#line 7 "other.y"\nint x = ^a;',
    "line marker of a preprocessor": 'int [[a]];\n# 7 "other.c"\nint x = ^a;',
    "behind a long comment": "/*" + "\n" * 300 + "*/ int [[a]];\nint x = ^a;",
    "behind a very long line": f'int [[a]]; const char* s = "{"x" * 5000}"; int x = ^a;',
    "#pragma region": "#pragma region r\nint [[a]];\n#pragma endregion\nint x = ^a;",
    "behind #error in a branch that is skipped": "#if 0\n#error no\n#endif\nint [[a]];\nint x = ^a;",
    "unbalanced quote in a branch that is skipped": "#if 0\ndon't\n#endif\nint [[a]];\nint x = ^a;",
    "branch on __cplusplus": "#ifdef __cplusplus\nint [[a]];\n#else\nchar a;\n#endif\nint x = ^a;",
    "branch on __has_include": (
        '#if __has_include("h.h")\n#include "h.h"\n#endif\nint x = ^h;\n// file: h.h\nextern int [[h]];'
    ),
}


@pytest.mark.parametrize("code", cases(DEFINITIONS))
def test_definition(code: str | bytes) -> None:
    check_definition(code)


BROKEN = {
    "behind a missing include": '#include "no.h"\nint [[a]];\nint x = ^a;',
    "behind an unknown type": "Unknown u;\nint [[a]];\nint x = ^a;",
    "in a function with an error": "int f(int [[p]]) { unknown(); return ^p; }",
    "behind a missing semicolon": "struct S { int [[m]]; }\nint f(S s) { return s.^m; }",
    "in front of an unclosed brace": "int [[a]];\nint x = ^a;\nvoid f() {",
    "#error": "#error stop\nint [[a]];\nint x = ^a;",
    "unknown directive": "#frobnicate\nint [[a]];\nint x = ^a;",
    "argument of an unknown function": "int [[a]];\nvoid f() { unknown(^a); }",
    "member of an unknown type's variable": (
        "struct S { int [[m]]; };\nint f(S s, Unknown u) { return s.^m; }"
    ),
    "base that is not known": "struct D : Unknown { int [[m]]; int f() { return ^m; } };",
}


@pytest.mark.parametrize("code", cases(BROKEN))
def test_definition_in_code_that_does_not_compile(code: str) -> None:
    check_definition(code, errors=1)


DECLARATIONS = {
    "in a header read by several": (
        '#include "h.h"\nint f() { return 1; }\n// file: b.cc\n#include "h.h"\nint x = ^f();\n'
        "// file: h.h\n#pragma once\nint [[f]]();"
    ),
    "in two headers": (
        '#include "a.h"\n#include "b.h"\nint f() { return ^f(); }\n// file: a.h\nint [[f]]();\n'
        "// file: b.h\nint [[f]]();"
    ),
    "in an open namespace of two files": (
        '#include "n.h"\nnamespace n { void f() {} }\nvoid g() { n::^f(); }\n// file: n.h\n'
        "namespace n { void [[f]](); }"
    ),
}


@pytest.mark.parametrize("code", cases(DECLARATIONS))
def test_declaration(code: str) -> None:
    check_declaration(code)


REFERENCES = {
    "header read twice with other macros: each place once": (
        '#define N a\n#include "n.inc"\n#undef N\n#define N b\n#include "n.inc"\nint [[v]];\n'
        "int y = a() + b() + ^[[v]];\n// file: n.inc\nextern int [[v]];\ninline int N() { return [[v]]; }"
    ),
    "header in two languages": (
        '// file: a.cc\nextern "C" {\n#include "h.h"\n}\nint x = ^[[h]]();\n// file: b.c\n#include "h.h"\n'
        "int y(void) { return [[h]](); }\n"
        "// file: h.h\nint [[h]](void);"
    ),
    "branches that only one way of reading has": (
        '#define A\n#include "h.h"\nint [[v]];\nint x = ^[[v]];\n// file: b.cc\n#include "h.h"\n'
        "// file: h.h\nextern int [[v]];\n#ifdef A\ninline int a() { return [[v]]; }\n#else\n"
        "inline int b() { return -[[v]]; }\n#endif"
    ),
    "unity build and its parts": (
        '// file: all.cc\n#include "a.cc"\n#include "b.cc"\n// file: a.cc\nint [[f]]() { return 1; }\n'
        "// file: b.cc\nint [[f]]();\nint g() { return ^[[f]](); }"
    ),
    "in a file that a function includes": (
        'int f(int [[p]]) {\n#include "body.inc"\n}\n// file: body.inc\n[[p]] += 1;\nreturn ^[[p]];'
    ),
    "digraphs": "int [[a]]<:2:>;\nint x = ^[[a]]<:0:> + [[a]]<:1:>;",
    "spelled operators": "bool f(bool [[a]], bool b) { return [[a]] and b or not ^[[a]]; }",
    "continued lines": "int [[a]];\nint x = [[a]] + \\\n  ^[[a]] + \\\n  [[a]];",
    "#line": '#line 50 "x.y"\nint [[a]];\n#line 1\nint x = ^[[a]];',
    "non-ASCII names": "int [[ä]], ö;\nint x = ^[[ä]] + ö + [[ä]];",
    "Latin-1": b"int [[a]]; // \xe4\nint x = ^[[a]]; /* \xe4 */ int y = [[a]];",
}


@pytest.mark.parametrize("code", cases(REFERENCES))
def test_references(code: str | bytes) -> None:
    check_references(code)


def test_trigraphs() -> None:
    check_references("int [[a]]??(2??);\nint x = ^[[a]]??(0??);", arguments=["-trigraphs"])


def test_a_macro_on_the_command_line_decides_what_is_read() -> None:
    check_references("#ifdef M\nint [[a]];\n#else\nchar a;\n#endif\nint x = ^[[a]];", arguments=["-DM"])


def test_a_header_that_the_command_line_includes() -> None:
    code = "// file: pre.h\nint [[a]];\n// file: main.cc\nint x = ^[[a]];"
    check_references(code, arguments=["-include", "pre.h"])


OUTLINES = {
    "two files, one outline": ('#include "h.h"\nint a;\n// file: h.h\nint h;', "variable a"),
    "included in a class: in the class's file nothing": (
        'struct S {\n#include "m.inc"\n};\n// file: m.inc\nint m;',
        "struct S",
    ),
    "#line": ('#line 9 "x"\nint a;\nint b;', "variable a\nvariable b"),
    "empty": ("\n", ""),
    "only comments": ("// a\n/* b */", ""),
    "only directives": ("#define M\n#undef M\n", ""),
}


@pytest.mark.parametrize(("code", "expected"), cases(OUTLINES))
def test_outline(code: str, expected: str) -> None:
    check_outline(code, expected)


LINKS = {
    "quotes and brackets": (
        '#include [["a.h"]]\n#include [[<o.h>]]\n// file: a.h\n// file: outside/o.h\n',
        ["a.h", "outside/o.h"],
    ),
    "spaces and comments": ('#  include /* why */ [["a.h"]] // so\n// file: a.h\n', ["a.h"]),
    "in a folder": ('#include [["sub/a.h"]]\n// file: sub/a.h\n', ["sub/a.h"]),
    "up": ('#include [["sub/../a.h"]]\n// file: sub/b.h\n// file: a.h\n', ["a.h"]),
    "twice": ('#include [["a.h"]]\n#include [["a.h"]]\n// file: a.h\n', ["a.h", "a.h"]),
    "skipped": ('#if 0\n#include "a.h"\n#endif\n// file: a.h\n', []),
    "import": ('#import [["a.h"]]\n// file: a.h\n', ["a.h"]),
    "include_next": ("#include [[<o.h>]]\n// file: outside/o.h\nint o;\n", ["outside/o.h"]),
    "behind a continued line": ('#include \\\n  [["a.h"]]\n// file: a.h\n', ["a.h"]),
    "CRLF": ('#include [["a.h"]]\r\nint x;\r\n// file: a.h\n', ["a.h"]),
}

WRONG_LINKS = {
    "spaces and comments": "a comment before the name is not borne",
    "behind a continued line": "a continued line is not borne",
}


@pytest.mark.parametrize(("code", "targets"), cases(LINKS, WRONG_LINKS))
def test_links(code: str, targets: list[str]) -> None:
    check_links(code, targets)


HIGHLIGHTS = {
    "each place once, where a header is read in two ways": (
        '#define A\n#include "h.h"\n// file: b.cc\n#include "h.h"\n// file: h.h\nextern int [[^v]];\n'
        "inline int f() { return [[v]]; }"
        "\n#ifdef A\ninline int a() { return [[v]]; }\n#endif"
    ),
    "in the file at hand only": ('#include "h.h"\nint x = [[^v]] + [[v]];\n// file: h.h\nextern int v;'),
    "CRLF": "int [[^a]];\r\nint x = [[a]];\r\n",
    "BOM": "\ufeffint [[^a]]; int x = [[a]];\n",
}


@pytest.mark.parametrize("code", cases(HIGHLIGHTS))
def test_highlights(code: str) -> None:
    check_highlights(code)


CALLERS = {
    "from a header that two units read: once": (
        '#include "h.h"\n// file: b.cc\n#include "h.h"\n// file: h.h\n#pragma once\nint ^f();\n'
        "inline int g() { return [[f]](); }",
        ["g"],
    ),
    "from functions of one name in two files": (
        "int ^f();\nstatic int g() { return [[f]](); }\nint x = g();\n"
        "// file: b.cc\nint f();\nstatic int g() { return [[f]](); }\nint y = g();",
        ["g", "g"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), cases(CALLERS))
def test_callers(code: str, expected: list[str]) -> None:
    check_callers(code, expected)


FOLDS = {
    "digraph braces": "void f() <%[[\n  g();\n]]%>\n",
    "CRLF": "void f() {[[\r\n  g();\r\n]]}\r\n",
    "raw string with braces": 'const char* s = R"({\n})";\nvoid f() {[[\n  g();\n]]}\n',
    "brace in a character": "void f() {[[\n  c = '{';\n]]}\n",
    "brace in a comment": "void f() {[[\n  // {\n]]}\n",
}

WRONG_FOLDS = {"digraph braces": "braces written as digraphs are not told"}


@pytest.mark.parametrize("code", cases(FOLDS, WRONG_FOLDS))
def test_folds(code: str) -> None:
    check_folds(code)
