"""libclang through ctypes: what the worker calls, the index API above all.

``clang.cindex`` does not bind the index API (``clang_indexSourceFile`` and its callbacks), and its objects are too
slow for a callback per fact: structures are read here with ``struct`` straight from :data:`MEMORY`. Layouts are those
of ``clang-c/Index.h`` of clang 18 on 64-bit machines.
"""

import ctypes
import importlib.util
import os
import struct
from collections.abc import Callable, Iterator
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_double,
    c_int,
    c_longlong,
    c_uint,
    c_ulong,
    c_ulonglong,
    c_void_p,
)
from typing import NamedTuple

# CXIndexOptFlags
OPT_LOCALS = 0x2
OPT_SUPPRESS_WARNINGS = 0x8
OPT_SKIP_PARSED_BODIES = 0x10

# CXTranslationUnit_Flags
UNIT_PREPROCESSING_RECORD = 0x1
UNIT_KEEP_GOING = 0x200
UNIT_SKIP_BODIES = 0x40

# CXErrorCode
ERRORS = {
    1: "libclang could not parse it",
    2: "libclang crashed in it",
    3: "libclang did not accept its arguments",
    4: "libclang could not read a serialised AST",
}
ERROR_CRASHED = 2

SEVERITY_ERROR = 3
_NOT_FOUND = " file not found"


class CXCursor(Structure):
    """``data[0]`` is the declaration or statement; it identifies it as long as its unit lives."""

    _fields_ = (("kind", c_int), ("xdata", c_int), ("data", c_void_p * 3))


class CXType(Structure):
    """A type of a unit."""

    _fields_ = (("kind", c_int), ("data", c_void_p * 2))


class CXSourceLocation(Structure):
    """``int_data`` is clang's raw location: the start of its file's slice of the unit plus a byte offset."""

    _fields_ = (("ptr_data", c_void_p * 2), ("int_data", c_uint))


class CXSourceRange(Structure):
    """Both ends as raw locations; the end is exclusive."""

    _fields_ = (("ptr_data", c_void_p * 2), ("begin", c_uint), ("end", c_uint))


class CXSourceRangeList(Structure):
    """Disposed of by what asks for it."""

    _fields_ = (("count", c_uint), ("ranges", POINTER(CXSourceRange)))


class CXIdxLoc(Structure):
    """A location inside a callback."""

    _fields_ = (("ptr_data", c_void_p * 2), ("int_data", c_uint))


class CXString(Structure):
    """Disposed of by :meth:`Libclang.text`."""

    _fields_ = (("data", c_void_p), ("flags", c_uint))


ABORT = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
DIAGNOSTIC = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_void_p)
ENTERED_MAIN = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p)
INCLUDED = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p)
STARTED = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p)
FACT = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
VISITOR = ctypes.CFUNCTYPE(c_int, CXCursor, CXCursor, c_void_p)


class IndexerCallbacks(Structure):
    """What libclang calls while it parses."""

    _fields_ = (
        ("abort_query", ABORT),
        ("diagnostic", DIAGNOSTIC),
        ("entered_main_file", ENTERED_MAIN),
        ("pp_included_file", INCLUDED),
        ("imported_ast_file", INCLUDED),
        ("started_translation_unit", STARTED),
        ("index_declaration", FACT),
        ("index_entity_reference", FACT),
    )


MEMORY = memoryview((ctypes.c_char * (1 << 62)).from_address(0)).cast("B")
"""This process's memory by address: what libclang hands to callbacks is read from it, with no object in between."""

