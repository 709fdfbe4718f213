"""What a person is told of a symbol: how it is declared, where, of what type and value, and what its comment says.

From the index, and from the texts that it was made of where the disk still has them: nothing is parsed.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from cpplsp.facts import FUNCTION_KINDS, Kind, Role, Trait
from cpplsp.paths import Roots
from cpplsp.query.deduced import DEDUCED, Deduced
from cpplsp.query.files import SPELLED, Place, WideMaps, find_file, live_shards, marks
from cpplsp.query.navigation import TYPE_KINDS, Hit, included_at, same_symbols
from cpplsp.query.texts import IndexedTexts
from cpplsp.text.comments import comment_of
from cpplsp.text.signature import declared, head_begin, signature

_MAX_DECLARATIONS = 50
"""Rows of one symbol that are looked at: a namespace has thousands."""
_MAX_TEXTS = 6
_MAX_HITS = 20
_MAX_OVERLOADS = 5
_MAX_ALIASES = 8
_MOST_BYTES = 16384
"""Of a declaration: bodies are left out anyway."""
_DEFINED_FIRST = TYPE_KINDS | {Kind.VARIABLE, Kind.TYPE_ALIAS, Kind.MACRO, Kind.CONCEPT}
_VALUED = frozenset((Kind.VARIABLE, Kind.FIELD, Kind.STATIC_FIELD, Kind.PARAMETER, Kind.TYPE_ALIAS))
_WITHIN = frozenset((Kind.PARAMETER, Kind.TEMPLATE_PARAMETER, Kind.ENUMERATOR))
"""What is declared within a declaration."""
_BARE = frozenset((Kind.ENUMERATOR, Kind.LABEL, Kind.TEMPLATE_PARAMETER))
"""What may be declared by its name alone."""
_SPELLED_IN_PARTS = ("operator", "~")
_KEYWORDS = {
    Kind.NAMESPACE: "namespace",
    Kind.NAMESPACE_ALIAS: "namespace",
    Kind.CLASS: "class",
    Kind.STRUCT: "struct",
    Kind.UNION: "union",
    Kind.ENUM: "enum",
    Kind.CONCEPT: "concept",
    Kind.MACRO: "#define",
    Kind.USING: "using",
}
_LOGICAL_LINE = re.compile(rb"(?:\\\r?\n|[^\r\n])*")
_NAMELESS = re.compile(r"\((?:lambda|unnamed|anonymous)\b")
_NAMED_FILE = re.compile(rb"\s*(?:\#|%:)\s*\w+\s*(\"[^\"]*\"|<[^>]*>|\w+)")


@dataclass(frozen=True, slots=True)
class Described:
    """A symbol, as a person is told of it.

    ``signatures``: how it, and what else the name may mean, is declared; ``more``: how many of these are left out.
    ``container``: qualified name of what it stands in (empty: the file), and the kind of that. ``type``: where the
    signature does not tell; ``alias``: name and meaning of the type alias that the type is made of. ``comment``: as
    ``comments`` gives it; that of a function, if ``parameter`` names a parameter of it. ``declared``, ``defined``:
    where.
    """

    name: str
    kind: Kind
    signatures: tuple[str, ...]
    more: int
    container: str
    container_kind: Kind
    type: str
    alias: tuple[str, str] | None
    value: str
    is_deprecated: bool
    comment: str
    parameter: str
    declared: Place | None
    defined: Place | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A declaration, and where its name stands."""

    shard: int
    place: Place
    symbol: int
    name: str
    kind: Kind
    is_definition: bool
    begin: tuple[int, int]
    end: tuple[int, int]
    scope: str
    container: int
    type: str
    value: str
    type_symbol: int
    traits: int

    @property
    def site(self) -> tuple[str, int, int]:
        """Where, without regard to who says so."""
        return self.place.path, self.place.line, self.place.start


_NOTHING = Described("", Kind.UNKNOWN, (), 0, "", Kind.UNKNOWN, "", None, "", False, "", "", None, None)


