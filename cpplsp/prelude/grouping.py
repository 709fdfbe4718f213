"""Which contexts share a prelude: those that differ in macros of the command line only, if each is small by itself.

A prelude is then built without the macros in which they differ. What mentions one of them has no place in it.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cpplsp.manifest import fitting
from cpplsp.prelude.arguments import parted

BY_ITSELF = 40
"""A context of so many units has a prelude of its own."""
_NAME = re.compile(r"-[DU](\w*)")


@dataclass(frozen=True, slots=True)
class Manner:
    """How units of a context are read. ``macros``: ``-D…`` and ``-U…``; ``rest``: what else matters to a prelude."""

    macros: frozenset[str]
    rest: tuple[str, ...]


def manner(arguments: Sequence[str]) -> Manner:
    """How a unit with these arguments is read: include paths do not matter."""
    _, words = parted(fitting(arguments))
    macros = [word for word in words if word[:2] in ("-D", "-U")]
    return Manner(frozenset(macros), tuple(word for word in words if word[:2] not in ("-D", "-U")))


def grouped(manners: Mapping[str, Manner], waiting: Mapping[str, int]) -> list[list[str]]:
    """Contexts that go together, each in one list; ``waiting``: how many units of each there are to be read."""
    together: dict[object, list[str]] = defaultdict(list)
    for context, one in manners.items():
        together[context if waiting[context] >= BY_ITSELF else one.rest].append(context)
    return list(together.values())


def differing(manners: Mapping[str, Manner]) -> dict[str, set[str]]:
    """By context, the names of the macros that it has and that are not the same in all of these."""
    everywhere = frozenset.intersection(*(one.macros for one in manners.values()))
    return {context: names(one.macros - everywhere) for context, one in manners.items()}


def names(macros: Iterable[str]) -> set[str]:
    """The names that ``-D…`` and ``-U…`` are about."""
    return {found[1] for macro in macros if (found := _NAME.match(macro))}


def without(arguments: Iterable[str], macros: Collection[str]) -> list[str]:
    """Arguments without what defines or undefines these names."""
    return [word for word in arguments if not ((found := _NAME.match(word)) and found[1] in macros)]


class Mentions:
    """Looks for names in texts."""

    def __init__(self, looked_for: Collection[str]):
        joined = "|".join(map(re.escape, sorted(looked_for)))
        self._pattern = re.compile(rb"\b(?:" + joined.encode() + rb")\b") if looked_for else None

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return self._pattern is not None

    def find(self, text: bytes) -> set[str]:
        """Those that a text mentions."""
        return {found.decode() for found in self._pattern.findall(text)} if self._pattern else set()
