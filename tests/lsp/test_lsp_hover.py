"""What a person is told at a cursor, by direct calls on an index."""

from pathlib import Path

import pytest
from support.cpp import Workspace, indexed

from cpplsp.lsp.documents import ClientPaths
from cpplsp.lsp.hover import Hover, find_hover, value_text
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.wire import Position, Range

UTF16 = Outward("utf-16", ClientPaths())


def ask(space: Workspace, cursor: tuple[str, int, int], *, markdown: bool) -> Hover | None:
    name, line, column = cursor
    found = find_hover(
        space.index.db, space.roots, Cursor(space.path(name), line, column), UTF16, markdown=markdown
    )
    return found[0] if found else None


def check(code: str, expected: str | None, *, markdown: bool = False, errors: int = 0) -> None:
    """From each cursor, this is shown."""
    with indexed(code, errors=errors) as space:
        assert space.marked.cursors
        for cursor in space.marked.cursors:
            found = ask(space, cursor, markdown=markdown)
            shown = found.contents.value.replace(f"file://{space.folder}/", "") if found else None
            assert shown == expected, f"from {cursor}"


# Code, and what is shown as plain text.
PLAIN: dict[str, tuple[str, str | None]] = {
    "a class": (
        "struct B {};\n/// A thing.\nclass ^C final : public B { int x; };",
        "class C final : public B\n\nA thing.\n\nClass",
    ),
    "a class that is declared only": ("class ^C;", "class C\n\nClass"),
    "a class that is declared and defined": (
        "class C;\n// A thing.\nclass C {};\n^C* c;",
        "class C\n\nA thing.\n\nClass, defined on line 3",
    ),
    "a class template": (
        "template <class T, int N = 3>\nstruct ^S {};",
        "template <class T, int N = 3>\nstruct S\n\nStruct",
    ),
    "an explicit specialisation": (
        "template <class T> struct S {};\ntemplate <> struct ^S<int> {};",
        "template <>\nstruct S<int>\n\nStruct",
    ),
    "an enum": ("enum class ^E : short { A };", "enum class E : short\n\nEnum"),
    "an enumerator": (
        "namespace n { enum E { A, B = 16  // Sixteen.\n}; }\nint x = n::^B;",
        "// In n::E\nB = 16\n\nValue: 16 (0x10)\n\nSixteen.\n\nEnumerator, defined on line 1",
    ),
    "an enumerator that is given no value": (
        "enum { A, ^B };",
        "// In (anonymous)\nB\n\nValue: 1\n\nEnumerator",
    ),
    "a namespace": ("namespace a { namespace ^b { int x; } }", "// In namespace a\nnamespace b"),
    "an alias of a namespace": (
        "namespace a {}\nnamespace ^b = a;",
        "namespace b = a\n\nNamespace alias",
    ),
    "a function": (
        "namespace n {\n// Adds.\nint ^add(int a, int b = 1) {\n  return a + b;\n}\n}",
        "// In namespace n\nint add(int a, int b = 1)\n\nAdds.\n\nFunction",
    ),
    "a function from its call": (
        "int f(int);\n\n\nint x = ^f(1);\nint f(int a) { return a; }",
        "int f(int)\n\nFunction, declared on line 1, defined on line 5",
    ),
    "a function's comment at its definition": (
        "int f(int);\n\n// Doubles.\nint f(int a) { return 2 * a; }\nint x = ^f(1);",
        "int f(int)\n\nDoubles.\n\nFunction, declared on line 1, defined on line 4",
    ),
    "a method, as the class declares it": (
        "struct S { virtual int f(int a = 1) const; };\nint S::^f(int b) const { return b; }",
        "// In S\nvirtual int f(int a = 1) const\n\nMethod, declared on line 1, defined here",
    ),
    "a pure virtual method": (
        "struct S { virtual int ^f() = 0; };",
        "// In S\nvirtual int f() = 0\n\nMethod",
    ),
    "a static method": ("struct S { static int ^f(); };", "// In S\nstatic int f()\n\nStatic method"),
    "a defaulted constructor": ("struct S { ^S() = default; };", "// In S\nS() = default\n\nConstructor"),
    "a constructor with initialisers": (
        "struct S { int x; explicit ^S(int y) : x(y) {} };",
        "// In S\nexplicit S(int y)\n\nConstructor",
    ),
    "a destructor": ("struct S { virtual ^~S(); };", "// In S\nvirtual ~S()\n\nDestructor"),
    "an operator": (
        "struct S { bool ^operator<(const S& s) const { return true; } };",
        "// In S\nbool operator<(const S& s) const\n\nMethod",
    ),
    "a call operator": (
        "struct S { int ^operator()(int x) { return x; } };",
        "// In S\nint operator()(int x)\n\nMethod",
    ),
    "a conversion": (
        "struct S { explicit ^operator bool() const { return true; } };",
        "// In S\nexplicit operator bool() const\n\nConversion function",
    ),
    "a function template": (
        "template <class T> T ^twice(const T& t) { return t + t; }\nint x = ^twice(1);".replace("^", "", 1),
        "template <class T>\nT twice(const T& t)\n\nFunction, defined on line 1",
    ),
    "a constrained function": (
        "template <class T>\n  requires (sizeof(T) > 1)\nT ^f(T t) { return t; }",
        "template <class T>\nrequires (sizeof(T) > 1) T f(T t)\n\nFunction",
    ),
    "attributes": (
        "/// F.\n\\[[nodiscard]] int ^f();",
        "[[nodiscard]] int f()\n\nF.\n\nFunction",
    ),
    "what is deprecated": (
        '\\[[deprecated("no")]] int ^f();',
        '[[deprecated("no")]] int f()\n\nDeprecated\n\nFunction',
    ),
    "a macro before a declaration": (
        '#define EXPORT __attribute__((visibility("default")))\nclass EXPORT ^C {};',
        "class EXPORT C\n\nClass",
    ),
    "a function behind a macro": (
        '#define EXPORT __attribute__((visibility("default")))\n// F.\nEXPORT int ^f(int a);',
        "EXPORT int f(int a)\n\nF.\n\nFunction",
    ),
    "linkage": ('extern "C" int ^f(void);', 'extern "C" int f(void)\n\nFunction'),
    "a variable": ("extern int x;\nint ^x = 42;", "int x = 42\n\nVariable, declared on line 1, defined here"),
    "a constant": (
        "constexpr unsigned ^k = 1u << 5;",
        "constexpr unsigned k = 1u << 5\n\nValue: 32 (0x20)\n\nVariable",
    ),
    "a local variable": (
        "int f() {\n  // How many.\n  int n = 1;\n  return ^n;\n}",
        "// In f\nint n = 1\n\nHow many.\n\nVariable, defined on line 3",
    ),
    "a deduced variable": (
        "struct S {}; S f();\nauto ^s = f();",
        "auto s = f()\n\nType: S\n\nVariable",
    ),
    "a lambda": (
        "int g() {\n  auto f = [](int x) { return x; };\n  return ^f(1);\n}",
        "// In g\nauto f = [](int x) { return x; }\n\nVariable, defined on line 2",
    ),
    "one of several variables": ("int a = 1, *^b = &a;", "int *b\n\nVariable"),
    "a field": (
        "struct S {\n  int a;  ///< How *many.\n};\nint f(S s) { return s.^a; }",
        "// In S\nint a\n\nHow *many.\n\nField, defined on line 2",
    ),
    "a bit-field": ("struct S { unsigned ^b : 3; };", "// In S\nunsigned b : 3\n\nField"),
    "a pointer to a function": ("int (*^f)(int, char);", "int (*f)(int, char)\n\nVariable"),
    "a type alias": ("using ^T = unsigned long;", "using T = unsigned long\n\nType alias"),
    "a variable of such a type": (
        "typedef unsigned long T;\nT ^t;",
        "T t\n\nT is unsigned long\n\nVariable",
    ),
    "a typedef of a function": ("typedef int (*^F)(int);", "typedef int (*F)(int)\n\nType alias"),
    "a typedef of a class": ("typedef struct s { int x; } ^T;", "typedef struct s {…} T\n\nType alias"),
    "the second of two": ("typedef struct s { int x; } T, *^P;", "typedef struct s *P\n\nType alias"),
    "a parameter": (
        "/// Adds.\n/// @param a the first\n/// @param b the *second\nint add(int a, int b) { return a + ^b; }",
        "// In add\nint b\n\nthe *second\n\nParameter",
    ),
    "a parameter of a template": (
        "template <class ^T = int> struct S {};",
        "// In S\nclass T = int\n\nTemplate parameter",
    ),
    "a concept": (
        "template <class T>\nconcept ^C = sizeof(T) > 1;",
        "template <class T>\nconcept C = sizeof(T) > 1\n\nConcept",
    ),
    "a macro": (
        "// The least.\n#define MIN(a, b) \\\n    ((a) < (b) ? (a) \\\n               : (b))\nint x = ^MIN(1, 2);",
        "#define MIN(a, b) \\\n  ((a) < (b) ? (a) \\\n             : (b))\n\nThe least.\n\nMacro, defined on line 2",
    ),
    "a macro that stands for its name": (
        "extern int out;\n#define out out\nint x = ^out;",
        "#define out out\n\nMacro, defined on line 2",
    ),
    "a label": ("void f() { ^again: goto again; }", "// In f\nagain:\n\nLabel"),
    "what a macro declares": (
        "#define DECLARE(n) int get_##n();\nDECLARE(a)\nint x = ^get_a();",
        "int get_a(…)\n\nFunction, declared on line 2",
    ),
    "overloads": (
        "struct S {};\nint g(S); int g(int*);\ntemplate <class T> int f(T t) { return ^g(t); }",
        "int g(S)\nint g(int*)\n\nFunction, declared on line 2",
    ),
    "many overloads": (
        "".join(f"struct S{number} {{}}; int g(S{number});\n" for number in range(7))
        + "template <class T> int f(T t) { return ^g(t); }",
        "".join(f"int g(S{number})\n" for number in range(5))
        + "// and 2 more\n\nFunction, declared on line 1",
    ),
    "something in a system header": (
        "#include <s.h>\nint x = ^f(1);\n// file: outside/s.h\n// Of it.\nextern int f (int) __attribute__ ((pure));\n",
        "extern int f (int) __attribute__ ((pure))\n\nOf it.\n\nFunction, declared in FOLDER/outside/s.h:2",
    ),
    "an include": ('#include ^"a/b.h"\n// file: a/b.h\nint x;', "a/b.h"),
    "in C, old style": (
        "// file: k.c\n/* Adds. */\nint ^add(a, b)\n    int a;\n    char b;\n{ return a + b; }",
        "int add(a, b)\nint a;\nchar b;\n\nAdds.\n\nFunction",
    ),
    "a licence": ("// Copyright 2026 me.\nclass ^C {};", "class C\n\nClass"),
    "nothing": ("int x; ^ // x", None),
    "a keyword": ("int ^  x;", None),
    "a name in a macro's body": (
        "// Says.\nint f(int);\n#define F(x) ^f(x)",
        "int f(int)\n\nSays.\n\nFunction, declared on line 2",
    ),
    "a name that nothing is known of, in a comment": ('int f();  // ^f\nconst char* s = "^f";', None),
    "an explicit instantiation": (
        "template <class T> struct V { T get(); };\ntemplate <class T> T V<T>::get() { return T(); }\n"
        "template int V<int>::^get();",
        "// In V\nT get()\n\nMethod, declared on line 1, defined on line 2",
    ),
    "deduced": (
        "// An S.\nstruct S {}; S f();\nconst ^auto& s = f();",
        "const S &\n\nAn S.\n\nStruct, defined on line 2",
    ),
    "deduced, of a builtin type": ("int f() {\n  for (a^uto x = 1;;) return x;\n}", "int"),
    "deduced, as what is returned": ("au^to f() { return 1.5; }", "double"),
    "deduced for each": ("template <class T> void f(T t) { ^auto x = t; }", None),
    "deduced for bindings": (
        "struct S { int a, b; };\nvoid f(S s) { ^auto [a, b] = s; }",
        "struct S\n\nStruct, defined on line 1",
    ),
}


