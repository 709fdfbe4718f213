"""The tokens of a text, and which brackets belong together: for what is answered from the text itself.

No text is wrong here: a literal that is not closed ends with its line, a bracket that is not closed is a token like
others, and a text is read in time that grows with its length only.
"""

import re
from dataclasses import dataclass

_OPAQUE = (
    rb"(?P<line_comment>//(?:\\\r?\n|[^\r\n])*)"
    rb"|(?P<block_comment>/\*.*?(?:\*/|\Z))"
    rb"|(?P<raw>\b(?:u8|[uUL])?R\"(?P<mark>[^()\\\s]{0,16})\(.*?(?:\)(?P=mark)\"|\Z))"
    rb"|(?P<text>\"(?:\\\r?\n|\\.|[^\"\\\r\n])*\"?)"
    rb"|(?P<number>(?:\b\d|(?<![\w.])\.\d)(?:[eEpP][+-]|'?\w|\.)*)"
    rb"|(?P<character>'(?:\\.|[^'\\\r\n])*'?)"
)
_DIRECTIVE = (
    rb"|(?P<directive>(?:^|(?<=\A\xef\xbb\xbf))[ \t]*\#(?:\\\r?\n|/\*.*?(?:\*/|\Z)|//[^\r\n]*|[^\r\n])*)"
)
_BRACKET = rb"|(?P<bracket>[(){}\[\]])"
_REST = (
    rb"|(?P<word>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)"
    # Two > that follow one another may each close a list of arguments: they are two tokens.
    rb"|(?P<operator><<=|<=>|->\*|\.\.\.|->|\.\*|::|<<|\+\+|--|&&|\|\||[-+*/%&|^!=<>]=|[^\s\w\\])"
)
BRACKETS = re.compile(_OPAQUE + _DIRECTIVE + _BRACKET, re.DOTALL | re.MULTILINE)
"""What finds brackets and all that may hide one, by ``lastgroup``."""
TOKENS = re.compile(_OPAQUE + _DIRECTIVE + _BRACKET + _REST, re.DOTALL | re.MULTILINE)
"""What finds every token, by ``lastgroup``."""
TOKENS_IN_DIRECTIVE = re.compile(_OPAQUE + _BRACKET + _REST, re.DOTALL)
"""The like inside of a directive."""

_DIRECTIVE_NAME = re.compile(rb"[ \t]*\#[ \t]*(?:pragma[ \t]+)?(\w+)")
OPENS_BRANCHES = frozenset((b"if", b"ifdef", b"ifndef"))
NEXT_BRANCH = frozenset((b"elif", b"elifdef", b"elifndef", b"else", b"endif"))

_OPENING = {b")": b"(", b"]": b"[", b"}": b"{"}
_BITS = {b"(": 1, b"[": 2, b"{": 4}
_MOST_LEFT_OPEN = 1000
"""Brackets that one which closes another may leave open: with more, it closes none."""


def directive_name(directive: bytes) -> bytes:
    """The name of a directive; of a pragma, its first word."""
    match = _DIRECTIVE_NAME.match(directive)
    return match.group(1) if match else b""


@dataclass(frozen=True, slots=True)
class _Open:
    """An open bracket, and those around it. ``bits``: which kinds are open, this one's too."""

    bracket: bytes
    at: int
    around: "_Open | None"
    bits: int


@dataclass(slots=True)
class _Branches:
    """An ``#if`` that is open: the brackets open before it and, once known, after its first branch."""

    before: _Open | None
    after_first: _Open | None
    is_first: bool
    begin: int


class Nesting:
    """Pairs the brackets of a text, told of them and of its directives in order.

    Where each branch of an ``#if`` opens or closes a bracket, each is paired for itself, and what follows goes on from
    the first. A bracket closes the last one of its kind, and leaves open what was opened in between.
    """

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._branches: list[_Branches] = []

    def bracket(self, bracket: bytes, at: int) -> int | None:
        """Where that bracket is which this one closes, as was told of it then."""
        opening = _OPENING.get(bracket)
        if opening is None:
            bits = self._open.bits if self._open else 0
            self._open = _Open(bracket, at, self._open, bits | _BITS[bracket])
            return None
        one = self._open
        for _ in range(_MOST_LEFT_OPEN):
            if one is None or not one.bits & _BITS[opening]:
                break
            if one.bracket == opening:
                self._open = one.around
                return one.at
            one = one.around
        return None

    def directive(self, name: bytes, begin: int, end: int) -> int | None:
        """Where the branch begins that this directive, from ``begin`` to ``end``, ends."""
        if name in OPENS_BRANCHES:
            self._branches.append(_Branches(self._open, None, True, end))
        elif name in NEXT_BRANCH and self._branches:
            branches = self._branches[-1]
            first = branches.begin
            if branches.is_first:
                branches.is_first, branches.after_first = False, self._open
            self._open, branches.begin = branches.before, end
            if name == b"endif":
                self._open = self._branches.pop().after_first
            return first
        return None
