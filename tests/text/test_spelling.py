"""What is read around a declared name: qualifiers, template arguments, friends; and namespaces without a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.text.spelling import arguments_behind, befriends, spelled_around, unnamed_namespaces


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("void f();", "f", ("", "")),
        ("void A::f();", "f", ("A::", "")),
        ("void n :: A<T, int>\n::f();", "f", ("n::A<T, int>::", "")),
        ("int ::f();", "f", ("", "")),
        ("struct S<int, A<(1 > 2)>> {};", "S", ("", "<int, A<(1 > 2)>>")),
        ("struct S< T*,\n  U > {};", "S", ("", "< T*, U >")),
        ("bool operator<(S, S);", "operator<", ("", "")),
        ("bool A::operator<<(S);", "operator<<", ("A::", "")),
        ("bool operator< <int>(S, S);", "operator<", ("", "")),
        ("int f < 3;", "f", ("", "")),
        ("int f<3; }", "f", ("", "")),
        ("A<B<C>>::D<E>::f", "f", ("A<B<C>>::D<E>::", "")),
        ("F(a)", "f_a", ("", "")),
    ],
)
def test_what_is_spelled_around_a_name(text: str, name: str, expected: tuple[str, str]) -> None:
    raw = text.encode()
    at = raw.find(name.encode())
    assert spelled_around(raw, max(at, 0), name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("friend class f;", True),
        ("template <class T> friend void f();", True),
        ("friend void g(); int f;", False),
    ],
)
def test_friends(text: str, expected: bool) -> None:
    assert befriends(text.encode(), text.rindex("f")) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("F(a, (b))", "(a, (b))"), ("F;", ""), ("F(a", ""), ("F (a)", "")]
)
def test_arguments_of_a_macro(text: str, expected: str) -> None:
    assert arguments_behind(text.encode(), 0, "F") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("namespace { int x; } int y;", [(0, 20)]),
        ("namespace n { namespace\n{ } }", [(14, 27)]),
        ("namespace { namespace { } }", [(12, 25), (0, 27)]),
        ("// namespace {\n// }", []),
        ("namespace {", []),
        ("namespace n {}", []),
    ],
)
def test_namespaces_without_a_name(text: str, expected: list[tuple[int, int]]) -> None:
    assert list(unnamed_namespaces(text.encode())) == expected


@given(st.text(alphabet="a<>:()[];{ \n", max_size=40), st.integers(0, 40))
def test_any_text_can_be_read(text: str, at: int) -> None:
    raw = text.encode()
    spelled_around(raw, min(at, len(raw)), "a")
    befriends(raw, min(at, len(raw)))
    arguments_behind(raw, min(at, len(raw)), "a")