@pytest.mark.parametrize(("code", "expected"), PLAIN.values(), ids=PLAIN)
def test_what_is_shown(code: str, expected: str | None) -> None:
    with indexed(code) as space:
        assert space.marked.cursors
        for cursor in space.marked.cursors:
            found = ask(space, cursor, markdown=False)
            shown = found.contents.value.replace(str(space.folder), "FOLDER") if found else None
            assert shown == expected, f"from {cursor}"
            assert found is None or found.contents.kind == "plaintext"


def test_markdown() -> None:
    check(
        "/// The *count of `x_`.\n///\n/// \\param[in] a_b what\n/// \\return how __many\n"
        "int count(const char* a_b);\n\nint y = ^count(nullptr);",
        "```cpp\nint count(const char* a_b)\n```\n\nThe \\*count of `x_`.\n\n**Parameters**\n- `a_b` (in): what\n\n"
        "**Returns** how \\_\\_many\n\nFunction, declared on [line 5](project/main.cc#L5)",
        markdown=True,
    )


def test_markdown_of_another_file() -> None:
    check(
        '#include "a_b.h"\nauto x = ^k;\n// file: a_b.h\nconstexpr int k = 255;',
        "```cpp\nconstexpr int k = 255\n```\n\nValue: `255 (0xff)`\n\nVariable, defined in [a_b.h:1](project/a_b.h#L1)",
        markdown=True,
    )


