"""Bodies of functions that nobody has edited: while somebody types, clang need not read them again.

Under a prelude nearly all that clang does with a file is what is in its functions, and so is what we do. Of a text that
has been read, and was edited since at one place, the bodies above and below are emptied for clang. What was told of
them then is told again, where it is now: the text there is the same. What it means may have changed, by a new overload,
say: that is known when the text has been read as a whole (ADR 17).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from msgspec import structs

from cpplsp.columns import encode_wide, line_starts
from cpplsp.content import content_hash
from cpplsp.facts import FUNCTION_KINDS, Declaration, FileFacts, Occurrence
from cpplsp.text.lexer import BRACKETS

_OPENING = {b")": b"(", b"]": b"[", b"}": b"{"}
_NEEDS_ITS_BODY = re.compile(rb"\b(?:auto|consteval|constexpr|decltype)\b")
"""What is declared with one of these has its type by its body, or is computed while clang reads."""
_COUNTS = re.compile(rb"\b__COUNTER__\b|%:")
"""What changes what is behind it; and a directive, as it may be spelled, too."""
_COMMENT = re.compile(rb"[ \t]*(?://[^\r\n]*[^\r\n\\])?[\r\n]*")
_NO_NEWLINE = re.compile(rb"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Edit:
    """What became of a text: its lines from ``begin`` to ``end`` (exclusive) are others now, those behind have moved.

    ``shift``: by so many lines. ``bodies``: the lines (first, and the one behind the last, of the text as it was) that
    are in the braces of functions that are the same, in order; ``functions``: these, as they were declared.
    """

    begin: int
    end: int
    shift: int
    bodies: Sequence[tuple[int, int]] = ()
    functions: Sequence[Declaration] = ()

    @property
    def spared(self) -> int:
        """How many lines need not be read."""
        return sum(end - begin for begin, end in self.bodies)

    def is_same(self, line: int) -> bool:
        """Whether a line of the text as it was is there now, too."""
        return not self.begin <= line < self.end

    def moved(self, line: int) -> int:
        """Where such a line is now."""
        return line if line < self.begin else line + self.shift

    def is_spared(self, line: int) -> bool:
        """Whether a line of the text as it was is in a body that is the same."""
        at = bisect_right(self.bodies, line, key=lambda body: body[0]) - 1
        return at >= 0 and line < self.bodies[at][1]


def edit_of(facts: FileFacts, before: bytes, after: bytes) -> Edit:
    """How a text was edited of which ``facts`` were told."""
    starts = line_starts(before)
    old, new = _lines(before, starts), _lines(after, line_starts(after))
    most = min(len(old), len(new))
    above = next((at for at in range(most) if old[at] != new[at]), most)
    below = next((at for at in range(most - above) if old[-1 - at] != new[-1 - at]), most - above)
    edit = Edit(above, len(old) - below, len(new) - len(old))
    found = list(_bodies(facts, before, starts, edit))
    return replace(edit, bodies=[lines for _, lines in found], functions=[one for one, _ in found])


def is_there(facts: FileFacts, edit: Edit) -> bool:
    """Whether the functions of these bodies are still what they were, by what is told of the text without them.

    A comment that was opened before them, say, may have swallowed some.
    """

    def known(one: Declaration, line: int, end_line: int) -> tuple[object, ...]:
        return line, one.column, one.name, one.kind, one.scope, end_line, one.end_column

    found = {known(one, one.line, one.end_line) for one in facts.declarations if one.definition}
    return all(known(one, edit.moved(one.line), edit.moved(one.end_line)) in found for one in edit.functions)


def emptied(after: bytes, edit: Edit) -> bytes:
    """The edited text without these bodies: all else is at the same offset, since clang names some things by that."""
    starts = [*line_starts(after), len(after)]
    pieces, behind = [], 0
    for begin, end in edit.bodies:
        first, last = starts[edit.moved(begin)], starts[edit.moved(end)]
        pieces += [after[behind:first], _NO_NEWLINE.sub(b" ", after[first:last])]
        behind = last
    return b"".join((*pieces, after[behind:]))


def completed(facts: FileFacts, before: FileFacts, edit: Edit, after: bytes) -> FileFacts:
    """What is told of an edited text: ``facts`` of it without these bodies, and of them what was told ``before``."""
    new = _renamed(facts, before, edit)

    def named(symbol: int) -> int:
        return new.get(symbol, symbol)

    kept = [one for one in before.declarations if edit.is_spared(one.line)]
    subjects = {one.symbol for one in kept}
    declarations = [
        structs.replace(
            one,
            line=edit.moved(one.line),
            begin_line=edit.moved(one.begin_line),
            end_line=edit.moved(one.end_line),
            symbol=named(one.symbol),
            container=named(one.container),
            type_symbol=named(one.type_symbol),
        )
        for one in kept
    ]
    occurrences = [
        structs.replace(
            one, line=edit.moved(one.line), symbol=named(one.symbol), enclosing=named(one.enclosing)
        )
        for one in before.occurrences
        if edit.is_spared(one.line)
    ]
    relations = [
        structs.replace(one, subject=named(one.subject), object=named(one.object))
        for one in before.relations
        if one.subject in subjects
    ]
    content = content_hash(after)
    return structs.replace(
        facts,
        content=content,
        digest=content_hash(content + facts.digest + before.digest),
        wide=encode_wide(after, line_starts(after)),
        declarations=sorted([*facts.declarations, *declarations], key=_place),
        occurrences=sorted([*facts.occurrences, *occurrences], key=_place),
        relations=[*facts.relations, *relations],
    )


def _place(one: Declaration | Occurrence) -> tuple[int, int, int]:
    return one.line, one.column, one.symbol


def _renamed(facts: FileFacts, before: FileFacts, edit: Edit) -> dict[int, int]:
    """What has another symbol id now, though it is declared as before: what clang names by its offset has moved."""
    was = {
        (edit.moved(one.line), one.column, one.name, one.kind): one.symbol
        for one in before.declarations
        if edit.is_same(one.line) and not edit.is_spared(one.line)
    }
    return {
        symbol: one.symbol
        for one in facts.declarations
        if (symbol := was.get((one.line, one.column, one.name, one.kind))) is not None
    }


def _lines(text: bytes, starts: Sequence[int]) -> list[bytes]:
    return [text[begin:end] for begin, end in pairwise((*starts, len(text)))]


def _bodies(
    facts: FileFacts, text: bytes, starts: Sequence[int], edit: Edit
) -> Iterator[tuple[Declaration, tuple[int, int]]]:
    """The functions that were not edited, outermost ones, in order; the lines in their braces."""
    behind = 0
    for one in sorted(facts.declarations, key=lambda one: (one.begin_line, one.begin_column)):
        is_whole = one.end_line < edit.begin or one.begin_line >= edit.end
        if one.kind not in FUNCTION_KINDS or not one.definition or one.begin_line < behind or not is_whole:
            continue
        begin = starts[one.begin_line] + one.begin_column
        end = starts[one.end_line] + one.end_column
        brace = _brace(text, begin, end)
        line = bisect_right(starts, brace)
        if brace < 0 or line >= one.end_line:
            continue
        if not _NEEDS_ITS_BODY.search(text, begin, brace) and not _COUNTS.search(text, brace, end):
            yield one, (line, one.end_line)
            behind = one.end_line


def _brace(text: bytes, begin: int, end: int) -> int:
    """Where the body begins of a function: of one that has its braces on lines of their own end, and no directives.

    -1 for others, and where brackets do not belong together, as macros may have it.
    """
    opened: list[tuple[bytes, int]] = []
    brace = -1
    for token in BRACKETS.finditer(text, begin, end):
        if token.lastgroup == "directive":
            return -1
        if token.lastgroup != "bracket":
            continue
        bracket = token.group()
        if bracket not in _OPENING:
            opened.append((bracket, token.start()))
        elif not opened or opened[-1][0] != _OPENING[bracket]:
            return -1
        else:
            brace = opened.pop()[1]
    line = text.rfind(b"\n", begin, end) + 1
    is_plain = (
        not opened
        and text[end - 1 : end] == b"}"
        and not text[line : end - 1].strip()
        and text[brace : brace + 1] == b"{"
        and _COMMENT.fullmatch(text, brace + 1, text.find(b"\n", brace) + 1)
    )
    return brace if is_plain else -1
