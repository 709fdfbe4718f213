"""What clang knows of a declared symbol beyond its name and place: type, value, traits."""

import re
from collections.abc import Callable
from typing import NamedTuple

from cpplsp.facts import FUNCTION_KINDS, Kind, Trait
from cpplsp.worker import libclang as c
from cpplsp.worker.ancestry import Ancestry
from cpplsp.worker.members import Members

# CXTypeKind
_POINTERS = frozenset((101, 103, 104, 117))  # pointer, references, pointer to member
_FUNCTIONS = frozenset((110, 111))
_ARRAYS = frozenset((112, 114, 115, 116))
_UNEXPOSED, _AUTO, _ELABORATED = 1, 118, 119
_UNSIGNED = frozenset(range(3, 13))  # bool to unsigned __int128
# CXCursorKind
_TEMPLATES = frozenset((31, 32))
_PARAMETERS = frozenset((27, 29))
_TYPE_REFERENCE = 43

_VALUE_KINDS = frozenset(
    (Kind.VARIABLE, Kind.PARAMETER, Kind.FIELD, Kind.STATIC_FIELD, Kind.TEMPLATE_PARAMETER)
)
_CONSTANT_KINDS = frozenset((Kind.VARIABLE, Kind.STATIC_FIELD))
_METHOD_KINDS = frozenset((Kind.METHOD, Kind.DESTRUCTOR, Kind.CONVERSION))
_RECORD_KINDS = frozenset((Kind.CLASS, Kind.STRUCT))
_STORAGE_KINDS = frozenset((Kind.FUNCTION, Kind.STATIC_METHOD, Kind.STATIC_FIELD, Kind.VARIABLE))
_STATIC_STORAGE = 3  # CX_SC_Static
_AVAILABLE_BUT_DEPRECATED = 1  # CXAvailability_Deprecated
_INTEGER, _FLOAT = 1, 2  # CXEvalResultKind
_READONLY, _STATIC, _VIRTUAL, _ABSTRACT, _DEPRECATED, _SCOPED = (
    int(trait)
    for trait in (
        Trait.READONLY,
        Trait.STATIC,
        Trait.VIRTUAL,
        Trait.ABSTRACT,
        Trait.DEPRECATED,
        Trait.SCOPED,
    )
)
_SITE = re.compile(r" at [^()]*?:\d+:\d+\)")
"""Where a type without a name stands: ``(lambda at /home/me/a.cc:1:10)`` would tie an index to a folder."""
_COMPUTED = re.compile(r"\bdecltype\(|\btuple_element<")
"""What a type deduced from a call or a binding is spelled as: nobody wants to compute it in the head."""
_MAX_DEPTH = 16
_LONGEST_TYPE = 500  # of a template of templates, a person reads no more


class Described(NamedTuple):
    """As ``facts.Declaration`` has it."""

    type: str
    value: str
    type_symbol: int
    traits: int


_NOTHING = Described("", "", 0, 0)


