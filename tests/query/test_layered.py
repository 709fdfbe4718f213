"""Questions to an index under an overlay: the same answers, and no statement that reads a big table from end to end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cpp import Workspace, indexed, layered, plan

from cpplsp.query import (
    calls,
    counterpart,
    hierarchy,
    highlights,
    includes,
    navigation,
    outline,
    search,
    semantic,
)
from cpplsp.query.guess import guess_at
from cpplsp.query.hover import describe
from cpplsp.query.rename import RenameError, rename

CODE = """\
// file: shape.h
#pragma once
#define SIDE(x) int x
class Shape {
 public:
  Shape();
  virtual ~Shape() {}
  virtual int area() const;
  SIDE(sides);
};
template <typename T> T twice(T t) { return t + t; }
#if 0
int skipped = SIDE(1);
#endif
// file: box.cc
#include "shape.h"
class Box : public Shape {
 public:
  int area() const override { return twice(sides); }
};
Shape::Shape() : sides(0) {}
int Shape::area() const { return 0; }
int measure(const Shape& shape) { auto all = shape.area(); return all; }
// file: use.cc
#include "shape.h"
int measure(const Shape& shape);
int use() { return measure(Shape()); }
"""
_IDENTIFIER = re.compile(rb"[A-Za-z_]\w*")
_ALLOWED = (
    "SELECT id, file FROM version",
    "SELECT DISTINCT file FROM unit",
    "SELECT root, path FROM file WHERE root IN",
)
"""What renaming asks of all files, and who looks for a source by its header's name."""


@pytest.fixture
def space() -> Iterator[Workspace]:
    with indexed(CODE) as space:
        space.index.db.execute("UPDATE unit SET dependencies = x'' WHERE dependencies IS NULL")
        yield space


def _answers(space: Workspace) -> Iterator[object]:
    """Everything that can be asked, at every identifier of all files."""
    db, roots = space.db, space.roots
    for name in space.marked.files:
        path = space.path(name)
        text = space.marked.files[name]
        yield outline.outline(db, roots, path), semantic.semantic_tokens(db, roots, path)
        yield includes.include_links(db, roots, path, text), counterpart.counterparts(db, roots, path)
        yield navigation.includers(db, roots, path)
        for number, line in enumerate(text.split(b"\n")):
            yield navigation.included_at(db, roots, path, number)
            for word in _IDENTIFIER.finditer(line):
                yield from _answers_at(space, path, number, word.start())
    for typed in ("", "area", "Shape::", "twice", "SIDE"):
        yield search.search_symbols(db, roots, typed, 20), search.symbols_named(db, roots, typed)


def _answers_at(space: Workspace, path: str, line: int, column: int) -> Iterator[object]:
    db, roots = space.db, space.roots
    hits = navigation.symbols_at(db, roots, path, line, column) or guess_at(db, roots, path, line, column)
    yield hits, navigation.definitions(db, roots, hits), navigation.declarations(db, roots, hits)
    symbols = [hit.symbol for hit in hits]
    yield list(navigation.references(db, roots, symbols, include_declarations=True))
    yield navigation.type_definitions(db, roots, hits), highlights.highlights(db, roots, path, hits)
    yield describe(db, roots, hits), navigation.names_of(db, symbols)
    yield hierarchy.implementations(db, roots, hits), hierarchy.classes_at(db, roots, hits)
    yield [(calls.callers(db, roots, one), calls.callees(db, roots, one)) for one in symbols]
    yield [(hierarchy.supertypes(db, roots, one), hierarchy.subtypes(db, roots, one)) for one in symbols]
    try:
        yield rename(db, roots, hits, column, "renamed", lambda path: Path(path).read_bytes()).edits
    except RenameError as error:
        yield str(error)


def test_the_answers_are_those_of_the_index(space: Workspace) -> None:
    plain = [_told(one) for one in _answers(space)]
    space.layered = layered(space)
    assert [_told(one) for one in _answers(space)] == plain


def _told(answer: object) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(answer))


def test_no_statement_reads_a_whole_table(space: Workspace) -> None:
    connection = space.layered = layered(space)
    statements: set[str] = set()
    connection.set_trace_callback(statements.add)
    list(_answers(space))
    connection.set_trace_callback(None)
    asked = [one for one in statements if one.startswith("SELECT") and "IN ()" not in one]
    assert len(asked) > 100
    wrong = {one: plan(connection, one) for one in asked if not one.startswith(_ALLOWED)}
    assert {one: found for one, found in wrong.items() if found} == {}
