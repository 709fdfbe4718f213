"""Identifiers in a text: which may be one, where one is spelled, in what blocks and directives, by the tokens alone."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from cpplsp.columns import WideMap, encode_wide, line_starts

_SKIPPED = (
    rb"//(?:\\\r?\n|[^\r\n])*|/\*.*?(?:\*/|\Z)"
    rb"|\b(?:u8|[uUL])?R\"(?P<mark>[^()\\\s]{0,16})\(.*?(?:\)(?P=mark)\"|\Z)"
    rb"|\"(?:\\\r?\n|\\.|[^\"\\\r\n])*\"|(?<![\w$])\d(?:'?[\w.])*|'(?:\\.|[^'\\\r\n])*'"
)
_WORD = rb"[\w$\x80-\xff\\]"
_NAME = re.compile(rb"(?:[A-Za-z_$\x80-\xff]|\\[uU])(?:[\w$\x80-\xff]|\\[uU])*")
_ANY_NAME = re.compile(_SKIPPED + rb"|(?P<name>" + _NAME.pattern + rb")", re.DOTALL)
_BRACKET = re.compile(_SKIPPED + rb"|(?P<bracket>[(){}\[\]])", re.DOTALL)
_BRANCH = re.compile(rb"^[ \t]*\#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b", re.MULTILINE)
_DEFINE = re.compile(rb"[ \t]*\#(?:[ \t]|\\\r?\n)*define(?:[ \t]|\\\r?\n)+")
_PARAMETERS = re.compile(rb"\(([^()]*)\)")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")
_OPENING = {b")": b"(", b"]": b"[", b"}": b"{"}

_C = """auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local"""
_CPP = """alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default
    delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor
    xor_eq"""
_KEYWORDS = {False: frozenset(_CPP.split()), True: frozenset(_C.split())}
"""Of the newest C++ and C, by whether it is C."""


def is_identifier(name: str) -> bool:
    """Whether a text can be a name, keywords apart: of letters of any script and ``$``, as clang has it."""
    return name.replace("$", "_").isidentifier()


def is_keyword(name: str, *, in_c: bool) -> bool:
    """Whether a name is a keyword of C, or else of C++."""
    return name in _KEYWORDS[in_c]


@dataclass(frozen=True, slots=True)
class Spelled:
    """An identifier in a text. ``offset``: of its first byte; ``length``: in bytes."""

    offset: int
    length: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Macro:
    """A ``#define``. ``parameters``: its own names; ``names``: those in its body that are no parameters, with offsets.

    What is pasted to something else is none of the names.
    """

    parameters: frozenset[str]
    names: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Text:
    """The text of a file as it is now, in a buffer or on disk."""

    path: str
    content: bytes
    _found: dict[str, list[Spelled]] = field(default_factory=dict)

    @cached_property
    def starts(self) -> list[int]:
        """Where lines start."""
        return line_starts(self.content)

    @cached_property
    def wide(self) -> WideMap:
        """Converts columns of this text."""
        return WideMap(encode_wide(self.content, self.starts))

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; past the end where there is no such line."""
        return self.starts[line] + column if line < len(self.starts) else len(self.content)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and byte column of an offset."""
        line = max(bisect_right(self.starts, offset) - 1, 0)
        return line, offset - self.starts[line]

    def name_at(self, offset: int) -> bytes:
        """The identifier that starts at an offset, as it is spelled; empty where none does."""
        if offset and re.match(_WORD, self.content[offset - 1 : offset]):
            return b""
        found = _NAME.match(self.content, offset)
        return found.group() if found else b""

    def spells(self, offset: int, name: str) -> bool:
        """Whether the identifier that starts at an offset is this name, universal character names resolved."""
        return unescape(self.name_at(offset)) == name

    def spelled(self, name: str) -> list[Spelled]:
        """Where this name is an identifier in code and directives: not in comments and literals."""
        known = self._found.get(name)
        if known is None:
            known = self._found[name] = list(self._spelled(name))
        return known

    def _spelled(self, name: str) -> Iterator[Spelled]:
        raw = name.encode("utf-8", "surrogateescape")
        is_escaped = not name.isascii() and b"\\" in self.content
        if raw not in self.content and not is_escaped:
            return
        pattern = (
            _ANY_NAME
            if is_escaped
            else re.compile(
                _SKIPPED + rb"|(?P<name>(?<!%b)%b(?!%b))" % (_WORD, re.escape(raw), _WORD), re.DOTALL
            )
        )
        for match in pattern.finditer(self.content):
            spelling = match.group("name")
            if spelling is not None and (not is_escaped or unescape(spelling) == name):
                begin, end = match.span("name")
                yield Spelled(begin, end - begin, *self.place(begin))

    def before(self, offset: int) -> bytes:
        """The two bytes in front of an offset, white space left out."""
        return self.content[max(0, offset - 200) : offset].rstrip()[-2:]

    def is_behind(self, offset: int, *marks: bytes) -> bool:
        """Whether what stands in front of an offset ends with one of these."""
        return self.before(offset).endswith(marks)

    def directive(self, offset: int) -> tuple[int, int]:
        """Begin and end of the directive around an offset, lines that go on included; (-1, -1) outside of any."""
        line = self.place(offset)[0]
        while line and self.content[: self.starts[line]].rstrip(b"\r\n").endswith(b"\\"):
            line -= 1
        begin = self.starts[line]
        if not self.content[begin:offset].lstrip(b" \t").startswith(b"#"):
            return -1, -1
        end = re.compile(rb"(?:\\\r?\n|[^\r\n])*").match(self.content, begin)
        return begin, end.end() if end else begin

    def macro(self, offset: int) -> Macro | None:
        """The definition of the macro whose name (in its ``#define``) starts at an offset."""
        begin, end = self.directive(offset)
        match = _DEFINE.match(self.content, begin, end) if begin >= 0 else None
        if match is None or match.end() != offset:
            return None
        at = offset + len(self.name_at(offset))
        parameters = _PARAMETERS.match(self.content, at, end)
        listed = parameters.group(1).decode("utf-8", "replace") if parameters else ""
        own = frozenset(one.strip(" \t\\\r\n.") for one in listed.split(",")) - {""}
        names = []
        for name in _ANY_NAME.finditer(self.content, parameters.end() if parameters else at, end):
            if (spelling := name.group("name")) is None or (text := unescape(spelling)) in own:
                continue
            after = self.content[name.end() : end].lstrip(b" \t\\\r\n")
            if not after.startswith(b"##") and not self.is_behind(name.start(), b"##"):
                names.append((text, name.start()))
        return Macro(own | ({"__VA_ARGS__"} if "..." in listed else set()), tuple(names))

    def names_in(self, begin: int, end: int) -> set[str]:
        """The identifiers between two offsets."""
        found = (match.group("name") for match in _ANY_NAME.finditer(self.content, begin, end))
        return {unescape(name) for name in found if name is not None}

    def branch(self, line: int) -> tuple[int, int]:
        """The lines of the directives around the innermost branch of an ``#if`` that holds a line, or (-1, -1)."""
        for begin, end in self._branches:
            if begin < line < end:
                return begin, end
        return -1, -1

    @cached_property
    def _branches(self) -> list[tuple[int, int]]:
        """Innermost first."""
        found: list[tuple[int, int]] = []
        opened: list[int] = []
        for match in _BRANCH.finditer(self.content):
            line, word = self.place(match.start())[0], match.group(1)
            if word not in (b"if", b"ifdef", b"ifndef") and opened:
                found.append((opened.pop(), line))
            if word != b"endif":
                opened.append(line)
        return sorted(found, key=lambda branch: branch[1] - branch[0])

    @cached_property
    def brackets(self) -> list[tuple[int, int]]:
        """Offsets of the brackets that belong together, those that close first first."""
        found: list[tuple[int, int]] = []
        opened: list[tuple[bytes, int]] = []
        for match in _BRACKET.finditer(self.content):
            bracket = match.group("bracket")
            if bracket is None:
                continue
            opening = _OPENING.get(bracket)
            if opening is None:
                opened.append((bracket, match.start("bracket")))
                continue
            for index in range(len(opened) - 1, -1, -1):
                if opened[index][0] == opening:
                    found.append((opened[index][1], match.start("bracket")))
                    del opened[index:]
                    break
        return found

    def around(self, offset: int) -> tuple[int, int]:
        """The innermost brackets around an offset; those of nothing (-1, length of the text) outside of all."""
        return next(
            ((begin, end) for begin, end in self.brackets if begin < offset <= end), (-1, len(self.content))
        )

    def closing(self, offset: int) -> int:
        """Where the bracket is closed that is opened at an offset; -1 where none is."""
        return next((end for begin, end in self.brackets if begin == offset), -1)

    def arguments(self, offset: int) -> tuple[int, int]:
        """The brackets behind the name that starts at an offset; (-1, -1) where a name has none."""
        at = offset + len(self.name_at(offset))
        while self.content[at : at + 1].isspace():
            at += 1
        end = self.closing(at) if self.content[at : at + 1] == b"(" else -1
        return (at, end) if end >= 0 else (-1, -1)

    def scope_end(self, offset: int) -> int:
        """Where the scope ends of a local variable or parameter whose name stands at an offset.

        What is declared in a head (of a function, a loop, a handler) is in scope to the end of what has that head.
        """
        begin, end = self.around(offset)
        while begin >= 0 and self.content[begin : begin + 1] != b"{":
            outer = self.around(begin)
            body = next((one for one in self._bodies if one > end), len(self.content))
            statement = self.content.find(b";", end, outer[1])
            if 0 <= statement < body:
                return statement
            if body < outer[1]:
                return self.closing(body)
            begin, end = outer
        return end

    @cached_property
    def _bodies(self) -> list[int]:
        """Where braces open, in order."""
        return sorted(begin for begin, _ in self.brackets if self.content[begin : begin + 1] == b"{")


def unescape(name: bytes) -> str:
    """A name with its universal character names resolved."""
    text = name.decode("utf-8", "surrogateescape")
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
