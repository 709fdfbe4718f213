"""What is typed and not saved is in the answers: in its own file, from other files, and gone when it is closed."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import Project, Start

CODE = """\
// file: shape.h
#pragma once
int area(int side);
// file: main.cc
#include "shape.h"
int area(int side) { return side * side; }
int main() { return area(2); }
// file: other.cc
#include "shape.h"
int other() { return area(3); }
"""


class Desk:
    """One client at a project, with its documents."""

    def __init__(self, client: LanguageClient, project: Project):
        self.client = client
        self.project = project
        self.texts: dict[str, str] = {}
        self._version = 1

    def open(self, name: str) -> None:
        self.texts[name] = self.project.text(name)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(self.project.item(name)))

    def type(self, name: str, before: str, after: str) -> None:
        """Put one text in place of another one, which is there once."""
        assert self.texts[name].count(before) == 1
        self._version += 1
        self.texts[name] = self.texts[name].replace(before, after)
        document = types.VersionedTextDocumentIdentifier(self._version, self.project.uri(name))
        change = types.TextDocumentContentChangeWholeDocument(self.texts[name])
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, name: str) -> None:
        (self.project.folder / name).write_text(self.texts[name])
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.project.document(name)))

    def close(self, name: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.project.document(name)))
        del self.texts[name]

    def at(self, name: str, text: str, behind: int = 0) -> types.Position:
        """Where a text stands that is there once."""
        whole = self.texts.get(name) or self.project.text(name)
        assert whole.count(text) == 1, text
        before = whole[: whole.index(text) + behind]
        return types.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)

    async def definition(self, name: str, text: str, behind: int = 0) -> list[tuple[str, int]]:
        """Files and lines."""
        position = self.at(name, text, behind)
        found = await self.client.text_document_definition_async(
            types.DefinitionParams(self.project.document(name), position)
        )
        assert isinstance(found, list)
        return [self.project.place(one)[:2] for one in found]

    async def references(self, name: str, text: str, behind: int = 0) -> list[tuple[str, int]]:
        position = self.at(name, text, behind)
        found = await self.client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(True), self.project.document(name), position)
        )
        return sorted(self.project.place(one)[:2] for one in found or ())


@pytest.fixture
async def desk(project: Callable[..., Project], start: Start) -> Desk:
    made = project(CODE)
    made.index()
    return Desk(await start(made), made)


async def test_what_was_just_typed_is_found(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "int main()", "int twice(int x) { return 2 * x; }\n\nint main()")
    desk.type("main.cc", "return area(2)", "return twice(area(2))")
    assert await desk.definition("main.cc", "twice(area") == [("main.cc", 2)]
    assert await desk.references("main.cc", "twice(int") == [("main.cc", 2), ("main.cc", 4)]
    assert await desk.definition("main.cc", "return 2 * x", 11) == [("main.cc", 2)]


async def test_other_files_see_it_and_it_sees_them(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "return area(2)", "return area(area(2))")
    assert await desk.definition("main.cc", "area(area") == [("main.cc", 1)]
    lines = [("main.cc", 1), ("main.cc", 2), ("main.cc", 2), ("other.cc", 1), ("shape.h", 1)]
    assert await desk.references("main.cc", "area(area") == lines
    desk.open("other.cc")
    assert await desk.references("other.cc", "area(3)") == lines


async def test_an_unsaved_header_counts_for_the_files_that_include_it(desk: Desk) -> None:
    desk.open("main.cc")
    desk.open("shape.h")
    desk.type("shape.h", "int area(int side);", "int area(int side);\nint rim(int side);")
    desk.type("main.cc", "return area(2)", "return area(2) + rim(2)")
    assert await desk.definition("main.cc", "rim(2)") == [("shape.h", 2)]
    assert await desk.references("shape.h", "rim") == [("main.cc", 2), ("shape.h", 2)]


async def test_closing_without_saving_drops_it(desk: Desk) -> None:
    desk.open("main.cc")
    desk.open("other.cc")
    desk.type("other.cc", "area(3)", "area(area(3))")
    assert len(await desk.references("other.cc", "area(area")) == 5
    desk.close("other.cc")
    assert len(await desk.references("main.cc", "area(2)")) == 4


async def test_it_is_in_the_index_once_it_is_saved(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "return area(2)", "return area(area(2))")
    assert await desk.definition("main.cc", "area(area") == [("main.cc", 1)]
    desk.save("main.cc")
    assert len(await desk.references("main.cc", "area(area")) == 5
    desk.close("main.cc")
    desk.open("other.cc")
    assert len(await desk.references("other.cc", "area(3)")) == 5


async def test_a_text_with_an_open_bracket_keeps_what_was_understood(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "int main()", "int twice(int x) { return 2 * x; }\nint main()")
    assert await desk.definition("main.cc", "twice(int") == [("main.cc", 2)]
    desk.type("main.cc", "int area(int side) {", "int area(int side) { if (")
    desk.type("main.cc", "return area(2)", "return  area(2)")
    assert await desk.definition("main.cc", "area(2)") == [("main.cc", 1)]


async def test_a_text_that_was_opened_unsaved_is_read(desk: Desk) -> None:
    item = desk.project.item("main.cc")
    desk.texts["main.cc"] = item.text = item.text.replace("int main", "int more() { return 1; }\nint main")
    desk.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    desk.type("main.cc", "return area(2)", "return area(more())")
    assert await desk.definition("main.cc", "more())") == [("main.cc", 2)]


async def test_symbols_that_were_typed_are_found_by_name(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "int area(int side) {", "int surface(int side) {")
    names = [one.name for one in await _symbols(desk, "surface")]
    assert names == ["surface"]
    assert [one.location.uri for one in await _symbols(desk, "area")] == [desk.project.uri("shape.h")]


async def _symbols(desk: Desk, query: str) -> list[types.WorkspaceSymbol | types.SymbolInformation]:
    found = await desk.client.workspace_symbol_async(types.WorkspaceSymbolParams(query))
    return list(found or ())


async def test_the_outline_is_that_of_the_screen(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "int main()", "struct Circle { int rim; };\n\nint main()")
    found = await desk.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(desk.project.document("main.cc"))
    )
    assert [one.name for one in found or ()] == ["area", "Circle", "main"]


async def test_hover_tells_of_what_was_typed(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type(
        "main.cc",
        "int main() {",
        "/// Twice as much.\nint twice(int x) { return 2 * x; }\nint main() { auto y = twice(1);",
    )
    found = await desk.client.text_document_hover_async(
        types.HoverParams(desk.project.document("main.cc"), desk.at("main.cc", "twice(1)"))
    )
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "Twice as much." in found.contents.value
    kind = await desk.client.text_document_hover_async(
        types.HoverParams(desk.project.document("main.cc"), desk.at("main.cc", "auto"))
    )
    assert kind is not None
    assert "int" in str(kind.contents)


async def test_a_big_text_comes_in_parts(desk: Desk) -> None:
    desk.open("main.cc")
    many = "".join(f"int number_{one};\n" for one in range(12_000))
    desk.type("main.cc", "int main() {", many + "int main() { number_11999 = 1;")
    found: list[tuple[str, int]] = []
    while not found:  # an answer waits for some seconds, and this may take longer
        found = await desk.definition("main.cc", "number_11999 =")
    assert found == [("main.cc", 2 + 11_999)]


async def test_a_first_text_with_an_open_bracket_keeps_what_is_in_the_index(desk: Desk) -> None:
    desk.open("main.cc")
    desk.type("main.cc", "int area(int side) {", "int area(int side) { if (/*")
    assert await desk.references("main.cc", "area(2)")
    assert await desk.definition("main.cc", "area(2)") == [("main.cc", 1)]


async def test_typing_in_a_folder_with_nothing_to_index(
    project: Callable[..., Project], start: Start
) -> None:
    made = project()
    made.write("// file: notes.txt\n// file: main.xx\nint x;\n")
    desk = Desk(await start(made), made)
    desk.open("main.xx")
    desk.type("main.xx", "int x;", "int x; int y = x;")
    assert await desk.definition("main.xx", "x; int") == []
    assert await desk.references("main.xx", "x; int") == []
