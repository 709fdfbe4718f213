"""Arguments of units for a prelude."""

from cpplsp.manifest import fitting
from cpplsp.prelude.arguments import merged, search_path


def test_how_code_is_placed_makes_no_difference() -> None:
    assert fitting(["-x", "c++", "-fPIC", "-fno-pie", "-fpic", "-DA", "-fexceptions"]) == [
        *("-x", "c++", "-DA", "-fexceptions")
    ]


def test_folders_are_searched_in_clangs_order() -> None:
    arguments = ["-isystem", "/s", "-Iin", "-I", "/i", "-idirafter", "/after", "-iquote", "/q", "-DX"]
    assert search_path(arguments, "/d") == ["/d/in", "/i", "/s", "/after"]


def test_include_paths_of_other_units_come_behind() -> None:
    one = ["-x", "c++", "-Ia", "-isystem", "/s", "-fPIC"]
    others = [(["-Ia", "-Ib", "-isystem", "/s"], "/d"), (["-Ia", "-isystem", "/t"], "/e")]
    assert merged(one, "/d", others) == [
        *("-x", "c++", "-Ia", "-isystem", "/s"),
        *("-I", "/d/b", "-I", "/e/a", "-isystem", "/t"),
    ]
