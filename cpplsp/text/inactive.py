"""Which lines of a text the preprocessor skipped, told by what is known of the names in them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cpplsp.columns import line_starts
from cpplsp.text.lexer import BRACKETS, NEXT_BRANCH, OPENS_BRANCHES, directive_name

_NEVER = re.compile(rb"[ \t]*\#[ \t]*if[ \t]+0[ \t]*(?:$|[\r\n/])")
_BRANCHING = re.compile(rb"^[ \t]*\#[ \t]*((?:if|el|endif)\w*)(?:\\\r?\n|[^\r\n])*", re.MULTILINE)


@dataclass(slots=True)
class _Branch:
    """The lines between two directives. ``is_never``: it is behind ``#if 0``."""

    lines: range
    is_never: bool


@dataclass(slots=True)
class _Conditional:
    """An ``#if`` that is open: where the branch at hand begins, and those before it."""

    begin: int
    is_never: bool
    branches: list[_Branch] = field(default_factory=list)


def inactive_lines(text: bytes, used: Collection[int], unused: Collection[int]) -> list[range]:
    """The lines that were skipped, in order. ``used``, ``unused``: lines with a name that was, or was not, compiled.

    One branch of an ``#if`` at most is compiled, so that where one is known to be, the others are not.
    """
    compiled, skipped = sorted(used), sorted(unused)
    found: list[range] = []
    for branches in _conditionals(text):
        is_any_compiled = any(_has(compiled, branch.lines) for branch in branches)
        found += [
            branch.lines
            for branch in branches
            if branch.lines
            and not _has(compiled, branch.lines)
            and (is_any_compiled or branch.is_never or _has(skipped, branch.lines))
        ]
    return _joined(sorted(found, key=lambda lines: (lines.start, -lines.stop)))


def _has(sorted_lines: Sequence[int], lines: range) -> bool:
    at = bisect_left(sorted_lines, lines.start)
    return at < len(sorted_lines) and sorted_lines[at] < lines.stop


def _conditionals(text: bytes) -> Iterator[list[_Branch]]:
    """The branches of each ``#if``."""
    starts = line_starts(text)
    open_ones: list[_Conditional] = []
    for name, begin, end in _directives(text):
        first, following = bisect_right(starts, begin) - 1, bisect_right(starts, end)
        if name in NEXT_BRANCH and open_ones:
            one = open_ones[-1]
            one.branches.append(_Branch(range(one.begin, first), one.is_never))
            one.begin, one.is_never = following, False
            if name == b"endif":
                yield open_ones.pop().branches
        elif name in OPENS_BRANCHES:
            open_ones.append(_Conditional(following, bool(_NEVER.match(text, begin))))


def _directives(text: bytes) -> list[tuple[bytes, int, int]]:
    """Name, begin and end of the directives that branch.

    Those in comments do no harm while all are balanced; else only what is none counts, which takes 20 times as long.
    """
    found = [(match.group(1), *match.span()) for match in _BRANCHING.finditer(text)]
    if not _is_balanced(name for name, *_ in found):
        tokens = (token for token in BRACKETS.finditer(text) if token.lastgroup == "directive")
        found = [(directive_name(token.group()), *token.span()) for token in tokens]
    return found


def _is_balanced(names: Iterable[bytes]) -> bool:
    depth = 0
    for name in names:
        depth += (name in OPENS_BRANCHES) - (name == b"endif")
        if depth < 0:
            return False
    return depth == 0


def _joined(found: list[range]) -> list[range]:
    """Without what is in another one."""
    outermost: list[range] = []
    for lines in found:
        if not outermost or lines.start >= outermost[-1].stop:
            outermost.append(lines)
    return outermost
