"""textDocument/selectionRange, over the wire."""

from collections.abc import Callable

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import EDITORS, Project, Start, insert_at_the_beginning

Make = Callable[..., Project]

CODE = "int f(int a) { return a; }\n"


async def spans(
    client: LanguageClient, made: Project, *places: tuple[int, int], name: str = "main.cc"
) -> list[list[tuple[int, int]]]:
    """The characters that each selection grows to, on one line each."""
    params = types.SelectionRangeParams(made.document(name), [types.Position(*place) for place in places])
    found = await client.text_document_selection_range_async(params)
    answers = []
    for one in found or ():
        answers.append([])
        while one is not None:
            answers[-1].append((one.range.start.character, one.range.end.character))
            one = one.parent  # type: ignore[assignment]
    return answers


@pytest.mark.parametrize("editor", EDITORS)
async def test_selections(project: Make, start: Start, editor: str) -> None:
    made = project(CODE)
    client = await start(made, editor)
    assert await spans(client, made, (0, 22), (0, 5)) == [
        [(22, 23), (15, 23), (15, 24), (13, 26), (0, 26), (0, 0)],
        [(4, 5), (4, 12), (0, 12), (0, 26), (0, 0)],
    ]


async def test_the_buffer_counts(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    insert_at_the_beginning(client, made, "g(1);")
    [found] = await spans(client, made, (0, 2))
    assert found[:3] == [(2, 3), (1, 4), (0, 4)]


async def test_a_file_that_is_not_there(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    assert await spans(client, made, (3, 4), name="no.cc") == [[(0, 0)]]
