"""Standards, as they are spelled and as libclang 18 reads them."""

from pathlib import Path

import pytest
from support.reading import check_reads

from cpplsp.project import standards
from cpplsp.project.standards import at_least_cxx20, fitting_standard


@pytest.mark.parametrize(
    ("written", "language", "standard"),
    [
        ("c++17", "c++", "c++17"),
        ("gnu++1z", "c++", "gnu++17"),
        ("c++2a", "objective-c++", "c++20"),
        ("c++29", "c++", "c++26"),
        ("gnu++3x", "c++", "gnu++26"),
        ("c17", "c", "c17"),
        ("gnu2y", "c", "gnu23"),
        ("iso9899:1999", "c", "c99"),
        ("ansi", "c", "c89"),
        ("ansi", "c++", "c++98"),
        ("c++17", "c", ""),
        ("c99", "c++", ""),
        ("nonsense", "c++", ""),
        ("", "c", ""),
    ],
)
def test_the_standard_that_fits(written: str, language: str, standard: str) -> None:
    assert fitting_standard(written, language) == standard


@pytest.mark.parametrize(
    ("standard", "raised"), [("gnu++17", "gnu++20"), ("c++14", "c++20"), ("c++23", "c++23"), ("", "gnu++20")]
)
def test_what_needs_cpp20_gets_it(standard: str, raised: str) -> None:
    assert at_least_cxx20(standard) == raised


@pytest.mark.parametrize(
    ("language", "known"),
    [("c", standards._STANDARDS_C), ("c++", standards._STANDARDS_CXX)],
    ids=["c", "c++"],
)
def test_libclang_reads_all_of_them(tmp_path: Path, language: str, known: dict[str, str]) -> None:
    (tmp_path / "a").write_text("int x;\n")
    for standard in sorted(set(known.values())):
        check_reads(str(tmp_path / "a"), str(tmp_path), ["-x", language, f"-std={standard}"])
