"""Items of hierarchies, highlights and links as a client gets them."""

import json
from typing import Any

import msgspec
import pytest
from lsprotocol import types
from support.cpp import Workspace, indexed
from support.features import hits

from cpplsp.facts import Role
from cpplsp.lsp.documents import ClientPaths, Document, uri_of
from cpplsp.lsp.hierarchy import ItemWriter, symbol_of
from cpplsp.lsp.highlights import find_highlights, highlight_kind
from cpplsp.lsp.links import find_links
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.query.calls import callables_at, callees, callers
from cpplsp.query.hierarchy import Item

UTF16 = Outward("utf-16", ClientPaths())
ALL = frozenset(int(kind) for kind in types.SymbolKind)


def item(space: Workspace) -> Item:
    [found] = callables_at(space.index.db, space.roots, hits(space, *space.marked.cursors[0]))
    return found


def as_json(answer: object) -> Any:
    return json.loads(msgspec.json.encode(answer))


def place(line: int, start: int, end: int) -> dict[str, object]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def test_an_item_has_what_the_protocol_wants() -> None:
    with indexed("/*é*/ namespace n { struct S { int ^f() { return 1; } }; }\n") as space:
        found = item(space)
        assert as_json(ItemWriter(UTF16, ALL).item(found)) == {
            "name": "f",
            "kind": types.SymbolKind.Method,
            "detail": "n::S",
            "uri": uri_of(space.path("main.cc")),
            "range": place(0, 31, 52),
            "selectionRange": place(0, 35, 36),
            "data": str(found.symbol),
        }


def test_calls_are_told_under_the_protocols_names() -> None:
    with indexed("int ^f();\nint g() { return f(); }") as space:
        write = ItemWriter(UTF16, ALL)
        [call] = callers(space.index.db, space.roots, item(space).symbol)
        told = as_json(*write.incoming([call]))
        assert set(told) == {"from", "fromRanges"}
        assert told["from"]["name"] == "g"
        assert told["fromRanges"] == [place(1, 17, 18)]
        [back] = callees(space.index.db, space.roots, call.item.symbol)
        told = as_json(*write.outgoing([back]))
        assert set(told) == {"to", "fromRanges"}
        assert told["to"]["name"] == "f"
        assert told["fromRanges"] == [place(1, 17, 18)]


CALLS = "int ^f();\nint g() { return f(); }\nint h() { return f() +\n  f(); }\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return f(); }\n", "return f(); }\n", [("g", 1), ("h", 2)]),
        ("return f(); }\n", "return 10; }\n", [("h", 2)]),
        ("int g() { return f(); }\n", "", [("h", 2)]),
        ("  f(); }", "  1; }", [("g", 1), ("h", 1)]),
    ],
    ids=["nothing", "a call", "a function", "one call of two"],
)
def test_what_is_gone_from_the_screen_calls_nothing(
    old: str, new: str, expected: list[tuple[str, int]]
) -> None:
    with indexed(CALLS) as space:
        path, text = space.path("main.cc"), CALLS.replace("^", "")
        document = Document(uri_of(path), path, 1, text)
        document.change(types.TextDocumentContentChangeWholeDocument(text.replace(old, new)), "utf-16")
        write = ItemWriter(Outward("utf-16", ClientPaths(), {path: document.buffer()}), ALL)
        told = write.incoming(callers(space.index.db, space.roots, item(space).symbol))
        assert [(call.caller.name, len(call.from_ranges)) for call in told] == expected


@pytest.mark.parametrize(
    "code",
    [
        "#define FUNCTION(n) int n() { return 1; }\nFUNCTION(^f)\n",
        "#define NAMED int f\nNAMED() { return 1; }\nint x = ^f();\n",
        "auto ^f() -> int;\nauto f() -> int { return 1; }\n",
    ],
)
def test_a_name_lies_within_its_item(code: str) -> None:
    with indexed(code) as space:
        told = ItemWriter(UTF16, ALL).item(item(space))
        begin, end = told.range.start, told.range.end
        inner, inner_end = told.selection_range.start, told.selection_range.end
        assert (begin.line, begin.character) <= (inner.line, inner.character)
        assert (inner_end.line, inner_end.character) <= (end.line, end.character)


def sent_back(data: object) -> types.CallHierarchyItem:
    nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
    return types.CallHierarchyItem(
        "f", types.SymbolKind.Function, "file:///f.cc", nowhere, nowhere, data=data
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("symbol", [1, -1, 2**63 - 1, -(2**63)])
def test_an_id_comes_back_as_it_was(symbol: int) -> None:
    assert symbol_of(sent_back(str(symbol))) == symbol


@pytest.mark.parametrize("data", [None, 1, 1.5, "", "x", "9" * 30, [1], {"id": "1"}])
def test_an_item_of_another_server_is_none_of_ours(data: object) -> None:
    assert symbol_of(sent_back(data)) is None


@pytest.mark.parametrize(
    ("roles", "kind"),
    [
        (Role.REFERENCE | Role.WRITE, types.DocumentHighlightKind.Write),
        (Role.REFERENCE | Role.READ | Role.WRITE, types.DocumentHighlightKind.Write),
        (Role.REFERENCE | Role.READ, types.DocumentHighlightKind.Read),
        (Role.REFERENCE | Role.CALL, types.DocumentHighlightKind.Text),
        (Role.DEFINITION, types.DocumentHighlightKind.Text),
        (Role.REFERENCE, types.DocumentHighlightKind.Text),
    ],
)
def test_kinds_of_highlights(roles: int, kind: int) -> None:
    assert highlight_kind(roles) == kind


def test_highlights_are_counted_as_the_client_counts() -> None:
    with indexed('int f() { const char* s = "\U0001f600"; int x = 1; return x; }') as space:
        asked = Cursor(space.path("main.cc"), 0, 39)
        found = find_highlights(space.index.db, space.roots, asked, UTF16)
        assert as_json(found) == [
            {"range": place(0, 36, 37), "kind": 1},
            {"range": place(0, 50, 51), "kind": 2},
        ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_link_is_where_the_include_is_on_the_screen(encoding: str) -> None:
    with indexed('#include "ö/ä.h"\n// file: ö/ä.h\nint a;') as space:
        path = space.path("main.cc")
        text = '\ufeff/*\U0001f600*/\n#include "ö/ä.h" // new'.encode()
        marked = Outward(encoding, ClientPaths(marked=frozenset((path,))))
        end = 18 if encoding == "utf-8" else 16
        assert as_json(find_links(space.index.db, space.roots, path, text, marked, with_tooltips=True)) == [
            {"range": place(1, 9, end), "target": uri_of(space.path("ö/ä.h")), "tooltip": "ö/ä.h"}
        ]


def test_a_links_first_line_begins_with_the_byte_order_mark() -> None:
    with indexed('\ufeff#include "a.h"\n// file: a.h\nint a;') as space:
        path = space.path("main.cc")
        marked = Outward("utf-16", ClientPaths(marked=frozenset((path,))))
        text = '\ufeff#include "a.h"\n'.encode()
        [link] = find_links(space.index.db, space.roots, path, text, marked, with_tooltips=True)
        assert as_json(link.range) == place(0, 10, 15)
