"""The tokens of a file, each with the cursor that libclang has for it.

``clang_annotateTokens`` fills one array for all tokens of a file: 430,000 tokens of 400 files take 0.2 s, which asking
for a cursor place by place (``clang_getCursor``) takes for a few thousand.
"""

import ctypes
import struct
from collections.abc import Iterator
from typing import NamedTuple

from cpplsp.worker import libclang as c

KEYWORD, IDENTIFIER = 1, 2
_TOKEN = struct.Struct("<IIIIQ")  # CXToken: kind, raw location, length, unused | pointer
_CURSOR = struct.Struct("<iiQQQ")


Cursor = tuple[int, int, int, int, int]
"""The fields of a CXCursor."""


class Token(NamedTuple):
    """An identifier or keyword: its byte offset, clang's raw location of it, and the fields of its cursor."""

    offset: int
    length: int
    raw: int
    cursor: Cursor
    is_keyword: bool


def words(libclang: c.Libclang, unit: int, file: int, size: int, keywords: frozenset[int]) -> Iterator[Token]:
    """The identifiers in a file (a CXFile) of this size, and the keywords of these lengths, in order.

    What is in a branch that the preprocessor skipped, or what libclang has no cursor for, has that of something
    around it, or none.
    """
    lib = libclang.lib
    begin = lib.clang_getLocationForOffset(unit, file, 0)
    extent = lib.clang_getRange(begin, lib.clang_getLocationForOffset(unit, file, size))
    tokens, count = ctypes.c_void_p(), ctypes.c_uint()
    lib.clang_tokenize(unit, extent, ctypes.byref(tokens), ctypes.byref(count))
    if not tokens.value:
        return
    try:
        cursors = (ctypes.c_char * (_CURSOR.size * count.value))()
        lib.clang_annotateTokens(unit, tokens, count, cursors)
        of_tokens = c.MEMORY[tokens.value : tokens.value + _TOKEN.size * count.value]
        for token, cursor in zip(_TOKEN.iter_unpack(of_tokens), _CURSOR.iter_unpack(cursors), strict=True):
            kind, raw, length, *_ = token
            if kind == IDENTIFIER or (kind == KEYWORD and length in keywords):
                yield Token(raw - begin.int_data, length, raw, cursor, kind == KEYWORD)
    finally:
        lib.clang_disposeTokens(unit, tokens, count)


def cursor_of(fields: Cursor) -> c.CXCursor:
    """A cursor from its fields."""
    return c.CXCursor.from_buffer_copy(_CURSOR.pack(*fields))
