"""What the tokens of marked C++ are coloured as."""

from itertools import pairwise

import pytest
from support.cpp import Workspace, indexed

from cpplsp.facts import Role
from cpplsp.query.semantic import Modifier, SemanticToken, semantic_tokens

_SCOPES = Modifier.FUNCTION_SCOPE | Modifier.CLASS_SCOPE | Modifier.FILE_SCOPE | Modifier.GLOBAL_SCOPE


def tokens(space: Workspace, name: str = "main.cc") -> list[SemanticToken]:
    return semantic_tokens(space.db, space.roots, space.path(name))


def check_tokens(code: str, expected: str, name: str = "main.cc", *, errors: int = 0) -> None:
    """A file's tokens, each ``text:type``, in order."""
    with indexed(code, errors=errors) as space:
        assert " ".join(f"{text}:{one.type}" for text, one in spelled(space, name)) == expected


def check_modifiers(code: str, expected: str, name: str = "main.cc") -> None:
    """The modifiers of the tokens that are marked, each in the order of their bits, scopes left out."""
    with indexed(code) as space:
        marked = {(*begin, end[1]) for file, begin, end in space.marked.ranges if file == name}
        found = [one for one in tokens(space, name) if (one.line, one.start, one.end) in marked]
        assert len(found) == len(marked)
        assert [modifiers(one.modifiers & ~_SCOPES) for one in found] == [
            " ".join(words.split()) for words in expected.split(",")
        ]


def check_scopes(code: str, expected: str, name: str = "main.cc") -> None:
    """The scopes of a file's tokens, each ``text:scope``, in order."""
    with indexed(code) as space:
        scopes = [
            (text, modifiers(one.modifiers & _SCOPES).removesuffix("_scope"))
            for text, one in spelled(space, name)
        ]
        assert " ".join(f"{text}:{scope}" for text, scope in scopes) == expected


def spelled(space: Workspace, name: str) -> list[tuple[str, SemanticToken]]:
    lines = space.marked.files[name].removeprefix(b"\xef\xbb\xbf").splitlines()
    return [(lines[one.line][one.start : one.end].decode(), one) for one in tokens(space, name)]


def modifiers(bits: int) -> str:
    return " ".join((one.name or "").lower() for one in Modifier if bits & one)


TYPES = {
    "variables and parameters": (
        "int a;\nint f(int p) { int b = p; return a + b; }",
        "a:variable f:function p:parameter b:variable p:parameter a:variable b:variable",
    ),
    "classes and members": (
        "struct S { S(); ~S(); void m(); static void s(); int f; static int g; };",
        "S:class S:class S:class m:method s:function f:property g:variable",
    ),
    "a destructor that is called": (
        "struct S { ~S(); };\nvoid f(S* s) { s->~S(); }",
        "S:class S:class f:function S:class s:parameter s:parameter S:class",
    ),
    "enumerations": ("enum E { a };\nE e = a;", "E:enum a:enumMember E:enum e:variable a:enumMember"),
    "namespaces": ("namespace n { int x; }\nusing namespace n;", "n:namespace x:variable n:namespace"),
    "an alias is what it stands for": (
        "struct S {};\nusing A = S;\nusing P = S*;\nusing I = int;\nA a; P p; I i;",
        "S:class A:class S:class P:type S:class I:type A:class a:variable P:type p:variable I:type i:variable",
    ),
    "template parameters": (
        "template <class T, int N> T f(T t) { return t; }",
        "T:typeParameter N:typeParameter T:typeParameter f:function T:typeParameter t:parameter t:parameter",
    ),
    "a concept": ("template <class T> concept C = true;", "T:typeParameter C:concept"),
    "macros": ("#define M 1\nint a = M;\n#undef M\n", "M:macro a:variable M:macro M:macro"),
    "a label": ("void f() { goto l; l: return; }", "f:function l:label l:label"),
    "an operator that is used": (
        "struct S { S operator+(S); };\nS f(S a) { return a + a; }",
        "S:class S:class S:class S:class f:function S:class a:parameter a:parameter +:operator a:parameter",
    ),
    "a constructor that is called": (
        "struct S { S(int); };\nS a(1);\nS b = S(2);",
        "S:class S:class S:class a:variable S:class b:variable S:class",
    ),
    "what a macro's use declares": (
        "#define F(n) void f_##n() {}\nF(a)\n",
        "F:macro F:macro",
    ),
    "what several symbols may be meant by": (
        "void f(int);\nvoid f(char);\ntemplate <class T> void g(T t) { f(t); }",
        "f:function f:function T:typeParameter g:function T:typeParameter t:parameter f:function t:parameter",
    ),
    "a lambda": (
        "void f() { auto l = [](int p) { return p; }; l(1); }",
        "f:function l:variable p:parameter p:parameter l:variable",
    ),
}


@pytest.mark.parametrize(("code", "expected"), TYPES.values(), ids=TYPES)
def test_types(code: str, expected: str) -> None:
    check_tokens(code, expected)


