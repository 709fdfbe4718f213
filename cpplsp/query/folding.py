"""What of a text can be folded: what is in brackets, comments, branches of ``#if`` and regions.

By its tokens alone, so the text need not be known to the index, nor be complete. Where each branch of an ``#if`` opens
or closes a bracket, each is paired for itself, and what follows goes on from the first.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from cpplsp.columns import line_starts
from cpplsp.query.outline import Position

_TOKEN = re.compile(
    rb"(?P<line_comment>//(?:\\\r?\n|[^\r\n])*)"
    rb"|(?P<block_comment>/\*.*?(?:\*/|\Z))"
    rb"|(?P<raw>\b(?:u8|[uUL])?R\"(?P<mark>[^()\\\s]{0,16})\(.*?(?:\)(?P=mark)\"|\Z))"
    rb"|(?P<text>\"(?:\\\r?\n|\\.|[^\"\\\r\n])*\")"
    rb"|(?P<number>\b\d(?:'?\w)*)"
    rb"|(?P<character>'(?:\\.|[^'\\\r\n])*')"
    rb"|(?P<directive>^[ \t]*\#(?:\\\r?\n|/\*.*?(?:\*/|\Z)|//[^\r\n]*|[^\r\n])*)"
    rb"|(?P<bracket>[(){}\[\]])",
    re.DOTALL | re.MULTILINE,
)
_DIRECTIVE = re.compile(rb"[ \t]*\#[ \t]*(?:pragma[ \t]+)?(\w+)")
_OPENING = {b")": b"(", b"]": b"[", b"}": b"{"}


class FoldKind(Enum):
    """What is folded: values are the protocol's ``FoldingRangeKind``."""

    REGION = "region"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Fold:
    """A part of a text over several lines; byte positions of what is hidden.

    ``is_closed``: what ends it is on the last line behind it, to be seen when only whole lines can be folded.
    """

    begin: Position
    end: Position
    kind: FoldKind
    is_closed: bool


@dataclass(slots=True)
class _Branches:
    """An ``#if`` that is open: the brackets open before it and, once known, after its first branch."""

    before: list[tuple[bytes, int]]
    after_first: list[tuple[bytes, int]] | None
    begin: int


class _Folder:
    def __init__(self, text: bytes):
        self._text = text
        self._starts = line_starts(text)
        self._open: list[tuple[bytes, int]] = []
        """Brackets not closed yet, and the offsets behind them."""
        self._branches: list[_Branches] = []
        self._regions: list[int] = []
        self._comment: tuple[int, int] | None = None
        """Begin and end of line comments that follow one another."""

    def folds(self) -> Iterator[Fold]:
        for token in _TOKEN.finditer(self._text):
            begin, end = token.span()
            found: list[Fold | None] = []
            if token.lastgroup == "line_comment":
                found = self._line_comment(begin, end)
            elif token.lastgroup == "block_comment":
                inner = end - 2 if self._text.endswith(b"*/", begin + 2, end) else end
                found = [self._fold(begin + 2, inner, FoldKind.COMMENT, is_closed=True)]
            elif token.lastgroup == "directive":
                found = self._directive(token.group(), begin, end)
            elif token.lastgroup == "bracket":
                found = [self._bracket(token.group(), begin)]
            yield from (fold for fold in found if fold is not None)
        last = self._end_of_comment()
        if last is not None:
            yield last

    def _line_comment(self, begin: int, end: int) -> list[Fold | None]:
        """Add a comment to those right above it, if it has its line for itself, or begin with it."""
        line = self._line(begin)
        is_alone = not self._text[self._starts[line] : begin].strip()
        if self._comment is not None and is_alone and line == self._line(self._comment[1]) + 1:
            self._comment = self._comment[0], end
            return []
        done = self._end_of_comment()
        self._comment = begin, end
        return [done]

    def _end_of_comment(self) -> Fold | None:
        if self._comment is None:
            return None
        begin, end = self._comment
        return self._fold(begin + 2, end, FoldKind.COMMENT, is_closed=False)

    def _bracket(self, bracket: bytes, at: int) -> Fold | None:
        opening = _OPENING.get(bracket)
        if opening is None:
            self._open.append((bracket, at + 1))
            return None
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == opening:
                begin = self._open[index][1]
                del self._open[index:]
                return self._fold(begin, at, FoldKind.REGION, is_closed=True)
        return None

    def _directive(self, directive: bytes, begin: int, end: int) -> list[Fold | None]:
        match = _DIRECTIVE.match(directive)
        name = match.group(1) if match else b""
        if name in (b"if", b"ifdef", b"ifndef"):
            self._branches.append(_Branches(list(self._open), None, end))
        elif name == b"region":
            self._regions.append(end)
        elif name == b"endregion" and self._regions:
            return [self._fold(self._regions.pop(), begin, FoldKind.REGION, is_closed=True)]
        elif name in (b"elif", b"elifdef", b"elifndef", b"else", b"endif") and self._branches:
            branches = self._branches[-1]
            fold = self._fold(branches.begin, begin, FoldKind.REGION, is_closed=True)
            if branches.after_first is None:
                branches.after_first = list(self._open)
            self._open, branches.begin = list(branches.before), end
            if name == b"endif":
                self._open = self._branches.pop().after_first or []
            return [fold]
        return []

    def _fold(self, begin: int, end: int, kind: FoldKind, *, is_closed: bool) -> Fold | None:
        """What is between two offsets, if these are on different lines."""
        first, last = self._line(begin), self._line(end)
        if first >= last:
            return None
        return Fold((first, begin - self._starts[first]), (last, end - self._starts[last]), kind, is_closed)

    def _line(self, offset: int) -> int:
        return max(bisect_right(self._starts, offset) - 1, 0)


def folds(text: bytes) -> list[Fold]:
    """All that can be folded in a text, in order."""
    found = set(_Folder(text).folds())
    return sorted(found, key=lambda fold: (fold.begin, fold.end))
