"""What constrains functions, and that it tells them apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cpp import check_definition, check_references, indexed

from cpplsp.worker.constraints import clause_end, constraint, is_constrained


def told(declaration: str, is_type: list[bool] | None = None) -> str:
    """The constraint of a declaration; ``^`` is in front of its name."""
    text = declaration.encode()
    name = text.index(b"^")
    text = text.replace(b"^", b"")
    return constraint(text, name, is_type or [True] * 3).decode() if is_constrained(text, name) else ""


@pytest.mark.parametrize(
    "declaration",
    [
        "template <class T> void ^f(T) {}",
        "template <typename T, class... U> void ^f(T);",
        "template <template <class> class V> void ^f(V<int>);",
        "void ^f(int) { auto x = 1; }",
        "void ^f(const auto& x);",
        "template <class T> void ^f(T) { requires_nothing(); }",
        "bool ^operator()(int) const;",
    ],
)
def test_what_is_not_constrained(declaration: str) -> None:
    assert told(declaration) == ""


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("template <C T> void ^f(T);", "$0 C"),
        ("template <class T, n::C<int> U> void ^f(T);", "$1 n :: C < int >"),
        ("template <C... T> void ^f(T...);", "$0 C ..."),
        ("template <class T> requires C<T> void ^f();", "C < $0 >"),
        (
            "template <class T> requires C<T> && (sizeof(T) > 1) int* ^f();",
            "C < $0 > && ( sizeof ( $0 ) > 1 )",
        ),
        ("template <class T> requires requires(T t) { t.x; } T ^f();", "requires ( $0 t ) { t . x ; }"),
        ("template <class T> T ^f(T) noexcept(true) requires C<T> { return 1; }", "C < $0 >"),
        ("template <class T> auto ^f(T t) -> decltype(t) requires C<T>;", "C < $0 >"),
        ("void ^f(int, const C auto& x);", "C auto"),
        ("bool ^operator()(T) const requires C<T>;", "C < T >"),
        ("void ^f() /* requires */ requires (!C<T>);", "( ! C < T > )"),
    ],
)
def test_what_is_constrained(declaration: str, expected: str) -> None:
    assert told(declaration) == expected


def test_values_are_no_constraints() -> None:
    assert told("template <Enum E, C T> void ^f();", [False, True]) == "$1 C"


def test_spelling_and_parameters_names_make_no_difference() -> None:
    assert told("template<class T>requires C<T>void ^f(T);") == told(
        "template <class Other>\n  requires C< Other >  // why\nvoid ^f(Other) {}"
    )


@given(st.text(alphabet="template<>class requires(){}|&,;:T\n\"'/*auto ", max_size=80))
def test_any_text_is_read(text: str) -> None:
    content = text.encode()
    for name in range(0, len(content) + 1, 7):
        is_constrained(content, name)
        constraint(content, name, [True])
    assert clause_end(content, 0, len(content)) in (-1, len(content))


_CONCEPTS = "template <class T> concept Big = sizeof(T) > 1;\n"


@pytest.mark.parametrize(
    "code",
    [
        "template <class T> requires Big<T> void [[f]](T) {}\ntemplate <class T> void f(T) {}\nvoid g() { ^f(1); }",
        "template <class T> void f(T) {}\nvoid [[f]](Big auto x) {}\nvoid g() { ^f(1); }",
        (
            "template <class T> requires Big<T> void f(T);\ntemplate <class T> requires (!Big<T>) void f(T);\n"
            "template <class U> requires Big<U> void [[f]](U) {}\n"
            "template <class U> requires (!Big<U>) void f(U) {}\nvoid g() { ^f(1); }"
        ),
        (
            "template <class T> struct S { void m() requires Big<T>; void m() requires (!Big<T>); };\n"
            "template <class U> void S<U>::m() requires Big<U> {}\n"
            "template <class U> void S<U>::[[m]]() requires (!Big<U>) {}\nvoid g(S<char> s) { s.^m(); }"
        ),
    ],
)
def test_functions_that_differ_in_constraints_are_several(code: str) -> None:
    check_definition(_CONCEPTS + code)


def test_references_of_one_of_them() -> None:
    check_references(
        '#include "f.h"\nvoid g() { [[f]](1); f(\'c\'); }\n// file: b.cc\n#include "f.h"\n'
        "template <class U> requires Big<U> void ^[[f]](U) {}\n// file: f.h\n#pragma once\n"
        + _CONCEPTS
        + "template <class T> requires Big<T> void [[f]](T);\ntemplate <class T> void f(T) {}"
    )


def test_every_function_has_a_symbol_of_its_own() -> None:
    code = (
        "template <class T> void f(T) {}\ntemplate <Big T> void f(T) {}\n"
        "template <Big T> requires (T::x) void f(T) {}"
    )
    with indexed(_CONCEPTS + code) as space:
        found = {one.symbol for one in space.of("main.cc").declarations if one.name == "f"}
    assert len(found) == 3