MODIFIERS = {
    "declared, defined, and named": (
        "void [[f]]();\nvoid [[f]]() { [[f]](); }\nint [[a]];\nextern int [[b]];\nnamespace [[n]] {}\n"
        "enum [[E]] { [[e]] };\nstruct [[S]] { int [[x]]; };",
        "declaration, declaration definition, , declaration definition, declaration, declaration, declaration,"
        " declaration readonly, declaration definition, declaration",
    ),
    "constants": (
        "const int [[a]] = 1;\nvoid f(const int& [[b]], const char* [[c]], int* [[d]]) { [[b]]; }",
        "declaration definition readonly, declaration definition readonly, declaration definition readonly,"
        " declaration definition, readonly",
    ),
    "what a pointer to a function returns is no constant of it": (
        "const char* (*[[p]])(const char*);",
        "declaration definition",
    ),
    "what a template is given is no constant of it": (
        "template <class T> struct V {};\nV<const int> [[v]];",
        "declaration definition",
    ),
    "constant methods and template parameters": (
        "struct S { int [[m]]() const; };\ntemplate <int [[N]], class [[T]]> void f();",
        "declaration readonly, declaration definition readonly, declaration definition",
    ),
    "virtual and abstract": (
        "struct [[A]] { virtual void [[p]]() = 0; virtual void [[v]](); };",
        "declaration definition abstract, declaration abstract virtual, declaration virtual",
    ),
    "static": (
        "struct S { static int [[a]]; static void [[b]](); };\nstatic int [[c]];\nvoid f() { static int [[d]]; }",
        "declaration static, declaration static, declaration definition, declaration definition static",
    ),
    "deprecated": ("\\[[deprecated]] void [[f]]();", "declaration deprecated"),
    "constructors and destructors": (
        "struct S { [[S]](); ~[[S]](); };",
        "declaration constructor_or_destructor, declaration constructor_or_destructor",
    ),
    "operators": ("struct S {};\nS operator-(S);\nS a = [[-]]S();", "user_defined"),
    "from outside the project": (
        "#include <lib.h>\nint a = [[lib]]::[[f]]([[M]]);\n"
        "// file: outside/lib.h\n#define M 1\nnamespace lib { int f(int); }\n",
        "default_library, default_library, ",
    ),
    "std, even if opened here": ("namespace [[std]] {}", "declaration default_library"),
}


@pytest.mark.parametrize(("code", "expected"), MODIFIERS.values(), ids=MODIFIERS)
def test_modifiers(code: str, expected: str) -> None:
    check_modifiers(code, expected)


SCOPES = {
    "of a file": (
        "int a; static int b; const int c = 1; namespace { int d; } void f(); static void g(); using I = int;",
        "a:global b:file c:file d:file f:global g:file I:file",
    ),
    "of a class": (
        "struct S { int f; enum E { e }; using I = int; void m(int p); };",
        "S:global f:class E:class e:class I:class m:class p:function",
    ),
    "of a function": (
        "void f(int p) { int a; struct L { int x; }; l: goto l; }",
        "f:global p:function a:function L:function x:class l:function l:function",
    ),
    "of template parameters": (
        "template <class T> struct S { T t; };\ntemplate <class U> U f();",
        "T:class S:global T:class t:class U:function U:function f:global",
    ),
}


@pytest.mark.parametrize(("code", "expected"), SCOPES.values(), ids=SCOPES)
def test_scopes(code: str, expected: str) -> None:
    check_scopes(code, expected)


def test_an_abstract_class_is_known_as_such_where_it_is_only_named() -> None:
    check_modifiers(
        '#include "a.h"\nstruct A { virtual void f() = 0; };\n// file: a.h\nstruct [[A]];\n[[A]]* a;\n',
        "declaration abstract, abstract",
        "a.h",
    )


def test_a_header_read_in_two_ways_has_each_token_once() -> None:
    check_tokens(
        '// file: a.cc\n#include "h.h"\n// file: b.c\n#include "h.h"\n// file: h.h\nstatic int x;\n'
        "#ifdef __cplusplus\nint a;\n#else\nint b;\n#endif\n",
        "x:variable a:variable b:variable",
        "h.h",
    )


def test_what_was_not_compiled_is_told_as_such() -> None:
    with indexed("int a;\n#ifdef NO\nint b = a;\n#endif\n") as space:
        found = [(text, bool(one.roles & Role.INACTIVE)) for text, one in spelled(space, "main.cc")]
    assert ("a", False) in found
    assert ("a", True) in found


def test_tokens_do_not_overlap() -> None:
    code = "struct S { ~S(); operator int(); S& operator++(); };\nvoid f(S& s) { ++s; int x = s; s.~S(); }"
    with indexed(code) as space:
        found = tokens(space)
    places = [(one.line, one.start, one.end) for one in found]
    assert all(one[0] < other[0] or one[2] <= other[1] for one, other in pairwise(places))


def test_of_a_file_that_is_not_known_there_are_none() -> None:
    with indexed("int x;") as space:
        assert tokens(space, "no.cc") == []
