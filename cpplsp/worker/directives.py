"""Macros that a file's directives name without using them: ``#undef``, and a test before there is a definition."""

import re
from collections.abc import Iterator, Mapping

from cpplsp.facts import Kind, Role
from cpplsp.worker.files import Named, SourceFile

_TESTED, _UNDEFINED = int(Role.REFERENCE), int(Role.REFERENCE | Role.UNDEFINITION)
_BEFORE = re.compile(rb"(?:#\s*(?:(undef)|(?:el)?ifn?def)|\bdefined\s*\(?)\s*\Z")
_FAR = 100  # bytes before a name in its line


class Directives:
    """The names in one file's directives that libclang has no macro for."""

    def __init__(self, source: SourceFile, text: bytes):
        self._source = source
        self._text = text
        self._tested: list[tuple[int, str]] = []

    def add(self, offset: int, name: str, macros: Mapping[str, int]) -> None:
        """Add a name in a directive; ``macros``: what is a macro there."""
        before = _BEFORE.search(self._text, max(offset - _FAR, 0), offset)
        if before is None:
            return
        if not before[1]:
            self._tested.append((offset, name))
        elif symbol := macros.get(name):
            self._source.occurrences.append(Named(offset, symbol, _UNDEFINED, 0))

    def tests(self) -> Iterator[Named]:
        """The tests of what the file defines further down, as include guards are."""
        if not self._tested:
            return
        defined = sorted(
            (one.offset, one.name, one.symbol)
            for one in self._source.declarations
            if one.kind == Kind.MACRO and not one.local
        )
        for offset, name in self._tested:
            below = (symbol for place, of, symbol in defined if of == name and place > offset)
            if symbol := next(below, 0):
                yield Named(offset, symbol, _TESTED, 0)
