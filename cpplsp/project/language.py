"""Which language a file is read in: by ``-x``, by the compiler's name, by the file's."""

import os
import re

C = "c"
CXX = "c++"
OBJC = "objective-c"
OBJCXX = "objective-c++"

_BY_OPTION = {
    **dict.fromkeys(("c", "c-header", "cpp-output"), C),
    **dict.fromkeys(
        (
            "c++",
            "c++-header",
            "c++-system-header",
            "c++-user-header",
            "c++-cpp-output",
            "c++-module",
            # What is C++ in them is worth having; libclang has no toolkit to read the rest with.
            "cuda",
            "cu",
            "hip",
        ),
        CXX,
    ),
    **dict.fromkeys(("objective-c", "objective-c-header", "objective-c-cpp-output"), OBJC),
    **dict.fromkeys(("objective-c++", "objective-c++-header", "objective-c++-cpp-output"), OBJCXX),
}
_SOURCES = {
    ".c": C,
    **dict.fromkeys((".cc", ".cp", ".cpp", ".cxx", ".c++", ".C", ".CC", ".CPP", ".cppm", ".ixx"), CXX),
}
_BY_SUFFIX = {
    **_SOURCES,
    ".i": C,
    ".m": OBJC,
    **dict.fromkeys((".mm", ".M"), OBJCXX),
    **dict.fromkeys((".ii", ".cu", ".cuh", ".hip", ".ino", ".inl", ".ipp", ".tpp", ".tcc"), CXX),
    **dict.fromkeys((".hh", ".hpp", ".hxx", ".h++", ".H"), CXX),
}
_OTHERS = frozenset(
    "." + name
    for name in re.findall(
        r"\S+",
        """s S sx asm nasm f F for f77 f90 F90 f95 f03 f08 swift rs go d ada adb ads rc res cl java cs vala
        proto ll bc metal hlsl ispc zig pyx""",
    )
)


def is_cxx(language: str) -> bool:
    """Whether a language has C++ in it."""
    return language in (CXX, OBJCXX)


def is_source(name: str) -> bool:
    """Whether a file's name says that it is a C or C++ unit of its own."""
    return os.path.splitext(name)[1] in _SOURCES


def is_foreign(name: str) -> bool:
    """Whether a file's name says that it is of a language that clang's C family does not read."""
    return os.path.splitext(name)[1] in _OTHERS


def option_language(value: str) -> str | None:
    """What ``-x value`` means; None for a language not read here, and for ``none``."""
    return _BY_OPTION.get(value)


def file_language(path: str, is_cxx_driver: bool) -> str:
    """The language of a file with no ``-x``. A C++ driver (``g++``) reads ``.c`` and ``.h`` as C++."""
    language = _BY_SUFFIX.get(os.path.splitext(path)[1], C)
    return CXX if language == C and is_cxx_driver else language


def possible_languages(path: str) -> tuple[str, ...]:
    """The languages that a file of this name may be in; none if its name says that it is of no C family."""
    suffix = os.path.splitext(path)[1]
    if suffix in (".h", ".inc", ".def", ""):
        return (CXX, C, OBJC, OBJCXX)
    return (_BY_SUFFIX[suffix],) if suffix in _BY_SUFFIX else ()
