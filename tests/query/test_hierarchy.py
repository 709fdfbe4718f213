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
    "of a class, through aliases": (
        "struct ^A {};\nusing B = A;\ntypedef B C;\nstruct [[D]] : B {};\nstruct [[E]] : C {};"
    ),
    "of what is spelled with an alias": "struct A {};\nusing ^B = A;\nstruct [[D]] : A {};",
    "of a template: of its instantiations, and of what has its arguments": (
        "template <class T> struct ^V {};\ntemplate <class T> struct [[W]] : V<T*> {};\nstruct [[X]] : W<int> {};\n"
        "struct [[Y]] : V<X> {};"
    ),
    "of a specialisation: its own": (
        "template <class T> struct V {};\ntemplate <> struct ^V<int> {};\nstruct [[A]] : V<int> {};\n"
        "struct B : V<char> {};"
    ),
    "of a curiously recurring base": (
        "template <class D> struct ^C { void f(); };\nstruct [[A]] : C<A> {};\nclass [[B]] : C<B> { void f(); };"
    ),
    "of a method in a template, by instantiations": (
        "template <class T> struct V { virtual void ^m(T) = 0; };\nstruct A : V<int> { void [[m]](int) override {} };\n"
        "template <class T> struct W : V<T> { void [[m]](T) override {} };\n"
        "struct X : W<char> { void [[m]](char) final {} };"
    ),
    "of a method that two bases have": (
        "struct A { virtual void ^m(); };\nstruct B { virtual void m(); };\nstruct C : A, B { void [[m]]() {} };"
    ),
    "of a method through a virtual diamond": (
        "struct A { virtual void ^m() = 0; };\nstruct B : virtual A {};\nstruct C : virtual A { void [[m]]() {} };\n"
        "struct D : B, C {};"
    ),
    "not of what hides": (
        "struct A { virtual void ^m(int); };\nstruct B : A { void m(char) {} };\nstruct C : B { void [[m]](int) {} };"
    ),
    "with a covariant return type": (
        "struct A { virtual A* ^m(); };\nstruct B : A { B* [[m]]() override { return this; } };"
    ),
    "in a private base": (
        "class A { virtual void ^m() = 0; };\nclass B : private A { void [[m]]() override {} };"
    ),
    "of an operator": (
        "struct A { virtual bool ^operator==(int); };\nstruct B : A { bool [[operator]]==(int) { return true; } };"
    ),
    "of a class in an anonymous namespace": (
        "namespace { struct ^A {}; struct [[B]] : A {}; }\n// file: b.cc\nnamespace { struct A {}; struct C : A {}; }"
    ),
    "C: of a structure there are none": "// file: a.c\nstruct ^A { int x; };\nstruct B { struct A a; };",
    "of a class outside": (
        "#include <o.h>\nstruct A : ^base {};\nstruct [[B]] : A {};\n// file: outside/o.h\nstruct base {};"
    ).replace("struct A", "struct [[A]]"),
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
    "an enumeration is none": ("enum ^E { ^e };\nE ^v;", "", [], []),
    "a function is none": ("struct A {};\nA ^f(A);\nint ^x;\nA g(int ^p);", "", [], []),
    "variables lead to their class": (
        "struct A {};\nstruct B : A {};\nB ^b;\nextern B ^e;\nB ^a[2];\nB* ^p;\nconst B& ^r = b;\nB** ^pp;\n"
        "void f(B ^x, const B* ^y) { B ^l; auto ^u = l; for (auto& ^i : a) { ^i = ^x; } }",
        "B",
        ["A"],
        [],
    ),
    "fields lead to their class": (
        "struct A {};\nstruct S { A ^m; A* ^n; static A ^s; };\nA f(S& s) { return s.^m; }",
        "A",
        [],
        [],
    ),
    "aliases lead to their class": (
        "struct A {};\nusing ^B = A;\ntypedef B ^C;\ntypedef A* ^P;\nstruct D : ^C {};\n^C ^c;\n^P ^p;",
        "A",
        [],
        ["D"],
    ),
    "constructors and a new object lead to their class": (
        "struct A { ^A(int); };\nA a = ^A(1);\nauto p = new ^A(2);",
        "A",
        [],
        [],
    ),
    "auto leads to its class": ("struct A {};\nA f();\n^auto ^x = f();", "A", [], []),
    "a value of a template leads to that": (
        "struct A {};\ntemplate <class T> struct V : A {};\nV<int> ^v;\nV<A>* ^p;\ntemplate <class T> void f(V<T> ^x);",
        "V",
        ["A"],
        [],
    ),
    "a smart pointer leads to what it points to": (
        "template <class T> struct ptr { T* operator->(); };\nstruct A {};\nptr<A> ^p;",
        "A",
        [],
        [],
    ),
    "through an alias template": (
        "template <class T> struct V {};\ntemplate <class T> using ^W = V<T>;\nstruct D : W<int> {};\nW<int> ^w;",
        "V",
        [],
        ["D"],
    ),
    "private, protected and virtual bases": (
        "struct A {}; struct B {}; struct C {};\nclass ^D : A, protected B, virtual private C {};",
        "D",
        ["A", "B", "C"],
        [],
    ),
    "a diamond": (
        "struct A {};\nstruct B : virtual A {};\nstruct C : virtual A {};\nstruct ^D : B, C {};",
        "D",
        ["B", "C"],
        [],
    ),
    "a base through an alias": ("struct A {};\nusing B = A;\nstruct ^D : B {};", "D", ["A"], []),
    "a curiously recurring one": (
        "template <class T> struct C {};\nstruct ^D : C<D> {};\nstruct E : D {};",
        "D",
        ["C"],
        ["E"],
    ),
    "a base with the template's arguments": (
        "template <class T> struct A {};\ntemplate <class T> struct ^B : A<T*> {};\nstruct C : B<int> {};",
        "B",
        ["A"],
        ["C"],
    ),
    "a parameter as a base is not known": (
        "struct A {};\ntemplate <class T> struct ^M : T {};\nstruct C : M<A> {};",
        "M",
        [],
        ["C"],
    ),
    "specialisations have bases and sub-classes of their own": (
        "struct A {};\ntemplate <class T> struct V {};\ntemplate <> struct ^V<int> : A {};\nstruct B : V<int> {};\n"
        "struct C : V<char> {};",
        "V",
        ["A"],
        ["B"],
    ),
    "a member of a template's instantiation": (
        "template <class T> struct V { struct ^I {}; };\nstruct A : V<int>::I {};\n"
        "template <class T> struct B : V<T>::I {};",
        "V::I",
        [],
        ["A", "B"],
    ),
    "a local class": (
        "struct A {};\nvoid f() { struct ^L : A {}; struct M : L {}; }",
        "f::L",
        ["A"],
        ["f::M"],
    ),
    "a class that is declared in another and defined outside": (
        "struct A {};\nstruct S { class ^I; };\nclass S::^I : A {};",
        "S::I",
        ["A"],
        [],
    ),
    "above what is outside": (
        "#include <o.h>\nstruct A : ^base {};\n// file: outside/o.h\nstruct top {};\nstruct base : top {};",
        "base",
        ["top"],
        ["A"],
    ),
    "a member function of what is outside": (
        "#include <o.h>\nvoid f(V<int>& v) { v.^size(); V<char>::^make(); }\n// file: outside/o.h\n"
        "struct base {};\ntemplate <class T> struct V : base { int size(); static int make(); };",
        "V",
        ["base"],
        [],
    ),
    "C: a tag and its type": (
        "// file: a.c\ntypedef struct ^S { int x; } ^T;\n^T ^t;\nstruct ^S* ^p;",
        "S",
        [],
        [],
    ),
    "a union": ("union ^U { int x; };\nU ^u;", "U", [], []),
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
        [item] = classes_at(space.db, space.roots, hits(space, *space.marked.cursors[0]))
        assert space.name(item.place.path) == "x.h"
