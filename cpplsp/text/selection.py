"""What a selection grows to, step by step: a word, a call, its argument, a statement, its block … the whole text.

By the text alone, so that it need not be known to the index, nor be complete or compile.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

from cpplsp.columns import BOM
from cpplsp.text.expressions import Span, pieces
from cpplsp.text.levels import GROUP, OPERATOR, Atom, Tokens, atom_at
from cpplsp.text.lexer import TOKENS, TOKENS_IN_DIRECTIVE
from cpplsp.text.statements import Statement, statements

_MOST = 100
"""Of what a selection grows to: each is nested in the next one when it is sent."""
_MOST_LEVELS = 40
"""Of brackets around a place, the innermost ones."""
_WORD = re.compile(rb"[\w$\x80-\xff]+")
_RAW = re.compile(rb'(?:u8|[uUL])?R"([^()\\\s]{0,16})\(')
_DIRECTIVE = re.compile(rb"[ \t]*(\#[ \t]*(\w*)[ \t]*)", re.DOTALL)
_INCLUDES = frozenset((b"include", b"include_next", b"import"))
_MACRO = re.compile(rb"[\w$\x80-\xff]+(\((?:[^()\r\n]|\\\r?\n)*\))?[ \t]*")
_BEFORE_LISTS = frozenset((b"=", b"(", b",", b"{", b"[", b"return"))


class _Level:
    """What is in the same brackets, and how that is parted: by commas, or into statements.

    ``opening``: the bracket around, empty for the text itself; ``before``: the token in front of it.
    """

    def __init__(self, text: bytes, atoms: list[Atom], opening: bytes, before: bytes):
        self.atoms = atoms
        self._text = text
        self._opening = opening
        self._before = before

    def spans(self, offset: int) -> Iterator[Span]:
        """What holds an offset on this level, inner before outer."""
        at = atom_at(self.atoms, offset)
        if at is not None and self.atoms[at].kind == GROUP:
            yield self.atoms[at].begin, self.atoms[at].end
        if self._separator:
            yield from self._in_list(offset)
        else:
            yield from self._in_statements(offset)

    @cached_property
    def _separator(self) -> bytes:
        """What parts a list; empty where there are statements."""
        texts = {atom.text for atom in self.atoms if atom.kind == OPERATOR}
        if self._opening in (b"(", b"[", b"<"):
            return b";" if b";" in texts else b","
        if self._opening == b"{" and b"," in texts and b";" not in texts:
            has_bodies = any(
                atom.is_group(b"(") and after.is_group(b"{") for atom, after in pairwise(self.atoms)
            )
            return b"," if self._before in _BEFORE_LISTS or not has_bodies else b""
        return b""

    @cached_property
    def _separators(self) -> list[int]:
        """Between which atoms of a list its members are."""
        found = [
            at for at, atom in enumerate(self.atoms) if atom.kind == OPERATOR and atom.text == self._separator
        ]
        return [-1, *found, len(self.atoms)]

    @cached_property
    def _statements(self) -> list[Statement]:
        return statements(self.atoms, self._text)

    @cached_property
    def _labels(self) -> list[int]:
        """The statements that are labels of a section: ``case …:``, ``public:``."""
        return [number for number, one in enumerate(self._statements) if one.is_label]

    def _in_list(self, offset: int) -> Iterator[Span]:
        number = bisect_right(self._separators, offset, 1, len(self._separators) - 1, key=self._begin)
        first, last = self._separators[number - 1] + 1, self._separators[number]
        yield from self._in_part(first, last, offset)

    def _begin(self, at: int) -> int:
        return self.atoms[at].begin

    def _in_part(self, first: int, last: int, offset: int) -> Iterator[Span]:
        """The pieces of an expression, and all of it."""
        part = self.atoms[first:last]
        if part and part[0].begin <= offset < part[-1].end:
            yield from pieces(part, offset)
            yield part[0].begin, part[-1].end

    def _in_statements(self, offset: int) -> Iterator[Span]:
        number = bisect_right(self._statements, offset, key=lambda one: self.atoms[one.first].begin) - 1
        if number < 0:
            return
        outermost = self._statements[number]
        for one in (*outermost.parts, outermost):
            begin, end = self.atoms[one.first].begin, self.atoms[one.last - 1].end
            if begin <= offset < end:
                if one.is_plain:
                    yield from self._in_plain(one, offset)
                if self.atoms[one.last - 1].text == b";" and one.last - one.first > 1:
                    yield begin, self.atoms[one.last - 2].end
                yield begin, end
        label = bisect_right(self._labels, number) - 1
        if label >= 0:
            following = self._labels[label + 1] if label + 1 < len(self._labels) else len(self._statements)
            begin = self.atoms[self._statements[self._labels[label]].first].begin
            yield begin, self.atoms[self._statements[following - 1].last - 1].end

    def _in_plain(self, one: Statement, offset: int) -> Iterator[Span]:
        """The pieces of a declaration or an expression, without its semicolon, its body, its ``template <…>``."""
        last = self.atoms[one.last - 1]
        is_ended = last.text in (b";", b":") or last.is_group(b"{")
        yield from self._in_part(one.body, one.last - is_ended, offset)
        for at in range(one.first, one.body):
            if self.atoms[at].begin <= offset < self.atoms[at].end:
                yield self.atoms[one.first].begin, self.atoms[one.body - 1].end
        ended = self.atoms[one.last - 2] if last.text == b";" and one.last - 1 > one.body else last
        yield self.atoms[one.body].begin, ended.end


class Selector:
    """Finds what selections in one text grow to. Spans are in bytes of the text."""

    def __init__(
        self, text: bytes, pattern: re.Pattern[bytes] = TOKENS, begin: int = 0, end: int | None = None
    ):
        self._text = text
        self._begin = begin or (len(BOM) if text.startswith(BOM) else 0)
        self._end = len(text) if end is None else end
        self._tokens = Tokens(text, pattern, self._begin, self._end)
        self._levels: dict[int, _Level] = {}

    def spans(self, offset: int) -> list[Span]:
        """What holds an offset, inner before outer, each wholly inside of the next; at last the text itself."""
        offset = self._meant(offset)
        spans: list[Span] = []
        for begin, end in self._candidates(offset):
            last = spans[-1] if spans else (offset, offset)
            if begin <= last[0] and last[1] <= end and (begin, end) != last:
                spans.append((begin, end))
        for begin, end in self._tokens.branches:
            if begin <= offset < end:
                spans = _inserted(spans, begin, end)
        return spans if len(spans) <= _MOST else [*spans[: _MOST - 1], spans[-1]]

    def _meant(self, offset: int) -> int:
        """The offset, or the one before it, if a word ends there and nothing begins that can be selected."""
        here = self._text[offset : offset + 1]
        is_between = offset >= self._end or here.isspace() or not _WORD.match(here)
        before = self._text[max(self._begin, offset - 1) : offset]
        return offset - 1 if is_between and _WORD.match(before) else offset

    def _candidates(self, offset: int) -> Iterator[Span]:
        yield from self._in_token(offset)
        yield from self._in_aside(offset)
        yield from self._in_levels(offset)
        yield self._begin, self._end

    def _in_token(self, offset: int) -> Iterator[Span]:
        """The word, the content of a literal, the literal."""
        number = self._tokens.at(offset)
        if number < 0:
            return
        begin, end = self._tokens.span(number)
        if not begin <= offset < end:
            return
        token = self._text[begin:end]
        if token[:1] in (b'"', b"'") or _RAW.match(token):
            inside = _inside(token)
            first, last = begin + inside[0], begin + inside[1]
            if first <= offset < last:
                yield from self._word(first, last, offset)
                yield first, last
        if not self._tokens.is_paired(number) and token not in (b";", b","):
            yield begin, end

    def _word(self, first: int, last: int, offset: int) -> Iterator[Span]:
        """The word in a part of the text that is prose."""
        for match in _WORD.finditer(self._text, max(first, offset - 200), last):
            if match.start() > offset:
                return
            if offset < match.end():
                yield match.span()

    def _in_aside(self, offset: int) -> Iterator[Span]:
        """Of a comment: the word, the text, the comment with those beside it. Of a directive: its parts."""
        asides = self._tokens.asides
        number = bisect_right(asides, offset, key=lambda aside: aside[0]) - 1
        if number < 0 or not asides[number][0] <= offset < asides[number][1]:
            return
        begin, end, kind = asides[number]
        if kind == "directive":
            yield from self._in_directive(begin, end, offset)
            return
        closing = 2 if kind == "block_comment" and self._text.endswith(b"*/", begin + 2, end) else 0
        content = self._text[begin + 2 : end - closing]
        first = begin + 2 + len(content) - len(content.lstrip())
        last = first + len(content.strip())
        if first <= offset < last:
            yield from self._word(first, last, offset)
            yield first, last
        yield begin, end
        yield self._comments_around(number)

    def _comments_around(self, number: int) -> Span:
        """A comment with those that follow one another there, with nothing but white space between."""
        asides = self._tokens.asides
        first = last = number
        while first > 0 and self._is_same_block(first - 1):
            first -= 1
        while last + 1 < len(asides) and self._is_same_block(last):
            last += 1
        return asides[first][0], asides[last][1]

    def _is_same_block(self, number: int) -> bool:
        """Whether an aside and the next one are comments of lines that follow one another."""
        (_, end, kind), (begin, _, next_kind) = self._tokens.asides[number : number + 2]
        between = self._text[end:begin]
        return kind == next_kind == "line_comment" and not between.strip() and between.count(b"\n") < 2

    def _in_directive(self, begin: int, end: int, offset: int) -> Iterator[Span]:
        match = _DIRECTIVE.match(self._text, begin, end)
        if match is None:
            return
        body = match.end()
        if match.start(2) <= offset < match.end(2):
            yield match.span(2)
        elif offset >= body:
            if match.group(2) == b"define" and (macro := _MACRO.match(self._text, body, end)):
                body = macro.end() if offset >= macro.end() else body
            stop = body + len(self._text[body:end].rstrip())
            is_quoted = self._text[body : body + 1] in (b"<", b'"')
            if match.group(2) in _INCLUDES and is_quoted and body < offset < stop - 1:
                yield from self._word(body + 1, stop - 1, offset)
                yield body + 1, stop - 1
            elif body <= offset < stop:
                yield from Selector(self._text, TOKENS_IN_DIRECTIVE, body, stop).spans(offset)
            yield body, stop
            yield match.end(), stop
        yield match.start(1), end

    def _in_levels(self, offset: int) -> Iterator[Span]:
        """What is in the brackets around an offset, inner before outer."""
        around: deque[tuple[_Level, Span]] = deque(maxlen=_MOST_LEVELS)
        level, span = self._level(-1, len(self._tokens.begins), b"", b""), (self._begin, self._end)
        while True:
            around.append((level, span))
            at = atom_at(level.atoms, offset)
            if at is None:
                break
            atom = level.atoms[at]
            if atom.kind != GROUP or not atom.begin < offset < atom.end - 1:
                break
            before = level.atoms[at - 1].text if at else b""
            level = self._level(atom.first, atom.last, atom.text, before)
            span = self._tokens.inside(atom.first, atom.last)
        for level, span in reversed(around):
            yield from level.spans(offset)
            yield span

    def _level(self, first: int, last: int, opening: bytes, before: bytes) -> _Level:
        """What is between two tokens."""
        known = self._levels.get(first)
        if known is None:
            atoms = self._tokens.level(first, last)
            known = self._levels[first] = _Level(self._text, atoms, opening, before)
        return known


def _inserted(spans: list[Span], begin: int, end: int) -> list[Span]:
    """Spans with one more, if it is between two of them."""
    for number, (first, last) in enumerate(spans):
        if begin <= first and last <= end:
            continue
        fits = first <= begin and end <= last and (number == 0 or spans[number - 1] != (begin, end))
        return [*spans[:number], (begin, end), *spans[number:]] if fits else spans
    return spans


def _inside(token: bytes) -> Span:
    """What a literal holds, between its quotes and the marks of a raw one."""
    raw = _RAW.match(token)
    if raw:
        closing = b")" + raw.group(1) + b'"'
        return raw.end(), len(token) - len(closing) * token.endswith(closing)
    is_closed = len(token) > 1 and token.endswith(token[:1])
    return 1, len(token) - is_closed
