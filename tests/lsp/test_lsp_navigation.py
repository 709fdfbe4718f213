"""Definition, declaration and references as a client gets them, by direct calls on an index."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.cpp import Workspace, indexed

from cpplsp.columns import units_of
from cpplsp.lsp.documents import ClientPaths, uri_of
from cpplsp.lsp.navigation import find_targets, stream_references
from cpplsp.lsp.positions import Cursor, Outward, Pointer
from cpplsp.lsp.wire import Location, LocationLink, Position, Range
from cpplsp.query.files import wide_map
from cpplsp.query.navigation import declarations, definitions

if TYPE_CHECKING:
    import msgspec

UTF16 = Outward("utf-16", ClientPaths())
TEXTS = {
    "plain": "",
    "with a byte-order mark": "\ufeff",
    "behind wide characters": '/* ä€\U0001f600 */ const char* s = "\U0001f600"; ',
}


def cursor(space: Workspace, outward: Outward) -> Cursor:
    """The one cursor, as a client counts."""
    [(name, line, column)] = space.marked.cursors
    text = space.marked.files[name].removeprefix(b"\xef\xbb\xbf").splitlines()[line][:column].decode()
    path, character = space.path(name), units_of(text, outward.encoding)
    found = Pointer(path, line, character, outward.encoding).in_index(
        wide_map(space.index.db, space.roots, path)
    )
    assert found is not None
    return found


def text_at(space: Workspace, location: Location, encoding: str) -> str:
    """What a client would see selected."""
    [name] = [name for name in space.marked.files if uri_of(space.path(name)) == location.uri]
    text = space.marked.files[name].decode("utf-8-sig")
    line = text.replace("\r\n", "\n").split("\n")[location.range.start.line]
    codec, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]
    start, end = location.range.start.character, location.range.end.character
    return line.encode(codec)[start * size : end * size].decode(codec)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("before", TEXTS.values(), ids=TEXTS)
def test_a_place_is_the_same_text_in_every_encoding(before: str, newline: str, encoding: str) -> None:
    code = f"{before}int höhe() {{ return 1; }}{newline}/*é*/ int y = ^höhe();{newline}"
    outward = Outward(encoding, ClientPaths())
    with indexed(code) as space:
        asked = cursor(space, outward)
        found = find_targets(space.index.db, space.roots, asked, outward, definitions, links=False)
        [location] = [one for one in found if isinstance(one, Location)]
        assert location.range.start.line == 0
        assert text_at(space, location, encoding) == "höhe"
        places = stream_references(
            space.index.db, space.roots, asked, outward, None, include_declarations=True
        )
        assert [text_at(space, one, encoding) for one in places] == ["höhe", "höhe"]


def test_declarations_and_definitions_are_told_apart() -> None:
    code = '#include "f.h"\nint f() { return 1; }\nint x = ^f();\n// file: f.h\nint f();'
    with indexed(code) as space:
        asked = cursor(space, UTF16)
        for targets, name, line in [(definitions, "main.cc", 1), (declarations, "f.h", 0)]:
            found = find_targets(space.index.db, space.roots, asked, UTF16, targets, links=False)
            assert found == [Location(uri_of(space.path(name)), Range(Position(line, 4), Position(line, 5)))]


def test_a_link_has_the_token_that_was_asked_about() -> None:
    with indexed("int twice(int x) { return 2 * x; }\nint y = tw^ice(1);") as space:
        [link] = find_targets(
            space.index.db, space.roots, cursor(space, UTF16), UTF16, definitions, links=True
        )
        assert isinstance(link, LocationLink)
        assert link.origin_selection_range == Range(Position(1, 8), Position(1, 13))
        assert link.target_selection_range == Range(Position(0, 4), Position(0, 9))


@pytest.mark.parametrize("targets", [definitions, declarations])
def test_an_include_leads_to_its_file(targets: Any) -> None:
    with indexed('#include "f.h"^\nint x = f();\n// file: f.h\nint f();') as space:
        found = find_targets(space.index.db, space.roots, cursor(space, UTF16), UTF16, targets, links=False)
        assert found == [Location(uri_of(space.path("f.h")), Range(Position(0, 0), Position(0, 0)))]


def test_references_of_an_include_are_all_that_include_the_file() -> None:
    code = '#include "^f.h"\n// file: b.cc\nint y;\n#include "f.h"\n// file: f.h\n#pragma once\nint f();'
    with indexed(code) as space:
        found = stream_references(
            space.index.db, space.roots, cursor(space, UTF16), UTF16, None, include_declarations=True
        )
        assert [(one.uri.rpartition("/")[2], one.range.start.line) for one in found] == [
            ("b.cc", 1),
            ("main.cc", 0),
        ]


def test_references_come_in_parts_where_the_client_takes_them() -> None:
    uses = "".join(f"int y{number} = f();\n" for number in range(2500))
    sent: list[msgspec.Raw] = []
    with indexed(f"int ^f();\n{uses}") as space:
        left = stream_references(
            space.index.db, space.roots, cursor(space, UTF16), UTF16, sent.append, include_declarations=False
        )
    parts = [json.loads(bytes(part)) for part in sent]
    assert left == []
    assert [len(part) for part in parts] == [100, 1000, 1000, 400]
    assert [one["range"]["start"]["line"] for part in parts for one in part] == list(range(1, 2501))


def test_nothing_is_found_where_nothing_is_named() -> None:
    with indexed("int x;^ // a comment") as space:
        asked = Cursor(space.path("main.cc"), 0, 14)
        assert find_targets(space.index.db, space.roots, asked, UTF16, definitions, links=True) == []
        assert (
            stream_references(space.index.db, space.roots, asked, UTF16, None, include_declarations=True)
            == []
        )
        far = Cursor(space.path("main.cc"), 99, 99)
        assert find_targets(space.index.db, space.roots, far, UTF16, definitions, links=False) == []


def test_a_name_that_nothing_is_known_of_leads_to_what_is_called_so() -> None:
    code = "namespace n { int f(); int f(int); }\nint y = n::f(1);\n#if 0\nint x = n::^f();\n#endif"
    with indexed(code) as space:
        db, roots, asked = space.index.db, space.roots, cursor(space, UTF16)
        [found] = find_targets(db, roots, asked, UTF16, definitions, links=False)
        assert isinstance(found, Location)
        assert (found.range.start.line, found.range.start.character) == (0, 27)
        assert stream_references(db, roots, asked, UTF16, None, include_declarations=True) == []
