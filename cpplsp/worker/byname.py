"""Names that libclang has no cursor for, told by their name and the scopes that they stand in.

Those are the arguments of attributes, and all that is in branches that the preprocessor skipped. The latter are
marked: nothing has compiled them.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cpplsp.facts import Relation, Role
from cpplsp.worker.files import Declared, Named, SourceFile

_REFERENCE, _INACTIVE = int(Role.REFERENCE), int(Role.INACTIVE)
_SPECIALIZES = int(Relation.SPECIALIZES)


class Unresolved(NamedTuple):
    """A name at an offset. ``scopes``: symbols of what it stands in, the innermost first.

    ``is_member``: it is behind a dot or the like, so that no scope tells what it is.
    """

    offset: int
    name: str
    is_active: bool
    is_member: bool
    scopes: tuple[int, ...]


def resolve(
    unresolved: list[Unresolved], source: SourceFile, names: Mapping[int, str], macros: Mapping[str, int]
) -> list[Named]:
    """The occurrences of what is declared under these names in their scopes.

    In a skipped branch also of macros, and of what alone has the name in the file.
    """
    if not unresolved:
        return []
    special = {subject for subject, relation, _ in source.relations if relation == _SPECIALIZES}
    general = [one for one in source.declarations if one.symbol not in special]
    declared = {(one.container, one.name): one.symbol for one in general}
    unique = _unique({one.symbol for one in source.occurrences} - special, general, names)
    found = []
    for one in unresolved:
        symbol = 0
        if not one.is_member:
            symbol = next((s for scope in one.scopes if (s := declared.get((scope, one.name), 0))), 0)
        if not symbol and not one.is_active:
            symbol = macros.get(one.name) or unique.get(one.name, 0)
        if symbol:
            roles = _REFERENCE if one.is_active else _REFERENCE | _INACTIVE
            found.append(Named(one.offset, symbol, roles, one.scopes[0] if one.scopes else 0))
    return found


def _unique(symbols: set[int], declarations: Iterable[Declared], names: Mapping[int, str]) -> dict[str, int]:
    """Symbols by name; 0 for names of several. Locals do not count."""
    found: dict[str, int] = {}
    for symbol in symbols - {one.symbol for one in declarations if one.local}:
        name = names[symbol]
        found[name] = 0 if name in found else symbol
    return found
