"""Reading a little C++ backwards, from a place in the text: the qualifier of a name, the header of a template."""

_MAX_ARGUMENTS = 4000  # bytes between angle brackets: beyond that it is no list of arguments
_SPACE = b" \t\r\n\f\v"


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
    """Where the ``template <…>`` in front of a declaration begins, the first of several; its own begin without one."""
    while True:
        end = end_before(text, begin)
        if text[end - 1 : end] != b">":
            return begin
        end = before_arguments(text, end)
        if end < 0 or text[end - 8 : end] != b"template" or word_start(text, end) != end - 8:
            return begin
        begin = end - 8
