"""The pieces of an expression or a declaration around a place: names with their qualifiers, calls, operators.

What follows one another without an operator (``const int x``) binds closer than operators do, so that a declaration is
read as one operand before its ``=``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cpplsp.text.levels import GROUP, LITERAL, OPERATOR, WORD, Atom

Span = tuple[int, int]
"""Begin and end, in bytes of the text."""

_MOST_PIECES = 16
"""Of one expression: what has more is a list in all but name."""

_MOST_ATOMS = 1000
"""Of one expression: what has more is no expression."""

_COLON, _LOW, _COMMA, _ASSIGNMENT = 0, 1, 2, 3
_SIDE_BY_SIDE = 20
_PRECEDENCE = {
    **dict.fromkeys(
        (b"=", b"+=", b"-=", b"*=", b"/=", b"%=", b"&=", b"|=", b"^=", b"<<=", b"?"), _ASSIGNMENT
    ),
    b",": _COMMA,
    b";": _COLON,
    b"||": 4,
    b"&&": 5,
    b"|": 6,
    b"^": 7,
    b"&": 8,
    b"==": 9,
    b"!=": 9,
    **dict.fromkeys((b"<", b">", b"<=", b">="), 10),
    b"<=>": 11,
    b"<<": 12,
    b">>": 12,
    b"+": 13,
    b"-": 13,
    **dict.fromkeys((b"*", b"/", b"%"), 14),
}
_CONNECTORS = frozenset((b"::", b".", b"->", b".*", b"->*"))
_UNARY_WORDS = frozenset((b"sizeof", b"new", b"co_await", b"not", b"compl"))
_LOW_WORDS = frozenset(
    (b"return", b"throw", b"co_return", b"co_yield", b"case", b"delete", b"using", b"typedef")
)
_WORD_OPERATORS = {b"and": 5, b"or": 4, b"bitor": 6, b"xor": 7, b"bitand": 8, b"not_eq": 9}
_NO_TYPES = frozenset((b"const", b"noexcept", b"override", b"final", b"volatile", b"try", b"else", b"do"))
"""What braces may follow that are no value of it, as they are in ``T{}``."""
_HEADS = frozenset((b"class", b"struct", b"union", b"enum", b"namespace"))
_LAMBDA_WORDS = frozenset((b"mutable", b"noexcept", b"constexpr"))


@dataclass(slots=True)
class _Operand:
    """A name, a literal, a call … with the operators in front of it.

    ``prefixes``: where its unary operators begin; ``ends``: the ends of its parts, each of which needs what is before
    it (``a``, ``a.b``, ``a.b(c)``).
    """

    begin: int
    is_braces: bool = False
    prefixes: list[Span] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def whole(self) -> Span:
        last = self.prefixes[-1][1] if self.prefixes else self.begin
        first = self.prefixes[0][0] if self.prefixes else self.begin
        return first, self.ends[-1] if self.ends else last


@dataclass(frozen=True, slots=True)
class _Operator:
    span: Span
    precedence: int


class _Parser:
    """Splits atoms into operands and the operators between them: always one operand more."""

    def __init__(self, atoms: Sequence[Atom]):
        self._atoms = atoms
        self._at = 0
        self._questions = 0
        self.has_head = False
        """Whether a class or a namespace is what braces belong to."""
        self.operands: list[_Operand] = []
        self.operators: list[_Operator] = []

    def parse(self) -> None:
        while True:
            operand = self._operand()
            self.operands.append(operand)
            if self._at >= len(self._atoms):
                return
            self.operators.append(self._operator())

    def _peek(self, ahead: int = 0) -> Atom | None:
        at = self._at + ahead
        return self._atoms[at] if at < len(self._atoms) else None

    def _operator(self) -> _Operator:
        atom = self._atoms[self._at]
        if atom.kind == OPERATOR or atom.text in _WORD_OPERATORS:
            self._at += 1
            return _Operator((atom.begin, atom.end), self._precedence(atom))
        is_low = self._atoms[self._at - 1].text in _LOW_WORDS
        return _Operator((atom.begin, atom.begin), _LOW if is_low else _SIDE_BY_SIDE)

    def _precedence(self, atom: Atom) -> int:
        if atom.text == b"?":
            self._questions += 1
        elif atom.text == b":" and self._questions:
            self._questions -= 1
            return _ASSIGNMENT
        return _PRECEDENCE.get(atom.text, _WORD_OPERATORS.get(atom.text, _COLON))

    def _operand(self) -> _Operand:
        atom = self._peek()
        operand = _Operand(atom.begin if atom else self._atoms[-1].end if self._atoms else 0)
        while atom is not None and self._is_prefix(atom):
            operand.prefixes.append((atom.begin, atom.end))
            self._at += 1
            atom = self._peek()
        if atom is None or (atom.kind == OPERATOR and atom.text != b"::") or atom.text in _WORD_OPERATORS:
            return operand
        operand.begin, operand.is_braces = atom.begin, atom.is_group(b"{")
        if atom.text != b"::":
            self._take(operand)
        is_lambda = atom.is_group(b"[")
        self.has_head = self.has_head or atom.text in _HEADS
        if atom.text in _LOW_WORDS:
            return operand
        if atom.text == b"operator":
            self._name_of_operator(operand)
        while (atom := self._peek()) is not None and self._goes_on(atom, is_lambda):
            is_last = is_lambda and atom.is_group(b"{")
            if atom.text in _CONNECTORS:
                self._member(operand)
            else:
                self._take(operand)
            if is_last:
                break
        return operand

    def _is_prefix(self, atom: Atom) -> bool:
        if atom.kind == OPERATOR:
            return atom.text in (b"*", b"&", b"&&", b"!", b"~", b"-", b"+", b"++", b"--", b"...")
        return atom.kind == WORD and atom.text in _UNARY_WORDS

    def _take(self, operand: _Operand) -> None:
        operand.ends.append(self._atoms[self._at].end)
        self._at += 1

    def _goes_on(self, atom: Atom, is_lambda: bool) -> bool:
        """Whether an atom belongs to the operand that is being read."""
        before = self._atoms[self._at - 1]
        if atom.kind == OPERATOR:
            return atom.text in _CONNECTORS or (atom.text in (b"++", b"--", b"...") and not self._begins())
        if atom.kind == GROUP:
            if atom.text == b"{":
                is_type = before.kind == WORD and before.text not in _NO_TYPES
                return is_lambda or (not self.has_head and (is_type or before.is_group(b"<")))
            return True
        if atom.kind == LITERAL:
            return before.kind == LITERAL or (before.kind == WORD and before.end == atom.begin)
        return is_lambda and atom.text in _LAMBDA_WORDS

    def _begins(self) -> bool:
        """Whether an operand follows, which the operator at hand then belongs to."""
        after = self._peek(1)
        return after is not None and (after.kind in (WORD, LITERAL) or after.is_group(b"("))

    def _member(self, operand: _Operand) -> None:
        """Take ``::``, ``.`` or ``->`` with the name behind it."""
        self._at += 1
        while (atom := self._peek()) is not None and atom.text in (b"template", b"~", b"*"):
            self._at += 1
        if atom is None or atom.kind == OPERATOR:
            operand.ends.append(self._atoms[self._at - 1].end)
            return
        self._take(operand)
        if atom.text == b"operator":
            self._name_of_operator(operand)

    def _name_of_operator(self, operand: _Operand) -> None:
        """Take what follows the word ``operator``, up to the parameters."""
        while (atom := self._peek()) is not None and atom.kind == OPERATOR and atom.text != b";":
            self._take(operand)
        after = self._peek(1)
        if (
            atom is not None
            and atom.kind == GROUP
            and atom.text in (b"(", b"[")
            and atom.last == atom.first + 1
            and after is not None
            and after.is_group(b"(")
        ):
            self._take(operand)


def pieces(atoms: Sequence[Atom], offset: int) -> Iterator[Span]:
    """The parts of an expression that hold the byte at an offset, inner before outer."""
    if len(atoms) > _MOST_ATOMS:
        return
    parser = _Parser(atoms)
    parser.parse()
    operands, operators = parser.operands, parser.operators
    for number, operand in enumerate(operands):
        begin, end = operand.whole
        if begin <= offset < end:
            if parser.has_head and operand.is_braces:
                yield operands[0].whole[0], end
                return
            yield from _parts(operand, offset)
            yield from _around(operands, operators, number, number)
            return
    for number, operator in enumerate(operators):
        begin, end = operator.span
        if begin <= offset < end:
            yield begin, end
            left, right = _widened(operators, number, number + 1, operator.precedence)
            yield operands[left].whole[0], operands[right].whole[1]
            yield from _around(operands, operators, left, right)


def _parts(operand: _Operand, offset: int) -> Iterator[Span]:
    for begin, end in operand.prefixes:
        if begin <= offset < end:
            yield begin, end
    if offset >= operand.begin:
        ends = [end for end in operand.ends if end > offset]
        yield from ((operand.begin, end) for end in ends[:_MOST_PIECES])
    whole_end = operand.whole[1]
    before = [begin for begin, _ in operand.prefixes if begin <= offset]
    yield from ((begin, whole_end) for begin in before[: -_MOST_PIECES - 1 : -1])


def _around(
    operands: Sequence[_Operand], operators: Sequence[_Operator], left: int, right: int
) -> Iterator[Span]:
    """The operations that hold the operands from one to another."""
    for _ in range(_MOST_PIECES):
        before = operators[left - 1].precedence if left > 0 else -1
        after = operators[right].precedence if right < len(operators) else -1
        if before < 0 and after < 0:
            return
        if before >= after and before != _ASSIGNMENT:
            left, _same = _widened(operators, left - 1, right, before, is_left=True)
        elif after > before and after != _ASSIGNMENT:
            _same, right = _widened(operators, left, right + 1, after, is_left=False)
        else:
            left, right = _widened(operators, left, right, _ASSIGNMENT)
        yield operands[left].whole[0], operands[right].whole[1]


def _widened(
    operators: Sequence[_Operator], left: int, right: int, precedence: int, *, is_left: bool | None = None
) -> Span:
    """How far what binds operands together extends. ``is_left``: to one side only.

    What is on the left of an operator may have others like it; what is on its right may not, unless it assigns.
    """
    if is_left is not False:
        while left > 0 and operators[left - 1].precedence >= precedence:
            left -= 1
    if is_left is not True:
        least = precedence + (precedence != _ASSIGNMENT)
        while right < len(operators) and operators[right].precedence >= least:
            right += 1
    return left, right
