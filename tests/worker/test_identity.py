"""Symbol ids: the same wherever a symbol is met, different where USRs only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cpp import indexed

from cpplsp.worker.identity import is_file_bound, symbol_id, type_parameters


@given(st.binary(max_size=80), st.text(max_size=20))
def test_an_id_fits_sqlite_and_is_never_zero(usr: bytes, file: str) -> None:
    value = symbol_id(usr, file)
    assert value != 0
    assert -(1 << 63) <= value < 1 << 63
    assert value == symbol_id(usr, file)


def test_white_space_in_a_usr_does_not_count() -> None:
    assert symbol_id(b"c:@N@n@enable_if<!std::x>", "") == symbol_id(b"c:@N@n@enable_if<! std::x>", "")


@pytest.mark.parametrize(
    ("usr", "bound"),
    [
        (b"c:@F@f#", False),
        (b"c:@N@n@S@C@F@m#", False),
        (b"c:main.cc@F@f#", True),
        (b"c:main.cc@aN@S@C", True),
        (b"c:main.cc@12@F@f#@x", True),
        (b"", False),
    ],
)
def test_which_symbols_belong_to_a_file(usr: bytes, bound: bool) -> None:
    assert is_file_bound(usr) is bound
    assert (symbol_id(usr, "project\0a/m.cc") != symbol_id(usr, "project\0b/m.cc")) is bound


def symbols(code: str, name: str) -> dict[str, set[int]]:
    """The symbols of that name that are declared in each file."""
    with indexed(code) as space:
        return {
            space.name(facts.path): {one.symbol for one in facts.declarations if one.name == name}
            for facts in space.facts
        }


@pytest.mark.parametrize(
    "declaration",
    ["static int n();", "static int n;", "namespace { struct n {}; }", "static int f(int n) { return n; }"],
)
def test_internal_symbols_of_files_named_alike_are_different(declaration: str) -> None:
    found = symbols(f"// file: a/m.cc\n{declaration}\n// file: b/m.cc\n{declaration}", "n")
    assert len(found["a/m.cc"]) == len(found["b/m.cc"]) == 1
    assert found["a/m.cc"] != found["b/m.cc"]


@pytest.mark.parametrize("declaration", ["int n();", "extern int n;", "struct n {};", "namespace n {}"])
def test_external_symbols_are_one_in_all_files(declaration: str) -> None:
    found = symbols(f"// file: a/m.cc\n{declaration}\n// file: b/other.cc\n{declaration}", "n")
    assert found["a/m.cc"] == found["b/other.cc"]


@pytest.mark.parametrize(
    ("usr", "expected"),
    [
        (b"c:@F@f#", []),
        (b"c:@FT@>1#Tf#t0.0#v#", [True]),
        (b"c:@FT@>3#T#NI#pTf#I#v#", [True, False, True]),
        (b"c:@FT@>2#t>1#T#Tf#v#", [False, True]),
        (b"c:@ST>1#T@S@FT@>1#NIm#v#", [False]),
    ],
)
def test_which_parameters_are_types(usr: bytes, expected: list[bool]) -> None:
    assert type_parameters(usr) == expected


def test_ids_do_not_depend_on_where_the_project_lies() -> None:
    code = "static int n();\nnamespace { int n2; }\nvoid f(int p) { int l = p; struct { int x; } s; }"
    with indexed(code) as one, indexed(code) as two:
        assert one.folder != two.folder
        here, there = one.of("main.cc"), two.of("main.cc")
    assert here.path != there.path
    assert (here.digest, here.declarations, here.occurrences) == (
        there.digest,
        there.declarations,
        there.occurrences,
    )
