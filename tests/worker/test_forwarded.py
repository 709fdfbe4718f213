"""Constructors that are called by what ``make_unique`` and the like instantiate."""

import pytest
from support.cpp import check_definition, check_references

MAKE = (
    "template <class T> struct Box { T* operator->(); };\n"
    "template <class T, class... A> Box<T> make(A&&... a);\n"
    "template <class T, class A, class... B> T* make_in(A& in, B&&... b);\n"
    "template <class T> struct List { template <class... A> void emplace_back(A&&... a); };\n"
    "template <class K, class V> struct map { template <class... A> void emplace(A&&... a); };\n"
)
REFERENCES = {
    "by the number of arguments": (
        "struct S { S(); ^[[S]](int); S(int, int); };\nauto a = [[make]]<S>(1);\nauto b = make<S>(1, 2);"
    ),
    "by the types of arguments": (
        "struct T {};\nstruct S { S(int); ^[[S]](const T&); };\nauto a = [[make]]<S>(T());\nauto b = make<S>(1);"
    ),
    "text": 'struct S { S(int); ^[[S]](const char*); };\nauto a = [[make]]<S>("a");',
    "with default arguments": "struct S { ^[[S]](int, int = 1); };\nauto a = [[make]]<S>(1);",
    "behind another argument": "struct S { ^[[S]](int); };\nint in;\nauto a = [[make_in]]<S>(in, 1);",
    "in a container": "struct S { ^[[S]](int); };\nvoid f(List<S> l) { l.[[emplace_back]](1); }",
    "not in a map, which makes pairs": "struct S { ^[[S]](int); };\nvoid f(map<S, S> m) { m.emplace(1); }",
    "any of several that fit alike": ("struct S { ^[[S]](long); S(short); };\nauto a = [[make]]<S>(1);"),
    "none that takes so many": "struct S { ^[[S]](int); };\nauto a = make<S>();",
}


@pytest.mark.parametrize("code", REFERENCES.values(), ids=REFERENCES.keys())
def test_references(code: str) -> None:
    check_references(MAKE + code)


def test_what_returns_something_else_makes_nothing() -> None:
    check_references(
        "template <class T, class... A> int create(A... a);\nstruct S { ^[[S]](int); };\nint a = create<S>(1);"
    )


def test_the_function_is_meant_where_it_is_named() -> None:
    check_definition(
        "template <class T, class... A> T* [[make]](A... a);\nstruct S { S(int); };\nS* a = ^make<S>(1);"
    )
