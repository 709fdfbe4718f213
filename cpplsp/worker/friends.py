"""Specialisations that a class template befriends: ``friend void f<>(V<T>);`` names a template that is declared before.

To clang that is a declaration by itself, since it does not know which template it will be.
"""

from collections import defaultdict
from collections.abc import Iterator

from cpplsp.facts import Kind, Role
from cpplsp.worker.files import Declared, SourceFile

_REFERENCE, _DECLARING = int(Role.REFERENCE), int(Role.DECLARATION | Role.DEFINITION)
_SPACE = b" \t\r\n"


def refer_to_templates(source: SourceFile, text: bytes) -> None:
    """Make references of what only looks like declarations, where the file declares one template that may be meant."""
    friends = list(_specialised(source, text))
    if not friends:
        return
    known: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
    for one in source.declarations:
        if one.kind == Kind.FUNCTION and text.startswith(b"template", one.begin):
            known[one.container, one.name].add(one.symbol)
    meant = {}
    for one in friends:
        candidates = known[one.container, one.name]
        if len(candidates) == 1:
            meant[one.offset, one.symbol] = min(candidates)
    source.declarations = [one for one in source.declarations if (one.offset, one.symbol) not in meant]
    source.occurrences = [
        one._replace(symbol=meant[one.offset, one.symbol], roles=_REFERENCE)
        if one.roles & _DECLARING and (one.offset, one.symbol) in meant
        else one
        for one in source.occurrences
    ]


def _specialised(source: SourceFile, text: bytes) -> Iterator[Declared]:
    for one in source.declarations:
        if one.kind == Kind.FUNCTION and not one.definition and text.startswith(b"friend", one.begin):
            behind = one.offset + len(one.name.encode("utf-8", "replace"))
            if text[behind : behind + 20].lstrip(_SPACE).startswith(b"<"):
                yield one
