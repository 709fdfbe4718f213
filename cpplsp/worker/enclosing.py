"""What a place in a file stands in, by the extents of the file's declarations."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

from cpplsp.facts import FUNCTION_KINDS, SCOPE_KINDS, Kind, Role, Trait
from cpplsp.worker.files import Declared

_MENTIONED = int(Trait.MENTIONED)
_ENCLOSING_KINDS = SCOPE_KINDS | FUNCTION_KINDS
_MEMBER_KINDS = frozenset((Kind.CLASS, Kind.STRUCT, Kind.UNION, Kind.FIELD, *FUNCTION_KINDS))
_HOLDING_KINDS = _ENCLOSING_KINDS | {
    *(Kind.VARIABLE, Kind.FIELD, Kind.STATIC_FIELD, Kind.ENUMERATOR, Kind.TYPE_ALIAS, Kind.CONCEPT)
}
_DECLARING, _IN_MACRO = int(Role.DECLARATION | Role.DEFINITION), int(Role.IN_MACRO)


class _Extent(Protocol):
    @property
    def begin(self) -> int: ...
    @property
    def end(self) -> int: ...


E = TypeVar("E", bound=_Extent)


class _Around(Generic[E]):
    """The extents around offsets that are asked for in their order."""

    def __init__(self, extents: Iterable[E]):
        self._coming = sorted(extents, key=lambda one: (-one.begin, one.end, one))
        self._around: list[E] = []

    def at(self, offset: int) -> list[E]:
        """The extents around an offset, which is not before the one asked for last; the innermost last."""
        around = self._around
        while self._coming and self._coming[-1].begin <= offset:
            one = self._coming.pop()
            while around and around[-1].end < one.end:
                around.pop()
            around.append(one)
        while around and around[-1].end <= offset:
            around.pop()
        return around


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
        self._around = _Around(
            {
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
        )

    def at(self, offset: int) -> Scope:
        """The innermost scope around an offset, which is not before the one asked for last."""
        around = self._around.at(offset)
        return around[-1] if around else _FILE

    def symbols_at(self, offset: int) -> tuple[int, ...]:
        """The symbols of all scopes around an offset, the innermost first; after each what it belongs to."""
        pairs = ((scope.symbol, scope.container) for scope in reversed(self._around.at(offset)))
        return tuple(dict.fromkeys(symbol for pair in pairs for symbol in pair if symbol))


class Extents:
    """Begins and ends of what stands in a file, such as the uses of macros, name and arguments; the outermost ones."""

    def __init__(self, extents: Iterable[tuple[int, int]]):
        self._begins: list[int] = []
        self._ends: list[int] = []
        for begin, end in sorted(extents):
            if not self._ends or begin >= self._ends[-1]:
                self._begins.append(begin)
                self._ends.append(end)

    def __contains__(self, offset: int) -> bool:
        at = bisect_right(self._begins, offset) - 1
        return at >= 0 and offset < self._ends[at]

    def begin_at(self, offset: int) -> bool:
        """Whether one begins right there: a macro's use with its name."""
        at = bisect_right(self._begins, offset) - 1
        return at >= 0 and offset == self._begins[at]


class _Holder(NamedTuple):
    """A declaration that holds what is named in it."""

    begin: int
    end: int
    symbol: int
    is_scope: bool
    in_macro: bool


class Holders:
    """What holds the occurrences of a file: the innermost function or class around, or, outside of functions, variable.

    A function holds what its default arguments, its return type and lambdas in it name, a variable or field what its
    initialiser does; a local variable or type is no holder, but a local class's members are.
    """

    def __init__(self, declarations: Iterable[Declared], expansions: Extents):
        self._around = _Around(
            {
                _Holder(
                    one.begin, one.end, one.symbol, one.kind in _ENCLOSING_KINDS, one.offset in expansions
                )
                for one in declarations
                if one.kind in (_MEMBER_KINDS if one.local else _HOLDING_KINDS)
                and not one.traits & _MENTIONED
            }
        )

    def of(self, offset: int, symbol: int, roles: int, told: int) -> int:
        """The symbol that holds an occurrence (0: none), which is not before the one asked for last.

        ``told``: what clang says. That counts where one use of a macro makes all there is, so that no extent tells.
        """
        for one in reversed(self._around.at(offset)):
            if roles & _IN_MACRO and one.in_macro:
                if told:
                    return told
                if one.is_scope:
                    continue
            if one.symbol != symbol or not roles & _DECLARING:
                return one.symbol
        return told