def describe(db: sqlite3.Connection, roots: Roots, hits: Sequence[Hit]) -> Described | None:
    """What there is to say of the first of these symbols that is known; other functions of its name are overloads."""
    reader = _Reader(db, roots)
    known = [rows for hit in hits[:_MAX_HITS] if (rows := reader.rows([hit.symbol]))]
    if not known:
        return None
    first, *others = sorted(known, key=lambda rows: (rows[0].kind != Kind.MACRO, rows[0].site))
    symbol = first[0].symbol
    same = same_symbols(db, [symbol]) if first[0].kind != Kind.NAMESPACE else [symbol]
    found = reader.described(first if same == [symbol] else reader.rows(same))
    signatures = list(found.signatures)
    sites = {row.site for row in first}
    more = max(0, len(hits) - _MAX_HITS)
    for rows in others:
        if rows[0].name != found.name or rows[0].kind not in FUNCTION_KINDS:
            continue
        if any(row.site in sites for row in rows):
            continue  # the same one, its USR spelled otherwise
        if len(signatures) == _MAX_OVERLOADS:
            more += 1
        elif (other := reader.signature(rows)) not in signatures:
            signatures.append(other)
    return replace(found, signatures=tuple(signatures), more=more)


def describe_deduced(db: sqlite3.Connection, roots: Roots, deduced: Deduced) -> Described:
    """What there is to say of a type that was deduced, and of what it is made of."""
    reader = _Reader(db, roots)
    rows = reader.rows([deduced.symbol])
    known = reader.described(rows) if rows else _NOTHING
    return replace(known, signatures=(deduced.type,), container="")


def included_file(
    db: sqlite3.Connection, roots: Roots, path: str, line: int
) -> tuple[str, Place | None] | None:
    """The path of the file that an ``#include`` on this line led to, and where that is named if the text tells."""
    targets = included_at(db, roots, path, line)
    if not targets:
        return None
    file = find_file(db, roots, path)
    for shard in live_shards(db, file) if file is not None else []:
        text = IndexedTexts(db, roots).of(shard)
        named = _NAMED_FILE.match(text.line(line)) if text is not None else None
        if named is not None:
            role = int(Role.REFERENCE)
            return targets[0].path, Place(path, line, *named.span(1), role, WideMaps(db).of(shard))
    return targets[0].path, None


