"""Which symbol is which: a 64-bit id that is the same in every unit and every file, and survives a move.

clang's USR nearly is that. Two things are mended here: the spelling of expressions inside a USR varies in its
white space (``enable_if<! std::…``), and a USR of internal linkage holds no more of its file than the base name
(``c:main.cc@F@helper#``), so that two files named alike would collide.
"""

import hashlib
import re

_WHITE_SPACE = b" \t\n"
_TEMPLATE = re.compile(rb"@FT@>(\d+)")
_PARAMETER = re.compile(rb"#p?(T|N[^#]*|t>(\d+))")


def symbol_id(usr: bytes, file: str) -> int:
    """The id of a symbol: signed, never 0.

    ``file``: what names the file that declares the symbol wherever the project lies (``SourceFile.identity``); it
    counts only for symbols that :func:`is_file_bound` tells.
    """
    spelling = usr.translate(None, _WHITE_SPACE)
    if is_file_bound(usr):
        spelling += b"\0" + file.encode("utf-8", "surrogateescape")
    value = int.from_bytes(hashlib.blake2b(spelling, digest_size=8).digest(), "little", signed=True)
    return value or 1


def is_file_bound(usr: bytes) -> bool:
    """Whether a USR names a file: internal linkage, anonymous namespaces, locals, parameters, macros.

    External symbols have ``@`` right after ``c:`` (clang, ``USRGeneration.cpp``).
    """
    return usr[:2] == b"c:" and usr[2:3] != b"@"


def type_parameters(usr: bytes) -> list[bool]:
    """Of each parameter of the function template that a USR names, the innermost one: whether it is a type."""
    templates = list(_TEMPLATE.finditer(usr))
    found: list[bool] = []
    if templates:
        coming, inner = _PARAMETER.finditer(usr, templates[-1].end()), 0
        while (inner or len(found) < int(templates[-1][1])) and (one := next(coming, None)):
            if inner:
                inner -= 1
            else:
                found.append(one[1] == b"T")
            inner += int(one[2] or 0)
    return found
