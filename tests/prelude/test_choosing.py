"""What goes into a prelude, from what units were seen to read."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.prelude.choosing import Seen, Source, entries, pays, shared, spelling

NAMES = ["a.cc", "b.cc", "c.cc", "base.h", "util.h", "own.h", "list.def", "vector", "bits.h"]
A, B, C, BASE, UTIL, OWN, LIST, VECTOR, BITS = range(9)
SYSTEM = {VECTOR, BITS}
INCLUDES = {A: [BASE, OWN], B: [UTIL, LIST], C: [BASE, VECTOR], BASE: [UTIL], UTIL: [VECTOR, LIST]}
READS = [
    (A, {A, BASE, UTIL, VECTOR, BITS, LIST, OWN}),
    (B, {B, UTIL, VECTOR, BITS, LIST}),
    (C, {C, BASE, UTIL, VECTOR, BITS, LIST}),
]


def seen(
    *, total: int = 3, units: int = 3, varied: Sequence[int] = (), unguarded: Sequence[int] = (LIST,)
) -> Seen:
    sources = {
        file: Source(
            f"/p/{name}",
            100,
            file not in SYSTEM,
            is_guarded=file not in unguarded,
            is_varied=file in varied,
        )
        for file, name in enumerate(NAMES)
    }
    return Seen(READS[:units], total, sources, INCLUDES)


def test_what_two_units_read_is_shared() -> None:
    assert shared(seen()) == {BASE, UTIL, VECTOR, BITS, LIST}


def test_what_few_of_many_units_read_is_likely_shared() -> None:
    assert shared(seen(total=30)) == {BASE, UTIL, VECTOR, BITS, LIST, OWN}
    assert shared(seen(total=2, units=1)) == {BASE, UTIL, VECTOR, BITS, LIST, OWN}
    assert shared(seen(total=1, units=1)) == set()


def test_only_the_systems_own() -> None:
    assert shared(seen(), only_system=True) == {VECTOR, BITS}


def test_what_is_read_in_several_ways_stays_out_with_all_that_include_it() -> None:
    assert shared(seen(varied=[UTIL])) == {VECTOR, BITS, LIST}
    assert shared(seen(varied=[VECTOR])) == {BITS, LIST}


def test_a_prelude_includes_what_is_outermost_in_the_order_of_units() -> None:
    assert entries(seen(), {BASE, UTIL, VECTOR, BITS, LIST}) == [BASE, UTIL, VECTOR]
    assert entries(seen(), {UTIL, VECTOR}) == [UTIL, VECTOR]
    assert entries(seen(), {VECTOR, BITS}) == [VECTOR]


def test_what_has_no_guard_is_not_included_by_a_prelude() -> None:
    assert entries(seen(unguarded=[LIST, BASE]), {BASE, UTIL, VECTOR, LIST}) == [UTIL, VECTOR]


@given(st.data())
def test_an_entry_is_chosen_once_and_guarded(data: st.DataObject) -> None:
    files = st.integers(0, 11)
    includes = data.draw(st.dictionaries(files, st.lists(files, max_size=6)))
    mains = data.draw(st.lists(files, unique=True, max_size=4))
    chosen = data.draw(st.sets(files))
    guarded = data.draw(st.sets(files))
    sources = {file: Source(str(file), 1, True, file in guarded) for file in range(12)}
    found = entries(Seen([(main, {main}) for main in mains], 12, sources, includes), chosen)
    assert len(found) == len(set(found))
    assert set(found) <= chosen & guarded


def test_it_pays_for_many_units_and_not_for_few() -> None:
    chosen = {BASE, UTIL, VECTOR, BITS}
    assert pays(seen(total=100), chosen, (), left=97)
    assert not pays(seen(), chosen, (), left=3)
    assert not pays(seen(total=100, units=0), chosen, (), left=97)
    assert not pays(seen(total=100), (), (), left=97)


def test_what_a_prelude_holds_already_does_not_pay_again() -> None:
    chosen = {BASE, UTIL, VECTOR, BITS}
    assert not pays(seen(total=100), chosen, chosen, left=97)
    assert pays(seen(total=100), chosen, {BITS}, left=97)
    assert not pays(seen(total=100), chosen, chosen - {BASE}, left=10)


def test_a_header_is_spelled_by_its_path_or_as_it_is_searched_for(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "sub").mkdir(parents=True)
    (second / "sub" / "lib.h").touch()
    folders = [str(first), str(second)]
    path = str(second / "sub" / "lib.h")
    assert spelling(path, folders, is_project=True) == f'"{path}"'
    assert spelling(path, folders, is_project=False) == "<sub/lib.h>"
    (first / "sub" / "lib.h").touch()
    assert spelling(path, folders, is_project=False) == f'"{path}"'
    assert spelling(path, [], is_project=False) == f'"{path}"'


@pytest.mark.parametrize("name", ['quo"te.h', "new\nline.h", "back\\slash.h"])
def test_what_cannot_be_spelled_stays_out(name: str) -> None:
    assert spelling(f"/p/{name}", [], is_project=True) is None
