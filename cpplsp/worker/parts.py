"""A file's facts in parts that are small, however big the file is: the server then holds one of them at a time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from cpplsp.facts import Declaration, FileFacts, Include, MoreFacts, Occurrence, SymbolRelation

MOST_FACTS = 5_000
"""Facts in a part: a hundred kilobytes or two on the wire. Of rocksdb's files one in 300 has more."""
MOST_TEXT = 1 << 20
"""Characters in a part's names, scopes, types and values."""

Fact = TypeVar("Fact", Declaration, Occurrence, SymbolRelation, Include)


def in_parts(facts: FileFacts) -> tuple[FileFacts, Iterator[MoreFacts]]:
    """The first part of a file's facts, and the others: all in the first where they are few."""
    count = len(facts.declarations) + len(facts.occurrences) + len(facts.relations) + len(facts.includes)
    if count <= MOST_FACTS and sum(map(_text, facts.declarations)) <= MOST_TEXT:
        return facts, iter(())
    first = msgspec.structs.replace(facts, declarations=[], occurrences=[], relations=[], includes=[])
    return first, _parts(facts)


def _parts(facts: FileFacts) -> Iterator[MoreFacts]:
    for declarations in _slices(facts.declarations):
        yield MoreFacts(declarations=declarations)
    for occurrences in _slices(facts.occurrences):
        yield MoreFacts(occurrences=occurrences)
    for relations in _slices(facts.relations):
        yield MoreFacts(relations=relations)
    for includes in _slices(facts.includes):
        yield MoreFacts(includes=includes)


def _slices(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    some: list[Fact] = []
    text = 0
    for fact in facts:
        some.append(fact)
        text += _text(fact) if isinstance(fact, Declaration) else 0
        if len(some) >= MOST_FACTS or text >= MOST_TEXT:
            yield some
            some, text = [], 0
    if some:
        yield some


def _text(fact: Declaration) -> int:
    return len(fact.name) + len(fact.scope) + len(fact.type) + len(fact.value)
