"""What the index does not tell of declarations, read from the text around their names."""

import re
from collections.abc import Iterator

from cpplsp.text.lexer import BRACKETS, Nesting, directive_name

_MOST_ARGUMENTS = 1000  # bytes between angle brackets: beyond that it is no list of arguments
_UNNAMED = re.compile(rb"\bnamespace\s*\{")
_FRIEND = re.compile(rb"\bfriend\b[^;{}]*\Z")
_WORD_BYTES = bytes(byte for byte in range(256) if byte >= 0x80 or re.match(rb"[\w$]", bytes([byte])))
_NO_QUALIFIERS = frozenset(
    b"auto bool char const double float inline int long return short signed static unsigned void volatile".split()
)
"""What may stand before a name from the global scope."""


def spelled_around(text: bytes, offset: int, name: str) -> tuple[str, str]:
    """The qualifier in front of a name and the template arguments behind it; both empty where it is not spelled.

    White space is made one blank, or none around the ``::``.
    """
    raw = name.encode("utf-8", "replace")
    end = offset + len(raw)
    if text[offset:end] != raw:
        return "", ""
    arguments = text[end : _closed(text, end)] if text[end : end + 1] == b"<" else b""
    if raw.startswith(b"operator") and text[end : end + 1] == b"<":
        arguments = b""  # operator<<
    begin = _qualifier_start(text, offset)
    qualifier = re.sub(r"\s*::\s*", "::", _plain(text[begin:offset])) if begin < offset else ""
    return qualifier, _plain(arguments) if arguments else ""


def arguments_behind(text: bytes, offset: int, name: str) -> str:
    """What is in parentheses right behind a name, with these; empty where nothing is."""
    end = offset + len(name.encode("utf-8", "replace"))
    return _plain(text[end : _closed(text, end)]) if text[end : end + 1] == b"(" else ""


def befriends(text: bytes, offset: int) -> bool:
    """Whether a name is that of a friend."""
    word = text.rfind(b"friend", max(0, offset - _MOST_ARGUMENTS), offset)
    return word >= 0 and _FRIEND.search(text, max(0, word - 1), offset) is not None


def _plain(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())


def _closed(text: bytes, begin: int) -> int:
    """Behind the bracket that closes the one at a place; that place itself where none does."""
    taken = _balanced(text[begin : begin + _MOST_ARGUMENTS].decode("latin-1"), "<([", ">)]")
    return begin + taken


def _opened(text: bytes, end: int) -> int:
    """Where the bracket is that is closed right before a place; that place itself where there is none."""
    before = text[max(0, end - _MOST_ARGUMENTS) : end].decode("latin-1")
    return end - _balanced(before[::-1], ">)]", "<([")


def _balanced(text: str, opening: str, closing: str) -> int:
    """How many characters it takes to close the bracket that a text begins with; none where it is not closed.

    In parentheses ``<`` and ``>`` are operators.
    """
    angles = others = 0
    for at, one in enumerate(text):
        if one in opening[1:] or one in closing[1:]:
            others += 1 if one in opening else -1
        elif not others and one in (opening[0], closing[0]):
            angles += 1 if one == opening[0] else -1
        if angles == others == 0:
            return at + 1
        if one in ";{" or others < 0:
            break
    return 0


def _qualifier_start(text: bytes, offset: int) -> int:
    """Where the qualifier in front of a name begins; where the name does, if it has none."""
    begin = offset
    while True:
        before = text[max(0, begin - 200) : begin].rstrip()
        if not before.endswith(b"::"):
            return begin
        before = before[:-2].rstrip()
        end = max(0, begin - 200) + len(before)
        if text[end - 1 : end] == b">":
            end = _opened(text, end)
        bare = text[max(0, end - 200) : end].rstrip()
        word = bare[len(bare.rstrip(_WORD_BYTES)) :]
        start = max(0, end - 200) + len(bare) - len(word)
        if start == end or word in _NO_QUALIFIERS:
            return begin
        begin = start


def unnamed_namespaces(text: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of each ``namespace { … }`` that has no name."""
    begun = {match.end() - 1: match.start() for match in _UNNAMED.finditer(text)}
    if not begun:
        return
    nesting = Nesting()
    for token in BRACKETS.finditer(text):
        if token.lastgroup == "directive":
            nesting.directive(directive_name(token.group()), *token.span())
        elif token.lastgroup == "bracket":
            opened = nesting.bracket(token.group(), token.start())
            if opened in begun:
                yield begun[opened], token.end()
