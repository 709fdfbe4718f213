"""Members of classes by name, for names that depend on a template's arguments: looked up in the primary template.

``x.size()`` for a ``vector<T> x`` and ``is_integral<T>::value`` have no declaration before ``T`` is known, and one
that every reader expects: that in the template as written, or in its bases.
"""

from collections import defaultdict

from cpplsp.worker import libclang as c
from cpplsp.worker.kinds import RECORD_CURSORS

_ENUM = 5
_USING = 35
_BASE = 44  # CXCursor_CXXBaseSpecifier
_ALIASES = frozenset((20, 36))
_ALIAS_TEMPLATE = 601
_TEMPLATE_REFERENCE = 45
_MAX_DEPTH = 12


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
        found = [member for member in declared.get(name, ()) if member.kind != _USING]
        if found:
            return found
        for base in bases:
            found = self.named(self._base(base, depth), name, depth + 1)
            if found:
                return found
        return self._injected(bases, name)

    def _injected(self, bases: list[c.CXCursor], name: str) -> list[c.CXCursor]:
        """The base of this name: a class is a member of itself."""
        found = (self.base(specifier) for specifier in bases)
        spelling = self._libclang.lib.clang_getCursorSpelling
        return [one for one in found if one is not None and self._libclang.text(spelling(one)) == name][:1]

    def bases(self, record: c.CXCursor) -> list[c.CXCursor]:
        """The classes that a class derives from directly, as far as they are known."""
        known = self._record(record, 0)
        found = [self.base(specifier) for specifier in self._read(known)[1]] if known is not None else []
        return [base for base in found if base is not None]

    def base(self, specifier: c.CXCursor) -> c.CXCursor | None:
        """The class that a base specifier names; None where it is not known."""
        return self._record(self._base(specifier, 0), 0)

    def alias(self, cursor: c.CXCursor) -> c.CXCursor:
        """The alias that an alias template is of: it stands at its name, the template at ``using``. Else the cursor."""
        if cursor.kind == _ALIAS_TEMPLATE:
            return next((child for child in self.children(cursor) if child.kind in _ALIASES), cursor)
        return cursor

    def _record(self, cursor: c.CXCursor, depth: int) -> c.CXCursor | None:
        """The class that a cursor stands for, through aliases; the template of what is instantiated."""
        lib = self._libclang.lib
        cursor = self.alias(cursor)
        if cursor.kind in _ALIASES and depth <= _MAX_DEPTH:
            of = lib.clang_getTypedefDeclUnderlyingType(cursor)
            target = lib.clang_getTypeDeclaration(of)
            if not target.data[0]:
                return self._record(self.dependent(cursor, of, depth), depth + 1)
            return self._record(target, depth + 1)
        if cursor.kind not in RECORD_CURSORS:
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
        return declared if declared.data[0] else self.dependent(base, of, depth)

    def dependent(self, cursor: c.CXCursor, of: c.CXType, depth: int = 0) -> c.CXCursor:
        """What a type that is written ``Template<…>::name`` at a cursor is in the template."""
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
                    self._add(declared, child)
            known = self._by_class[record.data[0]] = declared, bases
        return known

    def _add(self, declared: dict[str, list[c.CXCursor]], member: c.CXCursor) -> None:
        """Add a member under its name, and what an unscoped enum or an anonymous union lets be named without it."""
        lib = self._libclang.lib
        name = self._libclang.text(lib.clang_getCursorSpelling(member))
        declared[name].append(member)
        if (member.kind == _ENUM and not lib.clang_EnumDecl_isScoped(member)) or (
            member.kind in RECORD_CURSORS and name[:1] in ("", "(")
        ):
            for child in self.children(member):
                self._add(declared, child)

    def children(self, cursor: c.CXCursor) -> list[c.CXCursor]:
        """The cursors right below a cursor, in order."""
        children: list[c.CXCursor] = []

        def visit(child: c.CXCursor, _parent: c.CXCursor, _data: int) -> int:
            children.append(c.CXCursor.from_buffer_copy(child))
            return 1  # CXChildVisit_Continue

        self._libclang.lib.clang_visitChildren(cursor, c.VISITOR(visit), None)
        return children
