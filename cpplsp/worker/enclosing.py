"""What a place in a file stands in, by the extents of the file's declarations."""

from typing import NamedTuple

from cpplsp.facts import FUNCTION_KINDS, SCOPE_KINDS
from cpplsp.worker.files import Declared

_ENCLOSING_KINDS = SCOPE_KINDS | FUNCTION_KINDS


class Scope(NamedTuple):
    """A declaration that others stand in. ``container``: what it belongs to; ``name``: qualified."""

    begin: int
    end: int
    symbol: int
    container: int
    name: str


_FILE = Scope(0, 1 << 62, 0, 0, "")


class Enclosing:
    """The scopes around places that are asked for in their order."""

    def __init__(self, declarations: list[Declared]):
        found = {
            Scope(
                one.begin,
                one.end,
                one.symbol,
                one.container,
                f"{one.scope}::{one.name}" if one.scope else one.name,
            )
            for one in declarations
            if one.kind in _ENCLOSING_KINDS
        }
        self._coming = sorted(found, key=lambda scope: (-scope.begin, scope.end, scope))
        self._around = [_FILE]

    def at(self, offset: int) -> Scope:
        """The innermost scope around an offset, which is not before the one asked for last."""
        while self._coming and self._coming[-1].begin <= offset:
            scope = self._coming.pop()
            while self._around[-1].end < scope.end:
                self._around.pop()
            self._around.append(scope)
        while self._around[-1].end <= offset:
            self._around.pop()
        return self._around[-1]

    def symbols_at(self, offset: int) -> tuple[int, ...]:
        """The symbols of all scopes around an offset, the innermost first; after each what it belongs to."""
        self.at(offset)
        pairs = ((scope.symbol, scope.container) for scope in reversed(self._around))
        return tuple(dict.fromkeys(symbol for pair in pairs for symbol in pair if symbol))
