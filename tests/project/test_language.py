"""Which language a file is read in."""

import pytest

from cpplsp.project.language import file_language, is_foreign, is_source, option_language


@pytest.mark.parametrize(
    ("name", "language", "by_a_cxx_driver"),
    [
        ("a.c", "c", "c++"),
        ("a.h", "c", "c++"),
        ("a.C", "c++", "c++"),
        ("a.cc", "c++", "c++"),
        ("a.cpp", "c++", "c++"),
        ("a.hpp", "c++", "c++"),
        ("a.cu", "c++", "c++"),
        ("a.m", "objective-c", "objective-c"),
        ("a.mm", "objective-c++", "objective-c++"),
        ("a", "c", "c++"),
    ],
)
def test_by_name(name: str, language: str, by_a_cxx_driver: str) -> None:
    assert file_language(f"/x.cc/{name}", is_cxx_driver=False) == language
    assert file_language(f"/x.cc/{name}", is_cxx_driver=True) == by_a_cxx_driver


@pytest.mark.parametrize(
    ("value", "language"),
    [
        ("c", "c"),
        ("c++-header", "c++"),
        ("cuda", "c++"),
        ("objective-c", "objective-c"),
        ("none", None),
        ("go", None),
    ],
)
def test_by_option(value: str, language: str | None) -> None:
    assert option_language(value) == language


def test_other_languages() -> None:
    assert is_foreign("start.S")
    assert is_foreign("a.f90")
    assert not is_foreign("a.c")
    assert not is_foreign("a.inc")
    assert is_source("a.c++")
    assert not is_source("a.h")
