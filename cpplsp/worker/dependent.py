"""What an expression in a template is an object of, as far as the templates as written tell.

To clang the type of ``handle`` depends on ``T``, if it is declared as ``typename Argument<T>::handle`` or with
``auto handle = make<T>()``. A reader takes it for what it is in the primary template.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cpplsp.worker import libclang as c
from cpplsp.worker.kinds import FUNCTION_CURSORS
from cpplsp.worker.members import Members

# CXCursorKind
_CLASSES = frozenset((2, 3, 4, 20, 31, 32, 36, 601))  # and aliases of some
_OVERLOADED = 49
_EXPRESSIONS = range(100, 200)
_REFERENCE, _MEMBER, _CALL = 101, 102, 103
_CASTS = frozenset((117, 124, 125, 126, 127, 128))
_VALUES = frozenset((6, 9, 10))  # fields, variables, parameters
# CXTypeKind
_POINTERS = frozenset((101, 103, 104))  # pointer, references
_ARRAYS = frozenset((112, 114, 115, 116))
_AUTO, _ELABORATED = 118, 119
_MAX_DEPTH = 8
_LONGEST = 200  # bytes of a name
_LAST_NAME = re.compile(rb"[\w$\x80-\xff]+\Z")


class _Class(NamedTuple):
    """What declares a class, and the type that was written."""

    declaration: c.CXCursor
    type: c.CXType


class Dependent:
    """Looks up what expressions of one unit's templates are objects of.

    ``resolved``: by the raw location of a name's end, what it was found to mean where libclang does not resolve it.
    """

    def __init__(self, libclang: c.Libclang, members: Members, resolved: Mapping[int, c.CXCursor]):
        self._libclang = libclang
        self._members = members
        self._resolved = resolved

    def members_of(self, member: c.CXCursor, name: str, depth: int = 0) -> list[c.CXCursor]:
        """The members that ``x.name`` may mean, given the cursor on all of it."""
        children = self._members.children(member)
        of = self._class_of(children[0], depth) if children else None
        if of is None:
            return []
        found = self._members.named(of.declaration, name)
        if not found and self._members.named(of.declaration, "operator->"):
            pointee = self._argument(of.type)
            found = self._members.named(pointee.declaration, name) if pointee else []
        return found

    def _argument(self, of: c.CXType) -> _Class | None:
        """The class that a template's first argument is."""
        lib = self._libclang.lib
        if of.kind == _ELABORATED:
            of = lib.clang_Type_getNamedType(of)
        return self._written(lib.clang_Type_getTemplateArgumentAsType(of, 0))

    def _class_of(self, expression: c.CXCursor, depth: int) -> _Class | None:
        """The class that an expression is an object of, or points to."""
        lib = self._libclang.lib
        of = lib.clang_getCursorType(expression)
        known = self._written(of)
        if known or depth > _MAX_DEPTH:
            return known
        if expression.kind in (_REFERENCE, _MEMBER):
            value = self._meant(expression, depth)
            return self._class_of_value(value, depth + 1) if value.kind in _VALUES else None
        if expression.kind in _CASTS:
            return self._dependent(expression, of)
        children = self._members.children(expression)
        if not children or expression.kind not in _EXPRESSIONS:
            return None
        if expression.kind == _CALL:
            function = self._meant(children[0], depth)
            return self._class_of_value(function, depth + 1) if function.kind in FUNCTION_CURSORS else None
        return self._class_of(children[0], depth + 1)

    def _meant(self, name: c.CXCursor, depth: int) -> c.CXCursor:
        """What a name in an expression means, the first of several."""
        lib = self._libclang.lib
        meant: c.CXCursor = lib.clang_getCursorReferenced(name)
        if meant.kind == _OVERLOADED:
            meant = lib.clang_getOverloadedDecl(meant, 0)
        if not meant.data[0]:
            meant = self._resolved.get(lib.clang_getCursorExtent(name).end, meant)
        if not meant.data[0] and name.kind == _MEMBER:  # the index API has told that name
            found = self.members_of(name, self._spelled(name), depth + 1)
            meant = found[0] if found else meant
        return meant

    def _spelled(self, member: c.CXCursor) -> str:
        """The name that an expression ends with."""
        lib = self._libclang.lib
        extent = lib.clang_getCursorExtent(member)
        end = self._libclang.spot(c.CXSourceLocation(extent.ptr_data, extent.end))
        text = self._libclang.contents(lib.clang_Cursor_getTranslationUnit(member), end.file)
        name = _LAST_NAME.search(bytes(text[max(end.offset - _LONGEST, 0) : end.offset]))
        return name.group().decode("utf-8", "replace") if name else ""

    def _class_of_value(self, declaration: c.CXCursor, depth: int) -> _Class | None:
        """The class of a variable, or of what a function returns."""
        lib = self._libclang.lib
        of = lib.clang_getCursorType(declaration)
        if declaration.kind in FUNCTION_CURSORS:
            of = lib.clang_getResultType(of)
        known = self._written(of)
        if known or depth > _MAX_DEPTH:
            return known
        of = self._pointee(of)
        if of.kind != _AUTO:
            return self._dependent(declaration, of)
        values = [one for one in self._members.children(declaration) if one.kind in _EXPRESSIONS]
        return self._class_of(values[-1], depth + 1) if values else None

    def _pointee(self, of: c.CXType) -> c.CXType:
        lib = self._libclang.lib
        while of.kind in _POINTERS or of.kind in _ARRAYS:
            of = lib.clang_getPointeeType(of) if of.kind in _POINTERS else lib.clang_getArrayElementType(of)
        return of

    def _written(self, of: c.CXType) -> _Class | None:
        """The class that a type names."""
        of = self._pointee(of)
        declaration = self._libclang.lib.clang_getTypeDeclaration(of)
        return _Class(declaration, of) if declaration.kind in _CLASSES else None

    def _dependent(self, cursor: c.CXCursor, of: c.CXType) -> _Class | None:
        """The class that ``typename Template<…>::name`` is in the template."""
        declaration = self._members.dependent(cursor, self._pointee(of))
        return _Class(declaration, of) if declaration.kind in _CLASSES else None
