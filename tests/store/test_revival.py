"""What is put back in place of a parse, and what is not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.units import Project

from cpplsp.facts import UnitState
from cpplsp.store import history
from cpplsp.store.freshness import drop_gone, prune, refresh_files
from cpplsp.store.revival import Revived

NOT_FOUND = "b.cc:1:10: 'made.h' file not found"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two units that share a header, read on one branch, and then on another."""
    made = Project(tmp_path)
    first(made)
    made.want("a.cc", "b.cc")
    made.read("a.cc", "common.h")
    made.read("b.cc", "common.h", "only_b.h")
    second(made)
    assert sorted(made.stale_names()) == ["a.cc", "b.cc"]
    made.read("a.cc", "common.h")
    made.read("b.cc", "common.h")
    prune(made.index)
    assert made.held() == ["a.cc", "b.cc", "common.h"]
    yield made
    made.index.close()


def first(project: Project) -> None:
    for name in ("a.cc", "b.cc", "common.h", "only_b.h"):
        project.write(name, f"// {name}")


def second(project: Project) -> None:
    for name in ("b.cc", "common.h"):
        project.write(name, f"// {name} of a branch")
    os.remove(project.path("only_b.h"))


def declared(project: Project, path: str) -> list[str]:
    rows = project.index.db.execute(
        "SELECT d.name FROM file f JOIN reading r ON r.file = f.id JOIN declaration d ON d.shard = r.shard"
        " WHERE f.path LIKE ? ORDER BY 1",
        (f"%{path}",),
    )
    return [name for (name,) in rows]


