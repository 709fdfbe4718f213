"""textDocument/semanticTokens, over the wire: full, range, delta."""

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start

from cpplsp.lsp.semantic import LEGEND

Make = Callable[..., Project]

CODE = "struct S { int f; };\nint g(S s) {\n  return s.f;\n}\n#if 0\nno\n#endif\n"
TOKENS = [
    (0, 7, "S", "class"),
    (0, 15, "f", "property"),
    (1, 4, "g", "function"),
    (1, 6, "S", "class"),
    (1, 8, "s", "parameter"),
    (2, 9, "s", "parameter"),
    (2, 11, "f", "property"),
    (5, 0, "no", "comment"),
]


def decoded(data: list[int], text: str) -> list[tuple[int, int, str, str]]:
    """Line, character, text and type of each token."""
    found, line, start = [], 0, 0
    for at in range(0, len(data), 5):
        line, start = line + data[at], (0 if data[at] else start) + data[at + 1]
        kind = LEGEND.token_types[data[at + 3]]
        found.append((line, start, text.split("\n")[line][start : start + data[at + 2]], kind))
    return found


async def full(client: LanguageClient, made: Project) -> Any:
    return await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(made.document()))


def insert(client: LanguageClient, made: Project, line: int, text: str) -> None:
    at = types.Position(line, 0)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, made.uri()),
            [types.TextDocumentContentChangePartial(types.Range(at, at), text)],
        )
    )


@pytest.mark.parametrize("editor", EDITORS)
async def test_all_tokens(indexed: Make, start: Start, editor: str) -> None:
    made = indexed(CODE)
    client = await start(made, editor)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    answer = await full(client, made)
    assert decoded(list(answer.data), CODE) == TOKENS


async def test_those_of_a_range(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    lines = types.Range(types.Position(1, 5), types.Position(2, 0))
    answer = await client.text_document_semantic_tokens_range_async(
        types.SemanticTokensRangeParams(made.document(), lines)
    )
    assert answer is not None
    assert decoded(list(answer.data), CODE) == TOKENS[2:7]


async def test_what_changed(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    first = await full(client, made)
    insert(client, made, 1, "// new\n")

    async def delta(result: str) -> Any:
        params = types.SemanticTokensDeltaParams(made.document(), result)
        return await client.text_document_semantic_tokens_full_delta_async(params)

    second = await delta(first.result_id)
    [edit] = second.edits
    assert (edit.delete_count, list(edit.data)) == (1, [2])
    data = list(first.data)
    data[edit.start : edit.start + edit.delete_count] = edit.data
    expected = [TOKENS[0], TOKENS[1], *((line + 1, *rest) for line, *rest in TOKENS[2:])]
    assert decoded(data, CODE.replace("int g", "// new\nint g")) == expected
    assert list((await delta(second.result_id)).edits) == []
    assert list((await delta(first.result_id)).data) == data, (
        "of a result that is no longer kept, there is all"
    )


async def test_what_has_been_edited_is_not_coloured_wrongly(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    client.text_document_did_open(types.DidOpenTextDocumentParams(made.item()))
    insert(client, made, 2, "x")
    text = CODE.replace("  return", "x  return")
    found = decoded(list((await full(client, made)).data), text)
    assert found == [(line, start + (line == 2), *rest) for line, start, *rest in TOKENS]


async def test_without_a_document_no_result_is_kept(indexed: Make, start: Start) -> None:
    made = indexed(CODE)
    client = await start(made)
    assert (await full(client, made)).result_id is None
