"""What a name is found by: the features that it has, and those that a name must have to fit what was typed.

A feature is a number; the index keeps one bit a candidate for each (``store.candidates``). A query reads those of the
features that it wants and intersects them. Several features share a number: what is left may fit, and all that
fits is among it.

Indexes hold these numbers: whoever changes what has which raises ``connection.SCHEMA_VERSION``.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")

_LETTERS = 33
LONGEST = 15
"""Longer names are of this length here."""
TIERS = 32
"""How many classes of symbols there are, the most wanted in the first, whatever is typed (``candidates.tier``)."""

_LENGTH = 0  # in binary
_TIER = _LENGTH + 4  # in binary
_HAS = _TIER + 5
_HEAD = _HAS + _LETTERS  # a letter begins a word
_FIRST = _HEAD + _LETTERS  # … the name
_FIRSTS = 12  # the last for all that are no letters
_ADJACENT = _FIRST + _FIRSTS  # a letter is followed by another, dashes left out
_ADJACENTS = 128
_LEAP = _ADJACENT + _ADJACENTS  # a letter is followed by one that begins a later word
_LEAPS = 64
_BEGIN = (
    _LEAP + _LEAPS
)  # a letter that begins a word is followed by another of it, or by one that begins a later word
_BEGINS = 64
_LATER = _BEGIN + _BEGINS  # a letter stands somewhere behind another
_LATERS = 256
_SCOPE = _LATER + _LATERS
_SCOPES = 80
_GLOBAL = _SCOPE + _SCOPES
FEATURES = _GLOBAL + 1

_MOST_WANTED = 24
"""Of the pairs in what was typed: a pasted page is told apart by less."""
_FROM_RARE = "zqjxkwyvhbgfpmdulcnsoraite"
_RARE = 13
_MOST_TIMES = 5
_SCOPE_BEGINNINGS = (1, 2, 3, 6)


def words(name: str) -> list[str]:
    """The words of a name, in lower case: ``parse``, ``http`` and ``server`` of parseHTTPServer."""
    return [word.casefold() for word in _WORD.findall(name)]


@lru_cache(maxsize=4096)
def scope_parts(scope: str) -> tuple[str, ...]:
    """The parts of a scope that can be typed, in lower case."""
    return tuple(part for part in scope.casefold().split("::") if part and not part.startswith("("))


def of_symbol(name: str, scope: str) -> set[int]:
    """The features of a symbol; its tier's are not among them."""
    low = name.casefold()
    letters = _letters(low)
    found = {_HAS + one for one in letters}
    found.update(_binary(_LENGTH, min(len(low), LONGEST)))
    found.update(_beginning(low))
    found.update(_adjacent(letters))
    found.update(_order(letters))
    heads: set[int] = set()
    first = _DASH
    for inside, head, second in reversed([_part(word) for word in words(name)]):
        for later in heads:
            found.update([_LEAP_OF[letter][later] for letter in inside])
            found.add(_BEGIN_OF[head][later])
        found.update([_BEGIN_OF[head][one] for one in second])
        heads.add(head)
        first = head
    found.update(_HEAD + head for head in heads)
    if heads:
        found.add(_first(first))
    found.update(_of_scope(scope))
    return found


@lru_cache(maxsize=4096)
def _part(word: str) -> tuple[frozenset[int], int, list[int]]:
    """A word's letters, its first one, and its second one if there is one."""
    letters = _letters(word)
    return frozenset(letters), letters[0], letters[1:2]


@lru_cache(maxsize=4096)
def _of_scope(scope: str) -> frozenset[int]:
    parts = scope_parts(scope)
    if not parts:
        return frozenset((_GLOBAL,))
    found = {_in_scope(part[:length]) for part in parts for length in _SCOPE_BEGINNINGS}
    found.add(_in_scope(parts[-1] + "::"))
    return frozenset(found)


def of_tier(tier: int) -> Iterator[int]:
    """The features of a tier."""
    return _binary(_TIER, tier)


def of_tiers() -> range:
    """The features that make up the number of a tier, the lowest bit first."""
    return range(_TIER, _HAS)


def of_lengths() -> range:
    """The features that make up the length of a name in lower case, the lowest bit first."""
    return range(_LENGTH, _TIER)


def wanted_of_letters(typed: str) -> list[int]:
    """Features of all names that fit what was typed (in lower case, as below) in any way, the rarest first.

    They have its letters in its order; only what divides words may be missing.
    """
    letters = [one for one in _letters(typed) if one != _DASH]
    rare = {one: at for at, one in enumerate(_letters(_FROM_RARE))}
    first = sorted(set(letters), key=lambda one: rare.get(one, 0))
    pairs = [both for letter in first for both in _order_of(letter, letters)]
    some = [one for one in first if rare.get(one, 0) < _RARE]
    return _few([*(_HAS + one for one in some), *pairs, *(_HAS + one for one in first)])


