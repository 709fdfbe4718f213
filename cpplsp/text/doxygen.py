"""What a documentation comment says, as Markdown or as plain text: Doxygen's and Javadoc's commands are carried out.

What looks like Markdown is taken as such where people write it in comments: code spans and fences, lists, bold words,
links. Everything else is text, and is escaped. Commands: https://www.doxygen.nl/manual/commands.html.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_SECTIONS = {
    "return": "Returns",
    "returns": "Returns",
    "result": "Returns",
    "retval": "Returns",
    "throw": "Throws",
    "throws": "Throws",
    "exception": "Throws",
    "note": "Note",
    "warning": "Warning",
    "attention": "Attention",
    "remark": "Remark",
    "remarks": "Remark",
    "pre": "Precondition",
    "post": "Postcondition",
    "invariant": "Invariant",
    "see": "See",
    "sa": "See",
    "copydoc": "See",
    "since": "Since",
    "deprecated": "Deprecated",
    "todo": "To do",
    "bug": "Bug",
    "author": "Author",
    "authors": "Authors",
    "version": "Version",
    "date": "Date",
    "par": "",
}
_PARAMETERS = {"param": "Parameters", "tparam": "Template parameters"}
_NAMED = frozenset(("param", "tparam", "retval", "throw", "throws", "exception"))
"""Commands whose first word is a name."""
_TEXT = frozenset(("brief", "short", "details", "li", "arg"))
_CODE = frozenset(("code", "verbatim"))
_DROPPED = frozenset(
    (
        *("class", "struct", "union", "enum", "fn", "def", "typedef", "var", "namespace", "file", "name"),
        *("headerfile", "ingroup", "defgroup", "addtogroup", "relates", "relatesalso", "nosubgrouping"),
        *(
            "internal",
            "endinternal",
            "cond",
            "endcond",
            "publicsection",
            "protectedsection",
            "privatesection",
        ),
        *("copyright", "{", "}"),
    )
)
_COMMAND = re.compile(r"\s*[\\@](\w+|[{}])(?:\[([^\]]*)\]|\{([^}]*)\})?[ \t]*(.*)")
_END_OF_CODE = re.compile(r"(.*?)[\\@]end(?:code|verbatim)\b")
_FENCE = re.compile(r"\s*(```+|~~~+)\s*([\w+#.-]*)\s*$")
_ITEM = re.compile(r"(\s*)([-*+•]|\d{1,2}[.)])\s+(?=\S)")
_INDENTED = 4
_HARD_BREAK_BELOW = 0.75
"""A line shorter than that part of its paragraph's width, the next word included, was ended on purpose."""

_INLINE = re.compile(
    r"(?P<span>(?<!`)(?P<ticks>`+)(?!`)(?:[^`]|(?!(?P=ticks)(?!`))`)+?(?P=ticks)(?!`))"
    r"|\{@(?:code|link|linkplain|literal)\s+(?P<javadoc>[^{}]{0,200})\}"
    r"|[\\@](?:c|p|a|ref)\s+(?P<code>\w[^\s,;]*[\w)>\]*&+]|\S)(?:\s+\"(?P<reference>[^\"]*)\")?"
    r"|[\\@](?P<stress>e|em|b)\s+(?P<stressed>\w[^\s,;]*\w|\w)"
    r"|[\\@]f\$(?P<formula>.+?)[\\@]f\$"
    r"|[\\@]link\s+\S+\s+(?P<link>[^\\@]{0,200}?)\s*[\\@]endlink"
    r"|(?P<line>[\\@]n\b|<br\s*/?>)"
    r"|[\\@](?P<character>[&$\#<>%\"@\\.:|])"
    r"|<(?P<tag>b|strong|i|em)>(?P<tagged>[^<]+)</(?P=tag)>|<(?P<html>tt|code)>(?P<typed>[^<]+)</(?P=html)>"
    r"|(?P<dropped>(?<!\w)%(?=[A-Za-z]{3})|<a\s[^<>]{0,200}>|</a>|</?(?:p|ul|ol|li|pre|tt|code|blockquote|dl|dt|dd|center)\s*/?>)"
    r"|(?P<kept>\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)|<?https?://[^\s>)]+[^\s>).,;:!?]>?|(?<![\w*])\*\*\w(?:[^*\n]*\w)?\*\*(?![\w*]))"
    r"|(?P<special>[\\`\[]|\*|(?<!\w)_+|<(?=[A-Za-z/!?])|&(?=\#?\w+;)|~(?=~))",
    re.DOTALL,
)
_CODES = ("javadoc", "reference", "code", "formula", "link", "typed")
_MARKS = re.compile(r"[\\`*\[\]<#|~&]|(?<!\w)_+")
"""What Markdown may take for more than text; behind a letter, a ``_`` begins nothing (CommonMark, 6.2)."""
_HARD_BREAK = "\x00"
_AT_LINE_START = re.compile(r"^(\s*)([#>+=-])(?=\s|[#=-])", re.MULTILINE)


