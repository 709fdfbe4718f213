"""Keywords that stand for a symbol: ``auto`` for the type deduced, ``this`` for its class, ``new`` for an operator.

The operator is named there as by its sign, where a class has its own. The others only lead to a symbol.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from cpplsp.facts import Kind, Relation, Role
from cpplsp.worker import libclang as c
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import SourceFile
from cpplsp.worker.kinds import FUNCTION_CURSORS

WORDS = frozenset((b"auto", b"decltype", b"delete", b"final", b"new", b"override", b"this"))
LENGTHS = frozenset(map(len, WORDS))

_KEYWORD, _CALLED, _AMBIGUOUS = int(Role.KEYWORD), int(Role.REFERENCE | Role.CALL), int(Role.AMBIGUOUS)
_OVERRIDES = int(Relation.OVERRIDES)
_OVERRIDING_KINDS = frozenset((Kind.METHOD, Kind.DESTRUCTOR, Kind.CONVERSION))
# CXCursorKind
_FINAL, _OVERRIDE = 404, 405
OVERRIDING = frozenset((_FINAL, _OVERRIDE))
"""What ``override`` and ``final`` have for a cursor."""
_THIS, _NEW, _DELETE = 132, 134, 135
_DECLARATIONS = frozenset((1, 6, 9, 10))  # structured bindings, fields, variables, parameters
# CXTypeKind
_UNEXPOSED, _AUTO = 1, 118
_POINTERS = frozenset((101, 103, 104))
_NEW_ARRAY = re.compile(rb"new\s+[\w:]+(?:\s*<[^;()]*>)?\s*\[")
_DELETE_ARRAY = re.compile(rb"delete\s*\[")


class Standing(NamedTuple):
    """A symbol that a keyword stands for, and as what (``facts.Role``)."""

    symbol: int
    roles: int


class Keywords:
    """What the keywords of one file stand for."""

    def __init__(self, libclang: c.Libclang, collector: Collector, source: SourceFile, text: bytes):
        self._lib = libclang.lib
        self._collector = collector
        self._source = source
        self._text = text
        self._methods = sorted(
            (one.offset, one.symbol) for one in source.declarations if one.kind in _OVERRIDING_KINDS
        )

    def meaning(self, offset: int, length: int, cursor: c.CXCursor) -> Iterator[Standing]:
        """What a keyword at an offset stands for, given the cursor of its token."""
        match self._text[offset : offset + length]:
            case b"this" if cursor.kind == _THIS:
                yield from self._lead(self._class(self._lib.clang_getCursorType(cursor)))
            case b"auto":
                yield from self._deduced(cursor)
            case b"decltype" if self._is_unexposed(cursor):
                yield from self._deduced(cursor)
            case b"new" if cursor.kind == _NEW:
                name = "operator new[]" if _NEW_ARRAY.match(self._text, offset) else "operator new"
                yield from self._operators(self._class(self._lib.clang_getCursorType(cursor)), name)
            case b"delete" if cursor.kind == _DELETE:
                name = "operator delete[]" if _DELETE_ARRAY.match(self._text, offset) else "operator delete"
                for operand in self._collector.members.children(cursor)[:1]:
                    yield from self._operators(self._class(self._lib.clang_getCursorType(operand)), name)

    def overridden(self, offset: int) -> Iterator[Standing]:
        """What ``override`` or ``final`` at an offset stands for: behind the method that it says it of."""
        _, method = self._methods[bisect_left(self._methods, (offset, 0)) - 1] if self._methods else (0, 0)
        relations = self._source.relations
        found = sorted(to for subject, how, to in relations if subject == method and how == _OVERRIDES)
        return (Standing(symbol, _KEYWORD) for symbol in found)

    def _class(self, of: c.CXType) -> c.CXCursor:
        """What declares the class that a type names or points to."""
        while of.kind in _POINTERS:
            of = self._lib.clang_getPointeeType(of)
        declaration: c.CXCursor = self._lib.clang_getTypeDeclaration(of)
        return declaration

    def _lead(self, declaration: c.CXCursor) -> Iterator[Standing]:
        symbol = self._collector.referent(declaration).symbol if declaration.data[0] else 0
        if symbol:
            yield Standing(symbol, _KEYWORD)

    def _deduced(self, cursor: c.CXCursor) -> Iterator[Standing]:
        """The type that a declaration deduces."""
        kind = Kind.FUNCTION if cursor.kind in FUNCTION_CURSORS else Kind.PARAMETER
        if kind == Kind.FUNCTION or cursor.kind in _DECLARATIONS:
            symbol = self._collector.describer.describe(cursor, kind, is_local=True).type_symbol
            if symbol:
                yield Standing(symbol, _KEYWORD)

    def _is_unexposed(self, cursor: c.CXCursor) -> bool:
        """Whether a declaration's type is ``decltype(…)``, not merely made of it."""
        of = self._lib.clang_getCursorType(cursor)
        of = self._lib.clang_getResultType(of) if cursor.kind in FUNCTION_CURSORS else of
        while of.kind in _POINTERS:
            of = self._lib.clang_getPointeeType(of)
        return of.kind in (_UNEXPOSED, _AUTO)

    def _operators(self, declaration: c.CXCursor, name: str) -> Iterator[Standing]:
        """The operators of this name that a class has, if any: those of all classes are found by no one."""
        found = self._collector.members.named(declaration, name) if declaration.data[0] else []
        roles = _CALLED | (_AMBIGUOUS if len(found) > 1 else 0)
        for one in found:
            symbol = self._collector.referent(one).symbol
            if symbol:
                yield Standing(symbol, roles)
