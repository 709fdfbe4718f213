"""What each token of a file names: for colouring it by more than its spelling."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from enum import IntFlag, StrEnum
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from cpplsp.columns import WideMap
from cpplsp.facts import FUNCTION_KINDS, Kind, Role, Trait
from cpplsp.paths import RESOURCE, SYSTEM, Roots
from cpplsp.query.files import WideMaps, find_file, live_shards, marks


class Type(StrEnum):
    """What is named: the protocol's token types, and those that clangd has beyond them."""

    VARIABLE = "variable"
    PARAMETER = "parameter"
    FUNCTION = "function"
    METHOD = "method"
    PROPERTY = "property"
    CLASS = "class"
    ENUM = "enum"
    ENUM_MEMBER = "enumMember"
    TYPE = "type"
    TYPE_PARAMETER = "typeParameter"
    CONCEPT = "concept"
    NAMESPACE = "namespace"
    MACRO = "macro"
    LABEL = "label"
    OPERATOR = "operator"
    MODIFIER = "modifier"
    COMMENT = "comment"


class Modifier(IntFlag):
    """What more is told of it: the protocol's modifiers, and those that clangd has beyond them, in camel case."""

    DECLARATION = 1 << 0
    DEFINITION = 1 << 1
    DEPRECATED = 1 << 2
    READONLY = 1 << 3
    STATIC = 1 << 4
    DEDUCED = 1 << 5
    ABSTRACT = 1 << 6
    VIRTUAL = 1 << 7
    DEPENDENT_NAME = 1 << 8
    DEFAULT_LIBRARY = 1 << 9
    CONSTRUCTOR_OR_DESTRUCTOR = 1 << 10
    USER_DEFINED = 1 << 11
    FUNCTION_SCOPE = 1 << 12
    CLASS_SCOPE = 1 << 13
    FILE_SCOPE = 1 << 14
    GLOBAL_SCOPE = 1 << 15


RECORD_KINDS = frozenset((Kind.CLASS, Kind.STRUCT, Kind.UNION))
_TYPES: dict[int, Type] = {
    Kind.NAMESPACE: Type.NAMESPACE,
    Kind.NAMESPACE_ALIAS: Type.NAMESPACE,
    Kind.CLASS: Type.CLASS,
    Kind.STRUCT: Type.CLASS,
    Kind.UNION: Type.CLASS,
    Kind.ENUM: Type.ENUM,
    Kind.ENUMERATOR: Type.ENUM_MEMBER,
    Kind.FUNCTION: Type.FUNCTION,
    Kind.METHOD: Type.METHOD,
    Kind.STATIC_METHOD: Type.FUNCTION,
    Kind.CONSTRUCTOR: Type.CLASS,
    Kind.DESTRUCTOR: Type.CLASS,
    Kind.CONVERSION: Type.METHOD,
    Kind.FIELD: Type.PROPERTY,
    Kind.STATIC_FIELD: Type.VARIABLE,
    Kind.VARIABLE: Type.VARIABLE,
    Kind.PARAMETER: Type.PARAMETER,
    Kind.TYPE_ALIAS: Type.TYPE,
    Kind.TEMPLATE_PARAMETER: Type.TYPE_PARAMETER,
    Kind.CONCEPT: Type.CONCEPT,
    Kind.MACRO: Type.MACRO,
    Kind.LABEL: Type.LABEL,
}
_BY_TRAIT = {
    int(trait): int(modifier)
    for trait, modifier in (
        (Trait.READONLY, Modifier.READONLY),
        (Trait.VIRTUAL, Modifier.VIRTUAL),
        (Trait.ABSTRACT, Modifier.ABSTRACT),
        (Trait.DEPRECATED, Modifier.DEPRECATED),
    )
}
_READONLY_TRAIT, _STATIC_TRAIT = int(Trait.READONLY), int(Trait.STATIC)
_MACRO = int(Kind.MACRO)
_DEFINED_KINDS = (
    FUNCTION_KINDS
    | RECORD_KINDS
    | {Kind.VARIABLE, Kind.STATIC_FIELD, Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.CONCEPT}
)
"""What may be declared without being defined; the rest of what is declared is not said to be defined."""
_CONSTANT_KINDS = frozenset(
    (Kind.VARIABLE, Kind.PARAMETER, Kind.FIELD, Kind.STATIC_FIELD, Kind.TEMPLATE_PARAMETER)
)
_STATIC_KINDS = frozenset((Kind.STATIC_METHOD, Kind.STATIC_FIELD))
_STRUCTORS = frozenset((Kind.CONSTRUCTOR, Kind.DESTRUCTOR))
_LOCAL_KINDS = frozenset((Kind.PARAMETER, Kind.LABEL))
# Roles and modifiers as integers: flags are put together by Python code, 20,000 times a file.
_DECLARING, _DEFINITION = int(Role.DECLARATION | Role.DEFINITION), int(Role.DEFINITION)
_IMPLICIT, _KEYWORD, _AMBIGUOUS = int(Role.IMPLICIT), int(Role.KEYWORD), int(Role.AMBIGUOUS)
_BEHIND = int(Role.INACTIVE | Role.KEYWORD)
_READONLY, _STATIC = int(Modifier.READONLY), int(Modifier.STATIC)
_STRUCTOR, _DEFAULT_LIBRARY = int(Modifier.CONSTRUCTOR_OR_DESTRUCTOR), int(Modifier.DEFAULT_LIBRARY)
_GLOBAL, _FILE = int(Modifier.GLOBAL_SCOPE), int(Modifier.FILE_SCOPE)
_CLASS, _FUNCTION = int(Modifier.CLASS_SCOPE), int(Modifier.FUNCTION_SCOPE)
_DECLARED = int(Modifier.DECLARATION)
_DEFINING = int(Modifier.DECLARATION | Modifier.DEFINITION)
_ARGUMENTS = re.compile(r"<[^<>]*>|\([^()]*\)$")
_POINTER = re.compile(r"\([\w:]*[*&]([^()]*)\)")
"""To a function, or to an array."""
_CONST = re.compile(r"\bconst\b")
_NO_CLASS = ("*", "&", "]", ")")
"""Ends of types that are made of a class and are none."""
_COLUMNS = "d.name, d.kind, d.type, d.type_symbol, d.traits, d.scope, d.container, d.local, d.definition"


