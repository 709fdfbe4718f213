"""The comment that documents a declaration: which one it is, and what it says without its decoration.

Text in, text out. Documentation is what stands right above a declaration, or behind it on its last line; ``///`` and
the like count before plain comments. Rulers, notes to tools, licences and what an empty line separates are none.
"""

import re
from collections.abc import Iterator, Sequence

from cpplsp.columns import BOM
from cpplsp.facts import Kind

_WINDOW = 32768
"""Bytes above and behind a declaration that are looked at."""
_MAX_LINES_BETWEEN = 3
"""Attributes and macros that may stand between a comment and its declaration."""
_UNDOCUMENTED_KINDS = frozenset((Kind.NAMESPACE, Kind.LABEL, Kind.PARAMETER, Kind.TEMPLATE_PARAMETER))
_TRAILED_KINDS = frozenset((Kind.FIELD, Kind.STATIC_FIELD, Kind.ENUMERATOR, Kind.VARIABLE, Kind.MACRO))
"""What a plain comment behind it is about."""

# What may stand before a declaration on its line, and on lines between its comment and itself.
_SPECIFIERS = re.compile(
    rb"[ \t]*(?:\#[ \t]*define\b[ \t]*)?(?:(?:[\w:]++|\[\[[^\]]*\]\]|\"C(?:\+\+)?\")[ \t]*+)*+"
)
_STATEMENTS = re.compile(rb"\b(?:return|case|else|goto|throw|public|private|protected)\b")
_BETWEEN = re.compile(
    rb"[ \t]*(?:(?:_*[A-Z][A-Z0-9_]*+(?:[ \t]*\([^()]*\))?|\[\[[^\]]*\]\]|__attribute__[ \t]*\(\([^\n]*\)\)"
    rb"|extern[ \t]+\"C\"|static\b|inline\b|constexpr\b|virtual\b|explicit\b)[ \t]*+)*(?:template[ \t]*<[^\n]*>[ \t]*)?"
)
_LINE_COMMENT = re.compile(rb"[ \t]*//")
_DOCUMENTING = re.compile(rb"[ \t]*//[/!](?!/)")
_BEHIND = re.compile(rb"[ \t]*(?://[/!]<|/\*[*!]<)")
_TRAILING = re.compile(rb"[ \t]*[;,]?[ \t]*((?://|/\*).*)")

_OPENING = re.compile(r"\s*(?://[/!]?<?|/\*[*!]*<?)")
_CLOSING = re.compile(r"\**\*/$")
_STAR = re.compile(r"\s*\*")
_RULER = re.compile(r"\s*(?:[-=*#/~_+<>]{3,}+\s*+)++|=+-+.*-+=+/*")
_BETWEEN_RULERS = re.compile(r"(\s*)[-=*#/~]{3,}+\s+(\w.*\S)\s+[-=*#/~]{3,}\s*\Z")
_FENCE = ("```", "~~~")
_FOR_TOOLS = re.compile(
    r"\s*(?:NOLINT|clang-format (?:on|off)|IWYU pragma|LCOV_|GCOVR?_|cppcheck-suppress|NOSONAR|-\*-)"
)
_LICENCE = re.compile(r"\bcopyright\b|\blicen[cs]ed? |SPDX-License", re.IGNORECASE)


def comment_of(text: bytes, begin: int, end: int, kind: int) -> str:
    """What the comment says of a declaration that stands at these byte offsets; ``""`` where there is none."""
    if kind in _UNDOCUMENTED_KINDS:
        return ""
    behind = _behind(text, end)
    if behind and _BEHIND.match(behind[0]):
        return _said(behind)
    above = _said(_above(text, begin))
    return above or (_said(behind) if kind in _TRAILED_KINDS else "")


