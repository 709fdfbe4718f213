"""What a class derives from and what a method overrides: always what is written somewhere.

``Base<int>`` is made by the compiler, from a template or from a specialisation of it. That is what a reader means by
it, whether the base is spelled so, through an alias, or as a member of yet another instantiation. Methods likewise.
"""

import ctypes
from collections.abc import Iterator

from cpplsp.worker import libclang as c
from cpplsp.worker.kinds import RECORD_CURSORS
from cpplsp.worker.members import Members

_TEMPLATES = frozenset((31, 32))  # class templates and partial specialisations
_DESTRUCTOR = 25
_BASE = 44
_MEMBERS = frozenset(range(1, 41)) - {27, 28, 29}  # declarations that are no template's parameters
_MAX_DEPTH = 8


class Ancestry:
    """Looks up the ancestors of one unit's classes and methods."""

    def __init__(self, libclang: c.Libclang, members: Members):
        self._libclang = libclang
        self._members = members
        self._bases: dict[int, list[c.CXCursor]] = {}
        """Of templates, by their address."""

    def written(self, cursor: c.CXCursor) -> c.CXCursor:
        """What a class or function was made from by being used or instantiated; itself, where it is declared."""
        lib = self._libclang.lib
        for _ in range(_MAX_DEPTH):
            template = lib.clang_getSpecializedCursorTemplate(cursor)
            if not template.data[0] or not self._is_made(cursor, template):
                break
            cursor = template
        return cursor

    def _is_made(self, cursor: c.CXCursor, template: c.CXCursor) -> bool:
        """Whether nobody wrote it: it lies where its template does, or is an explicit instantiation."""
        lib = self._libclang.lib
        place = lib.clang_getCursorLocation(cursor).int_data
        for pattern in (template, lib.clang_getCursorDefinition(template)):
            if pattern.data[0] and place == lib.clang_getCursorLocation(pattern).int_data:
                return True
        return cursor.kind in RECORD_CURSORS and not self._has_body(cursor)

    def _has_body(self, record: c.CXCursor) -> bool:
        lib = self._libclang.lib
        extent = lib.clang_getCursorExtent(record)
        end = self._libclang.spot(c.CXSourceLocation(extent.ptr_data, extent.end))
        text = self._libclang.contents(lib.clang_Cursor_getTranslationUnit(record), end.file)
        return bytes(text[max(end.offset - 1, 0) : end.offset]) == b"}"

    def bases(self, record: c.CXCursor) -> Iterator[c.CXCursor]:
        """What a class derives from directly, as far as it is known."""
        lib = self._libclang.lib
        for specifier in self._specifiers(record):
            of = lib.clang_getCanonicalType(lib.clang_getCursorType(specifier))
            base = lib.clang_getTypeDeclaration(of)
            if base.kind in RECORD_CURSORS:
                yield self.written(base)
            elif (known := self._members.base(specifier)) is not None:  # Template<T>::Member
                yield self.written(known)

    def _specifiers(self, record: c.CXCursor) -> list[c.CXCursor]:
        """The base specifiers of a class, which come before its members."""
        found: list[c.CXCursor] = []

        def visit(child: c.CXCursor, _parent: c.CXCursor, _data: int) -> int:
            if child.kind == _BASE:
                found.append(c.CXCursor.from_buffer_copy(child))
            return int(child.kind not in _MEMBERS)  # CXChildVisit_Continue or _Break

        self._libclang.lib.clang_visitChildren(record, c.VISITOR(visit), None)
        return found

    def overridden(self, method: c.CXCursor) -> list[c.CXCursor]:
        """The virtual functions that a method overrides directly."""
        lib = self._libclang.lib
        cursors, count = ctypes.POINTER(c.CXCursor)(), ctypes.c_uint()
        lib.clang_getOverriddenCursors(method, ctypes.byref(cursors), ctypes.byref(count))
        if not count.value:
            return self._overridden_by_name(method)
        found = [c.CXCursor.from_buffer_copy(cursors[number]) for number in range(count.value)]
        lib.clang_disposeOverriddenCursors(cursors)
        return [self.written(one) for one in found]

    def _overridden_by_name(self, method: c.CXCursor) -> list[c.CXCursor]:
        """The virtual functions that look the same in the bases of a template, which depend on its arguments."""
        lib = self._libclang.lib
        parent = lib.clang_getCursorSemanticParent(method)
        if parent.kind not in _TEMPLATES:
            return []
        bases = self._bases.get(parent.data[0])
        if bases is None:
            bases = self._bases[parent.data[0]] = self._members.bases(parent)
        if not bases:
            return []
        if method.kind == _DESTRUCTOR:
            found = [one for base in bases for one in self._members.children(base) if one.kind == _DESTRUCTOR]
            return [one for one in found if lib.clang_CXXMethod_isVirtual(one)]
        name = self._libclang.text(lib.clang_getCursorSpelling(method))
        parameters = lib.clang_Cursor_getNumArguments(method)
        return [
            one
            for base in bases
            for one in self._members.named(base, name)
            if lib.clang_CXXMethod_isVirtual(one) and lib.clang_Cursor_getNumArguments(one) == parameters
        ]