class Describer:
    """Describes the declarations of one unit. ``symbol_of``: the symbol of a declaration that is named."""

    def __init__(
        self,
        libclang: c.Libclang,
        members: Members,
        ancestry: Ancestry,
        symbol_of: Callable[[c.CXCursor], int],
    ):
        self._libclang = libclang
        self._members = members
        self._ancestry = ancestry
        self._symbol_of = symbol_of
        self._pointees: dict[int, bool] = {}
        """Whether a class, by its address, is a smart pointer."""

    def close(self) -> None:
        """Let go of whoever tells symbols, who holds this."""
        self._symbol_of = _unknown

    def describe(self, cursor: c.CXCursor, kind: int, *, is_local: bool) -> Described:
        """What there is to say of what a cursor declares."""
        of = self._type(cursor, kind)
        if of is None:
            traits = self._traits(cursor, kind, is_local=is_local)
            value = self._enumerator(cursor) if kind == Kind.ENUMERATOR else ""
            return Described("", value, 0, traits) if value or traits else _NOTHING
        lib = self._libclang.lib
        traits = self._traits(cursor, kind, is_local=is_local)
        value = ""
        if kind in _VALUE_KINDS and lib.clang_isConstQualifiedType(of):
            traits |= _READONLY
            value = self._constant(cursor) if kind in _CONSTANT_KINDS else ""
        symbol = self._type_symbol(of) or self._parameter(cursor, of)
        spelling = self._spelling(of)
        if _COMPUTED.search(spelling):
            spelling = self._spelling(lib.clang_getCanonicalType(of))
        return Described(spelling[:_LONGEST_TYPE], value, symbol, traits)

    def _spelling(self, of: c.CXType) -> str:
        raw = self._libclang.raw_text(self._libclang.lib.clang_getTypeSpelling(of))
        return _SITE.sub(")", raw.decode("utf-8", "replace"))

    def _type(self, cursor: c.CXCursor, kind: int) -> c.CXType | None:
        lib = self._libclang.lib
        if kind in _VALUE_KINDS:
            of = lib.clang_getCursorType(cursor)
        elif kind == Kind.TYPE_ALIAS:
            of = lib.clang_getTypedefDeclUnderlyingType(self._members.alias(cursor))
        elif kind in FUNCTION_KINDS and kind not in (Kind.CONSTRUCTOR, Kind.DESTRUCTOR):
            of = lib.clang_getResultType(lib.clang_getCursorType(cursor))
        else:
            return None
        return of if of.kind else None

    def _type_symbol(self, of: c.CXType, depth: int = 0) -> int:
        """The symbol that a type is made of."""
        lib = self._libclang.lib
        for _ in range(_MAX_DEPTH):
            if of.kind in _POINTERS:
                of = lib.clang_getPointeeType(of)
            elif of.kind in _FUNCTIONS:
                of = lib.clang_getResultType(of)
            elif of.kind in _ARRAYS:
                of = lib.clang_getArrayElementType(of)
            elif of.kind == _ELABORATED:
                of = lib.clang_Type_getNamedType(of)
            elif of.kind == _AUTO:
                deduced = lib.clang_getCanonicalType(of)
                if deduced.kind == _AUTO:
                    return 0
                of = deduced
            else:
                break
        declaration = lib.clang_getTypeDeclaration(of)
        if not declaration.data[0]:
            of = lib.clang_getCanonicalType(of)  # decltype(…), a type named through a using-declaration
            declaration = lib.clang_getTypeDeclaration(of)
        if not declaration.data[0]:
            return 0
        written = self._ancestry.written(declaration)
        is_made = written.data[0] != declaration.data[0]
        if is_made and depth < _MAX_DEPTH and self._is_pointer(written):
            pointee = lib.clang_Type_getTemplateArgumentAsType(of, 0)
            if pointee.kind and (symbol := self._type_symbol(pointee, depth + 1)):
                return symbol
        return self._symbol_of(written)

    def _parameter(self, cursor: c.CXCursor, of: c.CXType) -> int:
        """The parameter of a template that a type is made of: the type does not tell, the way it is written does."""
        lib = self._libclang.lib
        while of.kind in _POINTERS or of.kind in _ARRAYS:
            is_array = of.kind in _ARRAYS
            of = lib.clang_getArrayElementType(of) if is_array else lib.clang_getPointeeType(of)
        if of.kind != _UNEXPOSED:
            return 0
        for child in self._members.children(cursor):
            if child.kind == _TYPE_REFERENCE:
                parameter = lib.clang_getCursorReferenced(child)
                return self._symbol_of(parameter) if parameter.kind in _PARAMETERS else 0
        return 0

    def _is_pointer(self, template: c.CXCursor) -> bool:
        """Whether what a template makes stands for what its first argument is, as ``unique_ptr`` does."""
        known = self._pointees.get(template.data[0])
        if known is None:
            known = self._pointees[template.data[0]] = bool(self._members.named(template, "operator->"))
        return known

    # Values

    def _enumerator(self, cursor: c.CXCursor) -> str:
        lib = self._libclang.lib
        enum = lib.clang_getCursorSemanticParent(cursor)
        if lib.clang_getCursorSemanticParent(enum).kind in _TEMPLATES:
            return ""  # it may depend on the arguments
        integer = lib.clang_getCanonicalType(lib.clang_getEnumDeclIntegerType(enum))
        if integer.kind in _UNSIGNED:
            return str(lib.clang_getEnumConstantDeclUnsignedValue(cursor))
        return str(lib.clang_getEnumConstantDeclValue(cursor))

    def _constant(self, cursor: c.CXCursor) -> str:
        lib = self._libclang.lib
        result = lib.clang_Cursor_Evaluate(cursor)
        if not result:
            return ""
        try:
            kind = lib.clang_EvalResult_getKind(result)
            if kind == _INTEGER:
                if lib.clang_EvalResult_isUnsignedInt(result):
                    return str(lib.clang_EvalResult_getAsUnsigned(result))
                return str(lib.clang_EvalResult_getAsLongLong(result))
            return repr(lib.clang_EvalResult_getAsDouble(result)) if kind == _FLOAT else ""
        finally:
            lib.clang_EvalResult_dispose(result)

    # Traits

    def _traits(self, cursor: c.CXCursor, kind: int, *, is_local: bool) -> int:
        lib = self._libclang.lib
        traits = 0
        if kind in _METHOD_KINDS:
            if lib.clang_CXXMethod_isConst(cursor):
                traits |= _READONLY
            if lib.clang_CXXMethod_isVirtual(cursor):
                traits |= _VIRTUAL
            if lib.clang_CXXMethod_isPureVirtual(cursor):
                traits |= _ABSTRACT
        elif kind in _RECORD_KINDS:
            # Of a forward declaration clang knows only in units that have the definition as well.
            if lib.clang_isCursorDefinition(cursor) and lib.clang_CXXRecord_isAbstract(cursor):
                traits |= _ABSTRACT
        elif kind == Kind.ENUM:
            if lib.clang_EnumDecl_isScoped(cursor):
                traits |= _SCOPED
        elif kind == Kind.ENUMERATOR:
            traits |= _READONLY
        elif kind in _STORAGE_KINDS and lib.clang_Cursor_getStorageClass(cursor) == _STATIC_STORAGE:
            traits |= _STATIC
        if not is_local and lib.clang_getCursorAvailability(cursor) == _AVAILABLE_BUT_DEPRECATED:
            traits |= _DEPRECATED
        return traits


def _unknown(_cursor: c.CXCursor) -> int:
    return 0
