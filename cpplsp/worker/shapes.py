"""What a unit skipped of each file of the project, as ``cpplsp.shapes`` has it."""

from collections import defaultdict
from collections.abc import Collection

from cpplsp.shapes import in_all, pack
from cpplsp.worker import libclang as c
from cpplsp.worker.files import FileTable, SourceFile

_LOADED = 1 << 30
"""Raw locations from here on are in what comes out of a precompiled header: clang gives them out from the top down."""


def note_skipped(libclang: c.Libclang, unit: int, files: FileTable, read: Collection[SourceFile]) -> None:
    """Note with each of the project's files, of those that the unit has read, what the preprocessor skipped of it.

    Of a file that was entered several times that is what it skipped each time: the facts of all these entries come
    together.
    """
    entries: dict[SourceFile, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for *pointers, begin, end in libclang.all_skipped(unit):
        if begin >= _LOADED:
            continue
        source, offset = files.known(begin)
        if source is None:
            spot = libclang.spot(c.CXSourceLocation(tuple(pointers), begin))
            if not spot.file:
                continue
            source, offset = files.learn(begin, spot.file, spot.offset), spot.offset
        if source.is_ours and source in read:
            first = begin - offset
            entries[source][first].append((offset, end - first))
    for source, skipped in entries.items():
        start = libclang.lib.clang_getLocationForOffset(unit, source.handle, 0)
        seen = [start.int_data, *files.entries(source)]
        if skipped.keys() >= set(seen):
            source.skipped = pack(in_all(sorted(ranges) for ranges in skipped.values()))