def test_markdown_in_c_is_of_that_language() -> None:
    check("// file: a.c\nint ^x;", "```c\nint x\n```\n\nVariable", markdown=True)


def test_markdown_of_an_include() -> None:
    check('#include "a_.h"^\n// file: a_.h\nint x;', "[a_.h](project/a_.h)", markdown=True)


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("int twice(int x);\nint y = tw^ice(1);", (1, 8), (1, 13)),
        ('  #  include "a.h"^\n// file: a.h\nint x;', (0, 13), (0, 18)),
        ("int f();\nconst au^to x = f();", (1, 6), (1, 10)),
        ("/* \U0001f600ä */ int ^x;", (0, 14), (0, 15)),
    ],
)
def test_the_range_is_that_of_the_token(code: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    with indexed(code) as space:
        [cursor] = space.marked.cursors
        found = ask(space, cursor, markdown=False)
        assert found is not None
        assert found.range == Range(Position(*start), Position(*end))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("// Adds.\nint ^add(int a, int b);", "int add(…)\n\nFunction"),
        ("struct B {}; // A thing.\nclass ^C : B {};", "class C\n\nClass"),
        ("enum { ^A = 3 };", "// In (anonymous)\nA = 3\n\nValue: 3\n\nEnumerator"),
        ("typedef int (*^F)(int);", "typedef int (*F)(int)\n\nType alias"),
        ("const char* ^s = 0;", "const char *s\n\nVariable"),
        ("#define ^A 1", "#define A\n\nMacro"),
        ("void f() { ^l: goto l; }", "// In f\nl:\n\nLabel"),
    ],
)
def test_of_a_text_that_changed_since_only_what_the_index_has_is_shown(code: str, expected: str) -> None:
    with indexed(code) as space:
        [cursor] = space.marked.cursors
        path = Path(space.path(cursor[0]))
        path.write_bytes(b"\n" + path.read_bytes())
        found = ask(space, cursor, markdown=False)
        assert found is not None
        assert found.contents.value == expected


def test_an_include_of_a_text_that_changed_has_no_range() -> None:
    with indexed('#include "a.h"^\n// file: a.h\nint x;') as space:
        Path(space.path("main.cc")).write_bytes(b"")
        [cursor] = space.marked.cursors
        found = ask(space, cursor, markdown=False)
        assert found is not None
        assert (found.contents.value, found.range) == ("a.h", None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("9", "9"), ("10", "10 (0xa)"), ("-12", "-12"), ("3.14", "3.14"), ("255", "255 (0xff)")],
)
def test_values(value: str, expected: str) -> None:
    assert value_text(value) == expected
