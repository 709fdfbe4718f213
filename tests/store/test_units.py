"""Units: what the compile database wants, and what has become of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.facts import UnitState
from cpplsp.paths import Roots
from cpplsp.store.index import Index
from cpplsp.store.units import (
    Outcome,
    WantedUnit,
    count_with_errors,
    failed_units,
    finish_unit,
    load_unit,
    pack_versions,
    sync_mark,
    sync_units,
    units_of,
    unpack_versions,
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(str(tmp_path / "cache" / "index.sqlite"), Roots("/project", resource="/opt/clang"))
    yield made
    made.close()


def wanted(path: str, *arguments: str, context: str = "c++") -> WantedUnit:
    return WantedUnit(path, "/project/build", arguments, repr(arguments).encode(), context)


def sync(index: Index, *units: WantedUnit, complete: bool = True) -> tuple[int, bool]:
    synced = sync_units(index, units, lambda: complete)
    return synced.units, synced.has_changed


def states(index: Index) -> list[tuple[str, UnitState]]:
    rows = index.db.execute(
        "SELECT f.path, u.state FROM unit u JOIN file f ON f.id = u.file ORDER BY u.ordinal"
    )
    return [(path, UnitState(state)) for path, state in rows]


def end(
    index: Index, path: str, state: UnitState, error: str = "", versions: list[int] | None = None
) -> None:
    unit = load_unit(index, units_of(index, path)[0])
    with index.transaction():
        finish_unit(index, unit, Outcome(state, error, 0, []), versions or [])


def test_each_synchronisation_leaves_a_mark_of_its_own(index: Index) -> None:
    assert sync_mark(index) is None
    marks = [sync_units(index, [], lambda: True).mark for _ in range(2)]
    assert marks[0] != marks[1] == sync_mark(index)


def test_units_come_as_the_database_has_them(index: Index) -> None:
    assert sync(index, wanted("/project/b.cc"), wanted("/project/a.cc")) == (2, True)
    assert states(index) == [("b.cc", UnitState.PENDING), ("a.cc", UnitState.PENDING)]


def test_a_unit_is_what_it_was(index: Index) -> None:
    arguments = ("-I/project/include", "-DX=a b", "", "-isystem", "/opt/clang/include", "-DÄ=\n")
    sync(index, wanted("/project/a.cc", *arguments))
    unit = load_unit(index, units_of(index, "/project/a.cc")[0])
    assert (unit.path, unit.directory, unit.context) == ("/project/a.cc", "/project/build", "c++")
    assert tuple(unit.arguments) == arguments


def test_a_moved_project_reads_its_units_where_it_is_now(index: Index) -> None:
    sync(index, wanted("/project/a.cc", "-I/project/include", "-isystem", "/opt/clang/include"))
    path = index.path
    index.close()
    moved = Index(path, Roots("/elsewhere/project", resource="/usr/lib/clang"))
    unit = load_unit(moved, units_of(moved, "/elsewhere/project/a.cc")[0])
    assert unit.path == "/elsewhere/project/a.cc"
    assert unit.directory == "/elsewhere/project/build"
    assert unit.arguments == ["-I/elsewhere/project/include", "-isystem", "/usr/lib/clang/include"]
    moved.close()
    index.__init__(path, Roots("/project"))  # type: ignore[misc]  # for the fixture to close


def test_reading_the_database_again_changes_nothing(index: Index) -> None:
    sync(index, wanted("/project/a.cc"), wanted("/project/b.cc"))
    end(index, "/project/a.cc", UnitState.INDEXED)
    assert sync(index, wanted("/project/a.cc"), wanted("/project/b.cc")) == (2, False)
    assert states(index) == [("a.cc", UnitState.INDEXED), ("b.cc", UnitState.PENDING)]


def test_other_arguments_are_another_unit(index: Index) -> None:
    sync(index, wanted("/project/a.cc"), wanted("/project/b.cc"))
    end(index, "/project/a.cc", UnitState.INDEXED)
    assert sync(index, wanted("/project/a.cc", "-DNEW"), wanted("/project/b.cc")) == (2, True)
    assert states(index)[0] == ("a.cc", UnitState.PENDING)


def test_a_unit_that_is_no_longer_wanted_goes(index: Index) -> None:
    sync(index, wanted("/project/a.cc"), wanted("/project/b.cc"))
    assert sync(index, wanted("/project/b.cc")) == (1, True)
    assert states(index) == [("b.cc", UnitState.PENDING)]


def test_a_database_that_breaks_off_takes_nothing_away(index: Index) -> None:
    sync(index, wanted("/project/a.cc"), wanted("/project/b.cc"))
    assert sync(index, wanted("/project/a.cc"), complete=False) == (2, False)


def test_a_second_command_that_reads_the_file_the_same_way_is_covered(index: Index) -> None:
    count, _ = sync(
        index,
        wanted("/project/a.cc", "-Istatic"),
        wanted("/project/a.cc", "-Ishared"),
        wanted("/project/a.cc", "-DX", context="c++ X"),
    )
    assert count == 2
    assert [state for _, state in states(index)] == [0, UnitState.COVERED, 0]
    assert len(units_of(index, "/project/a.cc")) == 2


def test_a_covered_unit_is_work_when_what_covered_it_goes(index: Index) -> None:
    one, other = wanted("/project/a.cc", "-Istatic"), wanted("/project/a.cc", "-Ishared")
    sync(index, one, other)
    sync(index, other)
    assert states(index) == [("a.cc", UnitState.PENDING)]
    end(index, "/project/a.cc", UnitState.INDEXED)
    sync(index, one, other)
    assert [state for _, state in states(index)] == [UnitState.PENDING, UnitState.COVERED]


def test_the_same_entry_twice_is_one_unit(index: Index) -> None:
    assert sync(index, wanted("/project/a.cc"), wanted("/project/a.cc")) == (1, True)


def test_failed_units_are_named_with_their_reason(index: Index) -> None:
    sync(index, *(wanted(f"/project/{name}.cc") for name in "abcd"), wanted("/elsewhere/e.cc"))
    end(index, "/project/a.cc", UnitState.INDEXED)
    end(index, "/project/b.cc", UnitState.ERRORS, "b.cc:1:1: no")
    end(index, "/project/c.cc", UnitState.FAILED, "gone")
    end(index, "/elsewhere/e.cc", UnitState.CRASHED, "twice")
    assert [(one.path, one.reason) for one in failed_units(index)] == [
        ("c.cc", "gone"),
        ("/elsewhere/e.cc", "twice"),
    ]
    assert count_with_errors(index) == 1


def test_a_unit_that_is_gone_cannot_be_loaded(index: Index) -> None:
    with pytest.raises(KeyError):
        load_unit(index, 7)


def test_the_units_of_a_header_are_those_that_included_it(index: Index) -> None:
    sync(index, *(wanted(f"/project/{name}.cc") for name in "abc"))
    with index.transaction():
        _, version = index.version_ids("/project/x.h", b"1")
    end(index, "/project/b.cc", UnitState.INDEXED, versions=[version])
    assert units_of(index, "/project/x.h") == units_of(index, "/project/b.cc")


def test_a_header_that_nobody_included_yet_goes_by_its_name(index: Index) -> None:
    sync(
        index, wanted("/project/src/parse.cc"), wanted("/project/src/parser.cc"), wanted("/project/parser.cc")
    )
    assert units_of(index, "/project/src/parser.h") == units_of(index, "/project/src/parser.cc")
    assert units_of(index, "/project/src/other.h") == []


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_versions_are_packed_as_a_sorted_set(versions: list[int]) -> None:
    assert list(unpack_versions(pack_versions(versions))) == sorted(set(versions))