class _Reader:
    """Reads what is known of symbols, for one answer."""

    def __init__(self, db: sqlite3.Connection, roots: Roots):
        self._db = db
        self._roots = roots
        self._wide = WideMaps(db)
        self._texts = IndexedTexts(db, roots)

    def rows(self, symbols: Sequence[int]) -> list[_Row]:
        """Where symbols are declared, the declaration that tells most about them first."""
        rows = self._db.execute(
            f"SELECT f.root, f.path, d.shard, d.line, d.col, {SPELLED}, d.symbol, d.name, d.kind, d.definition,"
            " d.begin_line, d.begin_col, d.end_line, d.end_col, d.scope, d.container, d.type, d.value, d.type_symbol,"
            " d.traits, d.traits & ? AS mentioned"
            " FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
            f" WHERE d.symbol IN ({marks(symbols)}) ORDER BY d.symbol, mentioned, d.shard, d.line, d.col LIMIT ?",
            [int(Trait.MENTIONED), *symbols, _MAX_DECLARATIONS],
        )
        return sorted(map(self._row, rows), key=self._rank)

    def _row(self, row: tuple[Any, ...]) -> _Row:
        root, path, shard, line, column, length, roles, symbol, name, kind, is_definition, *extent = row[:15]
        wide = self._wide.of(shard)
        place = Place(self._roots.join(root, path), line, column, column + length, roles, wide)
        begin, end = (extent[0], extent[1]), (extent[2], extent[3])
        return _Row(shard, place, symbol, name, Kind(kind), bool(is_definition), begin, end, *row[15:-1])

    def _rank(self, row: _Row) -> tuple[object, ...]:
        is_implied = bool(row.place.roles & Role.IMPLICIT)
        is_second = row.is_definition != (row.kind in _DEFINED_FIRST)
        is_mention = bool(row.traits & Trait.MENTIONED)
        return (
            is_implied,
            is_mention,
            is_second,
            not self._roots.is_project(row.place.path),
            row.site,
            row.shard,
        )

    def described(self, rows: Sequence[_Row]) -> Described:
        """What declarations of one symbol tell of it."""
        first = rows[0]
        written = self.signature(rows)
        spelled = [row for row in rows if not row.place.roles & Role.IMPLICIT] or rows
        defined = next((row.place for row in spelled if row.is_definition), None)
        declared_at = next((row.place for row in spelled if not row.is_definition), None)
        is_listed = first.kind != Kind.NAMESPACE
        is_type = first.kind in TYPE_KINDS and defined is not None
        parameter = first.name if first.kind == Kind.PARAMETER else ""
        about = self.rows([first.container]) if parameter and first.container else rows
        type_text = next(filter(None, map(attrgetter("type"), rows)), "")
        return Described(
            first.name,
            first.kind,
            (written,),
            0,
            first.scope,
            self._kind(first.container),
            "" if _tells(written, type_text, first) else type_text,
            self._alias(first.type_symbol) if first.kind in _VALUED else None,
            next(filter(None, map(attrgetter("value"), rows)), ""),
            any(row.traits & Trait.DEPRECATED for row in rows),
            self._comment(about) if is_listed else "",
            parameter,
            declared_at if is_listed and not is_type else None,
            defined if is_listed else None,
        )

    def signature(self, rows: Sequence[_Row]) -> str:
        """How the symbol is declared, as it is written if the texts tell."""
        for row in _once(rows):
            if row.kind not in (Kind.NAMESPACE, Kind.LABEL) and (written := self._written(row)):
                return written
        return _from_index(rows[0])

    def _written(self, row: _Row) -> str:
        text = self._texts.of(row.shard)
        if text is None:
            return ""
        at = text.offset(row.place.line, row.place.start)
        if not row.name.startswith(_SPELLED_IN_PARTS) and not text.content.startswith(row.name.encode(), at):
            return ""  # a macro makes the name
        if row.kind == Kind.MACRO:
            line = _LOGICAL_LINE.match(text.content, at, at + _MOST_BYTES)
            return signature(line.group(), 0, row.kind) if line else ""
        begin, end = text.offset(*row.begin), text.offset(*row.end)
        if row.kind not in _WITHIN:
            begin = head_begin(text.content, begin)
        written = text.content[begin : min(end, begin + _MOST_BYTES)]
        found = signature(written, at - begin, row.kind)
        return found if found != row.name or row.kind in _BARE else ""

    def _comment(self, rows: Sequence[_Row]) -> str:
        for row in _once(rows):
            text = self._texts.of(row.shard)
            if text is not None and not row.place.roles & Role.IMPLICIT:
                begin, end = text.offset(*row.begin), text.offset(*row.end)
                if comment := comment_of(text.content, begin, end, row.kind):
                    return comment
        return ""

    def _kind(self, symbol: int) -> Kind:
        row = self._db.execute(
            "SELECT kind FROM declaration WHERE symbol = ? ORDER BY symbol, shard, line, col LIMIT 1",
            (symbol,),
        ).fetchone()
        return Kind(row[0]) if row else Kind.UNKNOWN

    def _alias(self, symbol: int) -> tuple[str, str] | None:
        """Name and meaning of a type alias, through those that it is made of; None where it is none."""
        name = meaning = ""
        for _ in range(_MAX_ALIASES):
            row = self._db.execute(
                "SELECT name, type, type_symbol FROM declaration WHERE symbol = ? AND kind = ?"
                " ORDER BY symbol, shard, line, col LIMIT 1",
                (symbol, int(Kind.TYPE_ALIAS)),
            ).fetchone()
            if row is None or not row[1]:
                break
            name, meaning, symbol = name or row[0], row[1], row[2]
        return (name, meaning) if name else None


def _once(rows: Sequence[_Row]) -> Iterator[_Row]:
    """One row for each place, of the first files."""
    sites: set[tuple[str, int, int]] = set()
    for row in rows:
        if row.site not in sites and len(sites) < _MAX_TEXTS:
            sites.add(row.site)
            yield row


def _tells(written: str, type_text: str, row: _Row) -> bool:
    """Whether what is written shows the type."""
    if row.kind in FUNCTION_KINDS:
        return not DEDUCED.search(written) or "->" in written or bool(DEDUCED.search(type_text))
    if _NAMELESS.search(type_text):
        return True
    if "constexpr" in written:
        type_text = type_text.removeprefix("const ")
    shown = _spelling(written)
    return any(_spelling(text) in shown for text in (type_text, declared(type_text, row.name)))


def _spelling(code: str) -> str:
    return "".join(code.replace("unsigned int", "unsigned").split())


def _from_index(row: _Row) -> str:
    """A declaration, where no text shows it."""
    if row.kind in FUNCTION_KINDS:
        return f"{row.type} {row.name}(…)".lstrip()
    if row.kind in _KEYWORDS:
        return f"{_KEYWORDS[row.kind]} {row.name}".rstrip()
    if row.kind == Kind.ENUMERATOR:
        return f"{row.name} = {row.value}" if row.value else row.name
    if row.kind == Kind.TYPE_ALIAS and row.type:
        return "typedef " + declared(row.type, row.name)
    return row.name + ":" if row.kind == Kind.LABEL else declared(row.type, row.name)
