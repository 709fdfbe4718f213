"""A declaration as it is written, without its body: what a person is shown of it. Text in, text out.

White space and comments between two tokens become one space, or nothing where the source has none. What is long is
broken at the commas of its list, a line for each.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cpplsp.facts import FUNCTION_KINDS, SCOPE_KINDS, Kind
from cpplsp.text.lexer import TOKENS

MAX_LINES = 14
WIDTH = 100
_MAX_INITIALISER = 80
_INDENT = "    "
_ELLIPSIS = "…"

_MAX_HEAD_LINES = 8
_HEAD = re.compile(rb"(?:^|[\s:])(template\s*<|\[\[|extern\s*\"C)", re.MULTILINE)
_NO_HEAD = re.compile(rb"[;{}]|//|\*/|/\*|^\#", re.MULTILINE)
_NOT_SHOWN = ("line_comment", "block_comment", "directive")
_OPENING = {")": "(", "]": "[", "}": "{", ">": "<"}
_BEFORE_EXPRESSION = frozenset(("requires", "&&", "||", "!", "=", ","))
_FUNCTION_POINTER = re.compile(r"\((?:\w+::)*[*&^]+(?:\s*const)?(?=\))")
_ARRAY = re.compile(r"\s*(?:\[[^\]]*\])+$")
_DEFINE = re.compile(r"[ \t]*\#?[ \t]*define[ \t]+")
_PADDING = re.compile(r"(?<=\S) {2,}(?=\S)|[ \t]+(?=\\\n)")
_TAB = 8
_TRAILING_COMMENT = re.compile(r"\s*(?://[^\n]*|/\*.*?\*/)\s*\Z", re.DOTALL)


class Token(NamedTuple):
    """A token, where it is, what is before it ("", " " or a line break), and how many brackets are open around it."""

    text: str
    at: int
    gap: str
    depth: int


def signature(text: bytes, at: int, kind: int) -> str:
    """The declaration whose text, body and all, this is; ``""`` where it does not tell what is declared.

    ``at``: where in it the name is, in bytes. Behind a comma, as ``b`` in ``int a, *b``, it tells nothing.
    """
    if kind == Kind.MACRO:
        return _macro(_decode(text))
    if kind == Kind.CONCEPT:
        return _dedented(_decode(text), 0)
    if kind in FUNCTION_KINDS:
        tokens = list(_function(_scan(text), at))
    elif kind in SCOPE_KINDS:
        tokens = list(_before_body(_scan(text)))
    else:
        tokens = _value(list(_scan(text)), at, kind)
    return "\n".join(_lines(tokens, at)) if any(token.at == at for token in tokens) else ""


def head_begin(text: bytes, begin: int) -> int:
    """Where a declaration that begins at an offset begins if what clang leaves out before it is counted.

    That is heads of templates that end in a ``requires`` clause, attributes in brackets, and ``extern "C"``.
    """
    at = text.rfind(b"\n", 0, begin) + 1
    for _ in range(_MAX_HEAD_LINES):
        above = text.rfind(b"\n", 0, max(0, at - 1)) + 1
        line = text[above:at].strip()
        if at == 0 or not line or _NO_HEAD.search(line):
            break
        at = above
    found = _HEAD.search(text, at, begin)
    return begin if found is None or _NO_HEAD.search(text, found.start(1), begin) else found.start(1)


def declared(type_text: str, name: str) -> str:
    """A declaration made of a type, as clang spells it, and a name: ``int (*f)(char)`` of ``int (*)(char)``."""
    if not type_text:
        return name
    if pointer := _FUNCTION_POINTER.search(type_text):
        return type_text[: pointer.end()] + name + type_text[pointer.end() :]
    if array := _ARRAY.search(type_text):
        return f"{type_text[: array.start()]} {name}{array.group().strip()}"
    return f"{type_text}{'' if type_text[-1] in '*&' else ' '}{name}"


def _macro(text: str) -> str:
    """A macro's definition: ``text`` is from its name, or from ``#define``, on."""
    body = _TRAILING_COMMENT.sub("", _DEFINE.sub("", text, count=1)).expandtabs(_TAB)
    return "#define " + _dedented(_PADDING.sub(" ", body), 2)


def _dedented(text: str, left: int) -> str:
    """Lines as they are, less the indentation that all but the first share, but for so much; at most MAX_LINES."""
    first, *rest = text.rstrip().splitlines() or [""]
    depths = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    least = max(0, min(depths, default=0) - left)
    lines = [first.strip(), *(line[least:].rstrip() for line in rest)]
    return "\n".join(lines if len(lines) <= MAX_LINES else [*lines[: MAX_LINES - 1], _ELLIPSIS])


# Tokens


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _scan(text: bytes) -> Iterator[Token]:
    """The tokens of a declaration. A ``<`` behind a word is taken for the beginning of template arguments."""
    opened: list[str] = []
    before = ""
    end = 0
    for match in TOKENS.finditer(text):
        if match.lastgroup in _NOT_SHOWN:
            continue
        token, gap = _decode(match.group()), text[end : match.start()]
        if token in _OPENING and _OPENING[token] in opened and (token != ">" or opened[-1] == "<"):
            while opened.pop() != _OPENING[token]:
                pass
        is_broken = bool(gap.strip(b" \t"))  # by comments, too
        yield Token(token, match.start(), ("\n" if is_broken else " ") if gap else "", len(opened))
        if token in ("(", "[", "{") or (token == "<" and _is_name(before) and before != "operator"):
            opened.append(token)
        before, end = token, match.end()


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] in "_$"


