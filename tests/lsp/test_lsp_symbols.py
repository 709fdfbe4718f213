"""The symbols of a document as a client gets them: as a tree or flat, in kinds that it knows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from support.cpp import Workspace, indexed

from cpplsp.facts import Kind
from cpplsp.lsp.documents import ClientPaths, Document, uri_of
from cpplsp.lsp.positions import Outward
from cpplsp.lsp.symbols import file_symbols, symbol_kind
from cpplsp.lsp.wire import DocumentSymbol, Position, Range, SymbolInformation

ALL = frozenset(int(kind) for kind in types.SymbolKind)
OLD = frozenset(range(1, 19))
CODE = """\
namespace ns {
/* é */ struct S { int f; void m(); };
}
void ns::S::m() {}
"""


def symbols(  # type: ignore[no-untyped-def]
    space: Workspace,
    *,
    as_tree: bool,
    known: frozenset[int] = ALL,
    name: str = "main.cc",
    now: str | None = None,
):
    """The outline of a file; ``now``: the text that it has on the screen."""
    path, buffers = space.path(name), {}
    if now is not None:
        document = Document(uri_of(path), path, 1, space.marked.files[name].decode())
        document.change(types.TextDocumentContentChangeWholeDocument(now), "utf-16")
        buffers = {path: document.buffer()}
    outward = Outward("utf-16", ClientPaths(), buffers)
    return file_symbols(space.index.db, space.roots, path, outward, known, as_tree=as_tree)


def names(found: tuple[DocumentSymbol, ...] | list[DocumentSymbol]) -> list[object]:
    return [(one.name, names(one.children)) if one.children else one.name for one in found]


def all_of(found: tuple[DocumentSymbol, ...] | list[DocumentSymbol]) -> list[DocumentSymbol]:
    return [one for symbol in found for one in (symbol, *all_of(symbol.children))]


def test_a_tree() -> None:
    with indexed(CODE) as space:
        found = symbols(space, as_tree=True)
        assert names(found) == [("ns", [("S", ["f", "m"])]), "ns::S::m"]
        structure = found[0].children[0]
        assert structure.kind == types.SymbolKind.Struct
        assert structure.range == Range(Position(1, 8), Position(1, 37))
        assert structure.selection_range == Range(Position(1, 15), Position(1, 16))


def test_a_flat_list_for_clients_that_take_no_tree() -> None:
    with indexed(CODE) as space:
        found = symbols(space, as_tree=False)
        assert all(isinstance(one, SymbolInformation) for one in found)
        assert [(one.name, one.container_name) for one in found] == [
            ("ns", ""),
            ("S", "ns"),
            ("f", "ns::S"),
            ("m", "ns::S"),
            ("ns::S::m", "ns::S"),
        ]
        assert {one.location.uri for one in found} == {uri_of(space.path("main.cc"))}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (CODE.replace("namespace ns {\n", ""), [("S", ["f", "m"]), "ns::S::m"]),
        (CODE.replace("void ns::S::m() {}\n", ""), [("ns", [("S", ["f", "m"])])]),
        ("\n" + CODE.replace("ns::S::m", "ns::S::more"), [("ns", [("S", ["f", "m"])]), "ns::S::m"]),
        ("", []),
    ],
    ids=["the line of a scope is gone", "a function is gone", "a name is changed", "all is gone"],
)
def test_what_is_gone_from_the_screen_is_in_no_outline(now: str, expected: list[object]) -> None:
    with indexed(CODE) as space:
        assert names(symbols(space, as_tree=True, now=now)) == expected
        flat = symbols(space, as_tree=False, now=now)
        assert len(flat) == len(all_of(symbols(space, as_tree=True, now=now)))


def ordered(outline: list[DocumentSymbol], last_line: int) -> bool:
    """Whether each name lies within its symbol, and all in the text."""
    return all(
        (one.range.start.line, one.range.start.character)
        <= (one.selection_range.start.line, one.selection_range.start.character)
        <= (one.selection_range.end.line, one.selection_range.end.character)
        <= (one.range.end.line, one.range.end.character)
        and one.range.end.line <= last_line
        for one in all_of(outline)
    )


@settings(deadline=None)
@given(st.data())
def test_names_lie_within_their_symbols_whatever_becomes_of_a_text(data: st.DataObject) -> None:
    with indexed(CODE) as space:
        pieces = [*CODE.splitlines(), "", "}", "struct S", "{ int f; void m(); };", "void ns::S::m() {", "x"]
        lines = data.draw(st.lists(st.sampled_from(pieces), max_size=8))
        assert ordered(symbols(space, as_tree=True, now="\n".join(lines)), max(len(lines) - 1, 0))


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        "#define MAKE(name) struct name { int name##_field; };\nMAKE(A)\nMAKE(B)\n",
        "#define FUNCTION(n) int n()\nFUNCTION(f);\nFUNCTION(g) { return 1; }\n",
        "struct { int x; } a;\nunion { int y; };\nenum { e1, e2 };\nnamespace { int z; }\n",
        "template <class T> struct V { T t; };\ntemplate <> struct V<int> {};\n",
    ],
)
def test_a_name_lies_within_its_symbol_and_is_not_empty(code: str) -> None:
    with indexed(code, errors=code.count("union {")) as space:
        found = all_of(symbols(space, as_tree=True))
        assert found
        for one in found:
            assert one.name
            begin, end = one.range.start, one.range.end
            inner, inner_end = one.selection_range.start, one.selection_range.end
            assert (begin.line, begin.character) <= (inner.line, inner.character), one
            assert (inner_end.line, inner_end.character) <= (end.line, end.character), one


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_one_that_the_client_knows(kind: Kind) -> None:
    assert symbol_kind(kind, ALL) in ALL
    assert symbol_kind(kind, OLD) in OLD


def test_newer_kinds_are_told_to_those_who_know_them() -> None:
    assert symbol_kind(Kind.STRUCT, ALL) == types.SymbolKind.Struct
    assert symbol_kind(Kind.STRUCT, OLD) == types.SymbolKind.Class
    assert symbol_kind(Kind.ENUMERATOR, OLD) == types.SymbolKind.Enum


def test_a_file_that_is_not_indexed_has_none() -> None:
    with indexed("int x;") as space:
        assert symbols(space, as_tree=True, name="other.cc") == []
