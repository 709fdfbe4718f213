"""How a name and a scope fit what is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.query.matching import NESTED, Fit, match_name, match_scope, split_name

NAMES = st.text(alphabet="aAbBcC_1ä", max_size=8)


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("UniqueMap", "UniqueMap", Fit.EXACT),
        ("uniquemap", "UniqueMap", Fit.EXACT_IN_ANOTHER_CASE),
        ("Uni", "UniqueMap", Fit.PREFIX),
        ("uni", "UniqueMap", Fit.PREFIX_IN_ANOTHER_CASE),
        ("UM", "UniqueMap", Fit.ALL_WORDS),
        ("um", "UniqueMap", Fit.ALL_WORDS),
        ("um", "unique_map", Fit.ALL_WORDS),
        ("u_m", "unique_map", Fit.ALL_WORDS),
        ("UniM", "UniqueMap", Fit.ALL_WORDS),
        ("umap", "UniqueMap", Fit.ALL_WORDS),
        ("um", "unique_hash_map", Fit.FIRST_WORDS),
        ("uh", "unique_hash_map", Fit.FIRST_WORDS),
        ("hm", "unique_hash_map", Fit.WORDS),
        ("mapmap", "map_of_maps", Fit.FIRST_WORDS),
        ("_", "unique_map", Fit.SUBSTRING),
        ("_", "UniqueMap", None),
        ("eee", "ee", None),
        ("map", "UniqueMap", Fit.WORDS),
        ("HTTPS", "parseHTTPServer", Fit.WORDS),
        ("que", "UniqueMap", Fit.SUBSTRING),
        ("que_m", "unique_map", Fit.SUBSTRING),
        ("uqp", "UniqueMap", Fit.SUBSEQUENCE),
        ("MU", "UniqueMap", None),
        ("UniqueMaps", "UniqueMap", None),
        ("operator=", "operator==", Fit.PREFIX),
        ("größe", "GRÖßE", Fit.EXACT_IN_ANOTHER_CASE),
    ],
)
def test_a_name_fits_what_is_typed(typed: str, name: str, fit: Fit | None) -> None:
    assert match_name(typed, name) == fit


@given(NAMES, NAMES)
def test_what_fits_has_the_letters_in_order_and_nothing_else_does(typed: str, name: str) -> None:
    letters = iter(name.casefold().replace("_", ""))
    in_order = all(letter in letters for letter in typed.casefold().replace("_", ""))
    fit = match_name(typed, name)
    assert in_order if fit is not None else True
    if "_" not in typed:
        assert (fit is not None) == in_order
    assert (fit == Fit.EXACT) == (typed == name)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("member", ("", "member")),
        ("ns::Class::member", ("ns::Class", "member")),
        ("::member", ("::", "member")),
        ("::ns::member", ("::ns", "member")),
        ("ns::", ("ns", "")),
        ("::", ("::", "")),
        ("", ("", "")),
        ("Class::operator()", ("Class", "operator()")),
        ("Class::operator std::string", ("Class", "operator std::string")),
        ("Class::operators", ("Class", "operators")),
        ("Class::~Class", ("Class", "~Class")),
    ],
)
def test_a_qualified_name_is_split(typed: str, parts: tuple[str, str]) -> None:
    assert split_name(typed) == parts


@pytest.mark.parametrize(
    ("typed", "scope", "fit"),
    [
        ("", "anything", 0),
        ("Class", "ns::Class", 0),
        ("class", "ns::Class", 0),
        ("ns::Class", "ns::Class", 0),
        ("ns", "ns::Class", NESTED),
        ("n::C", "ns::Class", NESTED),
        ("lass", "ns::Class", None),
        ("Class::ns", "ns::Class", None),
        ("::ns", "ns", 0),
        ("::ns", "outer::ns", None),
        ("::", "", 0),
        ("::", "ns", None),
        ("ns", "ns::(anonymous)", 0),
        ("::", "(anonymous)", 0),
        ("Class", "ns::(anonymous)::Class", 0),
    ],
)
def test_a_scope_fits_what_is_typed(typed: str, scope: str, fit: int | None) -> None:
    assert match_scope(typed, scope) == fit
