"""Parameters of templates of variables, of which libclang (18) shows nothing: by the text."""

from cpplsp.worker.constraints import TOKEN, is_word

_NO_NAMES = frozenset(
    (b"class", b"typename", b"auto", b"int", b"unsigned", b"bool", b"char", b"long", b"short")
)
_OPENING, _CLOSING = frozenset((b"(", b"[", b"{")), frozenset((b")", b"]", b"}"))


def parameters(text: bytes, begin: int) -> dict[str, int]:
    """The names of a template's parameters and their offsets, if a ``template <…>`` begins at an offset."""
    found: dict[str, int] = {}
    name, written, has_default, brackets, angles = (b"", 0), 0, False, 0, 0
    for one in TOKEN.finditer(text, begin):
        token = one["token"]
        if token is None:
            continue
        if not angles and token not in (b"template", b"<"):
            break
        brackets += (token in _OPENING) - (token in _CLOSING)
        if not brackets:
            angles += (token == b"<") - (token == b">")
        if (token == b"," and angles == 1 and not brackets) or not angles:
            if name[0] and written > 1:
                found[name[0].decode("utf-8", "replace")] = name[1]
            name, written, has_default = (b"", 0), 0, False
            if not angles and token == b">":
                break
        elif angles == 1 and not brackets and token != b"<":
            has_default = has_default or token == b"="
            written += 1
            if not has_default:
                is_name = is_word(token) and token not in _NO_NAMES and name[0] != b"::"
                name = (token, one.start()) if is_name or token == b"::" else (b"", 0)
    return found
