"""Reading a little C++ backwards, from a place in the text: the qualifier of a name, the header of a template."""

import re

from cpplsp.facts import Role
from cpplsp.worker.constraints import clause_end

_MAX_ARGUMENTS = 4000  # bytes between angle brackets: beyond that it is no list of arguments
_MAX_CLAUSE = 2000  # bytes of a requires-clause
_SPACE = b" \t\r\n\f\v"
_CHANGES_BEHIND = re.compile(rb"\s*(?:(\+\+|--|(?:[-+*/%&|^]|<<|>>)=)|(=)(?!=))")
_REQUIRES = re.compile(rb"(?<![\w$])requires(?![\w$])")
_CLAUSE_ENDS = b")>}"
_READ, _WRITE, _ADDRESS = Role.READ, Role.WRITE, Role.ADDRESS_OF
_CONDITIONS = frozenset(
    (b"if", b"while", b"switch", b"return", b"constexpr", b"for", b"co_return", b"co_yield")
)


def end_before(text: bytes, offset: int) -> int:
    """Where the last thing before an offset ends that is not white space."""
    while offset and text[offset - 1] in _SPACE:
        offset -= 1
    return offset


def word_start(text: bytes, end: int) -> int:
    """Where the word starts that ends at an offset; that offset, where none does."""
    while end and (text[end - 1 : end].isalnum() or text[end - 1] == ord("_")):
        end -= 1
    return end


def before_arguments(text: bytes, end: int) -> int:
    """Where what stands before ``<…>`` ends, given the end of that; -1 where it is not balanced."""
    angles = parentheses = 0
    for at in range(end - 1, max(-1, end - 1 - _MAX_ARGUMENTS), -1):
        match text[at : at + 1]:
            case b")":
                parentheses += 1
            case b"(":
                parentheses -= 1
            case b">" if not parentheses:
                angles += 1
            case b"<" if not parentheses:
                angles -= 1
        if parentheses < 0:
            return -1
        if angles == 0:
            return end_before(text, at)
    return -1


def qualifier(text: bytes, offset: int) -> int:
    """Where the last name before a ``::`` starts, in front of the name at an offset; -1 where there is none.

    Arguments in angle brackets between them are passed over.
    """
    end = end_before(text, offset)
    if text[end - 8 : end] == b"template":
        end = end_before(text, end - 8)
    if text[end - 2 : end] != b"::":
        return -1
    end = end_before(text, end - 2)
    if text[end - 1 : end] == b">":
        end = before_arguments(text, end)
    return word_start(text, end) if end > 0 else -1


def template_start(text: bytes, begin: int) -> int:
    """Where the ``template <…>`` in front of a declaration begins, the first of several; its own begin without one.

    A requires-clause may be between them.
    """
    while True:
        end = end_before(text, begin)
        start = _header_start(text, end)
        if start < 0 and text[end - 1 : end] and text[end - 1] in _CLAUSE_ENDS:
            start = _constrained_header_start(text, end)
        if start < 0:
            return begin
        begin = start


def _header_start(text: bytes, end: int) -> int:
    """Where the ``template <…>`` begins that ends at an offset; -1 where none does."""
    if text[end - 1 : end] != b">":
        return -1
    end = before_arguments(text, end)
    is_header = end >= 0 and text[end - 8 : end] == b"template" and word_start(text, end) == end - 8
    return end - 8 if is_header else -1


def _constrained_header_start(text: bytes, end: int) -> int:
    """Where the ``template <…> requires …`` begins that ends at an offset; -1 where none does."""
    first = max(end - _MAX_CLAUSE, 0)
    if text.find(b"requires", first, end) < 0:
        return -1
    for clause in reversed(list(_REQUIRES.finditer(text, first, end))):
        start = _header_start(text, end_before(text, clause.start()))
        if start >= 0 and clause_end(text, clause.end(), end) == end:
            return start
    return -1


def expression_start(text: bytes, offset: int) -> int:
    """Where ``a.b[0]->name`` begins, given the offset of the name."""
    while True:
        end = end_before(text, offset)
        if text[end - 2 : end] == b"->":
            end -= 2
        elif text[end - 1 : end] == b"." and text[end - 2 : end] != b"..":
            end -= 1
        else:
            return offset
        end = end_before(text, end)
        while text[end - 1 : end] in (b")", b"]"):
            end = before_bracket(text, end)
            if end < 0:
                return offset
        offset = word_start(text, end)
        while text[offset - 2 : offset] == b"::":
            offset = word_start(text, offset - 2)


def before_bracket(text: bytes, end: int) -> int:
    """Where the bracket opens that closes at an offset; -1 where none does."""
    depth = 0
    for at in range(end - 1, max(-1, end - 1 - _MAX_ARGUMENTS), -1):
        byte = text[at : at + 1]
        depth += (byte in (b")", b"]")) - (byte in (b"(", b"["))
        if not depth:
            return at
    return -1


def usage(text: bytes, offset: int, length: int) -> Role:
    """How a member is used that is named at an offset: read or written, as far as the text around tells.

    What is an argument may be passed by reference: that is neither.
    """
    after = _CHANGES_BEHIND.match(text, offset + length)
    if after:
        return _WRITE if after[2] else _READ | _WRITE
    before = end_before(text, expression_start(text, offset))
    behind = text[offset + length : offset + length + 20].lstrip()[:1]
    sign = text[before - 2 : before]
    if sign in (b"++", b"--"):
        return _READ | _WRITE
    if behind in (b".", b"["):
        return Role(0)
    if sign[1:] == b"&" and sign != b"&&":
        operand = end_before(text, before - 1)
        is_binary = text[operand - 1 : operand] in (b")", b"]") or word_start(text, operand) < operand
        return _READ if is_binary else _ADDRESS
    if behind in (b",", b")") and _is_argument(text, before):
        return Role(0)
    return _READ


def _is_argument(text: bytes, before: int) -> bool:
    """Whether what ends at an offset begins or goes on with a list of arguments of a call."""
    if text[before - 1 : before] == b",":
        return True
    if text[before - 1 : before] != b"(":
        return False
    end = end_before(text, before - 1)
    word = text[word_start(text, end) : end]
    return (bool(word) and word not in _CONDITIONS) or text[end - 1 : end] == b">"


def is_argument_of_attribute(text: bytes, offset: int) -> bool:
    """Whether a name in an attribute is in the parentheses behind the attribute's own name."""
    depth = 0
    for at in range(offset - 1, max(-1, offset - 1 - _MAX_ARGUMENTS), -1):
        byte = text[at : at + 1]
        depth += (byte == b")") - (byte == b"(")
        if depth < 0:
            end = end_before(text, at)
            word = text[word_start(text, end) : end]
            return bool(word) and not word.startswith(b"__attribute") and word != b"__declspec"
        if byte in (b";", b"{", b"}"):
            break
    return False
