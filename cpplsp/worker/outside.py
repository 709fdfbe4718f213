"""Declarations outside the project that the project refers to: where ``std::vector`` is, without indexing all of it.

Cursors are asked at the unit's end, once for each symbol that collected files named: its first declaration and, where
the unit has it, its definition. (libclang skips the bodies of functions in system headers: such a function is
declared only.)
"""

from collections import defaultdict
from collections.abc import Iterable

from cpplsp.facts import Declaration, Kind
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import FileTable, SourceFile
from cpplsp.worker.kinds import KINDS, MACRO_DEFINITION
from cpplsp.worker.libclang import CXCursor, Libclang, Spot


def outside_declarations(
    libclang: Libclang,
    files: FileTable,
    collector: Collector,
    told: set[tuple[int, bool]],
    symbols: Iterable[int],
) -> dict[SourceFile, list[Declaration]]:
    """The declarations of these symbols, by the file outside the project that they stand in; none that were told.

    ``told``: the symbols of which the declaration (False) or the definition (True) was reported before; added to here.
    A unit may see the definition where an earlier one saw a declaration only. Columns are clang's.
    """
    found: dict[SourceFile, dict[tuple[int, int], Declaration]] = defaultdict(dict)
    lib = libclang.lib
    for symbol in symbols:
        if (symbol, True) in told:
            continue
        cursor = collector.outside[symbol]
        is_macro = cursor.kind == MACRO_DEFINITION
        definition = cursor if is_macro else lib.clang_getCursorDefinition(cursor)
        for place, is_definition in ((lib.clang_getCanonicalCursor(cursor), is_macro), (definition, True)):
            if (symbol, is_definition) in told or not place.data[0]:
                continue
            spot = libclang.spot(lib.clang_getCursorLocation(place))
            if not spot.file or (source := files.file(spot.file)).is_ours:
                continue
            told.add((symbol, is_definition))
            found[source][spot.offset, symbol] = _declaration(collector, symbol, place, is_definition, spot)
    return {source: [facts[key] for key in sorted(facts)] for source, facts in found.items()}


def _declaration(
    collector: Collector, symbol: int, cursor: CXCursor, definition: bool, spot: Spot
) -> Declaration:
    name = collector.names[symbol]
    scope, container = collector.surroundings(cursor)
    line, column = spot.line - 1, spot.column - 1
    end = column + len(name.encode())
    kind = KINDS.get(cursor.kind, Kind.UNKNOWN)
    return Declaration(
        line, column, symbol, name, int(kind), definition, line, column, line, end, scope, container, False
    )