def _above(text: bytes, begin: int) -> list[bytes]:
    """The lines of the comment above a declaration, those that document if there are such."""
    at = max(0, begin - _WINDOW)
    lines = [line.rstrip() for line in text[at:begin].removeprefix(BOM).split(b"\n")]
    before = lines.pop()
    if before.endswith(b"*/"):
        start = before.rfind(b"/*")
        return [before[start:]] if start >= 0 and not _BEHIND.match(before, start) else []
    if not _SPECIFIERS.fullmatch(before) or _STATEMENTS.search(before):
        return []
    for _ in range(_MAX_LINES_BETWEEN):
        if lines and lines[-1] and _BETWEEN.fullmatch(lines[-1]):
            lines.pop()
    found = list(_block(lines) if lines and lines[-1].endswith(b"*/") else _line_comments(lines))
    is_first = at == 0 and len(found) == len(lines)
    return [] if is_first and _LICENCE.search(_decode(b" ".join(found))) else found


def _block(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The block comment that ends on the last line, if it begins a line and is not about what is before it."""
    for number in range(len(lines) - 1, -1, -1):
        start = lines[number].rfind(b"/*")
        if start >= 0:
            if not lines[number][:start].strip() and not _BEHIND.match(lines[number]):
                yield from lines[number:]
            return


def _line_comments(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The line comments that end on the last line, unless they go on with one behind the code above them."""
    first = len(lines)
    while first and _LINE_COMMENT.match(lines[first - 1]):
        first -= 1
    while first < len(lines) and _BEHIND.match(lines[first]):
        first += 1
    if first == len(lines):
        return
    column = lines[first].find(b"//")
    if column and first and lines[first - 1][:column].strip() and lines[first - 1].startswith(b"//", column):
        return
    documenting = [line for line in lines[first:] if _DOCUMENTING.match(line)]
    yield from documenting or lines[first:]


def _behind(text: bytes, end: int) -> list[bytes]:
    """The lines of the comment behind a declaration on its line, and of those that go on with it."""
    lines = [line.rstrip() for line in text[end : end + _WINDOW].split(b"\n")]
    first = _TRAILING.fullmatch(lines[0])
    if first is None:
        return []
    comment = first.group(1)
    if comment.startswith(b"/*"):
        last = next((number for number, line in enumerate(lines) if b"*/" in line), 0)
        lines[0] = comment
        return lines[: last + 1] if lines[last].endswith(b"*/") else []
    column = end + first.start(1) - (text.rfind(b"\n", 0, end) + 1)
    found = [comment]
    for line in lines[1:]:
        if not _BEHIND.match(line) and (line.find(b"//") != column or line[:column].strip()):
            break
        found.append(line)
    return found


def _said(lines: Sequence[bytes]) -> str:
    """A comment without its decoration, its lines without the indentation that they share."""
    if lines and lines[0].lstrip().startswith(b"/*"):
        said = _without_stars(_decode(b"\n".join(lines)))
    else:
        said = [_OPENING.sub("", _decode(line), count=1) for line in lines]
    said = [_heading(line.expandtabs(4)) for line in said if not _FOR_TOOLS.match(line)]
    said = ["" if _RULER.fullmatch(line) and not line.strip().startswith(_FENCE) else line for line in said]
    least = min((len(line) - len(line.lstrip()) for line in said if line.strip()), default=0)
    return "\n".join(line[least:].rstrip() for line in said).strip("\n")


def _heading(line: str) -> str:
    """What stands between two rulers; other lines as they are."""
    found = _BETWEEN_RULERS.match(line)
    return found[1] + found[2] if found else line


def _without_stars(text: str) -> list[str]:
    """The lines of a block comment without its ends and, where each line begins with a star, without these."""
    inner = _CLOSING.sub("", _OPENING.sub("", text, count=1))
    first, *rest = inner.split("\n")
    if all(_STAR.match(line) for line in rest if line.strip()):
        return [first, *(_STAR.sub("", line, count=1) for line in rest)]
    least = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return [first.strip(), *(line[least:] for line in rest)]


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")