@dataclass(slots=True)
class _Block:
    """A paragraph, an item of a list, or a piece of code.

    ``command``: what it belongs to; ``name``: what that is about; ``about``: what its brackets say of it.
    """

    command: str = ""
    name: str = ""
    about: str = ""
    marker: str = ""
    language: str | None = None
    """Of code, maybe empty; None: it is text."""
    lines: list[str] = field(default_factory=list)


def render(comment: str, *, markdown: bool) -> str:
    """A comment (without decoration) for a person to read."""
    return _Renderer(markdown).render(_blocks(comment.split("\n")))


def parameter_text(comment: str, name: str, *, markdown: bool) -> str:
    """What a function's comment says of one of its parameters; ``""`` where it says nothing."""
    for block in _blocks(comment.split("\n")):
        if block.command in _PARAMETERS and name in re.split(r"[,\s]+", block.name):
            return _Renderer(markdown).text(block.lines)
    return ""


def _blocks(lines: Sequence[str]) -> list[_Block]:
    """The blocks of a comment, in order."""
    found: list[_Block] = []
    current: _Block | None = None
    end: re.Pattern[str] | None = None
    """Of code with marks at its ends."""
    for line in lines:
        is_deep = len(line) - len(line.lstrip()) >= _INDENTED
        if current is not None and current.language is not None:
            if (end is None and (is_deep or not line.strip())) or (end is not None and not end.match(line)):
                current.lines.append(line)
                continue
            current = None
            if end is not None:
                end = None
                continue
        if not line.strip():
            current = None
            continue
        fence = _FENCE.fullmatch(line)
        command = _COMMAND.match(line)
        item = _ITEM.match(line)
        if fence:
            current, end = _Block(language=fence[2]), re.compile(r"\s*" + re.escape(fence[1]))
        elif command and command[1] in _CODE:
            current, end = _Block(language=(command[3] or "").lstrip(".")), _END_OF_CODE
        elif command and command[1] in _DROPPED:
            continue
        elif command and (command[1] in _SECTIONS or command[1] in _PARAMETERS or command[1] in _TEXT):
            current = _command(command[1], command[2] or "", command[4])
        elif item:
            current = _Block(marker="-" if item[2] in "-*+•" else item[2], lines=[line[item.end() :]])
        elif current is None and is_deep and not (found and found[-1].marker):
            current = _Block(language="", lines=[line])
        elif current is None:
            current = _Block(lines=[line.strip()])
        else:
            current.lines.append(line.strip())
            continue
        found.append(current)
    return found


def _command(command: str, about: str, text: str) -> _Block:
    """The block that a command begins. ``about``: what is in brackets behind it."""
    if command in ("li", "arg"):
        return _Block(marker="-", lines=[text])
    if command in _TEXT:
        return _Block(lines=[text] if text else [])
    name = ""
    if command in _NAMED:
        name, _, text = text.partition(" ") if not about or text else ("", "", text)
    return _Block(command, name.rstrip(":,"), about=about, lines=[text.strip()] if text.strip() else [])


