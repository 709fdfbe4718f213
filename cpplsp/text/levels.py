"""A text as levels: what is in the same brackets, with what is in brackets there as one thing.

A guess at the structure of C++ that needs no declarations and no complete text. Angle brackets are told from
operators by how people write them: those of a template touch its name.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from cpplsp.text.lexer import OPENS_BRANCHES, Nesting, directive_name

WORD, LITERAL, OPERATOR, GROUP = range(4)

_KINDS = {
    "word": WORD,
    "number": LITERAL,
    "text": LITERAL,
    "raw": LITERAL,
    "character": LITERAL,
    "operator": OPERATOR,
    "bracket": OPERATOR,
}
_ENDS_ARGUMENTS = frozenset((b";", b"+=", b"-=", b"*=", b"/=", b"%=", b"&=", b"|=", b"^=", b"<<=", b"<<"))
_SPACE = b" \t\r\n\f\v"
_NO_TEMPLATES = frozenset((b"operator", b"if", b"while", b"return", b"case"))


@dataclass(frozen=True, slots=True)
class Atom:
    """A token, or all from a bracket to the one that closes it: bytes ``begin`` to ``end`` of the text.

    ``text``: the token; of a group, its opening bracket (``<`` too). ``first`` and ``last``: numbers of its tokens.
    """

    kind: int
    text: bytes
    begin: int
    end: int
    first: int
    last: int

    def is_group(self, opening: bytes) -> bool:
        """Whether it is in brackets of this kind."""
        return self.kind == GROUP and self.text == opening


class Tokens:
    """The tokens of a text that are no comments and no directives; those apart, with branches of ``#if``."""

    def __init__(self, text: bytes, pattern: re.Pattern[bytes], begin: int = 0, end: int | None = None):
        self.text = text
        self.end = len(text) if end is None else end
        self.begins: list[int] = []
        self.asides: list[tuple[int, int, str]] = []
        """Begin, end and ``lastgroup`` of comments and directives, in order."""
        self.branches: list[tuple[int, int]] = []
        """Begin and end of what is between the directives of each ``#if``, and of all from it to its ``#endif``."""
        self._ends: list[int] = []
        self._kinds: list[int] = []
        self._partners: dict[int, int] = {}
        self._angles: dict[int, list[Atom]] = {}
        """What is in the angle brackets that a token opens."""
        self._read(pattern, begin)
        self._keep_nested()

    def _read(self, pattern: re.Pattern[bytes], begin: int) -> None:
        nesting, begun = Nesting(), list[int]()
        for match in pattern.finditer(self.text, begin, self.end):
            kind, (at, end) = match.lastgroup or "", match.span()
            if kind not in _KINDS:
                self.asides.append((at, end, kind))
                if kind == "directive":
                    name = directive_name(match.group())
                    branch = nesting.directive(name, at, end)
                    if branch is not None:
                        self.branches.append(_stripped(self.text, branch, at))
                    if name in OPENS_BRANCHES:
                        begun.append(at)
                    elif name == b"endif" and begun:
                        self.branches.append(_stripped(self.text, begun.pop(), end))
                continue
            if kind == "bracket":
                opened = nesting.bracket(match.group(), len(self.begins))
                if opened is not None:
                    self._partners[opened] = len(self.begins)
            self.begins.append(at)
            self._ends.append(end)
            self._kinds.append(_KINDS[kind])

    def _keep_nested(self) -> None:
        """Drop pairs that begin in another one and end behind it: branches of an ``#if`` make such."""
        around: list[int] = []
        for opened in sorted(self._partners):
            closed = self._partners[opened]
            while around and around[-1] < opened:
                around.pop()
            if around and closed > around[-1]:
                del self._partners[opened]
            else:
                around.append(closed)
        self._closing = frozenset(self._partners.values())

    def at(self, offset: int) -> int:
        """The number of the last token that begins at an offset or before it; -1 before the first."""
        return bisect_right(self.begins, offset) - 1

    def span(self, number: int) -> tuple[int, int]:
        """Begin and end of a token."""
        return self.begins[number], self._ends[number]

    def is_paired(self, number: int) -> bool:
        """Whether a token is a bracket that is closed, or that closes one."""
        return number in self._partners or number in self._closing

    def inside(self, first: int, last: int) -> tuple[int, int]:
        """What is between two tokens, without the white space at both ends."""
        return _stripped(self.text, self._ends[first], self.begins[last])

    def level(self, first: int, last: int) -> list[Atom]:
        """What is between two tokens: groups in brackets are one atom each."""
        known = self._angles.get(first)
        if known is not None:
            return known
        atoms: list[Atom] = []
        angles: list[int] = []
        number = first + 1
        while number < last:
            begin, end = self.span(number)
            partner = self._partners.get(number)
            if partner is not None and partner < last:
                opening = self.text[begin:end]
                atoms.append(Atom(GROUP, opening, begin, self._ends[partner], number, partner))
                number = partner + 1
                continue
            atom = Atom(self._kinds[number], self.text[begin:end], begin, end, number, number)
            number += 1
            if atom.kind == OPERATOR:
                self._note_angle(atoms, angles, atom)
            else:
                atoms.append(atom)
        return atoms

    def _note_angle(self, atoms: list[Atom], angles: list[int], atom: Atom) -> None:
        """Add an operator; where it closes a list of template arguments, make a group of that.

        ``angles``: where atoms are that may open one.
        """
        before = atoms[-1] if atoms else None
        if atom.text == b"<" and before is not None and before.kind == WORD:
            if before.text == b"template" or (before.end == atom.begin and before.text not in _NO_TEMPLATES):
                angles.append(len(atoms))
        elif atom.text == b">" and angles:
            at = angles.pop()
            self._angles[atoms[at].first] = atoms[at + 1 :]
            group = Atom(GROUP, b"<", atoms[at].begin, atom.end, atoms[at].first, atom.last)
            del atoms[at:]
            atoms.append(group)
            return
        elif atom.text in _ENDS_ARGUMENTS or (
            atom.text == b"=" and angles and atoms[angles[-1] - 1].text != b"template"
        ):
            angles.clear()
        elif atom.text == b">" and before is not None and before.text == b">" and before.end == atom.begin:
            atoms[-1] = Atom(OPERATOR, b">>", before.begin, atom.end, before.first, atom.last)
            return
        atoms.append(atom)


def _stripped(text: bytes, begin: int, end: int) -> tuple[int, int]:
    """A part of a text without the white space at both ends."""
    while begin < end and text[begin] in _SPACE:
        begin += 1
    while begin < end and text[end - 1] in _SPACE:
        end -= 1
    return begin, end


def atom_at(atoms: Sequence[Atom], offset: int) -> int | None:
    """Which of some atoms holds the byte at an offset."""
    number = bisect_right(atoms, offset, key=lambda atom: atom.begin) - 1
    return number if number >= 0 and offset < atoms[number].end else None
