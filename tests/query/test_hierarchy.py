"""Implementations and type hierarchies, on marked C++."""

import pytest
from support.cpp import indexed
from support.features import check_implementations, check_types, hits

from cpplsp.query.hierarchy import classes_at

IMPLEMENTATIONS = {
    "of a virtual function: all that overrides it": (
        "struct A { virtual void ^f(); };\nstruct B : A { void f() override; };\nvoid B::[[f]]() {}\n"
        "struct C : B { void [[f]]() final {} };\nstruct D : A { void [[f]](); };"
    ),
    "of a pure one, from a call": (
        "struct A { virtual void f() = 0; };\nstruct B : A { void [[f]]() {} };\nvoid g(A& a) { a.^f(); }"
    ),
    "of what overrides: what overrides that": (
        "struct A { virtual void f(); };\nstruct B : A { void ^f() {} };\nstruct C : B { void [[f]]() {} };"
        "\nstruct D : A { void f() {} };"
    ),
    "of what nothing overrides: none": (
        "struct A { virtual void f(); };\nstruct B : A { void ^f() final {} };\nvoid g(B& b) { b.^f(); }"
    ),
    "of a class: all that derives from it": (
        "struct ^A {};\nstruct [[B]] : A {};\nclass [[C]] : virtual B {};\nstruct [[D]] : private A {};\nstruct E {};"
    ),
    "of a class that two bases lead to: once": (
        "struct ^A {};\nstruct [[B]] : virtual A {};\nstruct [[C]] : virtual A {};\nstruct [[D]] : B, C {};"
    ),
    "of a destructor": ("struct A { virtual ^~A(); };\nstruct B : A { [[~B]]() {} };"),
    "of a template": (
        "template <class T> struct ^V {};\nstruct [[A]] : V<int> {};\ntemplate <class T> struct [[B]] : V<T> {};"
    ),
    "in templates": (
        "struct A { virtual void ^f(); };\ntemplate <class T> struct B : A { void f(); };\n"
        "template <class T> void B<T>::[[f]]() {}"
    ),
    "of local classes": ("struct ^A {};\nvoid f() { struct [[L]] : A {}; }"),
    "in other files": (
        '#include "a.h"\nvoid B::[[f]]() {}\n// file: a.h\n#pragma once\nstruct A { virtual void ^f() = 0; };\n'
        'struct B : A { void f(); };\n// file: c.cc\n#include "a.h"\nstruct C : B { void [[f]]() {} };'
    ),
    "that are declared only": ("struct A { virtual void ^f(); };\nstruct B : A { void [[f]](); };"),
    "of a function: none": "void ^f() {}\nint ^x;\nint y = ^x;",
}


@pytest.mark.parametrize("code", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
def test_implementations(code: str) -> None:
    check_implementations(code)


TYPES = {
    "a class": ("struct A {};\nstruct ^B : A {};\nstruct C : B {};\nstruct D : C {};", "B", ["A"], ["C"]),
    "several bases": (
        "struct A {};\nnamespace n { struct B {}; }\nstruct ^C : A, virtual n::B {};",
        "C",
        ["A", "n::B"],
        [],
    ),
    "several classes below": ("struct ^A {};\nstruct B : A {};\nclass C : A {};", "A", [], ["B", "C"]),
    "where it is named": ("struct A {};\nstruct B : ^A {};\n^A a;\nvoid f(const ^A&);", "A", [], ["B"]),
    "a member function leads to its class": (
        "struct A { void ^f(); ^A(); ^~A(); static int ^s(); ^operator int(); };\nvoid A::^f() {}",
        "A",
        [],
        [],
    ),
    "a template": (
        "struct A {};\ntemplate <class T> struct ^V : A {};\nstruct B : V<int> {};",
        "V",
        ["A"],
        ["B"],
    ),
    "what derives from a template": (
        "template <class T> struct V {};\nstruct ^B : V<int> {};",
        "B",
        ["V"],
        [],
    ),
    "in other files": (
        '#include "a.h"\nstruct ^B : A {};\n// file: a.h\n#pragma once\nstruct A {};\n// file: c.cc\n'
        '#include "a.h"\nnamespace { struct B : A {}; }\nB b;',
        "B",
        ["A"],
        [],
    ),
    "an enumeration is none": ("enum ^E { ^e };", "", [], []),
    "a function is none": ("void ^f();\nint ^x;", "", [], []),
}


@pytest.mark.parametrize(("code", "at", "above", "below"), TYPES.values(), ids=TYPES)
def test_types(code: str, at: str, above: list[str], below: list[str]) -> None:
    check_types(code, at, above, below)


def test_a_class_that_is_declared_only_is_shown_there() -> None:
    check_types("struct ^A;\n^A* a;", "A", [], [])


def test_of_two_classes_of_one_name_the_one_in_a_header_is_shown() -> None:
    code = (
        '// file: a.cc\nstruct A { int x; };\n// file: b.cc\n#include "x.h"\nstruct B : ^A {};\n'
        "// file: x.h\n#pragma once\nstruct A {};\n"
    )
    with indexed(code) as space:
        [item] = classes_at(space.index.db, space.roots, hits(space, *space.marked.cursors[0]))
        assert space.name(item.place.path) == "x.h"
