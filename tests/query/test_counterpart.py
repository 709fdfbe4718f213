"""From source to header and back: by name here, by name anywhere, by what is declared and defined."""

from pathlib import Path

import pytest
from support.features import check_counterpart

from cpplsp.query.counterpart import namesake


@pytest.mark.parametrize(
    ("name", "others", "expected"),
    [
        ("a.h", ["a.cc"], "a.cc"),
        ("a.cc", ["a.h"], "a.h"),
        ("a.c", ["a.h"], "a.h"),
        ("a.hpp", ["a.c", "a.cpp"], "a.cpp"),
        ("a.cpp", ["a.h", "a.hpp"], "a.hpp"),
        ("a.cxx", ["a.h", "a.hh"], "a.h"),
        ("a.cu", ["a.h", "a.cuh"], "a.cuh"),
        ("a.b.h", ["a.cc", "a.b.cc"], "a.b.cc"),
        ("a.h", ["a.hpp", "b.cc"], None),
        ("a.cc", ["a.cpp", "A.h"], None),
        ("vector", ["vector.cc"], "vector.cc"),
        ("a.h", [], None),
    ],
)
def test_a_namesake_in_the_folder(tmp_path: Path, name: str, others: list[str], expected: str | None) -> None:
    for one in (name, *others):
        (tmp_path / one).touch()
    assert namesake(str(tmp_path / name)) == (str(tmp_path / expected) if expected else None)


def test_a_folder_is_no_namesake(tmp_path: Path) -> None:
    (tmp_path / "a.cc").mkdir()
    assert namesake(str(tmp_path / "a.h")) is None


TREE = """\
// file: include/lib/a.h
#pragma once
void f();
// file: src/lib/a.cc
#include "../../include/lib/a.h"
void f() {}
// file: src/other/a.cc
int x;
// file: b.cc
int y;
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("include/lib/a.h", "src/lib/a.cc"), ("src/lib/a.cc", "include/lib/a.h"), ("b.cc", None)],
)
def test_a_namesake_in_another_folder(name: str, expected: str | None) -> None:
    check_counterpart(TREE, name, expected)


def test_the_nearest_of_those_that_share_nothing() -> None:
    code = '// file: p/src/a.cc\n#include "../../q/a.h"\n#include "../include/a.h"\nint x;\n'
    code += "// file: q/a.h\nint y;\n// file: p/include/a.h\nint z;\n"
    check_counterpart(code, "p/src/a.cc", "p/include/a.h")


SHARING = """\
// file: api.h
#pragma once
struct S { void a(); void b(); static int s; };
void c();
inline void d() {}
// file: most.cc
#include "api.h"
void S::a() {}
void S::b() {}
int S::s;
// file: some.cc
#include "api.h"
void c() {}
// file: user.cc
#include "api.h"
struct T {};
void e() { c(); }
int main() { d(); }
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("api.h", "most.cc"), ("most.cc", "api.h"), ("some.cc", "api.h"), ("user.cc", None)],
)
def test_what_defines_most_of_what_a_header_declares(name: str, expected: str | None) -> None:
    check_counterpart(SHARING, name, expected)


def test_a_class_that_is_declared_elsewhere_tells_nothing() -> None:
    code = '// file: a.cc\nstruct S {};\n// file: b.cc\n#include "b.h"\n// file: b.h\nstruct S;'
    check_counterpart(code, "b.h", "b.cc")
    check_counterpart(code, "a.cc", None)
