"""What of a text can be folded: what is in brackets, comments, branches of ``#if`` and regions.

By its tokens alone, so the text need not be known to the index, nor be complete. Where each branch of an ``#if`` opens
or closes a bracket, each is paired for itself, and what follows goes on from the first.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from cpplsp.columns import line_starts
from cpplsp.text.lexer import BRACKETS, Nesting, directive_name

Position = tuple[int, int]
"""Line and byte column."""


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


class _Folder:
    def __init__(self, text: bytes):
        self._text = text
        self._starts = line_starts(text)
        self._nesting = Nesting()
        self._regions: list[int] = []
        self._comment: tuple[int, int] | None = None
        """Begin and end of line comments that follow one another."""

    def folds(self) -> Iterator[Fold]:
        for token in BRACKETS.finditer(self._text):
            begin, end = token.span()
            found: Fold | None = None
            if token.lastgroup == "line_comment":
                found = self._line_comment(begin, end)
            elif token.lastgroup == "block_comment":
                inner = end - 2 if self._text.endswith(b"*/", begin + 2, end) else end
                found = self._fold(begin + 2, inner, FoldKind.COMMENT, is_closed=True)
            elif token.lastgroup == "directive":
                found = self._directive(token.group(), begin, end)
            elif token.lastgroup == "bracket":
                found = self._bracket(token.group(), begin)
            if found is not None:
                yield found
        last = self._end_of_comment()
        if last is not None:
            yield last

    def _line_comment(self, begin: int, end: int) -> Fold | None:
        """Add a comment to those right above it, if it has its line for itself, or begin with it."""
        line = self._line(begin)
        is_alone = not self._text[self._starts[line] : begin].strip()
        if self._comment is not None and is_alone and line == self._line(self._comment[1]) + 1:
            self._comment = self._comment[0], end
            return None
        done = self._end_of_comment()
        self._comment = begin, end
        return done

    def _end_of_comment(self) -> Fold | None:
        if self._comment is None:
            return None
        begin, end = self._comment
        return self._fold(begin + 2, end, FoldKind.COMMENT, is_closed=False)

    def _bracket(self, bracket: bytes, at: int) -> Fold | None:
        opened = self._nesting.bracket(bracket, at)
        return None if opened is None else self._fold(opened + 1, at, FoldKind.REGION, is_closed=True)

    def _directive(self, directive: bytes, begin: int, end: int) -> Fold | None:
        name = directive_name(directive)
        if name == b"region":
            self._regions.append(end)
        elif name == b"endregion" and self._regions:
            return self._fold(self._regions.pop(), begin, FoldKind.REGION, is_closed=True)
        branch = self._nesting.directive(name, begin, end)
        return None if branch is None else self._fold(branch, begin, FoldKind.REGION, is_closed=True)

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
