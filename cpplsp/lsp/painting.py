"""What is coloured how on the screen: tokens of the indexed text, found in the buffer of now.

A client that is told of a token that is not there colours what it should not, so each is checked against the text,
unless that is the one that was indexed.
"""

import re
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from cpplsp.columns import BOM, NEWLINE, WideMap, index_of, units_of
from cpplsp.content import content_hash
from cpplsp.facts import Role
from cpplsp.lsp.positions import Outward
from cpplsp.query.files import Place
from cpplsp.query.semantic import Modifier, SemanticToken, Type
from cpplsp.text.inactive import inactive_lines

_SIGN = re.compile(rb"[^\w\s]+|new|delete|co_await")
_DEDUCED = (b"auto", b"decltype")
_MODIFIERS = (b"override", b"final")


# As integers: flags are put together by Python code.
_INACTIVE, _KEYWORD, _DEFINITION = int(Role.INACTIVE), int(Role.KEYWORD), int(Role.DEFINITION)
_AS_DEDUCED = int(Modifier.DEDUCED)


class Painted(NamedTuple):
    """A token on the screen: line, first character and length in the client's units."""

    line: int
    start: int
    length: int
    type: Type
    modifiers: int


class _Found(NamedTuple):
    """A token in the text of now: line and byte columns."""

    line: int
    start: int
    end: int
    token: SemanticToken


def paint(path: str, tokens: Sequence[SemanticToken], content: bytes, outward: Outward) -> list[Painted]:
    """The tokens of a file (real path) on the screen, in order; ``content``: of the file, or of its buffer.

    Lines that the preprocessor skipped are comments, as a whole.
    """
    screen = _Screen(path, content, outward)
    found = list(screen.find(tokens))
    # Uses of macros are known by name wherever they are.
    told = [one for one in found if one.token.type != Type.MACRO or one.token.roles & _DEFINITION]
    used = {one.line for one in told if not one.token.roles & _INACTIVE}
    unused = {one.line for one in told} - used
    blocks = inactive_lines(content, used, unused)
    grey = [
        Painted(line, 0, length, Type.COMMENT, 0)
        for lines in blocks
        for line in lines
        if (length := screen.units(line, len(screen.lines[line])))
    ]
    skipped = {line for lines in blocks for line in lines}
    seen = [
        painted for one in found if one.line not in skipped and (painted := screen.paint(one)) is not None
    ]
    return list(merge(seen, grey))  # both are in order


class _Screen:
    """The text of now, in lines of bytes."""

    def __init__(self, path: str, content: bytes, outward: Outward):
        self._path = path
        self._outward = outward
        self._shift = outward.position(path, 0, 0, WideMap(b"")).character
        bare = content.removeprefix(BOM)
        self._hashes = (content_hash(bare), content_hash(BOM + bare))
        self._is_plain = outward.encoding == "utf-8" or bare.isascii()
        self.lines = NEWLINE.split(bare)

    def find(self, tokens: Sequence[SemanticToken]) -> Iterator[_Found]:
        """Tokens where they are now, in order, without those that are gone."""
        if not tokens or tokens[0].wide.content in self._hashes:
            yield from (_Found(one.line, one.start, one.end, one) for one in tokens)
            return
        reached = (-1, 0)
        moved = (
            one for line, group in groupby(tokens, attrgetter("line")) for one in self._moved(line, [*group])
        )
        for one in sorted(moved, key=lambda one: one[:2]):
            if one[:2] >= reached:
                reached = one.line, one.end
                yield one

    def _moved(self, line: int, tokens: Sequence[SemanticToken]) -> Iterator[_Found]:
        """The tokens of a line that are still there: where they stood in it, or else where the buffer has them."""
        now = self._outward.position(self._path, line, 0, tokens[0].wide).line
        for token in tokens:
            found = _Found(now, token.start, token.end, token)
            if not self._is_there(found):
                place = Place(self._path, line, token.start, token.end, token.roles, token.wide)
                if not self._outward.holds(place):
                    continue
                at = self._outward.range(place)
                column = self._column(at.start.line, at.start.character)
                found = _Found(at.start.line, column, column + token.end - token.start, token)
                if not self._is_there(found):
                    continue
            yield found

    def _is_there(self, found: _Found) -> bool:
        """Whether the text says at a place what the token says."""
        line = self.lines[found.line] if found.line < len(self.lines) else b""
        said = line[found.start : found.end]
        if found.token.name:
            name = found.token.name.encode("utf-8", "replace")
            around = line[max(0, found.start - 1) : found.start] + line[found.end : found.end + 1]
            return said == name and not re.search(rb"[\w$\x80-\xff]", around)
        return bool(_SIGN.fullmatch(said)) or said in _DEDUCED + _MODIFIERS

    def paint(self, found: _Found) -> Painted | None:
        """A token in the client's units; None for a keyword that has no colour."""
        kind, modifiers, line = found.token.type, found.token.modifiers, found.line
        if found.token.roles & _INACTIVE:
            return None
        if found.token.roles & _KEYWORD:
            said = self.lines[line][found.start : found.end]
            if said in _MODIFIERS:
                kind, modifiers = Type.MODIFIER, 0
            elif said in _DEDUCED:
                modifiers |= _AS_DEDUCED
            else:
                return None
        start, end = found.start, found.end
        if not self._is_plain or line == 0:
            start, end = self.units(line, start), self.units(line, end)
        return Painted(line, start, end - start, kind, modifiers)

    def units(self, line: int, column: int) -> int:
        """A byte column in the client's units."""
        text = self.lines[line]
        shift = self._shift if line == 0 else 0
        if self._is_plain or text.isascii():
            return column + shift
        return units_of(text[:column].decode("utf-8", "surrogateescape"), self._outward.encoding) + shift

    def _column(self, line: int, character: int) -> int:
        """A character of the client's as a byte column."""
        character -= self._shift if line == 0 else 0
        if self.lines[line].isascii():
            return min(character, len(self.lines[line]))
        text = self.lines[line].decode("utf-8", "surrogateescape")
        index = index_of(text, character, self._outward.encoding)
        return len(text[:index].encode("utf-8", "surrogateescape"))