class SemanticToken(NamedTuple):
    """A token: byte columns ``start`` to ``end`` of a line. ``roles``: ``facts.Role`` of the symbol there.

    ``name``: what it says, if that still is this token; empty for a keyword or an operator's sign.
    """

    line: int
    start: int
    end: int
    type: Type
    modifiers: int
    name: str
    roles: int
    wide: WideMap


class _About(NamedTuple):
    """What is known of a symbol, by one of its declarations."""

    name: str
    kind: int
    type: str
    type_symbol: int
    traits: int
    scope: str
    container: int
    is_local: int
    is_definition: int
    shard: int


class _Colour(NamedTuple):
    """How a symbol is coloured. ``defined``: what more there is where it is defined."""

    type: Type
    modifiers: int
    defined: int
    about: _About


def semantic_tokens(db: sqlite3.Connection, roots: Roots, path: str) -> list[SemanticToken]:
    """The tokens of a file that name something, in order; none overlaps another one.

    What is implied and not spelled is left out. Of several symbols at one place, a macro counts before what its use
    declares, and what is declared before what is referred to.
    """
    file = find_file(db, roots, path)
    shards = _newest(db, live_shards(db, file) if file is not None else [])
    if not shards:
        return []
    rows = db.execute(
        "SELECT DISTINCT line, col, length, symbol, roles FROM occurrence"
        f" WHERE shard IN ({marks(shards)}) AND (NOT roles & ? OR roles & ?) AND length",
        [*shards, _IMPLICIT, _KEYWORD],
    ).fetchall()
    rows.sort()  # costs less than ORDER BY
    palette = _Palette(db, shards, {row[3] for row in rows})
    return list(_tokens(rows, palette, WideMaps(db).of(shards[0])))


def _newest(db: sqlite3.Connection, shards: Sequence[int]) -> list[int]:
    """Those of a file's shards that are of the text that was read last."""
    rows = db.execute(
        f"SELECT id, version FROM shard WHERE id IN ({marks(shards)}) ORDER BY id", shards
    ).fetchall()
    return [shard for shard, version in rows if version == rows[-1][1]]


