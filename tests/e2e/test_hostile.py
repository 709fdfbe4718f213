"""Questions that no editor should ask: each is answered, and the server goes on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.conversation import AnswerError, Conversation
from support.editor import Project

Make = Callable[..., Project]

CODE = """\
#include "a.h"
int main() { return ^f(); }
// file: a.h
int f();
"""
AT_A_PLACE = [
    "definition",
    "declaration",
    "typeDefinition",
    "implementation",
    "references",
    "documentHighlight",
    "hover",
    "prepareCallHierarchy",
    "prepareTypeHierarchy",
    "prepareRename",
    "rename",
]
OF_A_DOCUMENT = [
    "documentSymbol",
    "foldingRange",
    "documentLink",
    "selectionRange",
    "semanticTokens/full",
    "semanticTokens/full/delta",
    "semanticTokens/range",
    "switchSourceHeader",
]
FAR = 2**31 - 1
PLACES = [
    {"line": 0, "character": 0},
    {"line": 0, "character": FAR},
    {"line": 1, "character": 21},
    {"line": 10**6, "character": 0},
    {"line": FAR, "character": FAR},
]
REFUSED, INVALID, CANCELLED = -32803, -32602, -32800


@pytest.fixture
def talk(indexed: Make) -> Iterator[Conversation]:
    started = Conversation(indexed(CODE), {})
    yield started
    started.kill()


def code_of(talk: Conversation, method: str, params: dict[str, Any]) -> int:
    """Ask, and tell with which error that was answered; 0 for none."""
    try:
        talk.ask(method, params)
    except AnswerError as error:
        return error.code
    return 0


def ask_everything(talk: Conversation, uri: str, places: list[dict[str, int]] = PLACES) -> None:
    """Ask all that can be asked; the only error is that a rename is refused."""
    whole = {"start": places[0], "end": {"line": FAR, "character": 0}}
    params = {"textDocument": {"uri": uri}, "uri": uri, "range": whole, "positions": places}
    more: dict[str, Any] = {
        "context": {"includeDeclaration": True},
        "newName": "other",
        "previousResultId": "x",
    }
    for place in places:
        for method in AT_A_PLACE:
            code = code_of(talk, f"textDocument/{method}", {**params, **more, "position": place})
            assert code == 0 or (code == REFUSED and "ename" in method), method
    for method in OF_A_DOCUMENT:
        talk.ask(f"textDocument/{method}", {**params, **more})


def end(talk: Conversation, made: Project) -> None:
    """See that the server still answers, and that nothing went wrong unforeseen."""
    found = talk.ask("textDocument/definition", {"textDocument": {"uri": made.uri()}, "position": PLACES[2]})
    assert [one["uri"] for one in found] == [made.uri("a.h")]
    assert talk.end() == 0
    assert "Traceback" not in talk.log


def open_text(talk: Conversation, uri: str, text: str) -> None:
    item = {"uri": uri, "languageId": "cpp", "version": 1, "text": text}
    talk.tell("textDocument/didOpen", {"textDocument": item})


URIS = [
    "",
    "untitled:Untitled-1",
    "git:/a.cc",
    "file:///",
    "file:///no/such/file.cc",
    "file:///dev/null",
    "file:///proc/self/mem",
    "file:///%00",
    "file:///" + "a/" * 5000,
    "x" * 100_000,
]


def test_documents_of_no_project(indexed: Make, talk: Conversation) -> None:
    for uri in URIS:
        ask_everything(talk, uri, PLACES[:2])
        open_text(talk, uri, "int a;\n")
        ask_everything(talk, uri, PLACES[:2])
    end(talk, indexed(CODE))


def test_places_out_of_all_text(indexed: Make, talk: Conversation) -> None:
    made = indexed(CODE)
    ask_everything(talk, made.uri())
    open_text(talk, made.uri("a.h"), made.text("a.h"))
    ask_everything(talk, made.uri("a.h"))
    change = {"range": {"start": PLACES[0], "end": PLACES[0]}, "text": "\n\n"}
    document = {"uri": made.uri("a.h"), "version": 2}
    talk.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    ask_everything(talk, made.uri("a.h"))
    document["version"] = 1
    talk.tell(
        "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": made.text("a.h")}]}
    )
    end(talk, made)


TEXTS = [
    "int long_name = 1; int b = " + "long_name + " * 3_000 + "1;\n",
    "int ö = 1; int b = " + "ö + " * 300 + "1;\n",
    "int deep() {" + "{" * 3000 + "}" * 3000 + "}\nint b = " + "(" * 3000 + "1" + ")" * 3000 + ";\n",
    "\x00\x01\ufffd" * 3000 + "\r\n\r" * 100,
    "int \ud800x = 3; \ud83d\n",
    "",
]
"""A long line, one of wide characters, deep nesting, no text, half a character, nothing."""


def test_texts_that_nobody_writes(project: Make) -> None:
    made = project(CODE)
    for number, text in enumerate(TEXTS):
        (made.folder / f"odd{number}.cc").write_bytes(text.encode("utf-8", "surrogatepass"))
    made.write_database()
    made.index()
    talk = Conversation(made, {})
    try:
        for number, text in enumerate(TEXTS):
            uri = made.uri(f"odd{number}.cc")
            ask_everything(talk, uri, PLACES[:3])
            open_text(talk, uri, text)
            change = {"range": {"start": PLACES[0], "end": PLACES[0]}, "text": "//\nint "}
            document = {"uri": uri, "version": 2}
            talk.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
            ask_everything(talk, uri, [*PLACES[:3], {"line": 1, "character": 8}])
        end(talk, made)
    finally:
        talk.kill()


def test_what_is_no_position_is_said_to_be_wrong(indexed: Make, talk: Conversation) -> None:
    made = indexed(CODE)
    for position in (
        {"line": -1, "character": 0},
        {"line": 0, "character": -5},
        {"line": 2**70, "character": 0},
        {},
    ):
        for method in ("definition", "hover", "prepareRename"):
            params = {"textDocument": {"uri": made.uri()}, "position": position}
            assert code_of(talk, f"textDocument/{method}", params) == INVALID, position
    end(talk, made)


def test_names_that_none_can_have_are_refused(indexed: Make, talk: Conversation) -> None:
    made = indexed(CODE)
    for name in ("", " ", "a b", "1x", "a::b", "x\n", "\0", "\ud800", "😀", "int", "~f", "operator+"):
        params = {"textDocument": {"uri": made.uri()}, "position": PLACES[2], "newName": name}
        assert code_of(talk, "textDocument/rename", params) == REFUSED, name
    end(talk, made)


def test_queries_that_find_nothing_or_all(indexed: Make, talk: Conversation) -> None:
    for query in ("", "::", "%", '"', "*", "\0", "\ud800", "😀", "a" * 100_000, "a::" * 1000):
        assert isinstance(talk.ask("workspace/symbol", {"query": query}), list)
    end(talk, indexed(CODE))


def test_items_that_are_of_no_hierarchy(indexed: Make, talk: Conversation) -> None:
    made = indexed(CODE)
    for data in (None, 5, "", "9" * 30, "abc", "٣", {"a": 1}, "1"):
        whole = {"start": PLACES[0], "end": PLACES[0]}
        item = {
            "name": "x",
            "kind": 1,
            "uri": made.uri(),
            "range": whole,
            "selectionRange": whole,
            "data": data,
        }
        for method in (
            "callHierarchy/incomingCalls",
            "callHierarchy/outgoingCalls",
            "typeHierarchy/subtypes",
        ):
            assert not talk.ask(method, {"item": item})
    end(talk, made)


def test_what_is_cancelled_is_answered(indexed: Make, talk: Conversation) -> None:
    made = indexed(CODE)
    open_text(talk, made.uri("new.cc"), "int x;\n")
    params = {"textDocument": {"uri": made.uri("new.cc")}, "position": PLACES[0]}
    asked = [talk.start("textDocument/hover", params) for _ in range(20)]
    for number in asked:
        talk.tell("$/cancelRequest", {"id": number})
    for number in asked:
        with pytest.raises(AnswerError, check=lambda error: error.code == CANCELLED):
            talk.answer(number)
    end(talk, made)


def test_a_file_that_is_gone(project: Make) -> None:
    made = project(CODE)
    made.index()
    (made.folder / "a.h").unlink()
    talk = Conversation(made, {})
    try:
        ask_everything(talk, made.uri("a.h"))
        open_text(talk, made.uri("a.h"), "int f();\n")
        ask_everything(talk, made.uri("a.h"))
        assert talk.end() == 0
        assert "Traceback" not in talk.log
    finally:
        talk.kill()