def wanted_of_beginning(typed: str) -> list[int]:
    """Further features of names that begin with what was typed."""
    [letter, *_] = letters = _letters(typed)
    head = [_HEAD + letter] if letter < _DASH else []
    return [*reversed(list(_beginning(typed))), *head, *_few(_adjacent(letters))]


def wanted_of_words(typed: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Further features of names of which beginnings of words, in order, make up what was typed; of pairs, one."""
    letters = _letters(typed.replace("_", ""))
    pairs = list(dict.fromkeys(pairwise(letters)))[:_MOST_WANTED]
    head = [_HEAD + letters[0], *(_BEGIN_OF[first][second] for first, second in pairs[:1])]
    return head, [(_ADJACENT_OF[first][second], _LEAP_OF[first][second]) for first, second in pairs]


def wanted_of_first_word(typed: str) -> list[int]:
    """Further features of names of which the first word is among those."""
    return [_first(_letters(typed.replace("_", "")[0])[0])]


def wanted_of_middle(typed: str) -> list[int]:
    """Further features of names that contain what was typed."""
    return _few([*_adjacent(_letters(typed)), *([_HAS + _DASH] if "_" in typed else [])])


def wanted_of_scope(typed: str, *, is_whole: bool) -> list[int]:
    """Features of all scopes with parts that begin as those typed; ``is_whole``: that end in those very parts."""
    parts = scope_parts(typed)
    if not parts:
        return [_GLOBAL] if is_whole else []
    whole = [_in_scope(parts[-1] + "::")] if is_whole else []
    return whole + [
        _in_scope(part[:length])
        for part in parts
        for length in reversed(_SCOPE_BEGINNINGS)
        if len(part) >= length
    ]


def _letters(low: str) -> list[int]:
    """The numbers of letters; of digits and signs, several share one."""
    return [_NUMBERS[one] if one < "\x80" else _number(one) for one in low]


def _number(one: str) -> int:
    if "a" <= one <= "z":
        return ord(one) - ord("a")
    return _DASH if one == "_" else 27 + ord(one) % 6


_DASH = 26
_NUMBERS = {chr(code): _number(chr(code)) for code in range(128)}


def _binary(at: int, number: int) -> Iterator[int]:
    while number:
        if number & 1:
            yield at
        number >>= 1
        at += 1


def _first(letter: int) -> int:
    return _FIRST + (letter % (_FIRSTS - 1) if letter < _DASH else _FIRSTS - 1)


def _beginning(low: str) -> Iterator[int]:
    yield _first(_letters(low[0])[0])
    for length in (2, 3):
        if len(low) >= length:
            yield _ADJACENT + _hashed(low[:length]) % _ADJACENTS


def _adjacent(letters: list[int]) -> list[int]:
    return [
        _ADJACENT_OF[first][second] for first, second in pairwise([one for one in letters if one != _DASH])
    ]


def _order(letters: list[int]) -> Iterator[int]:
    """Pairs of letters that stand in this order, and letters that are there more than twice."""
    return (one for letter in dict.fromkeys(letters) for one in _order_of(letter, letters))


def _order_of(letter: int, letters: list[int]) -> list[int]:
    row = _LATER_OF[letter]
    times = range(3, min(letters.count(letter), _MOST_TIMES) + 1)
    return [
        *(row[later] for later in set(letters[letters.index(letter) + 1 :])),
        *(_LATER + (letter * 37 + number * 17 + 5) % _LATERS for number in times),
    ]


def _pairs(begin: int, count: int) -> list[list[int]]:
    """The features of pairs of letters, by the first and the second one; scattered, lest alike pairs share them."""
    numbers = range(_LETTERS)
    return [
        [begin + ((first * _LETTERS + second + 1) * _SCATTER + begin) % _PRIME % count for second in numbers]
        for first in numbers
    ]


_SCATTER = 2_654_435_761
_PRIME = 1_000_003
_ADJACENT_OF = _pairs(_ADJACENT, _ADJACENTS)
_LEAP_OF = _pairs(_LEAP, _LEAPS)
_BEGIN_OF = _pairs(_BEGIN, _BEGINS)
_LATER_OF = _pairs(_LATER, _LATERS)


def _in_scope(text: str) -> int:
    return _SCOPE + _hashed(text) % _SCOPES


def _hashed(text: str) -> int:
    found = 0
    for one in text:
        found = (found * 131 + ord(one)) % 1_000_003
    return found


def _few(wanted: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(wanted))[:_MOST_WANTED]