def _tokens(rows: Sequence[tuple[int, ...]], palette: "_Palette", wide: WideMap) -> Iterator[SemanticToken]:
    reached = (-1, 0)
    for (line, start), group in groupby(rows, itemgetter(0, 1)):
        if (line, start) < reached:
            continue
        places = list(group)
        _, _, length, symbol, roles = min(places, key=palette.rank) if len(places) > 1 else places[0]
        colour = palette.colour(symbol)
        if colour is None:
            continue
        modifiers = colour.modifiers
        if roles & _DECLARING:
            modifiers |= colour.defined if roles & _DEFINITION else _DECLARED
        name = "" if roles & _KEYWORD else colour.about.name
        token = SemanticToken(line, start, start + length, colour.type, modifiers, name, roles, wide)
        is_function = colour.about.kind in FUNCTION_KINDS and not roles & _KEYWORD
        found = _spelled(token, colour.about) if is_function else token
        if found is not None:
            reached = line, found.end
            yield found


def _spelled(token: SemanticToken, about: _About) -> SemanticToken | None:
    """The token of a function, where that is more or less than its name.

    Of ``~Stack`` it is what follows the ``~``; the sign of an operator that is used is one; of ``operator+`` and of
    conversions, whose names are several tokens, there is none.
    """
    if about.name.startswith("~"):
        is_whole = token.end - token.start == len(about.name.encode())
        return token._replace(start=token.start + 1, name=about.name[1:]) if is_whole else None
    if not about.name.startswith("operator") or about.name[8:9].isalnum() or about.name[8:9] == "_":
        return token
    if token.roles & _DECLARING or token.end - token.start >= len("operator"):
        return None
    return token._replace(type=Type.OPERATOR, modifiers=int(Modifier.USER_DEFINED), name="")


