"""The callbacks of libclang's index API: from what clang tells while it parses to facts, file by file.

Only files that are to be reported are collected (``files.FileTable`` says which): a callback for anything else reads
one integer, looks it up and returns. Addresses of declarations identify them for as long as the unit lives, so what is
derived from a declaration (its id, its qualified name) is derived once a unit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cpplsp.facts import Kind, Relation, Role
from cpplsp.worker import libclang as c
from cpplsp.worker.ancestry import Ancestry
from cpplsp.worker.constrained import constraint_of
from cpplsp.worker.described import Describer
from cpplsp.worker.files import Declared, FileTable, Named, SourceFile
from cpplsp.worker.identity import is_file_bound, symbol_id
from cpplsp.worker.kinds import FUNCTION_CURSORS, LABEL_STATEMENT, MACRO_DEFINITION, RECORD_CURSORS
from cpplsp.worker.members import Members

# CXIdxEntityKind → Kind
_KINDS = {
    1: Kind.TYPE_ALIAS,
    2: Kind.FUNCTION,
    3: Kind.VARIABLE,
    4: Kind.FIELD,
    5: Kind.ENUMERATOR,
    13: Kind.ENUM,
    14: Kind.STRUCT,
    15: Kind.UNION,
    16: Kind.CLASS,
    17: Kind.NAMESPACE,
    18: Kind.NAMESPACE_ALIAS,
    19: Kind.STATIC_FIELD,
    20: Kind.STATIC_METHOD,
    21: Kind.METHOD,
    22: Kind.CONSTRUCTOR,
    23: Kind.DESTRUCTOR,
    24: Kind.CONVERSION,
    25: Kind.TYPE_ALIAS,
    26: Kind.CLASS,
    27: Kind.CONCEPT,
}
_NAMESPACES = (17, 18)
# What the cursor knows better: a parameter is a variable, a template of structs a class to the entity.
_KINDS_BY_CURSOR = {10: Kind.PARAMETER, 2: Kind.STRUCT, 3: Kind.UNION}

_SCOPE_CURSORS = frozenset((5, 22)) | RECORD_CURSORS | FUNCTION_CURSORS  # enums and namespaces, too
_TRANSPARENT_CURSORS = frozenset(
    (1, 23)
)  # unexposed declarations and extern "C": what is in them is in what they are in
_UNIT_CURSOR = 350
_USR_BY_PLACE = b"c:%d@%d@%s"  # offset, kind, name
_OF_TEMPLATES = (b"@FT@", b"@ST>", b"@SP>")
"""What USRs have of functions that may be constrained: templates and members of templates of classes."""
_VIRTUAL_KINDS = frozenset((Kind.METHOD, Kind.DESTRUCTOR, Kind.CONVERSION))
_MEMBER_KINDS = frozenset((*_VIRTUAL_KINDS, Kind.CONSTRUCTOR, Kind.STATIC_METHOD, Kind.STATIC_FIELD))
_RECORD_KINDS = frozenset((Kind.CLASS, Kind.STRUCT))
_SPECIALISATIONS = (2, 3)  # CXIdxEntityCXXTemplateKind: partial and explicit
_DERIVES_FROM, _OVERRIDES, _SPECIALIZES = (
    int(relation) for relation in (Relation.DERIVES_FROM, Relation.OVERRIDES, Relation.SPECIALIZES)
)
_DECLARATION, _DEFINITION, _REFERENCE = int(Role.DECLARATION), int(Role.DEFINITION), int(Role.REFERENCE)
_ROLES = (1 << 9) - 1  # the roles that clang knows


LONGEST_NAME = 64 << 10
"""Bytes of a name, characters of a scope. What is longer is no name: it is told as what has none is."""


class Known(NamedTuple):
    """What is remembered of a declaration: its symbol id, and the qualified name of what is inside it."""

    symbol: int
    scope: str
    is_function: bool


_NOTHING = Known(0, "", False)


class Collector:
    """Collects one unit's facts.

    The first exception in a callback is kept for :meth:`check`, since none can pass through libclang: the unit then
    runs to its end. :meth:`close` frees what the callbacks hold.
    """

    def __init__(self, libclang: c.Libclang, files: FileTable):
        self._libclang = libclang
        self._files = files
        self._known: dict[int, Known] = {0: _NOTHING}
        self._referred: dict[int, Known] = {}
        self._error: BaseException | None = None
        self.names: dict[int, str] = {}
        """Spelled name of each symbol met; empty for one that has none."""
        self.outside: dict[int, c.CXCursor] = {}
        """Symbols declared outside the project that collected files refer to, with a cursor on each."""
        self.members = Members(libclang)
        self._ancestry = Ancestry(libclang, self.members)
        self.describer = Describer(
            libclang, self.members, self._ancestry, lambda cursor: self.referent(cursor).symbol
        )
        self.first: c.CXCursor | None = None
        """The first declaration that libclang told of, in whatever file."""
        self.cursors: dict[int, list[c.CXCursor]] = defaultdict(list)
        """The declarations that collected files name, by symbol."""
        self.included: list[int] = []
        """CXFile of every file entered."""
        self.inclusions: list[tuple[SourceFile, int, str]] = []
        """Each ``#include`` in its order: the file it stands in, its byte offset, the real path that it led to."""
        # No abort_query: libclang would call it 100,000 times a unit.
        self.callbacks = c.IndexerCallbacks(
            entered_main_file=c.ENTERED_MAIN(self._entered_main),
            pp_included_file=c.INCLUDED(self._included),
            index_declaration=c.FACT(self.declared),
            index_entity_reference=c.FACT(self._named),
        )

    def check(self) -> None:
        """Raise what went wrong in a callback."""
        if self._error:
            raise self._error

    def close(self) -> None:
        """Break the circles of this object with what calls it, so that its memory goes at once."""
        self.callbacks = c.IndexerCallbacks()
        self.describer.close()

    def surroundings(self, cursor: c.CXCursor) -> tuple[str, int]:
        """Qualified name and symbol id of what a declaration stands in; a class is referred to by that."""
        around = self._libclang.lib.clang_getCursorSemanticParent(cursor)
        if around.kind not in RECORD_CURSORS:
            parent = self._scope(around)
        else:
            parent = self.referent(self._ancestry.written(around))
        return parent.scope, parent.symbol

    def referent(self, cursor: c.CXCursor) -> Known:
        """The symbol of a declaration that a collected file names."""
        lib = self._libclang.lib
        if cursor.kind == LABEL_STATEMENT:  # a statement: its address is no declaration's
            name = self._libclang.raw_text(lib.clang_getCursorSpelling(cursor))
            return self._new(cursor, self._usr_by_place(cursor, name), name, self._parent(cursor))
        known = self._referred.get(cursor.data[0])
        if known is None:
            known = self._scope(cursor) if cursor.kind in _SCOPE_CURSORS else self._known.get(cursor.data[0])
            if known is None:
                name = self._libclang.raw_text(lib.clang_getCursorSpelling(cursor))
                is_macro = cursor.kind == MACRO_DEFINITION
                usr = (
                    self._usr_by_place(cursor, name)
                    if is_macro
                    else self._libclang.raw_text(lib.clang_getCursorUSR(cursor))
                )
                known = self._remember(cursor, usr, name, _NOTHING if is_macro else self._parent(cursor))
            self._refer(cursor, known)
        return known

    def symbol_by_place(self, source: SourceFile, offset: int, name: str) -> int:
        """The symbol of what a file declares at an offset, where libclang has no cursor for it."""
        symbol = symbol_id(_USR_BY_PLACE % (offset, 0, name.encode("utf-8", "replace")), source.identity)
        self.names[symbol] = name
        return symbol

    def place_of(self, cursor: c.CXCursor) -> tuple[SourceFile | None, int]:
        """File and byte offset of a cursor."""
        return self._place_of(self._libclang.lib.clang_getCursorLocation(cursor))

    def redeclaration(self, address: int) -> tuple[int, set[SourceFile]] | None:
        """The symbol of a CXIdxDeclInfo that is not its first declaration, and the files of that and of the first."""
        info = c.DECLARATION(c.MEMORY, address)
        entity = c.ENTITY(c.MEMORY, info[0])
        if not info[11] or info[15] or entity[0] in _NAMESPACES:
            return None
        cursor = c.declaration_cursor(address)
        known = self._remember(cursor, c.text_at(entity[4]), c.text_at(entity[3]), self._container(info[9]))
        first = self._libclang.lib.clang_getCanonicalCursor(cursor)
        sources = {source for source, _ in map(self.place_of, (cursor, first)) if source}
        return (known.symbol, sources) if known.symbol else None

    # The callbacks

    def _entered_main(self, _client: int, handle: int, _reserved: int) -> None:
        self.included.append(handle)

    def _included(self, _client: int, address: int) -> None:
        try:
            raw, handle = c.INCLUDED_FILE(c.MEMORY, address)[2::2]
            if not handle:
                return  # a header that was not found: the diagnostics tell
            self.included.append(handle)
            source, offset = self._place(raw, address)
            if source:
                target = self._files.file(handle).path
                self.inclusions.append((source, offset, target))
                if source.is_collected:
                    source.includes.add((offset, target))
        except BaseException as error:
            self._error = self._error or error

    def declared(self, _client: int, address: int) -> None:
        """The callback for declarations."""
        try:
            (raw,) = c.RAW_LOCATION(c.MEMORY, address + c.FACT_LOC + c.LOC_RAW)
            source, offset = self._place(raw, address + c.FACT_LOC)
            self.first = self.first or c.declaration_cursor(address)
            if source and source.is_collected:
                self._collect_declaration(source, offset, address)
        except BaseException as error:
            self._error = self._error or error

    def _named(self, _client: int, address: int) -> None:
        try:
            (raw,) = c.RAW_LOCATION(c.MEMORY, address + c.FACT_LOC + c.LOC_RAW)
            source, offset = self._place(raw, address + c.FACT_LOC)
            if source and source.is_collected:
                self._collect_reference(source, offset, address)
        except BaseException as error:
            self._error = self._error or error

    # Places

    def _place(self, raw: int, loc_address: int) -> tuple[SourceFile | None, int]:
        """File and byte offset of a callback's location, given its raw value and its address."""
        source, offset = self._files.known(raw)
        return (source, offset) if source else self._learn(raw, self._libclang.callback_spot(loc_address))

    def _place_of(self, location: c.CXSourceLocation) -> tuple[SourceFile | None, int]:
        """File and byte offset of a location."""
        source, offset = self._files.known(location.int_data)
        return (source, offset) if source else self._learn(location.int_data, self._libclang.spot(location))

    def _learn(self, raw: int, spot: c.Spot) -> tuple[SourceFile | None, int]:
        return (self._files.learn(raw, spot.file, spot.offset) if spot.file else None), spot.offset

    # Declarations

    def _collect_declaration(self, source: SourceFile, offset: int, address: int) -> None:
        info = c.DECLARATION(c.MEMORY, address)
        is_definition, is_implicit = bool(info[12]), info[15]
        if is_implicit:
            return
        entity = c.ENTITY(c.MEMORY, info[0])
        cursor = c.declaration_cursor(address)
        semantic, lexical = self._container(info[9]), self._container(info[10])
        known = self._remember(cursor, c.text_at(entity[4]), c.text_at(entity[3]), semantic)
        symbol = known.symbol
        if not symbol:
            return
        name = self.names[symbol]
        kind = _KINDS_BY_CURSOR.get(cursor.kind) or _KINDS.get(entity[0], Kind.UNKNOWN)
        is_local = kind == Kind.PARAMETER or semantic.is_function or lexical.is_function
        begin, end = self.extent(cursor, source, offset, len(name.encode("utf-8", "replace")))
        roles = _DEFINITION if is_definition else _DECLARATION
        source.occurrences.append(Named(offset, symbol, roles, lexical.symbol))
        source.declarations.append(
            Declared(
                offset,
                symbol,
                is_definition,
                kind,
                begin,
                end,
                name,
                semantic.scope,
                semantic.symbol,
                is_local,
                *self.describer.describe(cursor, kind, is_local=is_local),
            )
        )
        if entity[1] in _SPECIALISATIONS or (kind in _MEMBER_KINDS and info[9] != info[10]):
            template = self._libclang.lib.clang_getSpecializedCursorTemplate(cursor)
            source.relations.update(self._related(symbol, _SPECIALIZES, [self._ancestry.written(template)]))
        if is_definition or kind not in _RECORD_KINDS:
            source.relations.update(self.relations(cursor, symbol, kind))

    def extent(self, cursor: c.CXCursor, source: SourceFile, offset: int, length: int) -> tuple[int, int]:
        """Begin and end of a declaration; those of its name where a macro hides them."""
        extent = self._libclang.lib.clang_getCursorExtent(cursor)
        in_begin, begin = self._place_of(c.CXSourceLocation(extent.ptr_data, extent.begin))
        in_end, end = self._place_of(c.CXSourceLocation(extent.ptr_data, extent.end))
        return (
            min(begin, offset) if in_begin is source else offset,
            max(end, offset + length) if in_end is source else offset + length,
        )

    def relations(self, cursor: c.CXCursor, symbol: int, kind: int) -> Iterator[tuple[int, int, int]]:
        """What a class derives from, or a method overrides, as ``facts.SymbolRelation`` has it."""
        if kind in _RECORD_KINDS:
            yield from self._related(symbol, _DERIVES_FROM, self._ancestry.bases(cursor))
        elif kind in _VIRTUAL_KINDS:
            yield from self._related(symbol, _OVERRIDES, self._ancestry.overridden(cursor))

    def _related(
        self, subject: int, relation: int, objects: Iterable[c.CXCursor]
    ) -> Iterator[tuple[int, int, int]]:
        for cursor in objects:
            if known := self.referent(cursor).symbol:
                yield subject, relation, known

    # References

    def _collect_reference(self, source: SourceFile, offset: int, address: int) -> None:
        info = c.REFERENCE(c.MEMORY, address)
        entity, container, roles = info[9], info[11], info[12] & _ROLES or _REFERENCE
        known = self._entity(entity) if entity else _NOTHING
        if known.symbol:
            enclosing = self._container(container).symbol
            source.occurrences.append(Named(offset, known.symbol, roles, enclosing))

    def _entity(self, address: int) -> Known:
        """The symbol that a CXIdxEntityInfo names."""
        entity = c.ENTITY(c.MEMORY, address)
        known = self._referred.get(entity[7])
        if known is not None:
            return known
        cursor = c.entity_cursor(address)
        known = self._known.get(entity[7]) or self._remember(
            cursor, c.text_at(entity[4]), c.text_at(entity[3]), self._parent(cursor)
        )
        self._refer(cursor, known)
        return known

    def _refer(self, cursor: c.CXCursor, known: Known) -> None:
        """Remember that a collected file names a declaration."""
        self._referred[cursor.data[0]] = known
        self.cursors[known.symbol].append(cursor)
        if known.symbol and known.symbol not in self.outside:
            source, _ = self._place_of(self._libclang.lib.clang_getCursorLocation(cursor))
            if source and not source.is_ours:
                self.outside[known.symbol] = cursor

    # What declarations stand for

    def _container(self, address: int) -> Known:
        """What a CXIdxContainerInfo stands for; nothing for the unit itself."""
        if not address:
            return _NOTHING
        kind, _, declaration, _, _ = c.CONTAINER(c.MEMORY, address)
        if kind == _UNIT_CURSOR:
            return _NOTHING
        known = self._known.get(declaration)
        return known if known is not None else self._scope(c.CXCursor.from_address(address))

    def _parent(self, cursor: c.CXCursor) -> Known:
        return self._scope(self._libclang.lib.clang_getCursorSemanticParent(cursor))

    def _scope(self, cursor: c.CXCursor) -> Known:
        """What a cursor on a namespace, type or function stands for; nothing for other cursors."""
        declaration = cursor.data[0]
        if not declaration:
            return _NOTHING
        known = self._known.get(declaration)
        if known is not None:
            return known
        if cursor.kind in _TRANSPARENT_CURSORS:
            return self._parent(cursor)
        if cursor.kind not in _SCOPE_CURSORS:
            return _NOTHING
        lib = self._libclang.lib
        usr = self._libclang.raw_text(lib.clang_getCursorUSR(cursor))
        name = self._libclang.raw_text(lib.clang_getCursorSpelling(cursor))
        return self._remember(cursor, usr, name, self._parent(cursor))

    def _remember(self, cursor: c.CXCursor, usr: bytes, spelling: bytes, parent: Known) -> Known:
        """Derive the symbol of a declaration, once."""
        declaration = cursor.data[0]
        known = self._known.get(declaration)
        if known is None:
            known = self._known[declaration] = self._new(cursor, usr, spelling, parent) if usr else _NOTHING
        return known

    def _new(self, cursor: c.CXCursor, usr: bytes, spelling: bytes, parent: Known) -> Known:
        if cursor.kind in FUNCTION_CURSORS and any(mark in usr for mark in _OF_TEMPLATES):
            usr += constraint_of(self._libclang, cursor, usr)
        symbol = symbol_id(usr, self._declaring_file(cursor) if is_file_bound(usr) else "")
        name = self.names[symbol] = _name(spelling, cursor.kind in FUNCTION_CURSORS)
        inner = name or "(anonymous)"
        scope = (f"{parent.scope}::{inner}" if parent.scope else inner)[:LONGEST_NAME]
        return Known(symbol, scope, cursor.kind in FUNCTION_CURSORS or parent.is_function)

    def _usr_by_place(self, cursor: c.CXCursor, name: bytes) -> bytes:
        """A USR for a label, which has none, or a macro, whose own depends on whether a header counts as a system's.

        A macro of the command line stands in no file.
        """
        source, offset = self._place_of(self._libclang.lib.clang_getCursorLocation(cursor))
        is_ours = source is not None and source.is_ours
        return _USR_BY_PLACE % (offset, cursor.kind, name) if is_ours else b"c:@macro@" + name

    def _declaring_file(self, cursor: c.CXCursor) -> str:
        """What names the file of a symbol's first declaration."""
        lib = self._libclang.lib
        source, _ = self._place_of(lib.clang_getCursorLocation(lib.clang_getCanonicalCursor(cursor)))
        return source.identity if source else ""


def _name(spelling: bytes, is_function: bool) -> str:
    """The name that a person types.

    That is none for what is longer than anyone types, nor for "(unnamed struct at …)", as libclang 18 calls what has no
    name ("union (unnamed at …)" in C), and ``Stack`` for the constructor that it calls "Stack<T>".
    """
    if len(spelling) > LONGEST_NAME or spelling.startswith(b"(") or b" (unnamed at " in spelling:
        return ""
    if is_function and not spelling.startswith(b"operator"):
        spelling = spelling.partition(b"<")[0]
    return spelling.decode("utf-8", "replace")