class _Renderer:
    """Writes blocks, as Markdown or as plain text."""

    def __init__(self, is_markdown: bool):
        self._is_markdown = is_markdown

    def render(self, blocks: Sequence[_Block]) -> str:
        parts: list[str] = []
        before = _Block()
        for block in blocks:
            text = self._code(block) if block.language is not None else self._text_block(block, before)
            is_listed = bool(block.marker and before.marker) or (
                block.command in _PARAMETERS and block.command == before.command
            )
            if text:
                parts += ["\n" if is_listed else "\n\n", text]
                before = block
        return "".join(parts[1:])

    def _text_block(self, block: _Block, before: _Block) -> str:
        text = self.text(block.lines)
        if block.marker:
            return f"{block.marker} {_indent(text)}"
        if block.command in _PARAMETERS:
            about = f" ({block.about})" if block.about else ""
            entry = f"- {self._as_code(block.name)}{about}{': ' if text else ''}{_indent(text)}"
            heading = self._strong(_PARAMETERS[block.command])
            return entry if before.command == block.command else f"{heading}\n{entry}"
        if block.command:
            title = _SECTIONS[block.command]
            name = self._as_code(block.name) if block.name else ""
            return " ".join(part for part in (title and self._strong(title), name, text) if part)
        return text

    def text(self, lines: Sequence[str]) -> str:
        """Lines of a paragraph, those that were ended on purpose on lines of their own."""
        if not lines:
            return ""
        width = max(map(len, lines))
        text = ""
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            word = following.partition(" ")[0]
            is_ended = bool(word) and len(line) + 1 + len(word) < width * _HARD_BREAK_BELOW
            text += line + (_HARD_BREAK if is_ended else "\n")
        text = _INLINE.sub(self._inline, text.strip())
        if not self._is_markdown:
            return text.replace(_HARD_BREAK, "\n")
        return _AT_LINE_START.sub(r"\1\\\2", text).replace(_HARD_BREAK, "  \n")

    def _code(self, block: _Block) -> str:
        depths = [len(line) - len(line.lstrip()) for line in block.lines if line.strip()]
        least = min(depths, default=0)
        code = "\n".join(line[least:] for line in block.lines).strip("\n")
        if not code:
            return ""
        if not self._is_markdown:
            return "\n".join("    " + line for line in code.split("\n"))
        return fenced(code, block.language or "cpp")

    def _as_code(self, text: str) -> str:
        return code_span(text) if self._is_markdown else text

    def _strong(self, text: str) -> str:
        return f"**{text}**" if self._is_markdown else f"{text}:"

    def _inline(self, match: re.Match[str]) -> str:
        found = match.groupdict()
        whole = match.group()
        if code := next((found[name] for name in _CODES if found[name] is not None), None):
            return self._as_code(" ".join(code.split()))
        if found["line"]:
            return _HARD_BREAK
        if found["dropped"]:
            return ""
        stressed = found["stressed"] or found["tagged"]
        if stressed:
            mark = "**" if (found["stress"] or found["tag"]) in ("b", "strong") else "*"
            return f"{mark}{escaped(stressed)}{mark}" if self._is_markdown else stressed
        if not self._is_markdown:
            return found["character"] or whole
        if found["character"]:
            return escaped(found["character"])
        return whole if found["span"] or found["kept"] else _each_escaped(whole)


def fenced(code: str, language: str) -> str:
    """Lines of code, between marks that are not in it."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code}\n{fence}"


def code_span(text: str) -> str:
    """Code within a line."""
    if "`" not in text:
        return f"`{text}`"
    fence = "``"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKS.sub(lambda match: _each_escaped(match[0]), text)


def _each_escaped(marks: str) -> str:
    return "".join(f"\\{mark}" for mark in marks)


def _indent(text: str) -> str:
    """A text in a list: what follows its first line belongs to the entry."""
    return text.replace("\n", "\n  ")
