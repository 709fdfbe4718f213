"""The files of one unit: which are collected, and where in them a raw clang location lies.

clang numbers all characters of a unit in one sequence, a slice for each time a file is entered. Once one location of a
slice has been asked for, all others of that file follow by subtraction, with no call into libclang. That is
what makes a Python callback per fact affordable: facts of files not collected are dropped by one look-up.
"""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from cpplsp.paths import RealPaths, Roots
from cpplsp.worker.libclang import Libclang

MACRO_BIT = 1 << 31
"""Raw locations from here on are in macro expansions: no slice holds them."""


class Named(NamedTuple):
    """A symbol named at a byte offset. ``roles``: ``facts.Role`` as clang told them; ``enclosing``: symbol id."""

    offset: int
    symbol: int
    roles: int
    enclosing: int


class Declared(NamedTuple):
    """A declaration, as ``facts.Declaration`` has it, with byte offsets of the file for places."""

    offset: int
    symbol: int
    definition: bool
    kind: int
    begin: int
    end: int
    name: str
    scope: str
    container: int
    local: bool
    type: str = ""
    value: str = ""
    type_symbol: int = 0
    traits: int = 0


class SourceFile:
    """One file of the unit, and what was collected of it.

    ``identity``: names it wherever the project lies. ``is_ours``: the project's, or the unit's main file.
    ``text``: path of what holds its text, if not itself. ``size``: of that in bytes; 0 where it cannot be told.
    ``skipped``: what the unit skipped of it (``shapes``).
    """

    __slots__ = (
        "declarations",
        "expansions",
        "handle",
        "identity",
        "in_macros",
        "includes",
        "is_collected",
        "is_ours",
        "occurrences",
        "path",
        "relations",
        "size",
        "skipped",
    )

    def __init__(
        self, handle: int, path: str, identity: str, *, is_ours: bool, is_collected: bool, text: str = ""
    ):
        self.handle = handle
        self.path = path
        self.identity = identity
        self.is_ours = is_ours
        self.is_collected = is_collected
        self.declarations: list[Declared] = []
        self.occurrences: list[Named] = []
        self.expansions: set[tuple[int, int]] = set()
        """Where uses of macros begin and end."""
        self.in_macros: set[tuple[int, Declared]] = set()
        """Offset of a macro's definition here, and what a use of it declared at its own place."""
        self.relations: set[tuple[int, int, int]] = set()
        self.includes: set[tuple[int, str]] = set()
        """Byte offset of the directive, real path of what it led to."""
        self.skipped = b""
        try:
            self.size = os.stat(text or path).st_size
        except OSError:
            self.size = 0

    def forget(self) -> None:
        """Drop the facts once they are sent: a unit's memory must not grow by what has been streamed."""
        self.declarations.clear()
        self.occurrences.clear()
        self.expansions.clear()
        self.in_macros.clear()
        self.relations.clear()
        self.includes.clear()


class FileTable:
    """All files of one unit, by CXFile and by slice of raw locations.

    ``main``: real path of the unit's main file. ``is_wanted``: says by real path whether a file is to be collected, if
    it is the project's or the main file. ``unsaved``: as ``protocol.Job`` has it.
    """

    def __init__(
        self,
        libclang: Libclang,
        directory: str,
        roots: Roots,
        is_wanted: Callable[[str], bool],
        main: str,
        unsaved: Mapping[str, str] | None = None,
    ):
        self.main = main
        self._unsaved = unsaved or {}
        self._libclang = libclang
        self._directory = directory
        self._roots = roots
        self._is_wanted = is_wanted
        self._by_handle: dict[int, SourceFile] = {}
        self._by_path: dict[str, SourceFile] = {}
        self._real_paths = RealPaths()
        # Slices in the order of their first raw location; three lists, so that bisecting compares plain integers.
        self._firsts: list[int] = [0]
        self._lasts: list[int] = [-1]
        self._sources: list[SourceFile | None] = [None]

    def __iter__(self) -> Iterator[SourceFile]:
        """Every file seen so far, in the order of first sight."""
        return iter(list(self._by_path.values()))

    def file(self, handle: int) -> SourceFile:
        """The file of a CXFile."""
        known = self._by_handle.get(handle)
        if known is None:
            path = self._real_paths.of(self._libclang.file_name(handle), self._directory)
            known = self._by_path.get(path)
            if known is None:
                known = self._by_path[path] = self._new(handle, path)
            self._by_handle[handle] = known
        return known

    def display(self, handle: int) -> str:
        """A file as a person is told of it: relative in the project, absolute elsewhere."""
        return self._roots.display(*self._roots.split(self.file(handle).path))

    def _new(self, handle: int, path: str) -> SourceFile:
        root, relative = self._roots.split(path)
        is_ours = path == self.main or self._roots.is_project(path)
        return SourceFile(
            handle,
            path,
            f"{root}\0{relative}",
            is_ours=is_ours,
            is_collected=is_ours and self._is_wanted(path),
            text=self._unsaved.get(path, ""),
        )

    def known(self, raw: int) -> tuple[SourceFile | None, int]:
        """File and byte offset of a raw location; no file where its slice is not known, or there is none."""
        at = bisect_right(self._firsts, raw) - 1
        if raw <= self._lasts[at]:
            return self._sources[at], raw - self._firsts[at]
        return None, 0

    def learn(self, raw: int, handle: int, offset: int) -> SourceFile:
        """Remember that a raw location is at this offset of this file."""
        file = self.file(handle)
        first = raw - offset
        at = bisect_right(self._firsts, first)
        if raw < MACRO_BIT and self._firsts[at - 1] != first:
            self._firsts.insert(at, first)
            self._lasts.insert(at, first + file.size)
            self._sources.insert(at, file)
        return file

    def entries(self, source: SourceFile) -> list[int]:
        """The first raw location of each slice that is known of a file."""
        return [first for first, one in zip(self._firsts, self._sources, strict=True) if one is source]
