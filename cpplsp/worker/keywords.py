"""Keywords that stand for a symbol: ``auto`` for the type deduced, ``this`` for its class, ``new`` for an operator.

The operator is named there as by its sign. The others only lead to a symbol.
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
from cpplsp.worker.operators import Operators

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
_UNEXPOSED, _AUTO, _RECORD = 1, 118, 105
_DEPENDENT = frozenset((0, _UNEXPOSED, 26))
_POINTERS = frozenset((101, 103, 104))
_PLACES = frozenset((101, 112))  # pointers and arrays
_NEW_ARRAY = re.compile(rb"new\s*(?:\([^()]*\)\s*)?[\w:]+(?:\s*<[^;()]*>)?\s*\[")
_PLACEMENT = re.compile(
    rb"new\s*\((?:\s*((?:std\s*::\s*)?nothrow)\s*\)|[^()]*(?:\([^()]*\)[^()]*)*\)\s*[\w:])"
)
_DELETE_ARRAY = re.compile(rb"delete\s*\[")


class Standing(NamedTuple):
    """A symbol that a keyword stands for, and as what (``facts.Role``)."""

    symbol: int
    roles: int


class Keywords:
    """What the keywords of one file stand for."""

    def __init__(
        self,
        libclang: c.Libclang,
        collector: Collector,
        operators: Operators,
        source: SourceFile,
        text: bytes,
    ):
        self._lib = libclang.lib
        self._collector = collector
        self._operators = operators
        self._source = source
        self._text = text
        self._methods = sorted(
            (one.offset, one.symbol) for one in source.declarations if one.kind in _OVERRIDING_KINDS
        )

    def meaning(self, offset: int, length: int, cursor: c.CXCursor) -> Iterator[Standing]:
        """What a keyword at an offset stands for, given the cursor of its token."""
        match self._text[offset : offset + length]:
            case b"this" if cursor.kind == _THIS:
                of = self._pointee(self._lib.clang_getCursorType(cursor))
                yield from self._lead(self._lib.clang_getTypeDeclaration(of))
            case b"auto":
                yield from self._deduced(cursor)
            case b"decltype" if self._is_unexposed(cursor):
                yield from self._deduced(cursor)
            case b"new" if cursor.kind == _NEW:
                yield from self._new(offset, cursor)
            case b"delete" if cursor.kind == _DELETE:
                for operand in self._collector.members.children(cursor)[:1]:
                    yield from self._delete(offset, operand)

    def overridden(self, offset: int) -> Iterator[Standing]:
        """What ``override`` or ``final`` at an offset stands for: behind the method that it says it of."""
        _, method = self._methods[bisect_left(self._methods, (offset, 0)) - 1] if self._methods else (0, 0)
        relations = self._source.relations
        found = sorted(to for subject, how, to in relations if subject == method and how == _OVERRIDES)
        return (Standing(symbol, _KEYWORD) for symbol in found)

    def _pointee(self, of: c.CXType) -> c.CXType:
        """What a type is behind pointers and references."""
        while of.kind in _POINTERS:
            of = self._lib.clang_getPointeeType(of)
        return of

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
        return self._pointee(of).kind in (_UNEXPOSED, _AUTO)

    def _new(self, offset: int, cursor: c.CXCursor) -> Iterator[Standing]:
        name = "operator new[]" if _NEW_ARRAY.match(self._text, offset) else "operator new"
        of = self._pointee(self._lib.clang_getCursorType(cursor))
        found = list(self._of_class(of, name))
        if not found and self._is_known(of):
            placement = _PLACEMENT.match(self._text, offset)
            form = "" if placement is None else "nothrow" if placement[1] else "pointer"
            if form != "pointer" or self._takes_pointer(cursor):
                found = [Standing(self._operators.allocating(name, form), _CALLED)]
        yield from found

    def _takes_pointer(self, cursor: c.CXCursor) -> bool:
        """Whether what a ``new`` is given is a place: an operator that takes something else is the project's own."""
        given = self._collector.members.children(cursor)[:1]
        types = [self._lib.clang_getCanonicalType(self._lib.clang_getCursorType(one)) for one in given]
        return any(of.kind in _PLACES for of in types)

    def _delete(self, offset: int, operand: c.CXCursor) -> Iterator[Standing]:
        is_array = _DELETE_ARRAY.match(self._text, offset) is not None
        name = "operator delete[]" if is_array else "operator delete"
        of = self._pointee(self._lib.clang_getCursorType(operand))
        found = list(self._of_class(of, name))
        if not found and self._is_known(of):
            # The size of an array is known where there are destructors to call.
            is_sized = not is_array or self._lib.clang_getCanonicalType(of).kind == _RECORD
            found = [Standing(self._operators.releasing(name, is_sized=is_sized), _CALLED)]
        yield from found

    def _is_known(self, of: c.CXType) -> bool:
        """Whether a type does not depend on a template's arguments."""
        return self._lib.clang_getCanonicalType(of).kind not in _DEPENDENT

    def _of_class(self, of: c.CXType, name: str) -> Iterator[Standing]:
        """The operators of this name that a class has, if any."""
        declaration = self._lib.clang_getTypeDeclaration(of)
        found = self._collector.members.named(declaration, name) if declaration.data[0] else []
        roles = _CALLED | (_AMBIGUOUS if len(found) > 1 else 0)
        for one in found:
            symbol = self._collector.referent(one).symbol
            if symbol:
                yield Standing(symbol, roles)
