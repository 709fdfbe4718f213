"""How well a name and a scope fit what was typed: pure functions of two texts."""

import re
from enum import IntEnum
from functools import lru_cache

from cpplsp.store.features import TIERS, scope_parts, words

_OPERATOR = re.compile(r"operator\b")


class Fit(IntEnum):
    """How a name fits what was typed. The number is what that costs, the best least, to be added to a symbol's tier.

    What is typed in full comes before all others, and what only has the letters behind them; between, a symbol
    that is used much may come before one that fits a little better.
    """

    EXACT = 0
    EXACT_IN_ANOTHER_CASE = TIERS
    PREFIX = 2 * TIERS
    PREFIX_IN_ANOTHER_CASE = PREFIX + 2
    ALL_WORDS = PREFIX + 3  # beginnings of all its words, in order: UM, UniM and um for UniqueMap
    FIRST_WORDS = PREFIX + 6  # of some, the first one among them: um for unique_hash_map
    WORDS = PREFIX + 9  # of some: map for UniqueMap
    SUBSTRING = PREFIX + 15
    SUBSEQUENCE = SUBSTRING + TIERS


NESTED = 6
"""What it costs that the typed scope is not all that a symbol stands in, from the end."""


def split_name(text: str) -> tuple[str, str]:
    """Split ``ns::Class::member`` into scope and name; the scope of ``::member`` is ``::``, the global one."""
    begin = 0
    # An operator's name may hold a qualified one: operator std::string.
    while not _OPERATOR.match(text, begin) and (at := text.find("::", begin)) >= 0:
        begin = at + 2
    scope = text[:begin]
    return (scope if scope == "::" else scope.removesuffix("::")), text[begin:]


def match_name(typed: str, name: str) -> Fit | None:
    """How a name fits what was typed; None where it does not."""
    if name.startswith(typed):
        return Fit.EXACT if len(name) == len(typed) else Fit.PREFIX
    typed_low, name_low = typed.casefold(), name.casefold()
    if name_low.startswith(typed_low):
        return Fit.EXACT_IN_ANOTHER_CASE if len(name_low) == len(typed_low) else Fit.PREFIX_IN_ANOTHER_CASE
    has_letters = _has_letters(typed_low, name_low)
    if (has_letters or "_" in typed_low) and (fit := _match_words(typed_low.replace("_", ""), words(name))):
        return fit
    if has_letters:
        return Fit.SUBSTRING if typed_low in name_low else Fit.SUBSEQUENCE
    return None


def _has_letters(typed: str, name: str) -> bool:
    at = -1
    for letter in typed:
        at = name.find(letter, at + 1)
        if at < 0:
            return False
    return True


def _match_words(typed: str, of_name: list[str]) -> Fit | None:
    """Whether what was typed is put together from beginnings of the name's words, in their order."""
    if not typed or not of_name:
        return None
    places, whole = _places(typed), 1 << len(typed)
    reached = 1
    for word in of_name:
        reached |= _reached(places, reached, word)
    if not reached & whole:
        return None
    every = first = _reached(places, 1, of_name[0])
    for word in of_name[1:]:
        every = _reached(places, every, word)
        first |= _reached(places, first, word)
    return Fit.ALL_WORDS if every & whole else Fit.FIRST_WORDS if first & whole else Fit.WORDS


@lru_cache(maxsize=8)
def _places(typed: str) -> dict[str, int]:
    """Where each letter stands: a bit an offset."""
    found: dict[str, int] = {}
    for at, letter in enumerate(typed):
        found[letter] = found.get(letter, 0) | 1 << at
    return found


def _reached(places: dict[str, int], begins: int, word: str) -> int:
    """How far beginnings of a word lead in what was typed, from any of these offsets (bits)."""
    found = 0
    for letter in word:
        begins = (begins & places.get(letter, 0)) << 1
        if not begins:
            break
        found |= begins
    return found


@lru_cache(maxsize=4096)
def match_scope(typed: str, scope: str) -> int | None:
    """What it costs that a scope is not the one typed: 0, that is its end; else it has parts that begin so, in order.

    None where it does not fit. What starts with ``::`` fits that very scope only. Unnamed parts are not typed.
    """
    if not typed:
        return 0
    parts, wanted = scope_parts(scope), scope_parts(typed)
    if typed.startswith("::"):
        return 0 if parts == wanted else None
    if parts[-len(wanted) :] == wanted:
        return 0
    rest = iter(parts)
    return NESTED if all(any(part.startswith(one) for part in rest) for one in wanted) else None
