"""What a person is told of what is at the cursor."""

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types
from msgspec import Struct

from cpplsp.facts import Kind
from cpplsp.lsp.positions import Cursor, Outward
from cpplsp.lsp.wire import Range
from cpplsp.paths import Roots
from cpplsp.query.deduced import deduced_at
from cpplsp.query.files import Place
from cpplsp.query.guess import guess_at
from cpplsp.query.hover import Described, describe, describe_deduced, included_file
from cpplsp.query.navigation import is_spelled, symbols_at
from cpplsp.text.doxygen import code_span, escaped, fenced, parameter_text, render

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

_KIND_NAMES = {
    Kind.UNKNOWN: "",
    Kind.NAMESPACE: "",
    Kind.CONVERSION: "conversion function",
    Kind.USING: "using-declaration",
}
"""Those that are not called as in ``facts``; a namespace is in many places."""
_FIRST_IN_HEXADECIMAL = 10
_LONGEST_MEANING = 120  # of an alias: more than that is for the compiler


class MarkupContent(Struct, frozen=True, gc=False):
    """Text. ``kind``: a ``MarkupKind``."""

    kind: str
    value: str


class Hover(Struct, frozen=True, omit_defaults=True, gc=False):
    """What is shown, and the token that it is about."""

    contents: MarkupContent
    range: Range | None = None


def register(server: "Server") -> None:
    """Answer this request."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> msgspec.Raw:
        session = server.session
        outward, markdown = session.outward(), session.client.takes_markdown
        found = await session.ask_at(
            params.text_document.uri,
            params.position,
            lambda cursor: lambda db, roots: find_hover(db, roots, cursor, outward, markdown=markdown),
        )
        return msgspec.Raw(msgspec.json.encode(found[0] if found else None))


def find_hover(
    db: sqlite3.Connection, roots: Roots, cursor: Cursor, outward: Outward, *, markdown: bool
) -> list[Hover]:
    """What there is to say of what is at the cursor: one thing, or none."""
    included = included_file(db, roots, cursor.path, cursor.line)
    write = _Writer(roots, outward, markdown=markdown)
    if included is not None:
        return [write.hover(write.included(included[0]), included[1])]
    hits = symbols_at(db, roots, cursor.path, cursor.line, cursor.column)
    deduced = None if is_spelled(hits) else deduced_at(db, roots, cursor.path, cursor.line, cursor.column)
    if deduced is not None:
        text = write.described(describe_deduced(db, roots, deduced), deduced.place)
        return [write.hover(text, deduced.place)]
    hits = hits or guess_at(db, roots, cursor.path, cursor.line, cursor.column)
    found = describe(db, roots, hits)
    return [write.hover(write.described(found, hits[0].place), hits[0].place)] if found else []


class _Writer:
    """Writes what is known for one client."""

    def __init__(self, roots: Roots, outward: Outward, *, markdown: bool):
        self._roots = roots
        self._outward = outward
        self._markdown = markdown

    def hover(self, text: str, place: Place | None) -> Hover:
        kind = types.MarkupKind.Markdown if self._markdown else types.MarkupKind.PlainText
        return Hover(MarkupContent(kind.value, text), self._outward.range(place) if place else None)

    def included(self, path: str) -> str:
        """The file that an ``#include`` leads to."""
        shown = self._roots.display(*self._roots.split(path))
        return f"[{escaped(shown)}]({self._outward.paths.uri(path)})" if self._markdown else shown

    def described(self, found: Described, origin: Place) -> str:
        """A symbol, named at ``origin``."""
        if found.parameter:
            comment = parameter_text(found.comment, found.parameter, markdown=self._markdown)
        else:
            comment = render(found.comment, markdown=self._markdown)
        parts = [self._code(found, origin), *self._facts(found), comment, self._where(found, origin)]
        return "\n\n".join(part for part in parts if part)

    def _code(self, found: Described, origin: Place) -> str:
        namespace = "namespace " if found.container_kind == Kind.NAMESPACE else ""
        container = [f"// In {namespace}{found.container}"] if found.container else []
        more = [f"// and {found.more} more"] if found.more else []
        code = "\n".join([*container, *found.signatures, *more])
        return fenced(code, "c" if origin.path.endswith(".c") else "cpp") if self._markdown else code

    def _facts(self, found: Described) -> Iterator[str]:
        facts = [f"Type: {self._text(found.type)}"] if found.type else []
        if found.alias is not None:
            name, meaning = found.alias
            if len(meaning) <= _LONGEST_MEANING and not meaning.startswith("__"):
                facts.append(f"{self._text(name)} is {self._text(meaning)}")
        if found.value:
            facts.append(f"Value: {self._text(value_text(found.value))}")
        yield ("  \n" if self._markdown else "\n").join(facts)
        if found.is_deprecated:
            yield "**Deprecated**" if self._markdown else "Deprecated"

    def _text(self, code: str) -> str:
        return code_span(code) if self._markdown else code

    def _where(self, found: Described, origin: Place) -> str:
        name = _KIND_NAMES.get(found.kind, found.kind.name.lower().replace("_", " "))
        places = [("declared", found.declared), ("defined", found.defined)]
        told = [f"{how} {self._link(place, origin)}" for how, place in places if place is not None]
        told = [] if told and all(text.endswith(" here") for text in told) else told
        text = ", ".join(part for part in (name, *told) if part)
        return text[:1].upper() + text[1:]

    def _link(self, place: Place, origin: Place) -> str:
        if (place.path, place.line) == (origin.path, origin.line):
            return "here"
        number = self._outward.range(place).start.line + 1
        shown = f"{self._roots.display(*self._roots.split(place.path))}:{number}"
        if place.path == origin.path:
            shown = f"line {number}"
        if self._markdown:
            shown = f"[{escaped(shown)}]({self._outward.paths.uri(place.path)}#L{number})"
        return f"on {shown}" if place.path == origin.path else f"in {shown}"


def value_text(value: str) -> str:
    """A value, in hexadecimal as well where a person may want that."""
    if value.isdecimal() and int(value) >= _FIRST_IN_HEXADECIMAL:
        return f"{value} (0x{int(value):x})"
    return value
