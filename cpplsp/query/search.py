"""Symbols by name: what a person typed, fuzzy and best of all first; or a qualified name, to the letter.

What may fit is found by intersecting bits (``store.features``), and so is the order: the candidates of a fit and a
tier are one more intersection. The cheapest of these are looked at first, and only as many as are asked
for: that is what makes one letter among a million symbols as fast as a long name. Ranked is by what a fit costs
(``matching``) and what the symbol's tier costs (``store.candidates``), then by id.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import islice

from cpplsp.facts import Trait
from cpplsp.paths import SYSTEM, Roots, is_text
from cpplsp.query.files import SPELLED, Place, WideMaps, marks
from cpplsp.query.matching import NESTED, Fit, match_name, match_scope, split_name
from cpplsp.store import candidates, features

_LONGEST_TEXT = 200
_AT_ONCE = 128
_FEW = 256
"""Candidates that are all looked at sooner than another feature is read, or the order of tiers kept."""
_MANY = 4000
"""Candidates whose tiers are found by intersecting sooner than one by one."""
_BYTES_AT_ONCE = 512
_MOST_COST = Fit.SUBSEQUENCE + NESTED + features.TIERS
_MOST_DECLARATIONS = 64
"""Of one symbol, to choose its best from: a namespace has thousands."""


@dataclass(frozen=True, slots=True)
class FoundSymbol:
    """A symbol, once: where it is defined, or declared where no definition is known.

    ``scope``: qualified name of what it stands in. ``place``: of its name.
    """

    symbol: int
    name: str
    scope: str
    kind: int
    is_definition: bool
    place: Place
    is_deprecated: bool = False
    rank: int = 0
    """Orders the answers of several indexes; of :func:`search_symbols` only."""

    @property
    def qualified_name(self) -> str:
        """``ns::Class::member``."""
        return f"{self.scope}::{self.name}" if self.scope else self.name


@dataclass(frozen=True, slots=True)
class _Row:
    symbol: int
    name: str
    kind: int
    is_definition: bool
    scope: str
    line: int
    column: int
    traits: int
    length: int
    roles: int
    shard: int
    root: str
    path: str

    @property
    def preference(self) -> tuple[bool, bool, bool, str, int, int]:
        """Of one symbol's declarations: the definition, no mere mention, the project's own, then by place."""
        return (
            not self.is_definition,
            bool(self.traits & Trait.MENTIONED),
            self.root == SYSTEM,
            self.path,
            self.line,
            self.column,
        )


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to fit: what it costs at least; features, and pairs of which one is enough; the length in lower case."""

    least: int
    features: list[int] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    length: int | None = None


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed: a name to fit, and a scope."""

    name: str
    scope: str

    def cost(self, name: str, scope: str) -> int | None:
        """What it costs that this is not what was typed; None where it does not fit at all."""
        nested = match_scope(self.scope, scope) if self.scope else 0
        if nested is None or (nested and not self.name):
            return None
        fit = match_name(self.name, name) if self.name else Fit.PREFIX
        return None if fit is None else fit + nested

    @property
    def patterns(self) -> tuple[str, str]:
        """For LIKE: what all names and scopes have that fit, if they are ASCII."""
        letters = [one for one in self.name.casefold() if one != "_"]
        return _pattern(letters), _pattern(features.scope_parts(self.scope))

    def common(self) -> list[int]:
        """Features of all that fits."""
        inside = features.wanted_of_scope(self.scope, is_whole=self._is_whole) if self.scope else []
        return [*inside, *features.wanted_of_letters(self.name.casefold())]

    def ways(self) -> list[_Way]:
        """The ways to fit, by what they cost at least."""
        low = self.name.casefold()
        if not low:
            return [_Way(Fit.PREFIX)]
        beginning = features.wanted_of_beginning(low)
        found = [_Way(Fit.EXACT, beginning, length=len(low)), _Way(Fit.PREFIX, beginning)]
        if low.strip("_"):
            words, pairs = features.wanted_of_words(low)
            found.append(_Way(Fit.ALL_WORDS, [*features.wanted_of_first_word(low), *words], pairs))
            found.append(_Way(Fit.WORDS, words, pairs))
        found += [_Way(Fit.SUBSTRING, features.wanted_of_middle(low)), _Way(Fit.SUBSEQUENCE)]
        if self.scope and not self._is_whole:
            whole = features.wanted_of_scope(self.scope, is_whole=True)
            inside = [replace(way, features=[*whole, *way.features]) for way in found]
            found = [*inside, *(replace(way, least=way.least + NESTED) for way in found)]
        return sorted(found, key=lambda way: way.least)

    @property
    def _is_whole(self) -> bool:
        return self.scope.startswith("::") or not self.name


def _pattern(parts: Iterable[str]) -> str:
    escaped = (re.sub(r"([\\%_])", r"\\\1", part) for part in parts if part.isascii())
    return "%" + "".join(part + "%" for part in escaped)


class _Bits:
    """The bits of all candidates that have any, by feature, each as a number: bit ``i`` is of the candidate ``i``."""

    def __init__(self, db: sqlite3.Connection):
        self._db = db
        self.end = candidates.sealed(db)
        self.every = (1 << self.end) - 1
        self._known: dict[int, int] = {}
        self._of_tiers = [self._read(feature) for feature in features.of_tiers()]

    def having(self, wanted: Iterable[int], within: int) -> int:
        """Those of some that have all these features; of a few, some that have not."""
        for at, feature in enumerate(wanted):
            within &= self._of(feature)
            if at % 2 and within.bit_count() <= _FEW:
                break
        return within

    def fitting(self, way: _Way, within: int) -> int:
        """Those of some that may fit in this way."""
        found = self.having(way.features, within)
        for first, second in way.pairs:
            if found.bit_count() <= _FEW:
                break
            found &= self._of(first) | self._of(second)
        if way.length is not None:
            found = self._numbered(features.of_lengths(), min(way.length, features.LONGEST), found)
        return found

    def by_tier(self, bits: int) -> Callable[[int], Iterable[int]]:
        """What tells those of some that are in a tier, by id."""
        if bits.bit_count() > _MANY:
            return lambda tier: _ids(self._numbered(features.of_tiers(), tier, bits))
        found: list[list[int]] = [[] for _ in range(features.TIERS)]
        for candidate in _ids(bits):
            found[self.tier(candidate)].append(candidate)
        return found.__getitem__

    def _numbered(self, digits: Iterable[int], number: int, within: int) -> int:
        """Those of some that have a number, of which these features are the digits."""
        for at, feature in enumerate(digits):
            having = within & self._of(feature)
            within = having if number >> at & 1 else within ^ having
        return within

    def tier(self, candidate: int) -> int:
        """The tier of one."""
        at, bit = candidate >> 3, candidate & 7
        one, two, four, eight, sixteen = self._of_tiers
        return (
            (one[at] >> bit & 1)
            | (two[at] >> bit & 1) << 1
            | (four[at] >> bit & 1) << 2
            | (eight[at] >> bit & 1) << 3
            | (sixteen[at] >> bit & 1) << 4
        )

    def _of(self, feature: int) -> int:
        if feature not in self._known:
            self._known[feature] = int.from_bytes(self._read(feature), "little")
        return self._known[feature]

    def _read(self, feature: int) -> bytes:
        rows = self._db.execute(
            "SELECT id, bits FROM feature WHERE id >= ? AND id < ? ORDER BY id",
            (candidates.row_id(feature, 0), candidates.row_id(feature + 1, 0)),
        )
        parts: list[bytes] = []
        for row, bits in rows:
            parts.extend([bytes(candidates.BLOCK // 8)] * (row % candidates.MOST_BLOCKS - len(parts)))
            parts.append(bits.ljust(candidates.BLOCK // 8, b"\0"))
        return b"".join(parts).ljust((self.end + 7) // 8, b"\0")


def _ids(bits: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for at in range(0, len(packed), _BYTES_AT_ONCE):
        some = int.from_bytes(packed[at : at + _BYTES_AT_ONCE], "little")
        while some:
            lowest = some & -some
            yield at * 8 + lowest.bit_length() - 1
            some ^= lowest


def search_symbols(db: sqlite3.Connection, roots: Roots, text: str, limit: int) -> list[FoundSymbol]:
    """Find symbols that fit what was typed, the best of all first, at most ``limit``; an empty text fits all."""
    if not is_text(text):
        return []
    scope, name = split_name(text.strip()[:_LONGEST_TEXT])
    best = _best(db, _Typed(name, scope), limit)
    return _placed(db, roots, [(row, rank) for symbol, rank in best for row in _best_row(db, symbol)])


def _best(db: sqlite3.Connection, typed: _Typed, limit: int) -> list[tuple[int, int]]:
    """Symbols and what they cost, the cheapest first."""
    known = _Bits(db)
    waiting: dict[int, list[tuple[int, int]]] = {}
    for candidate, symbol, name, scope, base in _without_bits(db, known.end):
        if (fit := typed.cost(name, scope)) is not None:
            waiting.setdefault(fit + candidates.tier(base, 0), []).append((candidate, symbol))
    every = known.having(typed.common(), known.every)
    ways = typed.ways() if every.bit_count() > _FEW else [_Way(0)]
    classes: list[tuple[int, Callable[[int], Iterable[int]]]] = []
    seen: set[int] = set()
    found: list[tuple[int, int]] = []
    for cost in range(_MOST_COST):
        due: list[Iterable[int]] = []
        while ways and ways[0].least <= cost:
            way = ways.pop(0)
            bits = known.fitting(way, every)
            if bits.bit_count() <= _FEW:
                due.append(_ids(bits))
            else:
                classes.append((way.least, known.by_tier(bits)))
        due += [of(cost - least) for least, of in classes if 0 <= cost - least < features.TIERS]
        here = waiting.pop(cost, [])
        missing = limit - len(found)
        for candidate, symbol, name, scope in _fetched(db, _unseen(merge(*due), seen), typed.patterns):
            if (fit := typed.cost(name, scope)) is None:
                continue
            whole = fit + known.tier(candidate)
            (here if whole == cost else waiting.setdefault(whole, [])).append((candidate, symbol))
            missing -= whole == cost
            if not missing:
                break  # whatever else is there comes behind these
        here.sort()
        found += [(symbol, cost) for _, symbol in here[: limit - len(found)]]
        if len(found) == limit or not (ways or classes or waiting):
            break
    return found


def _unseen(ids: Iterable[int], seen: set[int]) -> Iterator[int]:
    for one in ids:
        if one not in seen:
            seen.add(one)
            yield one


def _fetched(
    db: sqlite3.Connection, ids: Iterator[int], patterns: tuple[str, str]
) -> Iterator[tuple[int, int, str, str]]:
    """Id, symbol, name, scope of these, as they are asked for, if they are like that and still there."""
    while some := list(islice(ids, _AT_ONCE)):
        rows = db.execute(
            f"SELECT id, symbol, name, scope FROM candidate WHERE id IN ({marks(some)}) AND base >= 0"
            " AND (name LIKE ? ESCAPE '\\' OR name GLOB '*[^ -~]*')"
            " AND (scope LIKE ? ESCAPE '\\' OR scope GLOB '*[^ -~]*') ORDER BY id",
            [*some, *patterns],
        ).fetchall()
        yield from rows


def _without_bits(db: sqlite3.Connection, begin: int) -> Iterator[tuple[int, int, str, str, int]]:
    return db.execute(
        "SELECT id, symbol, name, scope, base FROM candidate WHERE id >= ? AND base >= 0 ORDER BY id",
        (begin,),
    )


def symbols_named(db: sqlite3.Connection, roots: Roots, name: str) -> list[FoundSymbol]:
    """Find symbols of exactly this name, as far as it is qualified: ``Class::f`` finds ``ns::Class::f``."""
    scope, last = split_name(name.strip()[:_LONGEST_TEXT])
    if not last or not is_text(name):
        return []
    named = db.execute(
        "SELECT symbol, scope FROM candidate WHERE name = ? AND base >= 0 ORDER BY id", (last,)
    ).fetchall()
    rows = [row for symbol, inside in named if _is_end(scope, inside) for row in _best_row(db, symbol)]
    rows.sort(key=lambda row: (candidates.base_cost(row.name, row.kind), row.preference, row.symbol))
    return _placed(db, roots, [(row, 0) for row in rows])


def described(db: sqlite3.Connection, roots: Roots, symbols: Sequence[int]) -> list[FoundSymbol]:
    """Say what these symbols (ids) are, locals too: in the order given, without those declared nowhere."""
    each = dict.fromkeys(symbols)
    return _placed(db, roots, [(row, 0) for symbol in each for row in _best_row(db, symbol)])


def _is_end(typed: str, scope: str) -> bool:
    if typed.startswith("::"):
        return scope == typed[2:]
    return not typed or scope == typed or scope.endswith("::" + typed)


def _best_row(db: sqlite3.Connection, symbol: int) -> list[_Row]:
    """What is to be told of a symbol: its best declaration; nothing where it has none."""
    for only in ("d.definition = 1 AND", ""):
        rows = db.execute(
            "SELECT d.symbol, d.name, d.kind, d.definition, d.scope, d.line, d.col, d.traits,"
            f" {SPELLED}, d.shard, f.root, f.path, d.traits & ? AS mentioned FROM declaration d"
            " CROSS JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
            f" WHERE {only} d.symbol = ? ORDER BY mentioned, d.shard, d.line, d.col LIMIT ?",
            (int(Trait.MENTIONED), symbol, _MOST_DECLARATIONS),
        ).fetchall()
        if rows:
            found = (
                _Row(symbol, name, kind, bool(definition), *others)
                for symbol, name, kind, definition, *others, _ in rows
            )
            return [min(found, key=lambda row: row.preference)]
    return []


def _placed(db: sqlite3.Connection, roots: Roots, ranked: Iterable[tuple[_Row, int]]) -> list[FoundSymbol]:
    """Find the places of rows; of two symbols with one site and name (two spellings of one), the first."""
    wide = WideMaps(db)
    found: dict[tuple[str, int, int, str], FoundSymbol] = {}
    for row, rank in ranked:
        path = roots.join(row.root, row.path)
        place = Place(path, row.line, row.column, row.column + row.length, row.roles, wide.of(row.shard))
        is_deprecated = bool(row.traits & Trait.DEPRECATED)
        symbol = FoundSymbol(
            row.symbol, row.name, row.scope, row.kind, row.is_definition, place, is_deprecated, rank
        )
        found.setdefault((path, row.line, row.column, row.name), symbol)
    return list(found.values())
