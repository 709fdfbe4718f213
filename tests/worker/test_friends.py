"""Friends that are specialisations of function templates."""

import pytest
from support.cpp import check_references


@pytest.mark.parametrize(
    "code",
    [
        (
            "template <class T> struct V;\ntemplate <class T> void [[^f]](V<T>);\n"
            "template <class T> struct V { friend void [[f]]<>(V<T>); };"
        ),
        (
            "namespace n { template <class T> bool [[^f]](T, T); }\nnamespace n {\n"
            "template <class T> struct V { friend bool [[f]] <T>(T, T); friend void f(V); };\n}"
        ),
    ],
)
def test_a_befriended_specialisation_names_its_template(code: str) -> None:
    check_references(code)


def test_one_of_several_is_not_guessed() -> None:
    check_references(
        "template <class T> struct V;\ntemplate <class T> void [[^f]](V<T>);\ntemplate <class T> void f(V<T>, int);\n"
        "template <class T> struct V { friend void f<>(V<T>); };"
    )
