"""Two readings of a file compared."""

from msgspec import structs

from cpplsp.facts import Declaration, FileFacts, Include, Occurrence, SymbolRelation
from cpplsp.prelude.agreement import Agreement, compare

FACTS = FileFacts(
    "/a.cc",
    b"content",
    b"digest",
    b"",
    False,
    [Declaration(0, 4, 1, "f", 8, True, 0, 0, 0, 10, "", 0, False)],
    [Occurrence(0, 4, 1, 1, 2), Occurrence(1, 4, 1, 1, 4)],
    [SymbolRelation(1, 2, 3)],
    [Include(0, "/a.h")],
)


def test_equal_readings_agree() -> None:
    assert compare(FACTS, structs.replace(FACTS, path="", digest=b"other")) == Agreement(5, 0, 0)


def test_what_is_lost_and_gained_is_counted() -> None:
    other = structs.replace(
        FACTS, occurrences=[*FACTS.occurrences[:1], Occurrence(1, 4, 1, 7, 4)], relations=[]
    )
    assert compare(FACTS, other) == Agreement(5, 2, 1)
    assert compare(other, FACTS) == Agreement(4, 1, 2)


def test_agreements_add_up() -> None:
    both = Agreement(90, 1, 0) + Agreement(10, 0, 1)
    assert both == Agreement(100, 1, 1)
    assert both.differing == 0.02
    assert Agreement().differing == 0
