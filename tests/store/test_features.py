"""Features: whatever fits what was typed has all that is wanted of it, so that nothing is missed."""

from hypothesis import example, given
from hypothesis import strategies as st

from cpplsp.query.matching import Fit, match_name, match_scope
from cpplsp.store import features

LETTERS = "aAbBcC_1äß=~ "
TYPED = st.text(alphabet=LETTERS, min_size=1, max_size=5)
NAMES = st.text(alphabet=LETTERS, min_size=1, max_size=10)
SCOPES = st.lists(
    st.sampled_from(["ab", "abc", "A", "abcdefgh", "abcdef", "(anonymous)", "x1"]), max_size=3
).map("::".join)


def has_what_is_wanted(typed: str, name: str, fit: Fit) -> bool:
    low, found = typed.casefold(), features.of_symbol(name, "")
    wanted = features.wanted_of_letters(low)
    pairs: list[tuple[int, int]] = []
    if fit < Fit.ALL_WORDS:
        wanted += features.wanted_of_beginning(low)
    elif fit < Fit.SUBSTRING:
        words, pairs = features.wanted_of_words(low)
        wanted += words + (features.wanted_of_first_word(low) if fit < Fit.WORDS else [])
    elif fit == Fit.SUBSTRING:
        wanted += features.wanted_of_middle(low)
    return found.issuperset(wanted) and all(not found.isdisjoint(pair) for pair in pairs)


@given(TYPED, NAMES)
@example("ß", "SS")
@example("ab", "a_b")
def test_a_name_that_fits_has_what_is_wanted(typed: str, name: str) -> None:
    fit = match_name(typed, name)
    if fit is not None:
        assert has_what_is_wanted(typed, name, fit)


@given(NAMES, st.data())
def test_letters_left_out_do_not_hide_a_name(name: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    typed = "".join(letter for letter, is_kept in zip(name, kept, strict=True) if is_kept)
    if typed:
        assert set(features.wanted_of_letters(typed.casefold())) <= features.of_symbol(name, "")


@given(SCOPES, SCOPES, st.booleans())
def test_a_scope_that_fits_has_what_is_wanted(typed: str, scope: str, is_global: bool) -> None:
    typed = "::" + typed if is_global else typed
    fit = match_scope(typed, scope)
    if typed and fit is not None:
        is_whole = is_global or fit == 0
        assert set(features.wanted_of_scope(typed, is_whole=is_whole)) <= features.of_symbol("x", scope)


@given(st.integers(0, features.TIERS - 1))
def test_a_tier_is_told_from_the_others(tier: int) -> None:
    slices = features.of_tiers()
    bits = [one in set(features.of_tier(tier)) for one in slices]
    assert sum(bit << at for at, bit in enumerate(bits)) == tier


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_every_feature_has_its_number(name: str, scope: str) -> None:
    assert features.of_symbol(name, scope) <= set(range(features.FEATURES))
