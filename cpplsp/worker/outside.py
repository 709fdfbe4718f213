"""Declarations outside the project that the project refers to: where ``std::vector`` is, without indexing all of it.

Cursors are asked at the unit's end, once for each symbol that collected files named: its first declaration and, where
the unit has it, its definition. (libclang skips the bodies of functions in system headers: such a function is
declared only.)
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from cpplsp.facts import Declaration, Kind, SymbolRelation
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import FileTable, SourceFile
from cpplsp.worker.kinds import KINDS, MACRO_DEFINITION, RECORD_CURSORS
from cpplsp.worker.libclang import CXCursor, CXSourceLocation, Libclang, Spot

_TEMPLATES = frozenset((30, 31, 32))  # of functions, of classes, partial specialisations


class Outside(NamedTuple):
    """What is told of one file outside the project."""

    declarations: list[Declaration]
    relations: list[SymbolRelation]


def outside_facts(
    libclang: Libclang,
    files: FileTable,
    collector: Collector,
    told: set[tuple[int, bool]],
    symbols: Iterable[int],
) -> dict[SourceFile, Outside]:
    """The declarations of these symbols, by the file outside the project that they stand in; none that were told.

    With them come those of what they are made of: the type of a value, the class that an alias stands for or a member
    belongs to, bases.

    ``told``: the symbols of which the declaration (False) or the definition (True) was reported before; added to here.
    A unit may see the definition where an earlier one saw a declaration only. Columns are clang's.
    """
    found: dict[SourceFile, dict[tuple[int, int], Declaration]] = defaultdict(dict)
    relations: dict[SourceFile, set[tuple[int, int, int]]] = defaultdict(set)
    lib = libclang.lib
    wanted = set(symbols)
    coming = sorted(wanted)
    while coming:
        symbol = coming.pop()
        if (symbol, True) in told:
            continue
        cursor = collector.outside[symbol]
        is_macro = cursor.kind == MACRO_DEFINITION
        definition = cursor if is_macro else lib.clang_getCursorDefinition(cursor)
        for place, is_definition in ((_first(libclang, cursor), is_macro), (definition, True)):
            if (symbol, is_definition) in told or not place.data[0]:
                continue
            spot = libclang.spot(lib.clang_getCursorLocation(collector.members.alias(place)))
            if not spot.file or (source := files.file(spot.file)).is_ours:
                continue
            told.add((symbol, is_definition))
            declaration = _declaration(libclang, collector, symbol, place, is_definition, spot)
            found[source][spot.offset, symbol] = declaration
            related = set(collector.relations(place, symbol, declaration.kind))
            relations[source] |= related
            needed = {declaration.type_symbol, declaration.container, *(above for _, _, above in related)}
            needed &= collector.outside.keys()
            coming += sorted(needed - wanted)
            wanted |= needed
    return {
        source: Outside(
            [facts[key] for key in sorted(facts)],
            [SymbolRelation(*one) for one in sorted(relations[source])],
        )
        for source, facts in found.items()
    }


def _first(libclang: Libclang, cursor: CXCursor) -> CXCursor:
    """The first declaration of what a cursor declares; the compiler's own, which operators have, is none."""
    canonical: CXCursor = libclang.lib.clang_getCanonicalCursor(cursor)
    return canonical if libclang.spot(libclang.lib.clang_getCursorLocation(canonical)).file else cursor


def _declaration(
    libclang: Libclang, collector: Collector, symbol: int, cursor: CXCursor, definition: bool, spot: Spot
) -> Declaration:
    name = collector.names[symbol]
    scope, container = collector.surroundings(cursor)
    line, column = spot.line - 1, spot.column - 1
    kind = _kind(libclang, cursor)
    described = collector.describer.describe(cursor, kind, is_local=False)
    return Declaration(
        line,
        column,
        symbol,
        name,
        int(kind),
        definition,
        *_extent(libclang, cursor, spot, len(name.encode())),
        scope,
        container,
        False,
        *described,
    )


def _kind(libclang: Libclang, cursor: CXCursor) -> Kind:
    """What a cursor declares: the index API tells static members by themselves, cursors do not."""
    lib = libclang.lib
    is_template = cursor.kind in _TEMPLATES
    kind = KINDS.get(lib.clang_getTemplateCursorKind(cursor) if is_template else cursor.kind, Kind.UNKNOWN)
    if kind == Kind.METHOD and lib.clang_CXXMethod_isStatic(cursor):
        return Kind.STATIC_METHOD
    if kind == Kind.VARIABLE and lib.clang_getCursorSemanticParent(cursor).kind in RECORD_CURSORS:
        return Kind.STATIC_FIELD
    return kind


def _extent(libclang: Libclang, cursor: CXCursor, spot: Spot, length: int) -> tuple[int, int, int, int]:
    """Lines and columns of begin and end of a declaration; those of its name where a macro hides them."""
    extent = libclang.lib.clang_getCursorExtent(cursor)
    begin = libclang.spot(CXSourceLocation(extent.ptr_data, extent.begin))
    end = libclang.spot(CXSourceLocation(extent.ptr_data, extent.end))
    if begin.file != spot.file or begin.offset > spot.offset:
        begin = spot
    if end.file != spot.file or end.offset < spot.offset + length:
        end = spot._replace(column=spot.column + length)
    return begin.line - 1, begin.column - 1, end.line - 1, end.column - 1