def _before_body(tokens: Iterator[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.text == "{" and not token.depth:
            return
        yield token


def _function(tokens: Iterator[Token], at: int) -> Iterator[Token]:
    """A function up to its body, its initialisers of members or the end; parameters in old style are kept."""
    name: Token | None = None
    before = ["", ""]
    has_parameters = is_expression = False
    for token in tokens:
        text = token.text
        if token.at == at:
            name = token
        elif text == ")" and name is not None and token.depth == name.depth:
            has_parameters = has_parameters or before != ["operator", "("]
        elif text == "requires" and not token.depth:
            is_expression = before[1] in _BEFORE_EXPRESSION
        elif text == "{" and not token.depth and is_expression:
            is_expression = False
        elif (text == "{" or (has_parameters and text in (":", "try"))) and not token.depth:
            return
        before = [before[1], text]
        yield token


def _value(tokens: list[Token], at: int, kind: int) -> list[Token]:
    """A variable, field, parameter, alias … with what it is given, if that is short."""
    place = next((index for index, token in enumerate(tokens) if token.at == at), -1)
    if place < 0 or any(token.text == "," and not token.depth for token in tokens[:place]):
        return []
    head, name, tail = tokens[:place], tokens[place], tokens[place + 1 :]
    ends = ["=", "{"] if kind != Kind.TYPE_ALIAS else []
    if kind == Kind.VARIABLE:
        ends.append(":")  # of a range that it runs over
    if not name.depth and kind not in (Kind.TYPE_ALIAS, Kind.TEMPLATE_PARAMETER):
        ends.append("(")
    cut = next((i for i, one in enumerate(tail) if not one.depth and one.text in ends), len(tail))
    kept, given = tail[:cut], tail[cut:]
    if given and given[0].text == ":":
        given = []
    if (
        given and given[0].text == "(" and given[-1].text != ")"
    ):  # clang's extent of ``int x(0)`` ends before it
        given.append(Token(")", -1, "", 0))
    if len(_join(given)) > _MAX_INITIALISER or any("\n" in token.gap + token.text for token in given):
        given = _without_bodies(given)
    if len(_join(given)) > _MAX_INITIALISER:
        given = []
    return [*_without_bodies(head), name, *_without_bodies(kept), *given]


def _without_bodies(tokens: Sequence[Token]) -> list[Token]:
    """Tokens with what is in outermost braces left out."""
    found: list[Token] = []
    is_inside = False
    least = min((token.depth for token in tokens), default=0)
    for token in tokens:
        if token.text == "}" and token.depth == least and is_inside:
            if found[-1].text != "{":
                found[-1:] = [found[-1]._replace(text=_ELLIPSIS, gap="")]
            found.append(token._replace(gap=""))
            is_inside = False
        elif not is_inside:
            found.append(token)
            is_inside = token.text == "{" and token.depth == least
        elif found[-1].text == "{":
            found.append(token)
    return found


# Lines


def _join(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    before = ""
    for token in tokens:
        is_tight = token.gap == "\n" and (
            before in ("(", "[", "<") or token.text in (")", "]", ">", ",", ";")
        )
        parts.append(" " if parts and token.gap and not is_tight else "")
        parts.append(token.text)
        before = token.text
    return "".join(parts)


def _lines(tokens: Sequence[Token], at: int) -> list[str]:
    """Heads of templates, then the rest; each broken where it is too long."""
    lines: list[str] = []
    while len(tokens) > 2 and tokens[0].text == "template" and tokens[1].text == "<":
        end = next(
            (index for index, token in enumerate(tokens) if token.text == ">" and not token.depth), None
        )
        if end is None:
            break
        lines += _broken(tokens[: end + 1], 1)
        tokens = tokens[end + 1 :]
    place = next((index for index, token in enumerate(tokens) if token.at == at), 0)
    depth = tokens[place].depth if tokens else 0
    opening = next(
        (
            index
            for index, token in enumerate(tokens)
            if index > place
            and token.depth == depth
            and token.text in ("(", ":")
            and tokens[index - 1].text != "operator"
        ),
        None,
    )
    if any(token.text == ";" and not token.depth for token in tokens):
        lines += _old_style(tokens)
    else:
        lines += _broken(tokens, opening)
    return lines[:MAX_LINES]


def _broken(tokens: Sequence[Token], opening: int | None) -> list[str]:
    """Tokens on a line; where they are too long for one, each entry of the list that opens there on its own."""
    line = _join(tokens)
    if len(line) <= WIDTH or opening is None:
        return [line]
    depth = tokens[opening].depth
    inner = depth + (tokens[opening].text != ":")
    end = next((i for i in range(opening + 1, len(tokens)) if tokens[i].depth < inner), len(tokens))
    entries: list[list[Token]] = [[]]
    for token in tokens[opening + 1 : end]:
        entries[-1].append(token)
        if token.text == "," and token.depth == inner:
            entries.append([])
    last = _join(entries.pop()) + _join(
        [token._replace(gap="") if i == 0 else token for i, token in enumerate(tokens[end:])]
    )
    texts = [*map(_join, entries), last]
    if len(texts) > MAX_LINES - 3:
        texts = [*texts[: MAX_LINES - 4], _ELLIPSIS, last]
    return [_join(tokens[: opening + 1]), *(_INDENT + text for text in texts)]


def _old_style(tokens: Sequence[Token]) -> list[str]:
    """A C function whose parameters are declared behind their list: each declaration on a line."""
    lines: list[list[Token]] = [[]]
    is_listed = False
    for token in tokens:
        lines[-1].append(token)
        if not token.depth and (token.text == ";" or (token.text == ")" and not is_listed)):
            is_listed = True
            lines.append([])
    return [_join(line) for line in lines if line]
