"""A prelude as a unit meets it: which headers come out of it, and what of it the unit must not see.

Under a prelude all headers in it have been read, whether the unit includes them or not. What it does include is the
closure of its own directives over the manifest; a name that stands in no file of that closure is foreign to it.
"""

import os
import re
from collections.abc import Iterable

from cpplsp.content import look
from cpplsp.manifest import MANIFEST, PCH, TOUCHED, UNFINISHED, Header, read
from cpplsp.worker import libclang as c
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import SourceFile

_DEFINITION = re.compile(rb"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)", re.MULTILINE | re.ASCII)
_NAMESPACES = (22, 33)


class Prelude:
    """A prelude on disk. ``path``: of its precompiled header. Raises ManifestError."""

    def __init__(self, path: str):
        self.path = path
        self.manifest = read(path.removesuffix(PCH) + MANIFEST)
        self._indices = {header.version.path: at for at, header in enumerate(self.manifest.headers)}
        self._kept: dict[str, tuple[int, int, int]] = {}
        """How touched headers looked when they were compared with what is kept of them."""

    def restored(self) -> dict[str, str]:
        """Headers that were touched, and where each lies with its time of then: libclang takes no other for its own.

        Nothing where one has changed, or cannot be kept: libclang refuses the prelude then.
        """
        found: dict[str, str] = {}
        for header in self.manifest.headers:
            if header.is_untouched():
                continue
            path = header.version.path
            copy = f"{self.path.removesuffix(PCH)}.{header.version.content.hex()}{TOUCHED}"
            now = _look(path)
            if now is None or (self._kept.get(path) != now and not _is_kept(copy, header)):
                return {}
            self._kept[path] = now
            found |= dict.fromkeys((path, *header.names), copy)
        return found

    def __contains__(self, path: str) -> bool:
        """Whether a file (absolute real path) is in it."""
        return path in self._indices

    def header(self, path: str) -> Header | None:
        """What is known of a file in it; None for others."""
        at = self._indices.get(path)
        return None if at is None else self.manifest.headers[at]

    def closure(self, paths: Iterable[str]) -> set[int]:
        """Which of its headers (indices) a unit has read that includes these, others than its own left aside."""
        return self.manifest.closure(self._indices[path] for path in paths if path in self._indices)

    def is_declared(self, symbol: int, closure: set[int]) -> bool:
        """Whether a header in a closure declares a symbol that several headers do."""
        return not closure.isdisjoint(self.manifest.redeclared.get(symbol, ()))

    def meddler(self, text: bytes, includes: Iterable[tuple[int, str]]) -> str:
        """The line with which a file defines a macro that headers ask for which it includes after it; empty for none.

        Such a file wants its headers read in a way of its own. ``includes``: byte offsets and what is included there.
        """
        tested = self.manifest.tested
        coming = [
            (found.end(), tested[name])
            for found in _DEFINITION.finditer(text)
            if (name := found[1].decode()) in tested
        ]
        for offset, target in includes if coming else ():
            asked = self.closure((target,))
            for defined, by in coming:
                if defined < offset and not asked.isdisjoint(by):
                    return text[:defined].rpartition(b"\n")[2].decode("utf-8", "replace").strip()
        return ""


class Foreign:
    """What is foreign to a unit under a prelude.

    ``closure``: the headers of the prelude that it includes.
    """

    def __init__(self, libclang: c.Libclang, collector: Collector, prelude: Prelude, closure: set[int]):
        self._lib = libclang.lib
        self._collector = collector
        self._prelude = prelude
        self._closure = closure
        self._visible = {prelude.manifest.headers[at].version.path for at in closure}
        self._known: dict[int, bool] = {}

    def is_foreign(self, symbol: int) -> bool:
        """Whether no file that the unit includes declares a symbol."""
        known = self._known.get(symbol)
        if known is None:
            known = self._known[symbol] = self._find(symbol)
        return known

    def _find(self, symbol: int) -> bool:
        cursors = self._collector.cursors.get(symbol)
        if not cursors or cursors[0].kind in _NAMESPACES or any(map(self._is_seen, cursors)):
            return False
        if self._collector.names[symbol].startswith("__builtin_"):
            return False  # the compiler's own, declared where it is named first
        if self._prelude.is_declared(symbol, self._closure):
            return False
        lib = self._lib
        others = (lib.clang_getCanonicalCursor(cursors[0]), lib.clang_getCursorDefinition(cursors[0]))
        return not any(other.data[0] and self._is_seen(other) for other in others)

    def _is_seen(self, cursor: c.CXCursor) -> bool:
        source, _ = self._collector.place_of(cursor)
        return source is None or source.path in self._visible or source.path not in self._prelude

    def drop(self, source: SourceFile) -> int:
        """Drop what a collected file names of foreign things. Returns a byte offset where nothing is left, or -1.

        An operator may be left with nothing: it is the compiler's own then, and others were candidates only.
        """
        kept, lost = [], set()
        names = self._collector.names
        for one in source.occurrences:
            if not self.is_foreign(one.symbol):
                kept.append(one)
            elif not names[one.symbol].startswith("operator"):
                lost.add(one.offset)
        if len(kept) == len(source.occurrences):
            return -1
        source.occurrences = kept
        return min(lost.difference(one.offset for one in kept), default=-1)


def _look(path: str) -> tuple[int, int, int] | None:
    try:
        return look(os.stat(path))
    except OSError:
        return None


def _is_kept(copy: str, header: Header) -> bool:
    """Whether a header lies at a path with its content and time; it is put there if need be."""
    text = header.text()
    if text is None:
        return False
    if header.lies_at(copy):
        return True
    scratch = f"{copy}.{os.getpid()}{UNFINISHED}"
    try:
        with open(scratch, "wb") as stream:
            stream.write(text)
        os.utime(scratch, ns=(header.mtime_ns, header.mtime_ns))
        os.replace(scratch, copy)
    except OSError:
        return False
    return True
