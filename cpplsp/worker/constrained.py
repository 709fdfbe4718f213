"""What constrains a function, found through its cursor: see ``constraints`` for what that is and why."""

from cpplsp.worker import libclang as c
from cpplsp.worker.constraints import LONGEST, constraint, is_constrained
from cpplsp.worker.identity import type_parameters
from cpplsp.worker.lexical import template_start


def constraint_of(libclang: c.Libclang, cursor: c.CXCursor, usr: bytes) -> bytes:
    """What constrains a function, by its first declaration, as more of its USR; empty where nothing does."""
    lib = libclang.lib
    cursor = lib.clang_getCanonicalCursor(cursor)
    extent, location = lib.clang_getCursorExtent(cursor), lib.clang_getCursorLocation(cursor)
    spot = libclang.spot(location)
    begin = libclang.spot(c.CXSourceLocation(extent.ptr_data, extent.begin)).offset
    end = libclang.spot(c.CXSourceLocation(extent.ptr_data, extent.end)).offset
    if not extent.begin:  # of what is a template by an ``auto`` in its parameters
        begin, end = spot.offset, spot.offset + LONGEST
    if not spot.file or not begin <= spot.offset < end:
        return b""  # a macro makes it
    unit = lib.clang_Cursor_getTranslationUnit(cursor)
    first = max(begin - LONGEST, 0)
    text = bytes(libclang.contents(unit, spot.file)[first : min(end, spot.offset + LONGEST)])
    first += (start := template_start(text, begin - first))
    text, name = text[start:], spot.offset - first
    if not is_constrained(text, name):
        return b""
    found = constraint(text, name, type_parameters(usr))
    return b"#requires " + found if found else b""
