"""A file's facts in parts: all of them, in order, and none of the parts big."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.facts import Declaration, FileFacts, Include, Occurrence, SymbolRelation
from cpplsp.worker import parts
from cpplsp.worker.parts import MOST_FACTS, MOST_TEXT, in_parts


def file_of(declarations: int = 0, occurrences: int = 0, text: int = 1) -> FileFacts:
    return FileFacts(
        "/p/a.cc",
        b"content",
        b"digest",
        b"wide",
        False,
        [
            Declaration(at, 0, at, "n" * text, 8, True, at, 0, at, 1, "", 0, False)
            for at in range(declarations)
        ],
        [Occurrence(at, 0, 1, at, 4) for at in range(occurrences)],
        [SymbolRelation(at, 1, at) for at in range(declarations)],
        [Include(0, "/p/a.h")],
        b"skipped",
    )


def test_what_is_little_is_in_one_piece() -> None:
    facts = file_of(1_000, 2_999)
    first, others = in_parts(facts)
    assert first is facts
    assert list(others) == []


@pytest.mark.parametrize(
    ("declarations", "occurrences", "text"), [(1, 5_000, 1), (5_001, 0, 1), (40, 1, MOST_TEXT // 32)]
)
def test_what_is_much_is_in_parts_that_hold_all_of_it(declarations: int, occurrences: int, text: int) -> None:
    facts = file_of(declarations, occurrences, text)
    first, rest = in_parts(facts)
    others = list(rest)
    assert (first.declarations, first.occurrences, first.relations, first.includes) == ([], [], [], [])
    assert (
        msgspec.structs.replace(
            first,
            declarations=[one for part in others for one in part.declarations],
            occurrences=[one for part in others for one in part.occurrences],
            relations=[one for part in others for one in part.relations],
            includes=[one for part in others for one in part.includes],
        )
        == facts
    )
    for part in others:
        assert 0 < len(part.declarations + part.occurrences + part.relations + part.includes) <= MOST_FACTS
        assert sum(len(one.name) for one in part.declarations) <= MOST_TEXT + text


@given(st.lists(st.integers(0, 3 * MOST_TEXT // 2), max_size=6))
def test_no_part_has_more_text_than_it_may_and_one_name(lengths: list[int]) -> None:
    facts = [
        Declaration(0, 0, at, "n" * length, 8, True, 0, 0, 0, 1, "", 0, False)
        for at, length in enumerate(lengths)
    ]
    slices = list(parts._slices(facts))
    assert [one for some in slices for one in some] == facts
    assert all(sum(len(one.name) for one in some[:-1]) < MOST_TEXT for some in slices)
