"""How far the facts of a unit's main file are the same with and without a prelude."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from cpplsp.facts import Declaration, FileFacts, Occurrence, SymbolRelation

MOST_DIFFERING = 0.002
"""The share of facts that a group's sample may lose and gain before the group goes without a prelude."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """``facts``: without the prelude; ``lost``, ``gained``: with it."""

    facts: int = 0
    lost: int = 0
    gained: int = 0

    def __add__(self, other: "Agreement") -> "Agreement":
        """Of both together."""
        return Agreement(self.facts + other.facts, self.lost + other.lost, self.gained + other.gained)

    @property
    def differing(self) -> float:
        """The share of facts that differ."""
        return (self.lost + self.gained) / max(self.facts, 1)


def compare(without: FileFacts, under: FileFacts) -> Agreement:
    """Compare two readings of one content of a file."""
    one, other = set(_facts(without)), set(_facts(under))
    return Agreement(len(one), len(one - other), len(other - one))


def _facts(facts: FileFacts) -> Iterable[Hashable]:
    yield from map(_key, facts.declarations)
    yield from map(_key, facts.occurrences)
    yield from map(_key, facts.relations)
    yield from ((include.line, include.target) for include in facts.includes)


def _key(fact: Declaration | Occurrence | SymbolRelation) -> Hashable:
    return type(fact).__name__, fact
