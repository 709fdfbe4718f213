"""Semantic tokens as a client gets them: what it knows, in relation to one another, and as the difference to others."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from cpplsp.lsp.painting import Painted
from cpplsp.lsp.semantic import LEGEND, Answers, Edit, colours_of, difference, encoded
from cpplsp.query.semantic import Modifier, Type

ALL = colours_of(types.ClientCapabilities())


def client(token_types: list[str], token_modifiers: list[str]) -> types.ClientCapabilities:
    tokens = types.SemanticTokensClientCapabilities(
        types.ClientSemanticTokensRequestOptions(), token_types, token_modifiers, []
    )
    return types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(semantic_tokens=tokens)
    )


def test_the_legend_is_as_the_protocol_spells_it() -> None:
    assert LEGEND.token_types[:3] == ["variable", "parameter", "function"]
    assert "defaultLibrary" in LEGEND.token_modifiers
    assert [LEGEND.token_types[number] for number in ALL.types.values()] == list(ALL.types)


def test_tokens_are_told_in_relation_to_one_another() -> None:
    tokens = [
        Painted(1, 2, 3, Type.CLASS, 0),
        Painted(1, 8, 1, Type.VARIABLE, int(Modifier.DECLARATION)),
        Painted(4, 8, 1, Type.VARIABLE, 0),
    ]
    number = ALL.types[Type.CLASS]
    assert list(encoded(tokens, ALL)) == [1, 2, 3, number, 0, 0, 6, 1, 0, 1, 3, 8, 1, 0, 0]
    assert list(encoded(tokens, ALL, range(2, 5))) == [4, 8, 1, 0, 0]


def test_a_client_gets_what_it_knows() -> None:
    colours = colours_of(client(["variable", "type"], ["readonly", "unheard"]))
    every = int(Modifier.READONLY | Modifier.STATIC)
    tokens = [
        Painted(0, at, 1, one, every) for at, one in enumerate((Type.MACRO, Type.CONCEPT, Type.VARIABLE))
    ]
    data = encoded(tokens, colours)
    kinds = [LEGEND.token_types[data[at]] for at in (3, 8)]
    assert (len(data), kinds) == (10, ["type", "variable"])
    assert data[4] == int(Modifier.READONLY)


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], []),
        ([1, 2, 3], [1, 9, 3], [Edit(1, 1, [9])]),
        ([1, 2, 3], [1, 3], [Edit(1, 1, [])]),
        ([1, 1], [1, 1, 1], [Edit(2, 0, [1])]),
        ([], [1], [Edit(0, 0, [1])]),
        ([1], [], [Edit(0, 1, [])]),
    ],
)
def test_the_difference_is_small(last: list[int], now: list[int], expected: list[Edit]) -> None:
    assert difference(array("I", last), array("I", now)) == expected


@given(st.lists(st.integers(0, 2), max_size=12), st.lists(st.integers(0, 2), max_size=12))
def test_the_difference_makes_one_of_the_other(last: list[int], now: list[int]) -> None:
    made = list(last)
    for edit in difference(array("I", last), array("I", now)):
        made[edit.start : edit.start + edit.delete_count] = edit.data
    assert made == now


def test_the_last_answer_is_kept_until_the_document_is_closed() -> None:
    answers, one, other = Answers(), array("I", [1]), array("I", [2])
    first = answers.keep("file:///a", one)
    assert answers.last("file:///a", first) == one
    second = answers.keep("file:///a", other)
    assert answers.last("file:///a", first) is None
    assert answers.last("file:///b", second) is None
    answers.forget("file:///a")
    answers.forget("file:///a")
    assert answers.last("file:///a", second) is None