# How structures given to callbacks are read: ``DECLARATION(MEMORY, address)`` is a tuple of their fields.
# CXIdxDeclInfo: entity | cursor kind, xdata, data[3] | loc ptr[2], int | semantic, lexical container |
#   isRedeclaration, isDefinition, isContainer | declAsContainer | isImplicit
DECLARATION = struct.Struct("<QiiQQQQQI4xQQiii4xQi4x").unpack_from
# CXIdxEntityRefInfo: kind | cursor | loc | referenced, parent, container | role
REFERENCE = struct.Struct("<i4xiiQQQQQI4xQQQi4x").unpack_from
# CXIdxEntityInfo: kind, templateKind, language | name, USR | cursor
ENTITY = struct.Struct("<iii4xQQiiQQQ").unpack_from
# CXIdxIncludedFileInfo: hashLoc ptr[2], int | filename, file
INCLUDED_FILE = struct.Struct("<QQI4xQQ").unpack_from
# CXIdxContainerInfo: a cursor
CONTAINER = struct.Struct("<iiQQQ").unpack_from
RAW_LOCATION = struct.Struct("<I").unpack_from
_RANGE = struct.Struct("<QQII")  # CXSourceRange
_LONGEST_ERROR = 2_000  # characters: some name what is as long as a file

# Where the CXIdxLoc is in a CXIdxDeclInfo and in a CXIdxEntityRefInfo, and ``int_data`` in a CXIdxLoc.
FACT_LOC = 40
LOC_RAW = 16

_ENTITY_CURSOR = 32
_DECLARATION_CURSOR = 8


class Spot(NamedTuple):
    """Where something stands: the CXFile (0: in no file), 1-based line and byte column, byte offset."""

    file: int
    line: int
    column: int
    offset: int


def find_library(configured: str | None = None) -> str:
    """Path of libclang: as configured, else that of the ``libclang`` wheel. Raises OSError saying what to do."""
    if configured:
        return configured
    spec = importlib.util.find_spec("clang")
    for folder in spec.submodule_search_locations or () if spec else ():
        for name in ("libclang.so", "libclang.dylib"):
            path = os.path.join(folder, "native", name)
            if os.path.exists(path):
                return path
    raise OSError("libclang is not installed: `pip install libclang==18.1.1`, or name it with --libclang")


