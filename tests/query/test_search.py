"""Symbols by name: the best of all that an index has, by the plain definition."""

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cpp import Workspace, indexed

from cpplsp.facts import Declaration, FileFacts, Kind, Occurrence, Role
from cpplsp.paths import Roots
from cpplsp.query import search
from cpplsp.query.matching import Fit, match_name, match_scope, split_name
from cpplsp.query.search import described, search_symbols, symbols_named
from cpplsp.store import candidates
from cpplsp.store.index import Index

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


@pytest.fixture(params=["with bits", "without bits"])
def searched(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """The project as it is after a run, and before its end."""
    with indexed(PROJECT) as space:
        if request.param == "with bits":
            space.index.checkpoint()
        yield space


def found(space: Workspace, text: str, limit: int = 100) -> list[str]:
    return [one.qualified_name for one in search_symbols(space.db, space.roots, text, limit)]


def test_the_best_fit_comes_first(searched: Workspace) -> None:
    space = searched
    assert found(space, "UniqueMap")[:3] == ["ns::UniqueMap", "ns::UniqueMap::UniqueMap", "uniquemap"]
    assert found(space, "um") == [
        "ns::UniqueMap",
        "ns::use_many",
        "ns::UniqueMap::UniqueMap",
        "undermine",
        "uniquemap",
    ]
    assert found(space, "UMap")[0] == "ns::UniqueMap"


def test_a_scope_limits_what_is_found(searched: Workspace) -> None:
    space = searched
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


def test_an_empty_text_finds_all_up_to_the_limit(searched: Workspace) -> None:
    space = searched
    everything = found(space, "")
    assert len(everything) == len(set(everything))
    assert {"ns::UniqueMap", "ns::UniqueMap::size", "ns", "uniquemap", "Holder::held"} <= set(everything)
    assert not {"local", "parameter", "ns::use_many::parameter", "T", "Holder::T"} & set(everything)
    assert found(space, "", limit=4) == everything[:4]
    assert everything.index("ns::Colour") < everything.index("ns::Colour::red")


def test_the_limit_keeps_the_best(searched: Workspace) -> None:
    space = searched
    assert found(space, "u", limit=2) == found(space, "u")[:2]
    assert found(space, "e", limit=3) == found(space, "e")[:3]


def test_a_symbol_comes_once_and_where_it_is_defined(searched: Workspace) -> None:
    space = searched
    [size] = search_symbols(space.db, space.roots, "size", 10)
    assert (space.name(size.place.path), size.is_definition) == ("map.cc", True)
    assert SOURCE.splitlines()[size.place.line][size.place.start : size.place.end] == "size"
    [use] = search_symbols(space.db, space.roots, "use_many", 10)
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
        [symbol] = search_symbols(space.db, space.roots, "höhe", 10)
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
def test_a_name_is_found_to_the_letter(searched: Workspace, name: str, expected: list[str]) -> None:
    symbols = symbols_named(searched.index.db, searched.roots, name)
    assert [one.qualified_name for one in symbols] == expected


def test_symbols_are_described_by_id_locals_too() -> None:
    with indexed("void f() { int local = 1; }") as space:
        ids = [declaration.symbol for declaration in space.of("main.cc").declarations]
        found = described(space.db, space.roots, [*ids, 12345])
        assert sorted(one.qualified_name for one in found) == ["f", "f::local"]


@pytest.mark.parametrize("typed", ["\ud800", "x\udfff", "\ud800::", "\ud800::x"])
def test_half_a_character_finds_nothing(typed: str) -> None:
    with indexed("int x;") as space:
        assert search_symbols(space.db, space.roots, typed, 10) == []
        assert symbols_named(space.db, space.roots, typed) == []


def test_what_is_used_more_comes_first() -> None:
    with indexed("int map_a(); int map_b(); int x = map_b() + map_b() + map_b();") as space:
        space.index.checkpoint()
        assert found(space, "map") == ["map_b", "map_a"]


def test_a_search_tells_what_is_deprecated() -> None:
    with indexed("__attribute__((deprecated)) int old(); int young();") as space:
        [old] = search_symbols(space.db, space.roots, "old", 1)
        [young] = search_symbols(space.db, space.roots, "young", 1)
        assert (old.is_deprecated, young.is_deprecated) == (True, False)


def test_unnamed_scopes_need_not_be_typed() -> None:
    with indexed("namespace ns { namespace { int helper; } } namespace { int other; }") as space:
        assert found(space, "ns::helper") == ["ns::(anonymous)::helper"]
        assert found(space, "::other") == ["(anonymous)::other"]


LETTERS = "aAbB_1ä"
NAME = st.text(alphabet=LETTERS, min_size=1, max_size=6)
SCOPE = st.sampled_from(["", "ab", "ab::Ba", "ba::(anonymous)", "(anonymous)", "abab::ab"])
KIND = st.sampled_from([Kind.CLASS, Kind.METHOD, Kind.FIELD, Kind.CONSTRUCTOR, Kind.MACRO])
SYMBOLS = st.lists(st.tuples(SCOPE, NAME, KIND, st.integers(0, 9)), max_size=12)
SCOPE_TYPED = st.sampled_from(["", "a", "ab", "ab::b", "::ab", "Ba", "x"])
QUERY = st.one_of(
    st.text(alphabet=LETTERS, max_size=4),
    st.tuples(SCOPE_TYPED, st.text(alphabet=LETTERS, max_size=2)).map("::".join),
)


def facts(path: str, symbols: list[tuple[str, str, Kind, int]]) -> FileFacts:
    """Symbols declared in a file, and used as often as each says."""
    declarations: list[Declaration] = []
    occurrences: list[Occurrence] = []
    for line, (scope, name, kind, uses) in enumerate(symbols):
        identity = hashlib.blake2b(f"{scope}::{name}{kind}".encode(), digest_size=7).digest()
        symbol = int.from_bytes(identity, "big")
        declarations.append(Declaration(line, 0, symbol, name, kind, True, line, 0, line, 1, scope, 0, False))
        occurrences += [
            Occurrence(line, 100 * use, len(name.encode()), symbol, int(Role.REFERENCE))
            for use in range(uses + 1)
        ]
    digest = hashlib.blake2b(f"{path}{symbols}".encode(), digest_size=16).digest()
    return FileFacts(path, digest, digest, b"", False, declarations, occurrences, [], [])


@contextlib.contextmanager
def small_index() -> Iterator[Index]:
    """An index in which a few symbols fill blocks and batches."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "BATCH", 3)
        patch.setattr(candidates, "BLOCK", 8)
        index = Index(f"{folder}/cache/index.sqlite", Roots("/project"))
        yield index
        index.close()


def plain(index: Index, text: str) -> list[tuple[int, int, int]]:
    """Cost, id and symbol of all that fits, the cheapest first: what a search is to find, without its means."""
    scope, name = split_name(text)
    uses = dict(index.db.execute("SELECT symbol, count(*) FROM occurrence GROUP BY symbol"))
    every = []
    for symbol, of_symbol, inside, kind, candidate in index.db.execute(
        "SELECT DISTINCT d.symbol, d.name, d.scope, d.kind, c.id FROM declaration d"
        " JOIN candidate c ON c.symbol = d.symbol"
    ):
        fit = match_name(name, of_symbol) if name else Fit.PREFIX
        nested = match_scope(scope, inside)
        if fit is not None and (nested == 0 or (nested is not None and name)):
            tier = candidates.tier(candidates.base_cost(of_symbol, kind), uses[symbol])
            every.append((fit + nested + tier, candidate, symbol))
    return sorted(every)


@settings(deadline=None, max_examples=80)
@given(st.lists(SYMBOLS, min_size=1, max_size=4), st.lists(QUERY, min_size=1, max_size=4))
def test_the_best_ten_are_those_of_the_plain_definition(
    files: list[list[tuple[str, str, Kind, int]]], queries: list[str]
) -> None:
    with small_index() as index:
        for number, symbols in enumerate(files):
            index.put_file(facts(f"/project/{number}.cc", symbols), "c++")
        index.checkpoint()
        for query in queries:
            best = search._best(index.db, search._Typed(*reversed(split_name(query))), 10)
            assert best == [(symbol, cost) for cost, _, symbol in plain(index, query)[:10]], query


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), SYMBOLS, st.booleans()), min_size=1, max_size=8), QUERY)
def test_all_that_fits_is_found_however_files_come_and_go(
    steps: list[tuple[int, list[tuple[str, str, Kind, int]], bool]], query: str
) -> None:
    with small_index() as index:
        for number, symbols, is_end in steps:
            index.put_file(facts(f"/project/{number}.cc", symbols), "c++")
            if is_end:
                index.checkpoint()
            best = search._best(index.db, search._Typed(*reversed(split_name(query))), 1000)
            assert sorted(symbol for symbol, _ in best) == sorted(one[2] for one in plain(index, query))
            declared = index.db.execute("SELECT count(DISTINCT symbol) FROM declaration").fetchone()
            assert index.db.execute("SELECT count(*) FROM candidate").fetchone() == declared
