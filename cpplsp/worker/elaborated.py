"""``struct X`` where no ``struct X;`` stands: ``friend class X;``, ``struct X* p``, ``typedef struct X T;``.

To the language each of these declares ``X`` where nothing has before. So what a header says would depend on what was
included in front of it, and the index on which unit comes first. Instead each is a reference, and the first in a file
that has not declared ``X`` before is a mention, too (``Trait.MENTIONED``): what counts as the declaration of a class
that nothing else declares.
"""

import re

from cpplsp.facts import Kind

_KINDS = {b"class": Kind.CLASS, b"struct": Kind.STRUCT, b"union": Kind.UNION}
_KEYWORD = re.compile(rb"(?<![\w$])(class|struct|union)\s+\Z")
_MOST_BEFORE = 80
"""Bytes in front of a name that are looked at."""


def elaborated(text: bytes, offset: int) -> tuple[int, Kind] | None:
    """Where the ``struct X`` begins whose name is at an offset, and what ``X`` is by that; None if it is no such."""
    found = _KEYWORD.search(text, max(offset - _MOST_BEFORE, 0), offset)
    return (found.start(), _KINDS[found[1]]) if found else None
