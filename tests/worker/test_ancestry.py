"""What classes derive from, what methods override, and what specialises what, on C++."""

from collections import Counter

import pytest
from support.cpp import Workspace, indexed

from cpplsp.facts import Relation


def relations(space: Workspace, name: str = "main.cc") -> list[tuple[str, Relation, str]]:
    """Subject, relation and object; of several symbols of one name, each with the line where it is declared."""
    declared = {one.symbol: one for sent in reversed(space.facts) for one in reversed(sent.declarations)}
    names = {
        symbol: f"{one.scope}::{one.name}" if one.scope else one.name for symbol, one in declared.items()
    }
    several = {name for name, count in Counter(names.values()).items() if count > 1}
    shown = {
        symbol: f"{name}:{declared[symbol].line}" if name in several else name
        for symbol, name in names.items()
    }
    return sorted(
        (shown[one.subject], Relation(one.relation), shown[one.object]) for one in space.of(name).relations
    )


_D, _O, _S = Relation.DERIVES_FROM, Relation.OVERRIDES, Relation.SPECIALIZES
RELATIONS = {
    "several bases": (
        "struct A {}; struct B {}; struct D : A, private virtual B {};",
        [("D", _D, "A"), ("D", _D, "B")],
    ),
    "a diamond": (
        "struct A {}; struct B : virtual A {}; struct C : virtual A {}; struct D : B, C {};",
        [("B", _D, "A"), ("C", _D, "A"), ("D", _D, "B"), ("D", _D, "C")],
    ),
    "an instantiation": ("template <class T> struct A {}; struct D : A<int> {};", [("D", _D, "A")]),
    "an explicit instantiation": (
        "template <class T> struct A { void f(); }; template struct A<int>; struct D : A<int> {};",
        [("D", _D, "A")],
    ),
    "a template that was declared before": (
        "template <class T> struct A;\ntemplate <class T> struct A {}; struct D : A<int> {};",
        [("D", _D, "A")],
    ),
    "a template's base": ("struct A {}; template <class T> struct D : A {};", [("D", _D, "A")]),
    "a base with the template's arguments": (
        "template <class T> struct A {}; template <class T> struct D : A<T*> {};",
        [("D", _D, "A")],
    ),
    "a parameter as a base": ("template <class T> struct D : T {};", []),
    "itself as the argument of its base": (
        "template <class T> struct A {}; struct D : A<D> {};",
        [("D", _D, "A")],
    ),
    "an alias": (
        "struct A {}; using B = A; typedef B C; struct D : B {}; struct E : C {};",
        [("D", _D, "A"), ("E", _D, "A")],
    ),
    "an alias template": (
        "struct A {}; template <class T> using I = T; template <class T> struct V {};\n"
        "template <class T> using W = V<T>; struct D : I<A> {}; struct E : W<int> {};\n"
        "template <class T> struct F : W<T> {};",
        [("D", _D, "A"), ("E", _D, "V"), ("F", _D, "V")],
    ),
    "an alias of an instantiation": (
        "template <class T> struct V {}; using I = V<int>; struct D : I {};",
        [("D", _D, "V")],
    ),
    "decltype": ("struct A {} a; struct D : decltype(a) {};", [("D", _D, "A")]),
    "a member of an instantiation": (
        "template <class T> struct V { struct I {}; struct J : I {}; }; struct D : V<int>::I {};\n"
        "struct E : V<int>::J {}; template <class T> struct F : V<T>::I {};",
        [("D", _D, "V::I"), ("E", _D, "V::J"), ("F", _D, "V::I"), ("V::J", _D, "V::I")],
    ),
    "an alias that is a member of a template": (
        "template <class T> struct V { using Self = V<T>; }; template <class T> struct D : V<T>::Self {};",
        [("D", _D, "V")],
    ),
    "specialisations": (
        "template <class T> struct V {};\ntemplate <class T> struct V<T*> {};\ntemplate <> struct V<int> {};\n"
        "struct C : V<char> {}; struct D : V<char*> {}; struct E : V<int> {};",
        [
            ("C", _D, "V:0"),
            ("D", _D, "V:1"),
            ("E", _D, "V:2"),
            ("V:1", _S, "V:0"),
            ("V:2", _S, "V:0"),
        ],
    ),
    "a specialisation's own base": (
        "struct A {};\ntemplate <class T> struct V {};\ntemplate <> struct V<int> : A {};",
        [("V:2", _D, "A"), ("V:2", _S, "V:1")],
    ),
    "a template template parameter": (
        "template <class T> struct V {}; template <template <class> class X> struct D : X<int> {};\n"
        "struct E : D<V> {};",
        [("E", _D, "D")],
    ),
    "a pack of bases": (
        "struct A {}; template <class... T> struct D : T... {}; struct E : D<A> {};",
        [("E", _D, "D")],
    ),
    "local classes": (
        "struct A {}; void f() { struct L : A {}; auto l = [] { struct M : A {}; }; }",
        [("f::(anonymous)::operator()::M", _D, "A"), ("f::L", _D, "A")],
    ),
    "a class that is defined elsewhere than declared": (
        "struct A {}; struct S { struct I; }; struct S::I : A {};",
        [("S::I", _D, "A")],
    ),
    "C has none": ("// file: main.cc\nstruct A { int x; }; struct B { struct A a; };", []),
    "a method": (
        "struct A { virtual void m(); }; struct B : A { void m() override; };",
        [("B", _D, "A"), ("B::m", _O, "A::m")],
    ),
    "the next one up only": (
        "struct A { virtual void m(); }; struct B : A {}; struct C : B { void m(); }; struct D : C { void m(); };",
        [("B", _D, "A"), ("C", _D, "B"), ("C::m", _O, "A::m"), ("D", _D, "C"), ("D::m", _O, "C::m")],
    ),
    "a method of two bases": (
        "struct A { virtual void m() = 0; }; struct B { virtual void m(); }; struct D : A, private B { void m(); };",
        [("D", _D, "A"), ("D", _D, "B"), ("D::m", _O, "A::m"), ("D::m", _O, "B::m")],
    ),
    "what hides overrides nothing": (
        "struct A { virtual void m(int); void n(); }; struct B : A { void m(char); void m(int) const; void n(); };",
        [("B", _D, "A")],
    ),
    "a covariant return type": (
        "struct A { virtual A* m(); }; struct B : A { B* m() override; };",
        [("B", _D, "A"), ("B::m", _O, "A::m")],
    ),
    "a destructor": (
        "struct A { virtual ~A(); }; struct B : A { ~B(); };",
        [("B", _D, "A"), ("B::~B", _O, "A::~A")],
    ),
    "an operator and a conversion": (
        "struct A { virtual operator int(); virtual int operator+(int); };\n"
        "struct B : A { operator int(); int operator+(int); };",
        [("B", _D, "A"), ("B::operator int", _O, "A::operator int"), ("B::operator+", _O, "A::operator+")],
    ),
    "where it is defined outside of its class": (
        "struct A { virtual void m(); }; struct B : A { void m(); }; void B::m() {}",
        [("B", _D, "A"), ("B::m", _O, "A::m")],
    ),
    "an instantiation's method": (
        "template <class T> struct A { virtual void m(T); }; struct B : A<int> { void m(int); };",
        [("B", _D, "A"), ("B::m", _O, "A::m")],
    ),
    "an instantiation's method that is defined": (
        "template <class T> struct A { virtual void m(); }; template <class T> void A<T>::m() {}\n"
        "struct B : A<int> { void m(); }; void f(A<int>& a) { a.A<int>::m(); }",
        [("B", _D, "A"), ("B::m", _O, "A::m")],
    ),
    "a specialisation's method": (
        "template <class T> struct A { virtual void m(); };\ntemplate <> struct A<int> { virtual void m(); };\n"
        "struct B : A<int> { void m(); };",
        [("A:1", _S, "A:0"), ("B", _D, "A:1"), ("B::m", _O, "A::m:1")],
    ),
    "a method of a base with the template's arguments": (
        "template <class T> struct A { virtual void m(T); virtual void n(); void o(); virtual ~A(); };\n"
        "template <class T> struct B : A<T> { void m(T) override; void n(int); void o(); ~B(); };",
        [("B", _D, "A"), ("B::m", _O, "A::m"), ("B::~B", _O, "A::~A")],
    ),
    "a specialisation of a function": (
        "template <class T> void f(T);\ntemplate <> void f(int);",
        [("f:1", _S, "f:0")],
    ),
    "specialisations of members": (
        "template <class T> struct V { void m(); static int s; template <class U> void t(U); };\n"
        "template <> void V<int>::m() {}\ntemplate <> int V<int>::s = 1;\n"
        "template <> template <> void V<int>::t(int) {}",
        [("V::m:1", _S, "V::m:0"), ("V::s:2", _S, "V::s:0"), ("V::t:3", _S, "V::t:0")],
    ),
    "equal names relate to nothing": ("struct A { void m(); }; struct B { void m(); };", []),
}


@pytest.mark.parametrize(("code", "expected"), RELATIONS.values(), ids=RELATIONS)
def test_relations(code: str, expected: list[tuple[str, Relation, str]]) -> None:
    with indexed(code) as space:
        assert relations(space) == expected


def test_what_is_above_a_class_outside_is_told() -> None:
    code = (
        "#include <o.h>\nstruct A : alias { void m(); };\n// file: outside/o.h\n"
        "struct top { virtual void m(); };\nstruct base : top { void m(); };\nstruct other : top {};\n"
        "typedef base alias;"
    )
    with indexed(code) as space:
        assert {one.name for one in space.of("outside/o.h").declarations} == {"top", "base", "alias", "m"}
        assert relations(space) == [("A", _D, "base"), ("A::m", _O, "base::m")]
        assert relations(space, "outside/o.h") == [("base", _D, "top"), ("base::m", _O, "top::m")]