class _Palette:
    """How symbols are coloured."""

    def __init__(self, db: sqlite3.Connection, shards: Sequence[int], symbols: set[int]):
        self._db = db
        self._about: dict[int, _About] = {}
        self._colours: dict[int, _Colour | None] = {}
        self._learn_of_files(shards)
        self._learn(symbols)
        self._learn(
            {other for one in list(self._about.values()) for other in (one.container, one.type_symbol)}
        )
        self._learn({one.container for one in list(self._about.values()) if one.kind == Kind.ENUM})
        self._learn_of_abstract_classes()
        self._outside = self._outside_shards()

    def rank(self, row: tuple[int, ...]) -> tuple[int, ...]:
        """What makes a symbol less likely to be what a token is about than another one at its place."""
        about = self._about.get(row[3])
        kind = about.kind if about is not None else 0
        roles = row[4]
        return (
            roles & _BEHIND,
            kind != _MACRO,
            not roles & _DECLARING,
            not kind,
            -row[2],
            kind,
        )

    def colour(self, symbol: int) -> _Colour | None:
        """How a symbol is coloured; None for what is not."""
        if symbol not in self._colours:
            about = self._about.get(symbol)
            self._colours[symbol] = self._colour(about) if about is not None else None
        return self._colours[symbol]

    def _colour(self, about: _About) -> _Colour | None:
        kind = self._type(about)
        if kind is None:
            return None
        if about.kind == Kind.DESTRUCTOR and (record := self.colour(about.container)) is not None:
            modifiers = record.modifiers | _STRUCTOR
            return record._replace(modifiers=modifiers, about=about)
        modifiers = 0
        for trait, modifier in _BY_TRAIT.items():
            if about.traits & trait:
                modifiers |= modifier
        if about.kind == Kind.TEMPLATE_PARAMETER and about.type not in ("", about.name):
            modifiers |= _READONLY
        if about.kind in _CONSTANT_KINDS and _CONST.search(_bare(about.type)):
            modifiers |= _READONLY
        scope = self._scope(about)
        is_static = about.traits & _STATIC_TRAIT and scope in (_FUNCTION, _CLASS)
        if about.kind in _STATIC_KINDS or is_static:
            modifiers |= _STATIC
        if about.kind in _STRUCTORS:
            modifiers |= _STRUCTOR
        is_std = about.kind == Kind.NAMESPACE and about.name == "std" and not about.scope  # whoever opens it
        if is_std or (about.shard in self._outside and about.kind != Kind.MACRO):
            modifiers |= _DEFAULT_LIBRARY
        modifiers |= scope
        return _Colour(kind, modifiers, _DEFINING if about.kind in _DEFINED_KINDS else _DECLARED, about)

    def _type(self, about: _About) -> Type | None:
        """The token type; an alias has that of what it stands for, if that is a class, an enumeration, a parameter."""
        if about.kind == Kind.TYPE_ALIAS and about.type_symbol:
            if about.type.endswith(_NO_CLASS):
                return Type.TYPE
            target = self._about.get(about.type_symbol)
            is_parameter = target is not None and target.kind == Kind.TEMPLATE_PARAMETER
            if target is not None and (not is_parameter or about.type == target.name):
                return _TYPES.get(target.kind)
        return _TYPES.get(about.kind)

    def _scope(self, about: _About) -> int:
        """Where its name is in scope."""
        if about.kind == Kind.MACRO:
            return _GLOBAL
        around = self._about.get(about.container)
        if around is not None and around.kind == Kind.ENUM and around.container:
            around = self._about.get(around.container)
        if around is not None and around.kind in RECORD_KINDS:
            return _CLASS
        if (
            about.is_local
            or about.kind in _LOCAL_KINDS
            or (around is not None and around.kind in FUNCTION_KINDS)
        ):
            return _FUNCTION
        is_internal = "(anonymous" in about.scope or about.traits & _STATIC_TRAIT
        is_constant = about.kind == Kind.VARIABLE and about.traits & _READONLY_TRAIT
        if is_internal or is_constant or about.kind == Kind.TYPE_ALIAS:
            return _FILE
        return _GLOBAL

    def _learn_of_files(self, shards: Sequence[int]) -> None:
        """What readings of the file itself declare, definitions last: they count."""
        rows = self._db.execute(
            f"SELECT DISTINCT symbol, {_COLUMNS} FROM declaration d WHERE shard IN ({marks(shards)})"
            " ORDER BY definition, symbol, traits",
            shards,
        )
        self._about.update((symbol, _About._make((*rest, shards[0]))) for symbol, *rest in rows)

    def _learn(self, symbols: Iterable[int]) -> None:
        """What any one declaration says of symbols: some have thousands."""
        for symbol in sorted({*symbols} - self._about.keys() - {0}):
            row = self._db.execute(
                f"SELECT {_COLUMNS}, d.shard FROM declaration d WHERE d.symbol = ? LIMIT 1", (symbol,)
            ).fetchone()
            if row is not None:
                self._about[symbol] = _About._make(row)

    def _learn_of_abstract_classes(self) -> None:
        """That classes are abstract of which a forward declaration is known, which does not say it."""
        forward = [
            symbol
            for symbol, about in self._about.items()
            if about.kind in RECORD_KINDS and not about.is_definition
        ]
        rows = self._db.execute(
            "SELECT d.symbol FROM json_each(?) w JOIN declaration d ON d.symbol = w.value"
            " WHERE d.traits & ? ORDER BY d.symbol",
            (json.dumps(forward), int(Trait.ABSTRACT)),
        )
        for (symbol,) in rows:
            about = self._about[symbol]
            self._about[symbol] = about._replace(traits=about.traits | Trait.ABSTRACT)

    def _outside_shards(self) -> frozenset[int]:
        """The shards, of those that tell of symbols, that are of files outside the project."""
        shards = sorted({about.shard for about in self._about.values()})
        rows = self._db.execute(
            "SELECT s.id FROM json_each(?) w JOIN shard s ON s.id = w.value JOIN file f ON f.id = s.file"
            " WHERE f.root IN (?, ?) ORDER BY s.id",
            (json.dumps(shards), SYSTEM, RESOURCE),
        )
        return frozenset(row[0] for row in rows)


def _bare(spelling: str) -> str:
    """A type without the arguments of its templates and functions."""
    if "<" not in spelling and "(" not in spelling:
        return spelling
    if pointer := _POINTER.search(spelling):
        return pointer.group(1)
    while (bare := _ARGUMENTS.sub("", spelling)) != spelling:
        spelling = bare
    return spelling
