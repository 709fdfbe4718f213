"""Parameters of templates of variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cpp import check_occurrences, check_references

from cpplsp.worker.variables import parameters


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("template <class T> int v;", {"T": 16}),
        ("template<typename... T, int N = 3, std::size_t M> v", {"T": 21, "N": 28, "M": 47}),
        ("template <template <class A> class V, C D> int v;", {"V": 35, "D": 40}),
        ("template <class, typename T::type, int = 2> int v;", {}),
        ("template <class T = V<int, (1 > 0)>, auto X> v", {"T": 16, "X": 42}),
        ("template <> int v<int>;", {}),
        ("auto [a, b] = c < d;", {}),
        ("", {}),
    ],
)
def test_parameters(text: str, names: dict[str, int]) -> None:
    assert parameters(text.encode(), 0) == names


@given(st.text(alphabet="template<>class (){},=:T\n\"'/*auto ", max_size=80))
def test_any_text_is_read(text: str) -> None:
    content = ("template <" + text).encode()
    for name, offset in parameters(content, 0).items():
        assert content.startswith(name.encode(), offset)


def test_references_of_a_parameter() -> None:
    check_references(
        "template <class ^[[T]]> [[T]] v = [[T]](sizeof([[T]]));\ntemplate <class T> T w = T(1);"
    )


def test_references_in_a_class() -> None:
    check_references(
        "struct S { template <class ^[[T]], int N> static constexpr [[T]] v = [[T]](N); };\nint T = 1;"
    )


def test_occurrences() -> None:
    check_occurrences(
        "template <class... T> constexpr auto n = sizeof...(T);",
        ["0:19 T = T, definition", "0:37 n = n, definition", "0:51 T = T, reference"],
    )