def count(project: Project, table: str) -> int:
    return int(project.index.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_branch_and_back(project: Project) -> None:
    first(project)
    assert sorted(project.stale_names()) == ["a.cc", "b.cc"]
    assert project.revive() == Revived(2, 3)
    assert project.stale_names() == []
    assert project.held() == ["a.cc", "b.cc", "common.h", "only_b.h"]
    second(project)
    assert project.revive() == Revived(2, 2)
    prune(project.index)
    assert project.stale_names() == []
    assert project.held() == ["a.cc", "b.cc", "common.h"]


def test_what_is_fresh_is_left_alone(project: Project) -> None:
    assert project.revive() == Revived()


def test_what_differs_in_one_file_is_read(project: Project) -> None:
    first(project)
    project.write("only_b.h", "// new")
    assert project.revive() == Revived(1, 1)
    assert sorted(project.stale_names()) == ["b.cc"]


def test_an_interrupted_switch_leaves_nothing_to_do(project: Project) -> None:
    """Units that were not read before the way back are as they were, but headers of theirs were replaced."""
    first(project)
    project.revive()
    second(project)
    project.write("b.cc", "// third")
    refresh_files(project.index)
    project.read("b.cc", "common.h")
    prune(project.index)
    first(project)
    assert sorted(project.stale_names()) == ["a.cc", "b.cc"]
    assert project.revive() == Revived(1, 3)
    assert project.stale_names() == []
    assert declared(project, "common.h") == ["common.h"]


@pytest.mark.parametrize("is_reader_there", [False, True])
@pytest.mark.parametrize("deep", ["deep.h", "../deep.h"])
def test_what_a_header_said_comes_back_though_its_content_was_never_another(
    project: Project, deep: str, is_reader_there: bool
) -> None:
    """Another header made it say something else, to a unit that was read; one that was not read counts on it, too."""
    project.write(deep, "// deep")
    for name in ("a.cc", "b.cc"):
        project.write(name, "// includes it")
        project.read(name, "common.h", deep)
    project.write(deep, "// of a branch")
    assert sorted(project.stale_names()) == ["a.cc", "b.cc"]
    assert project.revive() == Revived()
    project.read("a.cc", "common.h", deep, says="other")
    assert declared(project, "common.h") == ["other"]
    project.write(deep, "// deep")
    if not is_reader_there:
        project.want("b.cc")
    lacking = ["b.cc"] if deep == "deep.h" else []
    assert sorted(project.stale_names()) == [*(["a.cc"] if is_reader_there else []), *lacking]
    assert project.revive().units == is_reader_there
    assert declared(project, "common.h") == ["common.h"]
    assert project.stale_names() == []
    assert count(project, "past WHERE is_open") == 0


def test_a_main_file_says_what_it_said(project: Project) -> None:
    """Its own content is the same on both branches."""
    project.write("common.h", "// new")
    project.read("a.cc", "common.h", says="new")
    for text, says in (("// common.h of a branch", "a.cc"), ("// new", "new")) * 2:
        project.write("common.h", text)
        assert project.revive().units >= 1
        assert declared(project, "a.cc") == [says]


def test_a_unit_that_went_with_its_branch_comes_back(project: Project) -> None:
    project.want("a.cc")
    prune(project.index)
    assert project.held() == ["a.cc", "common.h"]
    project.want("a.cc", "b.cc")
    assert sorted(project.stale_names()) == ["b.cc"]
    assert project.revive().units == 1
    assert project.stale_names() == []
    assert project.held() == ["a.cc", "b.cc", "common.h"]


def test_a_unit_is_not_what_it_was_in_another_context(project: Project) -> None:
    project.want("a.cc", "b.cc", context="c")
    first(project)
    assert project.revive() == Revived()
    assert sorted(project.stale_names()) == ["a.cc", "b.cc"]


@pytest.mark.parametrize("state", [UnitState.FAILED, UnitState.CRASHED, UnitState.TIMED_OUT])
def test_a_failure_is_no_outcome_to_go_back_to(project: Project, state: UnitState) -> None:
    project.write("a.cc", "// bad")
    project.read("a.cc", "common.h", state=state)
    project.write("a.cc", "// good")
    project.read("a.cc", "common.h")
    project.write("a.cc", "// bad")
    assert project.revive() == Revived()
    assert sorted(project.stale_names()) == ["a.cc"]


def test_a_unit_that_missed_a_header_is_put_back_where_it_is_missing_still(project: Project) -> None:
    project.write("b.cc", "// includes made.h")
    project.read("b.cc", "common.h", state=UnitState.ERRORS, error=NOT_FOUND)
    project.write("b.cc", "// other")
    project.read("b.cc", "common.h")
    project.write("b.cc", "// includes made.h")
    assert project.revive().units == 1
    assert project.stale_names() == []
    project.write("b.cc", "// other")
    assert project.revive().units == 1
    project.write("b.cc", "// includes made.h")
    project.write("made.h", "// here it is")
    assert project.revive().units == 0
    assert sorted(project.stale_names()) == ["b.cc"]


def test_what_was_told_of_files_outside_comes_back_with_the_units_that_told_it(project: Project) -> None:
    project.write("../outside.h", "// outside")
    project.read("a.cc", "common.h", "../outside.h")
    project.write("a.cc", "// includes less")
    project.read("a.cc", "common.h")
    prune(project.index)
    assert declared(project, "outside.h") == []
    project.read("b.cc", "common.h", "../outside.h")
    assert declared(project, "outside.h") == ["b.cc"]
    project.write("a.cc", "// a.cc")
    assert project.revive().units == 1
    assert declared(project, "outside.h") == ["a.cc", "b.cc"]


def test_what_was_told_of_another_content_of_a_file_outside_comes_back(project: Project) -> None:
    project.write("../outside.h", "// outside")
    project.read("a.cc", "common.h", "../outside.h")
    project.read("b.cc", "common.h", "../outside.h")
    project.write("../outside.h", "// another")
    refresh_files(project.index)
    project.read("b.cc", "common.h", "../outside.h")
    assert declared(project, "outside.h") == ["b.cc"]
    project.write("../outside.h", "// outside")
    assert project.revive().units == 1, "the other one was not read meanwhile"
    assert project.stale_names() == []
    assert declared(project, "outside.h") == ["a.cc", "b.cc"]


def test_what_others_told_of_a_file_outside_comes_back_though_who_replaced_it_is_read_anew(
    project: Project,
) -> None:
    project.write("../outside.h", "// outside")
    project.read("a.cc", "common.h", "../outside.h")
    project.write("../outside.h", "// another")
    project.write("b.cc", "// new")
    refresh_files(project.index)
    project.read("b.cc", "common.h", "../outside.h")
    assert declared(project, "outside.h") == ["b.cc"]
    project.write("../outside.h", "// outside")
    assert sorted(project.stale_names()) == ["b.cc"]
    project.revive()
    assert declared(project, "outside.h") == ["a.cc"]


def test_a_file_that_is_gone_is_not_told_of_any_longer_before_anything_is_read(project: Project) -> None:
    os.rename(project.path("a.cc"), project.path("c.cc"))
    project.want("c.cc", "b.cc")
    refresh_files(project.index)
    drop_gone(project.index)
    assert project.held() == ["b.cc", "common.h"]
    os.rename(project.path("c.cc"), project.path("a.cc"))
    project.want("a.cc", "b.cc")
    assert project.revive() == Revived(1, 1)
    assert project.stale_names() == []
    assert project.held() == ["a.cc", "b.cc", "common.h"]


def test_a_renamed_file_is_read_anew(project: Project) -> None:
    os.rename(project.path("a.cc"), project.path("c.cc"))
    project.want("c.cc", "b.cc")
    assert project.revive() == Revived()
    assert sorted(project.stale_names()) == ["c.cc"]


def test_facts_beyond_the_bound_are_read_anew(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LEAST_BYTES", 0)
    monkeypatch.setattr(history, "SHARE", 1 << 40)
    prune(project.index)
    assert count(project, "kept") == count(project, "kept_facts") == 0
    first(project)
    assert project.revive() == Revived()
    assert sorted(project.stale_names()) == ["a.cc", "b.cc"]


def test_outcomes_go_with_what_they_told_of_files_outside(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("a.cc", "// includes outside.h")
    project.write("../outside.h", "// outside")
    project.read("a.cc", "common.h", "../outside.h")
    project.write("../outside.h", "// another")
    refresh_files(project.index)
    project.read("a.cc", "common.h", "../outside.h")
    monkeypatch.setattr(history, "LEAST_BYTES", 0)
    monkeypatch.setattr(history, "SHARE", 1 << 40)
    prune(project.index)
    project.write("../outside.h", "// outside")
    assert project.revive() == Revived()
    assert sorted(project.stale_names()) == ["a.cc"]


def test_what_was_used_last_is_kept_longest(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        project.write("a.cc", f"// {number}")
        project.read("a.cc", "common.h")
    rows = project.index.db.execute(
        "SELECT max(length(facts)) FROM kept_facts JOIN kept ON kept.id = kept"
        " JOIN version v ON v.id = version JOIN file f ON f.id = v.file WHERE f.path = 'a.cc'"
    )
    monkeypatch.setattr(history, "LEAST_BYTES", rows.fetchone()[0])
    monkeypatch.setattr(history, "SHARE", 1 << 40)
    prune(project.index)
    project.write("a.cc", "// 0")
    assert project.revive().units == 0
    project.write("a.cc", "// 1")
    assert project.revive().units == 1


def test_the_last_few_outcomes_of_a_unit_are_remembered_each_once(project: Project) -> None:
    for number in (*range(6), 2, 3, 2, 3, 9):
        project.write("a.cc", f"// {number}")
        project.read("a.cc", "common.h")
    prune(project.index)
    revived = []
    for number in range(6):
        project.write("a.cc", f"// {number}")
        revived += [number] * project.revive().units
    assert revived == [2, 3, 4, 5]


def test_outcomes_of_all_units_are_bounded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_LEAST_OUTCOMES", 0)
    monkeypatch.setattr(history, "OUTCOMES_A_UNIT", 1)
    project.want()
    prune(project.index)
    for table in ("past", "kept", "kept_facts", "kept_reading", "version", "file"):
        assert count(project, table) == 0, table
