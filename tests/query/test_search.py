"""Symbols by name: how a name fits what is typed, and the best of a real index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cpp import Workspace, indexed

from cpplsp.query.search import (
    Fit,
    described,
    match_name,
    match_scope,
    search_symbols,
    split_name,
    symbols_named,
)

NAMES = st.text(alphabet="aAbBcC_1ä", max_size=8)


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("UniqueMap", "UniqueMap", Fit.EXACT),
        ("uniquemap", "UniqueMap", Fit.EXACT_IN_ANOTHER_CASE),
        ("Uni", "UniqueMap", Fit.PREFIX),
        ("uni", "UniqueMap", Fit.PREFIX_IN_ANOTHER_CASE),
        ("UM", "UniqueMap", Fit.WORDS),
        ("um", "UniqueMap", Fit.WORDS),
        ("um", "unique_map", Fit.WORDS),
        ("u_m", "unique_map", Fit.WORDS),
        ("UniM", "UniqueMap", Fit.WORDS),
        ("umap", "UniqueMap", Fit.WORDS),
        ("map", "UniqueMap", Fit.WORDS),
        ("HTTPS", "parseHTTPServer", Fit.WORDS),
        ("que", "UniqueMap", Fit.SUBSTRING),
        ("que_m", "unique_map", Fit.SUBSTRING),
        ("uqp", "UniqueMap", Fit.SUBSEQUENCE),
        ("MU", "UniqueMap", None),
        ("UniqueMaps", "UniqueMap", None),
        ("operator=", "operator==", Fit.PREFIX),
        ("größe", "GRÖßE", Fit.EXACT_IN_ANOTHER_CASE),
    ],
)
def test_a_name_fits_what_is_typed(typed: str, name: str, fit: Fit | None) -> None:
    assert match_name(typed, name) == fit


@given(NAMES, NAMES)
def test_what_fits_has_the_letters_in_order_and_nothing_else_does(typed: str, name: str) -> None:
    letters = iter(name.casefold().replace("_", ""))
    in_order = all(letter in letters for letter in typed.casefold().replace("_", ""))
    fit = match_name(typed, name)
    assert in_order if fit is not None else True
    if "_" not in typed:
        assert (fit is not None) == in_order
    assert (fit == Fit.EXACT) == (typed == name)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("member", ("", "member")),
        ("ns::Class::member", ("ns::Class", "member")),
        ("::member", ("::", "member")),
        ("::ns::member", ("::ns", "member")),
        ("ns::", ("ns", "")),
        ("::", ("::", "")),
        ("", ("", "")),
        ("Class::operator()", ("Class", "operator()")),
        ("Class::operator std::string", ("Class", "operator std::string")),
        ("Class::operators", ("Class", "operators")),
        ("Class::~Class", ("Class", "~Class")),
    ],
)
def test_a_qualified_name_is_split(typed: str, parts: tuple[str, str]) -> None:
    assert split_name(typed) == parts


@pytest.mark.parametrize(
    ("typed", "scope", "fit"),
    [
        ("", "anything", 0),
        ("Class", "ns::Class", 0),
        ("class", "ns::Class", 0),
        ("ns::Class", "ns::Class", 0),
        ("ns", "ns::Class", 1),
        ("n::C", "ns::Class", 1),
        ("lass", "ns::Class", None),
        ("Class::ns", "ns::Class", None),
        ("::ns", "ns", 0),
        ("::ns", "outer::ns", None),
        ("::", "", 0),
        ("::", "ns", None),
    ],
)
def test_a_scope_fits_what_is_typed(typed: str, scope: str, fit: int | None) -> None:
    assert match_scope(typed, scope) == fit


CODE = """
namespace ns {
class UniqueMap {
 public:
  UniqueMap();
  int size() const;
  bool operator==(const UniqueMap&) const;
  operator bool() const;
  static int made;
  struct Node { int value; };
};
void use_many(int parameter);
enum Colour { red, green };
}
int uniquemap;
int undermine();
template <class T> struct Holder { T held; };
"""
SOURCE = """
#include "map.h"
namespace ns {
UniqueMap::UniqueMap() {}
int UniqueMap::size() const { int local = 1; return local; }
int UniqueMap::made = 0;
}
"""
PROJECT = f"// file: map.h\n{CODE}// file: map.cc\n{SOURCE}"


def found(space: Workspace, text: str, limit: int = 100) -> list[str]:
    return [one.qualified_name for one in search_symbols(space.index.db, space.roots, text, limit)]


def test_the_best_fit_comes_first() -> None:
    with indexed(PROJECT) as space:
        assert found(space, "UniqueMap")[:3] == ["ns::UniqueMap", "ns::UniqueMap::UniqueMap", "uniquemap"]
        assert found(space, "um") == [
            "ns::UniqueMap",
            "ns::use_many",
            "ns::UniqueMap::UniqueMap",
            "undermine",
            "uniquemap",
        ]
        assert found(space, "UMap")[0] == "ns::UniqueMap"


def test_a_scope_limits_what_is_found() -> None:
    with indexed(PROJECT) as space:
        assert found(space, "ns::UniqueMap::si") == ["ns::UniqueMap::size"]
        assert found(space, "uniquemap::size") == ["ns::UniqueMap::size"]
        assert found(space, "ns::size") == ["ns::UniqueMap::size"]
        assert found(space, "::size") == []
        assert found(space, "::uniquemap") == ["uniquemap"]
        assert sorted(found(space, "Colour::")) == ["ns::Colour::green", "ns::Colour::red"]
        assert found(space, "UniqueMap::operator") == [
            "ns::UniqueMap::operator==",
            "ns::UniqueMap::operator bool",
        ]


def test_an_empty_text_finds_all_up_to_the_limit() -> None:
    with indexed(PROJECT) as space:
        everything = found(space, "")
        assert len(everything) == len(set(everything))
        assert {"ns::UniqueMap", "ns::UniqueMap::size", "ns", "uniquemap", "Holder::held"} <= set(everything)
        assert not {"local", "parameter", "ns::use_many::parameter", "T", "Holder::T"} & set(everything)
        assert found(space, "", limit=4) == everything[:4]
        # Types first, and of those the shorter name.
        assert everything[:4] == ["ns::UniqueMap::Node", "ns::Colour", "Holder", "ns::UniqueMap"]


def test_the_limit_keeps_the_best() -> None:
    with indexed(PROJECT) as space:
        assert found(space, "u", limit=2) == found(space, "u")[:2]
        assert found(space, "e", limit=3) == found(space, "e")[:3]


def test_a_symbol_comes_once_and_where_it_is_defined() -> None:
    with indexed(PROJECT) as space:
        [size] = search_symbols(space.index.db, space.roots, "size", 10)
        assert (space.name(size.place.path), size.is_definition) == ("map.cc", True)
        assert SOURCE.splitlines()[size.place.line][size.place.start : size.place.end] == "size"
        [use] = search_symbols(space.index.db, space.roots, "use_many", 10)
        assert (space.name(use.place.path), use.is_definition) == ("map.h", False)


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", '"', "a%b", "[", "*", "\U0001f600", " ", "::::", "a" * 9999]
)
def test_any_text_can_be_searched_for(text: str) -> None:
    with indexed("int a_b;") as space:
        expected = ["a_b"] if text in ("_", " ", "::::") else []
        assert found(space, text) == expected


def test_wide_columns_are_converted_by_the_text_that_was_indexed() -> None:
    with indexed("/* ä€ */ int höhe;") as space:
        [symbol] = search_symbols(space.index.db, space.roots, "höhe", 10)
        assert (symbol.place.start, symbol.place.end) == (16, 21)
        assert symbol.place.wide.from_bytes(0, symbol.place.start, "utf-16") == 13


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("size", ["ns::UniqueMap::size"]),
        ("UniqueMap::size", ["ns::UniqueMap::size"]),
        ("ns::UniqueMap::size", ["ns::UniqueMap::size"]),
        ("::ns::UniqueMap::size", ["ns::UniqueMap::size"]),
        ("::UniqueMap::size", []),
        ("Map::size", []),
        ("Size", []),
        ("siz", []),
        ("uniquemap", ["uniquemap"]),
        ("UniqueMap", ["ns::UniqueMap", "ns::UniqueMap::UniqueMap"]),
        ("operator==", ["ns::UniqueMap::operator=="]),
        ("local", []),
        ("", []),
    ],
)
def test_a_name_is_found_to_the_letter(name: str, expected: list[str]) -> None:
    with indexed(PROJECT) as space:
        symbols = symbols_named(space.index.db, space.roots, name)
        assert [one.qualified_name for one in symbols] == expected


def test_symbols_are_described_by_id_locals_too() -> None:
    with indexed("void f() { int local = 1; }") as space:
        ids = [declaration.symbol for declaration in space.of("main.cc").declarations]
        found = described(space.index.db, space.roots, [*ids, 12345])
        assert sorted(one.qualified_name for one in found) == ["f", "f::local"]


@pytest.mark.parametrize("typed", ["\ud800", "x\udfff", "\ud800::", "\ud800::x"])
def test_half_a_character_finds_nothing(typed: str) -> None:
    with indexed("int x;") as space:
        assert search_symbols(space.index.db, space.roots, typed, 10) == []
        assert symbols_named(space.index.db, space.roots, typed) == []
