"""Language standards: how compilers spell them, and which of them libclang 18 reads."""

import re

from cpplsp.project.language import is_cxx

_STANDARDS_C = {
    **dict.fromkeys(("c89", "c90", "iso9899:1990"), "c89"),
    "iso9899:199409": "iso9899:199409",
    **dict.fromkeys(("gnu89", "gnu90"), "gnu89"),
    **dict.fromkeys(("c99", "c9x", "iso9899:1999", "iso9899:199x"), "c99"),
    **dict.fromkeys(("gnu99", "gnu9x"), "gnu99"),
    **dict.fromkeys(("c11", "c1x", "iso9899:2011", "iso9899:201x"), "c11"),
    **dict.fromkeys(("gnu11", "gnu1x"), "gnu11"),
    **dict.fromkeys(("c17", "c18", "iso9899:2017", "iso9899:2018"), "c17"),
    **dict.fromkeys(("gnu17", "gnu18"), "gnu17"),
    # C2y comes after clang 18: C23 is the nearest.
    **dict.fromkeys(("c23", "c2x", "iso9899:2024", "c2y"), "c23"),
    **dict.fromkeys(("gnu23", "gnu2x", "gnu2y"), "gnu23"),
}
_STANDARDS_CXX = {
    **dict.fromkeys(("c++98", "c++03"), "c++98"),
    **dict.fromkeys(("gnu++98", "gnu++03"), "gnu++98"),
    **{
        f"{dialect}++{spelling}": f"{dialect}++{year}"
        for dialect in ("c", "gnu")
        # C++29 ("2d") comes after clang 18: C++26 is the nearest.
        for year, spellings in (
            ("11", "11 0x"),
            ("14", "14 1y"),
            ("17", "17 1z"),
            ("20", "20 2a"),
            ("23", "23 2b"),
            ("26", "26 2c 29 2d"),
        )
        for spelling in spellings.split()
    },
}

_LATER_CXX = re.compile(r"(c|gnu)\+\+\d[\da-z]")
_LATER_C = re.compile(r"(c|gnu)\d[\da-z]")


def fitting_standard(written: str, language: str) -> str:
    """The standard that libclang 18 reads a language by; '' when what is written is of the other language."""
    cxx = is_cxx(language)
    if written == "ansi":
        return "c++98" if cxx else "c89"
    known = (_STANDARDS_CXX if cxx else _STANDARDS_C).get(written)
    if known is not None:
        return known
    later = (_LATER_CXX if cxx else _LATER_C).fullmatch(written)
    if later is None:
        return ""
    return f"{later[1]}++26" if cxx else f"{later[1]}23"


def at_least_cxx20(standard: str) -> str:
    """A C++ standard, raised to C++20."""
    dialect, _, year = standard.partition("++")
    return standard if year in ("20", "23", "26") else f"{dialect or 'gnu'}++20"
