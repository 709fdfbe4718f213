"""What constrains a function, as written: requires-clauses, and concepts in the place of ``class`` or before ``auto``.

Functions may differ in nothing else, and clang (18) leaves that out of their USRs.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?\*/|\s+|(?P<token>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[\w$\x80-\xff]+|::|&&|\|\||->|\.{3}|.)",
    re.DOTALL,
)
"""The tokens of C++, in the group ``token``; comments and white space outside of it."""
_WORD = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*\Z")
_PLAIN_HEADER = re.compile(rb"(?:class|typename)\b[\w\s.=,]*>\s*(?!requires\b)")
"""Behind ``template <``: parameters that nothing constrains, as most are."""
_PAIRS = {b"(": b")", b"[": b"]", b"{": b"}"}
_CLOSING = frozenset(_PAIRS.values())
_INTRODUCERS = frozenset((b"class", b"typename", b"template"))
_NO_CONCEPTS = frozenset(
    (b"const", b"volatile", b"constexpr", b"constinit", b"static", b"inline", b"mutable")
)
_BODY = frozenset((b"{", b";", b"=", b":"))
_JUNCTIONS = frozenset((b"&&", b"||", b"and", b"or"))
LONGEST = 4000
"""Bytes of a declaration that are looked at."""


class _Parameter(NamedTuple):
    """A template's parameter: all of its tokens but the name, and the name, which may be empty."""

    tokens: tuple[bytes, ...]
    name: bytes


def is_word(token: bytes) -> bool:
    """Whether a token is a name or keyword."""
    return _WORD.match(token) is not None


def is_constrained(text: bytes, name: int) -> bool:
    """Whether what a text declares under the name at an offset may be constrained: what follows costs time."""
    body = text.find(b"{", name)
    head = text[: body if body >= 0 else len(text)]
    if b"requires" in head or head.find(b"auto", name) >= 0:
        return True
    return head.startswith(b"template") and not _PLAIN_HEADER.match(head, head.find(b"<") + 1)


def constraint(text: bytes, name: int, is_type: Sequence[bool]) -> bytes:
    """What constrains the function that a text declares under the name at an offset; empty for nothing.

    ``is_type``: of each parameter of its template, if it is one. White space and the names of the parameters make no
    difference.
    """
    before, after = _tokens(text[:name]), _tokens(text[name:])
    parameters: list[_Parameter] = []
    found: list[tuple[bytes, ...]] = []
    at = 0
    while before[at : at + 2] == [b"template", b"<"]:
        close = _close(before, at + 1)
        parameters += _parameters(before[at + 2 : close])
        at = close + 1
        if before[at : at + 1] == [b"requires"]:
            stop = _clause_end(before, at + 1)
            found.append(tuple(before[at + 1 : stop]))
            at = stop
    names = {one.name: b"$%d" % number for number, one in enumerate(parameters) if one.name}
    concepts = [
        (b"$%d" % number, *one.tokens)
        for number, (one, is_one) in enumerate(zip(parameters, is_type, strict=False))
        if is_one and one.tokens and one.tokens[0] not in _INTRODUCERS
    ]
    found = [*concepts, *found, *_behind(after)]
    return b";".join(b" ".join(names.get(token, token) for token in one) for one in found)


def _behind(tokens: list[bytes]) -> list[tuple[bytes, ...]]:
    """What constrains a function from its name on: in its parameters, and behind them."""
    found: list[tuple[bytes, ...]] = []
    at = 1
    if tokens[:1] == [b"operator"]:
        at = 3 if tokens[1:3] == [b"(", b")"] else 2
    while at < len(tokens) and tokens[at] != b"(":
        if tokens[at] in _BODY - {b"="}:
            return found
        at += 1
    close = _close(tokens, at)
    for parameter in _split(tokens[at + 1 : close]):
        concept = parameter[: parameter.index(b"auto")] if b"auto" in parameter else []
        concept = [token for token in concept if token not in _NO_CONCEPTS]
        if concept:
            found.append((*concept, b"auto"))
    at = close + 1
    while at < len(tokens) and tokens[at] not in _BODY:
        if tokens[at] == b"requires":
            stop = _clause_end(tokens, at + 1)
            found.append(tuple(tokens[at + 1 : stop]))
            at = stop
        else:
            at = _close(tokens, at) + 1
    return found


def clause_end(text: bytes, begin: int, limit: int) -> int:
    """Where the constraint ends that begins at an offset, behind ``requires``: at the limit, or else -1."""
    tokens = _tokens(text[begin:limit])
    return limit if tokens and _clause_end(tokens, 0) == len(tokens) else -1


def _tokens(text: bytes) -> list[bytes]:
    return [token for one in TOKEN.finditer(text) if (token := one["token"]) is not None]


def _close(tokens: Sequence[bytes], at: int) -> int:
    """Where the bracket closes that is at an index, an angle bracket too; the index, where none is."""
    if at >= len(tokens) or (tokens[at] not in _PAIRS and tokens[at] != b"<"):
        return at
    is_angle, depth, angles = tokens[at] == b"<", 0, 0
    for index in range(at, len(tokens)):
        token = tokens[index]
        if token in _PAIRS:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
        elif is_angle and not depth:
            angles += (token == b"<") - (token == b">")
        if depth <= 0 and angles <= 0:
            return index
    return len(tokens)


def _split(tokens: Sequence[bytes]) -> list[list[bytes]]:
    """What commas divide, outside of brackets."""
    found: list[list[bytes]] = [[]]
    at = 0
    while at < len(tokens):
        close = min(_close(tokens, at), len(tokens) - 1)
        if tokens[at] == b",":
            found.append([])
        else:
            found[-1] += tokens[at : close + 1]
        at = close + 1
    return [one for one in found if one]


def _parameters(tokens: Sequence[bytes]) -> list[_Parameter]:
    found = []
    for one in _split(tokens):
        written = one[: one.index(b"=")] if b"=" in one else one
        is_named = len(written) > 1 and is_word(written[-1]) and written[-2] != b"::"
        name = written[-1] if is_named else b""
        found.append(_Parameter(tuple(written[:-1] if is_named else written), name))
    return found


def _clause_end(tokens: Sequence[bytes], at: int) -> int:
    """The index behind a constraint: conditions in parentheses, concepts, requires-expressions, and what joins them."""
    while at < len(tokens):
        if tokens[at] == b"(":
            at = _close(tokens, at) + 1
        elif tokens[at] == b"requires":
            at = _close(tokens, at + 1) + 1 if tokens[at + 1 : at + 2] == [b"("] else at + 1
            at = _close(tokens, at) + 1
        else:
            at = _name_end(tokens, at)
        if at >= len(tokens) or tokens[at] not in _JUNCTIONS:
            break
        at += 1
    return min(at, len(tokens))


def _name_end(tokens: Sequence[bytes], at: int) -> int:
    """The index behind a qualified name with its arguments."""
    while True:
        at += tokens[at : at + 1] == [b"::"]
        at += tokens[at : at + 1] == [b"template"]
        at += 1
        if tokens[at : at + 1] == [b"<"]:
            at = _close(tokens, at) + 1
        if tokens[at : at + 1] != [b"::"]:
            return at
