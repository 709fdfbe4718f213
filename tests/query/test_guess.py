"""What a name is taken for where nothing is known of its place."""

import pytest
from support.cpp import indexed

from cpplsp.query.guess import guess_at
from cpplsp.query.navigation import definitions, symbols_at

GUESSES = {
    "skipped call of a function of the file": (
        "namespace n { void [[f]](int); void f(char); }\nvoid g() { n::f(1); }\n#if 0\nint x = n::^f(2);\n#endif\n"
        "void h() { n::f('c'); }"
    ),
    "the nearest of several": (
        "namespace a { int v; }\nnamespace b { int [[v]]; }\nint x = a::v;\nint y = b::v;\n#if 0\nint z = ^v;\n#endif"
    ),
    "something of another file": (
        "#if 0\nint x = ^only();\n#endif\n// file: b.cc\nint [[only]]() { return 1; }"
    ),
    "member of a bare parameter": "struct S { int [[m]]; };\nint m();\ntemplate <class T> int f(T t) { return t.^m; }",
    "method of a bare parameter": (
        "struct S { void [[go]](); };\ntemplate <class T> void f(T* t) { t->^go(); }"
    ),
    "by its qualifier": (
        "namespace a { int f(); }\nnamespace b { int [[f]](); }\n#if 0\nint x = b::^f();\n#endif"
    ),
    "explicit instantiation of a function template": (
        "template <class T> void [[f]](T) {}\ntemplate void ^f<int>(int);"
    ),
    "name in a macro's body": "int [[v]];\n#define M (^v + 1)",
    "name behind what only looks like a comment": (
        'int [[v]];\nconst char* s = "/*";  // R"( /*\n#if 0\nint x = ^v;\n#endif'
    ),
    "name behind a comment in its line": (
        "int [[v]];\n#if 0\n/* Don't\n   don't */ int x = /* don't */ ^v;\n#endif"
    ),
    "name behind raw text": 'int [[v]];\nconst char* s = R"x(\n" /*)x";\n#if 0\nint x = ^v;\n#endif',
    "template, not what specialises it": (
        "template <class T> struct [[V]] {};\ntemplate <class T> struct V<T*> {};\ntemplate <> struct V<int> {};\n"
        "#if 0\n^V<char> a;\n#endif"
    ),
}
NOTHING = {
    "comment": "int v;\n// ^v\n/* ^v */",
    "comment of several lines": 'int v;\nint w; /* "*\n // /* \n ^v */ const char* s = "/*";',
    "comment in a macro's body": "int v;\n#define M /* \\\n ^v */ 1",
    "text": 'int v;\nconst char* s = "^v";',
    "raw text": 'int v;\nconst char* s = R"(\n^v)";',
    "keyword": "int v;\n^int w;",
    "operator": "int v = 1 ^+ 2;",
    "unknown": "#if 0\n^unknown();\n#endif",
    "local of another function": "void f() { int local; }\n#if 0\nint x = ^local;\n#endif",
    "member of what a template's arguments tell": (
        "struct S { typedef int type; }; struct U { typedef int type; };\n"
        "template <class T> struct V {};\n#if 0\nV<int>::^type x;\n#endif"
    ),
    "another qualifier": "namespace a { int f(); } namespace c { int f(); }\n#if 0\nint x = b::^f();\n#endif",
    "one of too many": (
        "namespace a { int v; } namespace b { int v; } namespace c { int v; } namespace d { int v; }\n"
        "// file: b.cc\n#if 0\nint x = ^v;\n#endif"
    ),
}


def _check(code: str, *, errors: int = 0) -> None:
    with indexed(code, errors=errors) as space:
        db, roots = space.db, space.roots
        for name, line, column in space.marked.cursors:
            path = space.path(name)
            known = symbols_at(db, roots, path, line, column)
            found = definitions(db, roots, known or guess_at(db, roots, path, line, column))
            ranges = [(space.name(one.path), (one.line, one.start), (one.line, one.end)) for one in found]
            assert sorted(ranges) == sorted(space.marked.ranges), f"from {line}:{column}"


@pytest.mark.parametrize("code", GUESSES.values(), ids=GUESSES.keys())
def test_guess(code: str) -> None:
    _check(code)


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING.keys())
def test_nothing(code: str) -> None:
    _check(code)


def test_nothing_is_guessed_once_the_file_has_changed() -> None:
    with indexed("int v;\n#if 0\nint x = v;\n#endif") as space:
        path = space.path("main.cc")
        assert guess_at(space.db, space.roots, path, 2, 8)
        space.write({"main.cc": b"int v;\n#if 0\nint x = w;\n#endif"})
        assert not guess_at(space.db, space.roots, path, 2, 8)
        assert not guess_at(space.db, space.roots, space.path("none.cc"), 0, 0)
