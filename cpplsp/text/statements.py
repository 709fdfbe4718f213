"""Where statements and declarations begin and end, on one level of a text (``levels``)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cpplsp.text.levels import GROUP, LITERAL, OPERATOR, WORD, Atom

_WITH_HEAD = frozenset((b"if", b"for", b"while", b"switch", b"catch"))
_WITHOUT_HEAD = frozenset((b"else", b"do", b"try"))
_KEYWORDS = _WITH_HEAD | _WITHOUT_HEAD
_GOES_ON_WITH = {b"if": b"else", b"try": b"catch"}
_HEAD_WORDS = frozenset((b"constexpr", b"consteval", b"co_await"))
_LABELS = frozenset((b"case", b"default", b"public", b"protected", b"private", b"signals", b"slots"))
_RECORDS = frozenset((b"class", b"struct", b"union", b"enum"))
_EXPRESSIONS = frozenset((b"return", b"co_return", b"co_yield", b"throw", b"delete", b"using", b"goto"))
_BEFORE_BODY = frozenset((b"const", b"volatile", b"noexcept", b"override", b"final", b"mutable", b"&", b"&&"))
_BEHIND_VALUE = frozenset((b";", b",", b".", b"->", b"=", b"?", b":"))


@dataclass(slots=True)
class Statement:
    """Atoms ``first`` to ``last`` (exclusive) of a level. ``parts``: all statements in it, inner before outer.

    ``is_plain``: neither a block nor made of statements; ``body``: where its atoms begin, behind ``template <…>``.
    ``is_label``: ``case …:``, ``public:`` and the like, which no statement ends.
    """

    first: int
    last: int
    is_plain: bool = False
    is_label: bool = False
    body: int = 0
    parts: list["Statement"] = field(default_factory=list)


class _Reader:
    def __init__(self, atoms: Sequence[Atom], text: bytes):
        self._atoms = atoms
        self._text = text
        self._open: list[tuple[bytes, int]] = []
        """The keywords of the statements that go on, and where these begin."""
        self._parts: list[Statement] = []
        """What has ended of the outermost statement that goes on."""

    def statements(self) -> Iterator[Statement]:
        at = 0
        while at < len(self._atoms):
            at = self._step(at)
            if not self._open:
                yield self._outermost()
        while self._open:
            self._close(at)
        if self._parts:
            yield self._outermost()

    def _outermost(self) -> Statement:
        whole = self._parts.pop()
        whole.parts, self._parts = self._parts, []
        return whole

    def _step(self, at: int) -> int:
        """Read a keyword with its head, a label, or a whole statement; where the next one begins."""
        atom = self._atoms[at]
        if atom.kind == WORD and atom.text in _KEYWORDS:
            self._open.append((atom.text, at))
            return self._after_head(at + 1) if atom.text in _WITH_HEAD else at + 1
        if (end := self._label_end(at)) is not None:
            self._parts.append(Statement(at, end, is_plain=True, is_label=atom.text in _LABELS, body=at))
            return end
        if atom.is_group(b"{") or atom.text == b";":
            self._parts.append(Statement(at, at + 1))
            return self._end(at + 1)
        body = self._after_templates(at)
        end = self._macro_end(at) or self._plain_end(body)
        self._parts.append(Statement(at, end, is_plain=True, body=body))
        return self._end(end)

    def _is(self, at: int, text: bytes) -> bool:
        return at < len(self._atoms) and self._atoms[at].text == text

    def _after_head(self, at: int) -> int:
        while at < len(self._atoms) and self._atoms[at].text in _HEAD_WORDS:
            at += 1
        return at + 1 if at < len(self._atoms) and self._atoms[at].is_group(b"(") else at

    def _label_end(self, at: int) -> int | None:
        atom = self._atoms[at]
        if atom.kind != WORD:
            return None
        if atom.text not in _LABELS:
            return at + 2 if self._is(at + 1, b":") else None
        while at < len(self._atoms) and self._atoms[at].text != b";":
            if self._atoms[at].text == b":":
                return at + 1
            if self._atoms[at].is_group(b"{"):
                return None
            at += 1
        return None

    def _after_templates(self, at: int) -> int:
        """Behind the ``template <…>`` or ``extern "C"`` that a declaration begins with, the last of several."""
        while at + 2 < len(self._atoms):
            word, after = self._atoms[at], self._atoms[at + 1]
            is_template = word.text == b"template" and after.is_group(b"<")
            is_linkage = word.text == b"extern" and after.kind == LITERAL
            if not is_template and not (is_linkage and not self._atoms[at + 2].is_group(b"{")):
                break
            at += 2
        return at

    def _macro_end(self, at: int) -> int | None:
        """Behind a macro in capitals that has its line for itself: it is no part of what follows."""
        if self._atoms[at].kind != WORD or not self._atoms[at].text.isupper():
            return None
        end = at + 1
        if end < len(self._atoms) and self._atoms[end].is_group(b"("):
            end += 1
        is_whole = end < len(self._atoms) and self._atoms[end].kind == WORD
        return (
            end
            if is_whole and b"\n" in self._text[self._atoms[end - 1].end : self._atoms[end].begin]
            else None
        )

    def _plain_end(self, at: int) -> int:
        """Where a declaration or an expression ends: behind its semicolon, or the body of what needs none."""
        first = self._atoms[at].text
        is_value = first in _EXPRESSIONS
        is_record = has_arguments = False
        for here in range(at, len(self._atoms)):
            atom = self._atoms[here]
            if atom.text == b";" or (atom.kind == OPERATOR and atom.text in (b"{", b"}")):
                return here + 1  # a brace by itself is not closed here
            if atom.text == b"=" and self._atoms[here - 1].text != b"operator":
                is_value = True
            elif atom.kind == WORD and atom.text in _RECORDS:
                is_record = True
            elif atom.is_group(b"("):
                has_arguments = True
            elif atom.is_group(b"{") and not is_value and self._is_body(here, is_record, has_arguments):
                return here + 1
        return len(self._atoms)

    def _is_body(self, at: int, is_record: bool, has_arguments: bool) -> bool:
        """Whether a declaration ends with the braces at a place."""
        before = self._atoms[at - 1]
        if before.is_group(b"("):
            return at < 2 or self._atoms[at - 2].text != b"requires"
        if before.text in _BEFORE_BODY and has_arguments:
            return True
        if is_record:
            return False
        if at + 1 == len(self._atoms):
            return True
        after = self._atoms[at + 1]
        goes_on = after.text in _BEHIND_VALUE or (after.kind == GROUP and after.text != b"<")
        return not goes_on and (after.kind != OPERATOR or after.text in (b"~", b"::"))

    def _end(self, at: int) -> int:
        """End all statements that end with one that ends at a place; where what follows begins."""
        while self._open:
            keyword = self._open[-1][0]
            if self._is(at, _GOES_ON_WITH.get(keyword, b"")):
                break
            if keyword == b"do" and self._is(at, b"while"):
                at = self._after_head(at + 1)
                at += self._is(at, b";")
            self._close(at)
            if keyword == b"else" and self._open and self._open[-1][0] == b"if":
                self._close(at)
        return at

    def _close(self, at: int) -> None:
        self._parts.append(Statement(self._open.pop()[1], at))


def statements(atoms: Sequence[Atom], text: bytes) -> list[Statement]:
    """The statements of a level of a text, in order: what no other statement of the level holds."""
    return list(_Reader(atoms, text).statements())