class Libclang:
    """The library, loaded, with the signatures of what is called. Raises OSError when it cannot be loaded."""

    def __init__(self, path: str):
        self.lib = ctypes.CDLL(path)
        self._contents: dict[tuple[int, int], memoryview] = {}
        self._declare()
        self.version = self.text(self.lib.clang_getClangVersion())

    def _declare(self) -> None:
        lib = self.lib
        signatures: dict[str, tuple[object, tuple[object, ...]]] = {
            "clang_getClangVersion": (CXString, ()),
            "clang_getCString": (c_char_p, (CXString,)),
            "clang_disposeString": (None, (CXString,)),
            "clang_createIndex": (c_void_p, (c_int, c_int)),
            "clang_disposeIndex": (None, (c_void_p,)),
            "clang_IndexAction_create": (c_void_p, (c_void_p,)),
            "clang_IndexAction_dispose": (None, (c_void_p,)),
            "clang_indexSourceFile": (
                c_int,
                (
                    c_void_p,
                    c_void_p,
                    POINTER(IndexerCallbacks),
                    c_uint,
                    c_uint,
                    c_char_p,
                    POINTER(c_char_p),
                    c_int,
                    c_void_p,
                    c_uint,
                    POINTER(c_void_p),
                    c_uint,
                ),
            ),
            "clang_parseTranslationUnit2": (
                c_int,
                (
                    c_void_p,
                    c_char_p,
                    POINTER(c_char_p),
                    c_int,
                    c_void_p,
                    c_uint,
                    c_uint,
                    POINTER(c_void_p),
                ),
            ),
            "clang_indexTranslationUnit": (
                c_int,
                (c_void_p, c_void_p, POINTER(IndexerCallbacks), c_uint, c_uint, c_void_p),
            ),
            "clang_disposeTranslationUnit": (None, (c_void_p,)),
            "clang_indexLoc_getFileLocation": (
                None,
                (CXIdxLoc, c_void_p, POINTER(c_void_p), POINTER(c_uint), POINTER(c_uint), POINTER(c_uint)),
            ),
            "clang_getFileLocation": (
                None,
                (CXSourceLocation, POINTER(c_void_p), POINTER(c_uint), POINTER(c_uint), POINTER(c_uint)),
            ),
            "clang_getCursorLocation": (CXSourceLocation, (CXCursor,)),
            "clang_getCursorExtent": (CXSourceRange, (CXCursor,)),
            "clang_getCanonicalCursor": (CXCursor, (CXCursor,)),
            "clang_getCursorDefinition": (CXCursor, (CXCursor,)),
            "clang_getCursorSemanticParent": (CXCursor, (CXCursor,)),
            "clang_visitChildren": (c_uint, (CXCursor, VISITOR, c_void_p)),
            "clang_getCursorType": (CXType, (CXCursor,)),
            "clang_getPointeeType": (CXType, (CXType,)),
            "clang_getTypeDeclaration": (CXCursor, (CXType,)),
            "clang_getTypeSpelling": (CXString, (CXType,)),
            "clang_getTypedefDeclUnderlyingType": (CXType, (CXCursor,)),
            "clang_getCursorResultType": (CXType, (CXCursor,)),
            "clang_getResultType": (CXType, (CXType,)),
            "clang_getArrayElementType": (CXType, (CXType,)),
            "clang_getCanonicalType": (CXType, (CXType,)),
            "clang_Type_getNamedType": (CXType, (CXType,)),
            "clang_Type_getTemplateArgumentAsType": (CXType, (CXType, c_uint)),
            "clang_isConstQualifiedType": (c_uint, (CXType,)),
            "clang_getCursorAvailability": (c_int, (CXCursor,)),
            "clang_Cursor_getStorageClass": (c_int, (CXCursor,)),
            "clang_CXXMethod_isConst": (c_uint, (CXCursor,)),
            "clang_CXXMethod_isPureVirtual": (c_uint, (CXCursor,)),
            "clang_CXXMethod_isStatic": (c_uint, (CXCursor,)),
            "clang_CXXMethod_isVirtual": (c_uint, (CXCursor,)),
            "clang_isCursorDefinition": (c_uint, (CXCursor,)),
            "clang_CXXRecord_isAbstract": (c_uint, (CXCursor,)),
            "clang_EnumDecl_isScoped": (c_uint, (CXCursor,)),
            "clang_getEnumConstantDeclValue": (c_longlong, (CXCursor,)),
            "clang_getEnumConstantDeclUnsignedValue": (c_ulonglong, (CXCursor,)),
            "clang_getEnumDeclIntegerType": (CXType, (CXCursor,)),
            "clang_Cursor_Evaluate": (c_void_p, (CXCursor,)),
            "clang_EvalResult_getKind": (c_int, (c_void_p,)),
            "clang_EvalResult_isUnsignedInt": (c_uint, (c_void_p,)),
            "clang_EvalResult_getAsLongLong": (c_longlong, (c_void_p,)),
            "clang_EvalResult_getAsUnsigned": (c_ulonglong, (c_void_p,)),
            "clang_EvalResult_getAsDouble": (c_double, (c_void_p,)),
            "clang_EvalResult_dispose": (None, (c_void_p,)),
            "clang_getCursor": (CXCursor, (c_void_p, CXSourceLocation)),
            "clang_getCursorReferenced": (CXCursor, (CXCursor,)),
            "clang_getNumOverloadedDecls": (c_uint, (CXCursor,)),
            "clang_getOverloadedDecl": (CXCursor, (CXCursor, c_uint)),
            "clang_getLocationForOffset": (CXSourceLocation, (c_void_p, c_void_p, c_uint)),
            "clang_getRange": (CXSourceRange, (CXSourceLocation, CXSourceLocation)),
            "clang_getAllSkippedRanges": (POINTER(CXSourceRangeList), (c_void_p,)),
            "clang_disposeSourceRangeList": (None, (POINTER(CXSourceRangeList),)),
            "clang_tokenize": (None, (c_void_p, CXSourceRange, POINTER(c_void_p), POINTER(c_uint))),
            "clang_annotateTokens": (None, (c_void_p, c_void_p, c_uint, c_void_p)),
            "clang_disposeTokens": (None, (c_void_p, c_void_p, c_uint)),
            "clang_getCursorUSR": (CXString, (CXCursor,)),
            "clang_getCursorSpelling": (CXString, (CXCursor,)),
            "clang_getTemplateCursorKind": (c_int, (CXCursor,)),
            "clang_getSpecializedCursorTemplate": (CXCursor, (CXCursor,)),
            "clang_Cursor_getNumArguments": (c_int, (CXCursor,)),
            "clang_Cursor_getArgument": (CXCursor, (CXCursor, c_uint)),
            "clang_Cursor_getTemplateArgumentType": (CXType, (CXCursor, c_uint)),
            "clang_Cursor_getTranslationUnit": (c_void_p, (CXCursor,)),
            "clang_getOverriddenCursors": (None, (CXCursor, POINTER(POINTER(CXCursor)), POINTER(c_uint))),
            "clang_disposeOverriddenCursors": (None, (POINTER(CXCursor),)),
            "clang_getFileName": (CXString, (c_void_p,)),
            "clang_getFile": (c_void_p, (c_void_p, c_char_p)),
            "clang_getFileContents": (c_void_p, (c_void_p, c_void_p, POINTER(c_ulong))),
            "clang_isFileMultipleIncludeGuarded": (c_uint, (c_void_p, c_void_p)),
            "clang_saveTranslationUnit": (c_int, (c_void_p, c_char_p, c_uint)),
            "clang_getNumDiagnostics": (c_uint, (c_void_p,)),
            "clang_getDiagnostic": (c_void_p, (c_void_p, c_uint)),
            "clang_disposeDiagnostic": (None, (c_void_p,)),
            "clang_getDiagnosticSeverity": (c_int, (c_void_p,)),
            "clang_getDiagnosticSpelling": (CXString, (c_void_p,)),
            "clang_getDiagnosticLocation": (CXSourceLocation, (c_void_p,)),
        }
        for name, (result, arguments) in signatures.items():
            function = getattr(lib, name)
            function.restype = result
            function.argtypes = arguments

    def text(self, string: CXString) -> str:
        """The text of a CXString, which is disposed of. Bytes that are not UTF-8 are kept as surrogates."""
        raw = self.lib.clang_getCString(string)
        text = os.fsdecode(raw) if raw else ""
        self.lib.clang_disposeString(string)
        return text

    def raw_text(self, string: CXString) -> bytes:
        """The bytes of a CXString, which is disposed of."""
        raw: bytes = self.lib.clang_getCString(string) or b""
        self.lib.clang_disposeString(string)
        return raw

    def callback_spot(self, address: int) -> Spot:
        """Where the CXIdxLoc at this address is, in a file (a macro's expansion is where it was expanded)."""
        file, line, column, offset = c_void_p(), c_uint(), c_uint(), c_uint()
        self.lib.clang_indexLoc_getFileLocation(
            CXIdxLoc.from_address(address), None, byref(file), byref(line), byref(column), byref(offset)
        )
        return Spot(file.value or 0, line.value, column.value, offset.value)

    def spot(self, location: CXSourceLocation) -> Spot:
        """Where a location is, in a file."""
        file, line, column, offset = c_void_p(), c_uint(), c_uint(), c_uint()
        self.lib.clang_getFileLocation(location, byref(file), byref(line), byref(column), byref(offset))
        return Spot(file.value or 0, line.value, column.value, offset.value)

    def file_name(self, file: int) -> str:
        """The name under which clang opened a file: as found, not resolved."""
        return self.text(self.lib.clang_getFileName(file))

    def contents(self, unit: int, file: int) -> memoryview:
        """What clang read of a file, without a copy; valid as long as the unit lives. Empty where it read nothing.

        It is remembered until :meth:`forget`: what comes out of a precompiled header is dear to ask for.
        """
        known = self._contents.get((unit, file))
        if known is None:
            size = c_ulong()
            address = self.lib.clang_getFileContents(unit, file, byref(size))
            known = MEMORY[address : address + size.value] if address else MEMORY[:0]
            self._contents[unit, file] = known
        return known

    def forget(self) -> None:
        """Forget all contents. Call it before a unit is disposed of: another may come to lie where it was."""
        self._contents.clear()

    def errors(self, unit: int, display: Callable[[int], str]) -> tuple[int, str]:
        """How many errors a unit has, and the first as ``file:line:col: text``; ``display`` names a CXFile.

        A header that was not found comes before others: most of them follow from it, and it may be there one day.
        """
        count, first, missing = 0, "", ""
        for diagnostic in self._errors(unit):
            count += 1
            first = first or self._diagnostic(diagnostic, display)
            if not missing and self.text(self.lib.clang_getDiagnosticSpelling(diagnostic)).endswith(
                _NOT_FOUND
            ):
                missing = self._diagnostic(diagnostic, display)
        return count, missing or first

    def is_too_deep(self, unit: int) -> bool:
        """Whether a unit has includes that are nested so deep that clang did not open the file."""
        texts = (self.text(self.lib.clang_getDiagnosticSpelling(one)) for one in self._errors(unit))
        return "#include nested too deeply" in texts

    def files_of_errors(self, unit: int) -> set[int]:
        """The files (CXFile) that a unit's errors are in; 0 for none."""
        return {self.spot(self.lib.clang_getDiagnosticLocation(one)).file for one in self._errors(unit)}

    def _errors(self, unit: int) -> Iterator[int]:
        """The diagnostics of a unit that are errors, each until the next is asked for."""
        for number in range(self.lib.clang_getNumDiagnostics(unit)):
            diagnostic = self.lib.clang_getDiagnostic(unit, number)
            if self.lib.clang_getDiagnosticSeverity(diagnostic) >= SEVERITY_ERROR:
                yield diagnostic
            self.lib.clang_disposeDiagnostic(diagnostic)

    def _diagnostic(self, diagnostic: int, display: Callable[[int], str]) -> str:
        spot = self.spot(self.lib.clang_getDiagnosticLocation(diagnostic))
        where = f"{display(spot.file)}:{spot.line}:{spot.column}: " if spot.file else ""
        return where + self.text(self.lib.clang_getDiagnosticSpelling(diagnostic))[:_LONGEST_ERROR]

    def all_skipped(self, unit: int) -> list[tuple[int, int, int, int]]:
        """What the preprocessor skipped of all files: the fields of a CXSourceRange each, raw locations last."""
        found = self.lib.clang_getAllSkippedRanges(unit)
        if not found:
            return []
        count, first = found.contents.count, ctypes.cast(found.contents.ranges, c_void_p).value or 0
        ranges = list(_RANGE.iter_unpack(MEMORY[first : first + count * _RANGE.size]))
        self.lib.clang_disposeSourceRangeList(found)
        return ranges


def declaration_cursor(address: int) -> CXCursor:
    """The cursor of the CXIdxDeclInfo at this address, copied: the callback's own goes away with it."""
    return CXCursor.from_buffer_copy(CXCursor.from_address(address + _DECLARATION_CURSOR))


def entity_cursor(address: int) -> CXCursor:
    """The cursor of the CXIdxEntityInfo at this address, copied."""
    return CXCursor.from_buffer_copy(CXCursor.from_address(address + _ENTITY_CURSOR))


def text_at(address: int) -> bytes:
    """The C string at an address; empty for a null pointer."""
    return ctypes.string_at(address) if address else b""
