"""The tokens of a document, coloured by what they name."""

import itertools
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.lsp.painting import Painted, paint
from cpplsp.lsp.texts import text_of
from cpplsp.paths import Roots
from cpplsp.query.semantic import Modifier, Type, semantic_tokens

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

    Integers = array[int]

_INTEGERS = 5
"""Of each token in an answer."""


def _camel(name: str) -> str:
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)


LEGEND = types.SemanticTokensLegend([one.value for one in Type], [_camel(one.name or "") for one in Modifier])
_INSTEAD = {Type.CONCEPT: Type.TYPE}
"""Types for clients that do not know another one."""


class Answer(Struct, frozen=True, rename="camel", omit_defaults=True):
    """All tokens. ``result_id``: what the next answer may refer to."""

    data: list[int]
    result_id: str = ""


class Edit(Struct, frozen=True, rename="camel"):
    """Integers that take the place of others."""

    start: int
    delete_count: int
    data: list[int]


class Delta(Struct, frozen=True, rename="camel"):
    """What changed since another answer."""

    edits: list[Edit]
    result_id: str


class Colours(NamedTuple):
    """What a client can show: numbers in the legend by type, and modifiers."""

    types: Mapping[Type, int]
    modifiers: int


class Answers:
    """The last answer about each open document: what the next one may be told as the difference to."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._last: dict[str, tuple[str, Integers]] = {}

    def keep(self, uri: str, data: "Integers") -> str:
        """Keep an answer in place of the last one; its id."""
        result = str(next(self._numbers))
        self._last[uri] = result, data
        return result

    def last(self, uri: str, result: str) -> "Integers | None":
        """The last answer about a document, if it has this id."""
        known = self._last.get(uri)
        return known[1] if known is not None and known[0] == result else None

    def forget(self, uri: str) -> None:
        """Drop what is kept about a document."""
        self._last.pop(uri, None)


def register(server: "Server") -> None:
    """Answer these requests."""
    answers = server.token_answers

    async def painted(uri: str, lines: range | None = None) -> "Integers":
        session = server.session
        path, read, outward = session.real_path(uri) or "", text_of(session, uri), session.outward()
        colours = colours_of(server.client_capabilities)

        def question(db: sqlite3.Connection, roots: Roots) -> Sequence[int]:
            found = paint(path, semantic_tokens(db, roots, path), read(), outward)
            return encoded(found, colours, lines)

        data = await session.ask_about(uri, question)
        return data if isinstance(data, array) else array("I")

    def kept(uri: str, data: "Integers") -> str:
        document = server.session.documents.get(uri)
        return answers.keep(document.uri, data) if document is not None else ""

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    async def full(params: types.SemanticTokensParams) -> msgspec.Raw:
        uri = params.text_document.uri
        data = await painted(uri)
        return msgspec.Raw(msgspec.json.encode(Answer(data.tolist(), kept(uri, data))))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA)
    async def delta(params: types.SemanticTokensDeltaParams) -> msgspec.Raw:
        uri = params.text_document.uri
        data = await painted(uri)
        document = server.session.documents.get(uri)
        last = answers.last(document.uri if document is not None else uri, params.previous_result_id)
        result = kept(uri, data)
        answer = Answer(data.tolist(), result) if last is None else Delta(difference(last, data), result)
        return msgspec.Raw(msgspec.json.encode(answer))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE)
    async def of_range(params: types.SemanticTokensRangeParams) -> msgspec.Raw:
        lines = range(params.range.start.line, params.range.end.line + 1)
        data = await painted(params.text_document.uri, lines)
        return msgspec.Raw(msgspec.json.encode(Answer(data.tolist())))


def colours_of(client: types.ClientCapabilities) -> Colours:
    """What a client can show: what it says that it knows; all, where it says nothing."""
    tokens = client.text_document.semantic_tokens if client.text_document is not None else None
    numbers = {one: number for number, one in enumerate(Type)}
    modifiers = {_camel(one.name or ""): int(one) for one in Modifier}
    if tokens is not None and tokens.token_types:
        known = set(tokens.token_types)
        shown = {one: one if one in known else _INSTEAD.get(one, one) for one in Type}
        numbers = {one: numbers[other] for one, other in shown.items() if other in known}
    if tokens is not None and tokens.token_modifiers:
        modifiers = {name: modifiers[name] for name in tokens.token_modifiers if name in modifiers}
    return Colours(numbers, sum(modifiers.values()))


def encoded(tokens: Iterable[Painted], colours: Colours, lines: range | None = None) -> "Integers":
    """Tokens as the protocol has them: each in relation to the one before it. ``lines``: those on them only."""
    data = array("I")
    last_line = last_start = 0
    for line, start, length, kind, modifiers in tokens:
        number = colours.types.get(kind)
        if number is None or (lines is not None and line not in lines):
            continue
        if line != last_line:
            last_start = 0
        data.extend((line - last_line, start - last_start, length, number, modifiers & colours.modifiers))
        last_line, last_start = line, start
    return data


def difference(last: "Integers", data: "Integers") -> list[Edit]:
    """The one edit that makes an answer of the last one; none where they are the same."""
    if last == data:
        return []
    shorter = min(len(last), len(data))
    start = _same(last, data, shorter)
    end = _same(last[start:][::-1], data[start:][::-1], shorter - start)
    return [Edit(start, len(last) - start - end, data[start : len(data) - end].tolist())]


def _same(one: "Integers", other: "Integers", most: int) -> int:
    """How many integers at the beginning are the same, of so many at most."""
    if one[:most] == other[:most]:
        return most
    return next(at for at in range(most) if one[at] != other[at])
