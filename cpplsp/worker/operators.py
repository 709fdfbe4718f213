"""The global ``operator new`` and ``operator delete`` that expressions call: clang's index does not tell of these."""

import os
import re
from collections.abc import Iterable

from cpplsp.worker import libclang as c
from cpplsp.worker.collector import Collector
from cpplsp.worker.identity import symbol_id
from cpplsp.worker.kinds import FUNCTION_CURSORS

HEADER = "new"
"""The base name of the standard's header that declares them."""
_DECLARED = re.compile(rb"\boperator\s+(?:new|delete)\b")
_SIZES = ("l", "i", "k")
"""How USRs spell ``size_t``: unsigned long, unsigned int, unsigned long long."""
_FORMS = {"": "#{size}#", "pointer": "#{size}#*v#", "nothrow": "#{size}#&1$@N@std@S@nothrow_t#"}
_SIZED, _UNSIZED = "#*v#{size}#", "#*v#"


class Operators:
    """Looks up the global operators in one unit. ``included``: CXFile of all files that it includes."""

    def __init__(self, libclang: c.Libclang, collector: Collector, unit: int, included: Iterable[int]):
        self._libclang = libclang
        self._collector = collector
        self._unit = unit
        self._included = included
        self._declared: dict[str, c.CXCursor] | None = None

    def allocating(self, name: str, placement: str) -> int:
        """The symbol of ``operator new`` or ``operator new[]``.

        ``placement``: "pointer" for ``new (place) T``, "nothrow" for ``new (std::nothrow) T``.
        """
        return self._symbol(name, (_FORMS[placement],))

    def releasing(self, name: str, *, is_sized: bool) -> int:
        """The symbol of ``operator delete`` or ``operator delete[]``; that with a size only where it is declared."""
        return self._symbol(name, (_SIZED, _UNSIZED) if is_sized else (_UNSIZED, _SIZED))

    def _symbol(self, name: str, forms: tuple[str, ...]) -> int:
        if self._declared is None:
            self._declared = self._find()
        usrs = [f"c:@F@{name}{form.format(size=size)}" for form in forms for size in _SIZES]
        for usr in usrs:
            if (cursor := self._declared.get(usr)) is not None:
                return self._collector.referent(cursor).symbol
            symbol = symbol_id(usr.encode(), "")
            if symbol in self._collector.names:  # the project's own
                return symbol
        # The compiler knows them where no header declares them.
        form = _UNSIZED if _UNSIZED in forms else forms[0]
        symbol = symbol_id(f"c:@F@{name}{form.format(size=_SIZES[0])}".encode(), "")
        self._collector.names[symbol] = name
        return symbol

    def _find(self) -> dict[str, c.CXCursor]:
        """The operators that the standard's header declares, by USR."""
        lib = self._libclang.lib
        found: dict[str, c.CXCursor] = {}
        for handle in self._included:
            if os.path.basename(self._libclang.file_name(handle)) != HEADER:
                continue
            for match in _DECLARED.finditer(bytes(self._libclang.contents(self._unit, handle))):
                place = lib.clang_getLocationForOffset(self._unit, handle, match.start())
                cursor = lib.clang_getCursor(self._unit, place)
                if cursor.kind in FUNCTION_CURSORS:
                    found.setdefault(self._libclang.text(lib.clang_getCursorUSR(cursor)), cursor)
        return found
