"""Names that libclang has no cursor for, told by their name and the scopes that they stand in.

Those are the arguments of attributes, the names of an old function's parameters in front of their types, and all
that is in branches that the preprocessor skipped. The latter are marked: nothing has compiled them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cpplsp.facts import Kind, Relation, Role, Trait
from cpplsp.worker.files import Declared, Named, SourceFile

_REFERENCE, _INACTIVE = int(Role.REFERENCE), int(Role.INACTIVE)
_SPECIALIZES = int(Relation.SPECIALIZES)
_SCOPED = int(Trait.SCOPED)
_FILE = 0  # the scope of what is in no other


class Unresolved(NamedTuple):
    """A name at an offset. ``scopes``: symbols of what it stands in, the innermost first; 0 for the file.

    ``is_member``: it is behind a dot or the like, so that no scope tells what it is. ``has_cursor``: libclang has one
    of its own for it, which is of no use.
    """

    offset: int
    name: str
    is_active: bool
    has_cursor: bool
    is_member: bool
    scopes: tuple[int, ...]


def resolve(
    unresolved: list[Unresolved], source: SourceFile, names: Mapping[int, str], macros: Mapping[str, int]
) -> list[Named]:
    """The occurrences of what is declared under these names in their scopes.

    Where there is no cursor also of macros, and of what alone has the name in the file: that is marked as if skipped.
    """
    if not unresolved:
        return []
    special = {subject for subject, relation, _ in source.relations if relation == _SPECIALIZES}
    general = [one for one in source.declarations if one.symbol not in special]
    declared = _Scopes(general)
    unique = _unique({one.symbol for one in source.occurrences} - special, general, names)
    found = []
    for one in unresolved:
        scopes = () if one.is_member else one.scopes
        symbol = next((known for scope in scopes if (known := declared.find(scope, one))), 0)
        roles = _REFERENCE if symbol and one.is_active else _REFERENCE | _INACTIVE
        if not symbol and not one.has_cursor:
            symbol = macros.get(one.name) or unique.get(one.name, 0)
        if symbol:
            found.append(Named(one.offset, symbol, roles, one.scopes[0] if one.scopes else 0))
    return found


class _Scopes:
    """What is declared in which scope of a file under which name."""

    def __init__(self, declarations: Iterable[Declared]):
        self._declared: defaultdict[tuple[int, str], list[Declared]] = defaultdict(list)
        around: dict[int, int] = {}
        """What unscoped enums are declared in: their enumerators are there, too."""
        open_scopes = {_FILE}
        for one in declarations:
            if one.kind == Kind.ENUM and not one.traits & _SCOPED:
                around[one.symbol] = one.container
            if one.kind == Kind.NAMESPACE:
                open_scopes.add(one.symbol)
            is_of_alias = one.kind == Kind.TEMPLATE_PARAMETER and one.container in open_scopes
            if one.kind == Kind.MACRO or is_of_alias:  # which is in no scope that is known
                continue
            for scope in {one.container, around.get(one.container, one.container)}:
                self._declared[scope, one.name].append(one)

    def find(self, scope: int, name: Unresolved) -> int:
        """The symbol that a name means in a scope; 0 for none, or several. Locals count from their place on."""
        found = self._declared.get((scope, name.name), ())
        if len({one.symbol for one in found}) > 1:
            found = [one for one in found if one.local and one.offset < name.offset][-1:]
        return found[0].symbol if found else 0


def _unique(symbols: set[int], declarations: list[Declared], names: Mapping[int, str]) -> dict[str, int]:
    """Symbols by name; 0 for names of several, and of parameters of templates. Locals do not count."""
    found = dict.fromkeys((one.name for one in declarations if one.kind == Kind.TEMPLATE_PARAMETER), 0)
    for symbol in symbols - {one.symbol for one in declarations if one.local}:
        name = names[symbol]
        found[name] = 0 if name in found else symbol
    return found
