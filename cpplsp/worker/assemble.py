"""From what was collected of a file to its facts: places in lines and columns, names checked against the text."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

import msgspec

from cpplsp.columns import BOM, encode_wide, line_starts
from cpplsp.content import content_hash
from cpplsp.facts import Declaration, FileFacts, FileVersion, Include, Kind, Occurrence, Role, SymbolRelation
from cpplsp.worker.enclosing import Extents, Holders
from cpplsp.worker.files import Declared, SourceFile
from cpplsp.worker.lexical import end_before

_UNIVERSAL = rb"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}"
_NAME = rb"(?:[A-Za-z_$\x80-\xff]|" + _UNIVERSAL + rb")(?:[\w$\x80-\xff]|" + _UNIVERSAL + rb")*"
_TOKEN = re.compile(
    _NAME + rb"|<=>|<<=|>>=|->\*|\(\)|\[\]|->|\+\+|--|&&|\|\||<<|>>|[-+*/%^&|=!<>]=|[-+*/%^&|~!=<>,()\[\]]"
)
_DESTRUCTOR = re.compile(rb"~\s*" + _NAME)
_ESCAPE = re.compile(r"\\u(.{4})|\\U(.{8})")
# Operators of which a call shows the first token at the place that clang tells.
_BEGINNINGS = {"()": ("(",), "[]": ("[",), "new[]": ("new",), "delete[]": ("delete",)}
_IMPLICIT, _IN_MACRO = int(Role.IMPLICIT), int(Role.IN_MACRO)
_REFERENCE, _WRITE = int(Role.REFERENCE), int(Role.WRITE)
_encoder = msgspec.msgpack.Encoder()


def token_at(text: bytes, offset: int, name: str) -> bytes:
    """The token at an offset where a symbol of this name is told to be; one byte where no token is."""
    match = (_DESTRUCTOR.match(text, offset) if name.startswith("~") else None) or _TOKEN.match(text, offset)
    return match.group() if match else text[offset : offset + 1]


def spells(token: bytes, name: str) -> bool:
    """Whether a token spells this symbol: its name, its operator, or ``~`` and its class."""
    spelled = token.decode("utf-8", "replace")
    if spelled == name:
        return True
    if name.startswith("operator"):
        operator = name.removeprefix("operator").removeprefix('""').strip()
        return spelled in ("operator", operator, *_BEGINNINGS.get(operator, ()))
    if name.startswith("~"):
        return "".join(spelled.split()) == name
    return "\\" in spelled and _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), spelled) == name


class _Text:
    """A file's text, for turning byte offsets into 0-based lines and byte columns."""

    def __init__(self, text: bytes):
        self._starts = line_starts(text)
        self.wide = encode_wide(text, self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        line = max(bisect_right(self._starts, offset) - 1, 0)
        return line, max(offset - self._starts[line], 0)


def file_facts(source: SourceFile, text: bytes, content: bytes, names: dict[int, str]) -> FileFacts:
    """The facts of a collected file.

    ``text``: what clang read; ``content``: its hash; ``names``: by symbol id. An occurrence whose text is not its
    symbol's name (a constructor called by declaring a variable, a conversion, what a macro expands to) is implicit.
    """
    lines = _Text(text)
    declarations = [_declaration(lines, found) for found in _best(source.declarations)]
    occurrences = list(_occurrences(lines, text, source, names))
    relations = [SymbolRelation(*relation) for relation in sorted(source.relations)]
    includes = [Include(lines.position(offset)[0], target) for offset, target in sorted(source.includes)]
    digest = content_hash(_encoder.encode((content, declarations, occurrences, relations, includes)))
    return FileFacts(
        source.path,
        content,
        digest,
        lines.wide,
        False,
        declarations,
        occurrences,
        relations,
        includes,
        source.skipped,
    )


def _best(found: list[Declared]) -> Iterable[Declared]:
    """One declaration for each symbol at a place, in order: a definition if possible, and of a known kind."""
    found.sort(key=lambda one: (one.offset, one.symbol, not one.definition, one.kind == Kind.UNKNOWN, one))
    last = None
    for one in found:
        if last is None or one[:2] != last[:2]:
            yield one
        last = one


def _declaration(lines: _Text, found: Declared) -> Declaration:
    return Declaration(
        *lines.position(found.offset),
        found.symbol,
        found.name,
        int(found.kind),
        found.definition,
        *lines.position(found.begin),
        *lines.position(found.end),
        found.scope,
        found.container,
        found.local,
        found.type,
        found.value,
        found.type_symbol,
        found.traits,
    )


def _occurrences(
    lines: _Text, text: bytes, source: SourceFile, names: dict[int, str]
) -> Iterator[Occurrence]:
    """One occurrence for each symbol at a place, in order, with all its roles."""
    expansions = Extents(source.expansions)
    holders = Holders(source.declarations, expansions)
    source.occurrences.sort()
    for (offset, symbol), same in groupby(source.occurrences, key=itemgetter(0, 1)):
        roles = told = 0
        for one in same:
            roles |= one.roles
            told = told or one.enclosing
        name = names[symbol]
        token = token_at(text, offset, name)
        roles = roles & ~_IMPLICIT if spells(token, name) else roles | _IMPLICIT
        if offset in expansions and (roles & _IMPLICIT or not expansions.begin_at(offset)):
            roles |= _IN_MACRO
        if roles == _REFERENCE and text[offset - 1 : offset] == b"." and _is_designator(text, offset):
            roles |= _WRITE
        enclosing = holders.of(offset, symbol, roles, told)
        yield Occurrence(*lines.position(offset), len(token), symbol, roles, enclosing)


def _is_designator(text: bytes, offset: int) -> bool:
    """Whether a name behind a dot is that of a field in ``{.name = …}``, which clang does not tell from others."""
    before = end_before(text, offset - 1)
    return text[before - 1 : before] in (b"{", b",")


def partial_facts(
    version: FileVersion,
    wide: bytes,
    declarations: list[Declaration],
    relations: list[SymbolRelation],
    *,
    has_mark: bool,
) -> FileFacts:
    """Facts of a file outside the project: declarations that the project refers to, each with its occurrence.

    ``wide``: the file's characters outside ASCII. ``has_mark``: it begins with a byte-order mark, which the columns of
    these declarations, clang's, count on the first line.
    """
    if has_mark:
        declarations = [_without_mark(fact) if fact.line == 0 else fact for fact in declarations]
    occurrences = [
        Occurrence(
            fact.line,
            fact.column,
            len(fact.name.encode()),
            fact.symbol,
            int(Role.DEFINITION if fact.definition else Role.DECLARATION),
            fact.container,
        )
        for fact in declarations
    ]
    return FileFacts(version.path, version.content, b"", wide, True, declarations, occurrences, relations, [])


def _without_mark(fact: Declaration) -> Declaration:
    mark = len(BOM)
    return msgspec.structs.replace(
        fact,
        column=fact.column - mark,
        begin_column=fact.begin_column - mark,
        end_column=fact.end_column - mark,
    )
