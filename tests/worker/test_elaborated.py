"""Classes that are mentioned before they are declared: a header tells of them what it tells behind a declaration."""

import msgspec
import pytest
from support.cpp import check_occurrences, check_references, indexed

from cpplsp.facts import FileFacts, Kind, Trait
from cpplsp.worker.elaborated import elaborated

MENTIONS = {
    "a friend": ("class C { friend class X; };", "class X;"),
    "a friend that is defined": ("class C { friend struct X; };", "struct X { int m; };"),
    "a friend that is a union": ("class C { friend union X; };", "union X;"),
    "a friend in a namespace": ("namespace n { class C { friend class X; }; }", "namespace n { class X; }"),
    "a friend that is declared behind": ("class C { friend class X; };\nclass X;", "class X;"),
    "a friend that is a template": (
        "class C { template <class T> friend class X; };",
        "template <class> class X;",
    ),
    "a function that is a friend": ("class C { friend void f(int); };", "void f(int);"),
    "what a variable points to": ("struct X* p;\nstruct X* q;", "struct X;"),
    "what a member points to": ("struct S { struct X* p; };", "struct X;"),
    "what a function returns": ("struct X* f();", "struct X;"),
    "what a parameter points to, in C++": ("void f(struct X* p);", "struct X;"),
    "what is named by a typedef": ("typedef struct X* P;", "struct X;"),
    "another keyword": ("typedef struct X T;", "class X;"),
}
IN_C = {
    "what is named by a typedef": ("typedef struct X X;\ntypedef union Y* Y;", "struct X;\nunion Y;"),
    "what a member points to": ("struct S { struct X* p; struct X* q; };", "struct X { int m; };"),
}


def told(header: str, before: str, main: str) -> FileFacts:
    code = f'// file: {main}\n{before}\n#include "h.h"\n// file: h.h\n{header}\n'
    with indexed(code) as space:
        return msgspec.structs.replace(space.of("h.h"), path="")  # a temporary folder


@pytest.mark.parametrize(
    ("main", "header", "before"),
    [
        *(pytest.param("main.cc", *case, id=name) for name, case in MENTIONS.items()),
        *(pytest.param("main.c", *case, id=f"{name}, in C") for name, case in IN_C.items()),
    ],
)
def test_a_header_tells_the_same_behind_a_declaration(main: str, header: str, before: str) -> None:
    assert told(header, "", main) == told(header, before, main)


def test_a_mention_is_a_reference_and_the_first_in_a_file_stands_in_for_a_declaration() -> None:
    code = "namespace n {\nclass C { friend class X; struct X* p; };\nclass X;\n}"
    check_occurrences(
        code,
        [
            "0:10 n = n, definition",
            "1:6 C = C, definition",
            "1:23 X = X, reference",
            "1:33 X = X, reference",
            "1:36 p = p, definition",
            "2:6 X = X, declaration",
        ],
    )
    with indexed(code) as space:
        found = [one for one in space.of("main.cc").declarations if one.name == "X"]
    assert [(one.line, one.column, one.begin_column, one.end_column, one.traits) for one in found] == [
        (1, 23, 17, 24, Trait.MENTIONED),
        (2, 6, 0, 7, 0),
    ]
    assert {(one.scope, one.kind) for one in found} == {("n", Kind.CLASS)}


def test_what_is_declared_before_in_the_file_is_no_mention() -> None:
    with indexed("struct X;\nstruct X* p;\nvoid f(struct X);") as space:
        assert not any(one.traits & Trait.MENTIONED for one in space.of("main.cc").declarations)


def test_a_mention_encloses_nothing() -> None:
    with indexed("struct S { struct X* p; };") as space:
        facts = space.of("main.cc")
    names = {one.symbol: one.name for one in facts.declarations}
    assert [names[one.enclosing] for one in facts.occurrences if names[one.symbol] == "X"] == ["p"]


def test_mentions_are_references_of_one_class() -> None:
    check_references(
        '// file: a.cc\n#include "h.h"\n// file: b.cc\nclass [[^X]];\n#include "h.h"\nclass [[X]] {};\n'
        "// file: h.h\n#pragma once\nclass C { friend class [[X]]; };"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("friend class X", (7, Kind.CLASS)),
        ("typedef struct\n  X", (8, Kind.STRUCT)),
        ("union X", (0, Kind.UNION)),
        ("struct n::X", None),
        ("my_struct X", None),
        ("enum X", None),
        ("X", None),
    ],
)
def test_what_is_elaborated(text: str, expected: tuple[int, Kind] | None) -> None:
    assert elaborated(text.encode(), text.rindex("X")) == expected
