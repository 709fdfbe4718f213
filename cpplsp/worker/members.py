"""Members of classes by name, for names that depend on a template's arguments: looked up in the primary template.

``x.size()`` for a ``vector<T> x`` and ``is_integral<T>::value`` have no declaration before ``T`` is known, and one
that every reader expects: that in the template as written, or in its bases.
"""

from collections import defaultdict

from cpplsp.worker import libclang as c

_BASE = 44  # CXCursor_CXXBaseSpecifier
_RECORDS = frozenset((2, 3, 4, 31, 32))
_ALIASES = frozenset((20, 36))
_ALIAS_TEMPLATE = 601
_TEMPLATE_REFERENCE = 45
_MAX_DEPTH = 12
_POINTERS = frozenset((101, 103, 104))  # CXType_Pointer, LValueReference, RValueReference


class Members:
    """Looks members up in classes; what a class declares is read once a unit."""

    def __init__(self, libclang: c.Libclang):
        self._libclang = libclang
        self._by_class: dict[int, tuple[dict[str, list[c.CXCursor]], list[c.CXCursor]]] = {}

    def named(self, record: c.CXCursor, name: str, depth: int = 0) -> list[c.CXCursor]:
        """The members of this name of a class, or else of its bases; none where it is not known."""
        known = self._record(record, depth)
        if known is None or depth > _MAX_DEPTH:
            return []
        declared, bases = self._read(known)
        found = declared.get(name)
        if found:
            return found
        for base in bases:
            found = self.named(self._base(base, depth), name, depth + 1)
            if found:
                return found
        return []

    def of_expression(self, member: c.CXCursor, name: str) -> list[c.CXCursor]:
        """The members that ``x.name`` may mean, given the cursor on all of it."""
        children = self.children(member)
        return self.named(self._class_of(children[0]), name) if children else []

    def _class_of(self, expression: c.CXCursor) -> c.CXCursor:
        lib = self._libclang.lib
        kind = lib.clang_getCursorType(expression)
        while kind.kind in _POINTERS:
            kind = lib.clang_getPointeeType(kind)
        declaration: c.CXCursor = lib.clang_getTypeDeclaration(kind)
        return declaration

    def _record(self, cursor: c.CXCursor, depth: int) -> c.CXCursor | None:
        """The class that a cursor stands for, through aliases; the template of what is instantiated."""
        lib = self._libclang.lib
        if cursor.kind == _ALIAS_TEMPLATE:
            cursor = next((child for child in self.children(cursor) if child.kind in _ALIASES), cursor)
        if cursor.kind in _ALIASES and depth <= _MAX_DEPTH:
            of = lib.clang_getTypedefDeclUnderlyingType(cursor)
            target = lib.clang_getTypeDeclaration(of)
            if not target.data[0]:
                return self._record(self._dependent(cursor, of, depth), depth + 1)
            return self._record(target, depth + 1)
        if cursor.kind not in _RECORDS:
            return None
        template = lib.clang_getSpecializedCursorTemplate(cursor)
        if template.data[0] and not self.children(cursor):
            cursor = template
        definition = lib.clang_getCursorDefinition(cursor)
        return definition if definition.data[0] else cursor

    def _base(self, base: c.CXCursor, depth: int) -> c.CXCursor:
        lib = self._libclang.lib
        of = lib.clang_getCursorType(base)
        declared = lib.clang_getTypeDeclaration(of)
        return declared if declared.data[0] else self._dependent(base, of, depth)

    def _dependent(self, cursor: c.CXCursor, of: c.CXType, depth: int) -> c.CXCursor:
        """What ``Template<…>::name`` is in the template."""
        lib = self._libclang.lib
        spelling = self._libclang.text(lib.clang_getTypeSpelling(of))
        _, _, name = spelling.rpartition("::")
        for child in self.children(cursor):
            if child.kind == _TEMPLATE_REFERENCE:
                found = self.named(lib.clang_getCursorReferenced(child), name, depth + 1)
                return found[0] if found else child
        return cursor

    def _read(self, record: c.CXCursor) -> tuple[dict[str, list[c.CXCursor]], list[c.CXCursor]]:
        known = self._by_class.get(record.data[0])
        if known is None:
            declared: dict[str, list[c.CXCursor]] = defaultdict(list)
            bases = []
            for child in self.children(record):
                if child.kind == _BASE:
                    bases.append(child)
                else:
                    name = self._libclang.text(self._libclang.lib.clang_getCursorSpelling(child))
                    declared[name].append(child)
            known = self._by_class[record.data[0]] = declared, bases
        return known

    def children(self, cursor: c.CXCursor) -> list[c.CXCursor]:
        """The cursors right below a cursor, in order."""
        children: list[c.CXCursor] = []

        def visit(child: c.CXCursor, _parent: c.CXCursor, _data: int) -> int:
            children.append(c.CXCursor.from_buffer_copy(child))
            return 1  # CXChildVisit_Continue

        self._libclang.lib.clang_visitChildren(cursor, c.VISITOR(visit), None)
        return children
