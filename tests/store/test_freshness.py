"""What is stale: decided by content, whatever the times of files say."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.units import HOUR_NS, Project, facts_of

from cpplsp.content import content_hash
from cpplsp.facts import FileVersion, UnitState
from cpplsp.store.freshness import find_stale, note_version, prune
from cpplsp.store.units import Outcome, WantedUnit, finish_unit, load_unit, sync_units, units_of


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.index.close()


@pytest.fixture
def read_project(project: Project) -> Project:
    """Two units that share a header, read."""
    for name in ("a.cc", "b.cc", "common.h", "only_b.h"):
        project.write(name, f"// {name}")
    project.want("a.cc", "b.cc")
    project.read("a.cc", "common.h")
    project.read("b.cc", "common.h", "only_b.h")
    return project


def test_what_was_never_read_is_stale(project: Project) -> None:
    project.write("a.cc", "")
    project.want("a.cc")
    assert project.stale_names() == ["a.cc"]


def test_what_is_as_it_was_is_fresh(read_project: Project) -> None:
    stale = read_project.stale()
    assert stale.units == []
    assert stale.fresh == 2
    assert stale.claimed == {
        "c++": {read_project.path(name): [b""] for name in ("a.cc", "b.cc", "common.h", "only_b.h")}
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [("a.cc", ["a.cc"]), ("only_b.h", ["b.cc"]), ("common.h", ["a.cc", "b.cc"])],
)
def test_a_change_makes_stale_what_read_the_file(
    read_project: Project, changed: str, expected: list[str]
) -> None:
    read_project.write(changed, "// changed")
    assert read_project.stale_names() == expected
    assert read_project.path(changed) not in read_project.stale().claimed["c++"]


def test_what_was_edited_comes_before_what_includes_it(read_project: Project) -> None:
    read_project.write("common.h", "// changed")
    read_project.write("b.cc", "// changed")
    assert read_project.stale_names() == ["b.cc", "a.cc"]


def test_a_change_that_keeps_size_and_time_is_seen_by_its_other_time(read_project: Project) -> None:
    path = read_project.path("a.cc")
    before = os.stat(path)
    other = path + ".new"
    Path(other).write_text("// A.CC")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.rename(other, path)  # another inode
    assert os.stat(path).st_size == before.st_size
    assert read_project.stale_names() == ["a.cc"]


def test_a_touched_file_is_fresh(read_project: Project) -> None:
    os.utime(read_project.path("common.h"))
    assert read_project.stale_names() == []


def test_content_that_comes_back_is_fresh_again(read_project: Project) -> None:
    read_project.write("common.h", "// other branch")
    assert read_project.stale_names() == ["a.cc", "b.cc"]
    read_project.write("common.h", "// common.h")
    assert read_project.stale_names() == []


def test_a_file_that_is_gone_makes_its_units_stale_and_may_come_back(read_project: Project) -> None:
    os.remove(read_project.path("only_b.h"))
    assert read_project.stale_names() == ["b.cc"]
    read_project.write("only_b.h", "// only_b.h")
    assert read_project.stale_names() == []


def test_a_file_changed_while_its_unit_was_read_is_stale(project: Project) -> None:
    project.write("a.cc", "// 1")
    project.want("a.cc")
    started_ns = time.time_ns()
    content = content_hash(b"// 1")
    project.index.put_file(facts_of(project.path("a.cc")), "c++")
    project.write("a.cc", "// 2")
    unit = load_unit(project.index, units_of(project.index, project.path("a.cc"))[0])
    with project.index.transaction():
        _, version = note_version(project.index, FileVersion(project.path("a.cc"), content), started_ns)
        finish_unit(project.index, unit, Outcome(UnitState.INDEXED, "", 0, []), [version])
    assert project.stale_names() == ["a.cc"]


def test_a_change_right_after_a_look_is_seen_though_it_bears_the_same_time(read_project: Project) -> None:
    path = read_project.path("a.cc")
    Path(path).write_text("// new1")
    written = os.stat(path)
    assert read_project.stale_names() == ["a.cc"]
    Path(path).write_text("// a.cc")
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    assert read_project.stale_names() == []


def test_a_clock_that_was_put_back_hides_no_change(
    read_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files then bear times that are still to come: such a time proves nothing, and contents are compared."""
    now_ns = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now_ns - 24 * HOUR_NS)
    path = read_project.path("a.cc")
    Path(path).write_text("// new1")
    written = os.stat(path)
    assert read_project.stale_names() == ["a.cc"]
    Path(path).write_text("// a.cc")
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    assert read_project.stale_names() == []


def test_a_unit_that_took_too_much_memory_is_tried_again_when_there_is_more(project: Project) -> None:
    project.write("big.cc", "")
    project.want("big.cc")
    project.read("big.cc", state=UnitState.OUT_OF_MEMORY)
    with project.index.transaction() as db:
        db.execute("UPDATE unit SET peak_bytes = 1000")
    found = [find_stale(project.index, memory_bytes=most) for most in (0, 1000, 1200, 1201)]
    assert [(len(one.units), one.failed) for one in found] == [(0, 1), (0, 1), (0, 1), (1, 0)]
    again = find_stale(project.index, retry=[UnitState.OUT_OF_MEMORY])
    assert len(again.units) == 1


def test_a_header_whose_facts_never_came_makes_its_units_stale(project: Project) -> None:
    """As after a kill: the header was another unit's to report, and that unit was not finished."""
    project.write("a.cc", "")
    project.write("common.h", "//")
    project.want("a.cc")
    project.read("a.cc", "common.h", silent="common.h")
    assert project.stale_names() == ["a.cc"]
    project.read("a.cc", "common.h")
    assert project.stale_names() == []


def test_units_that_failed_are_tried_again_and_those_that_crashed_only_when_changed(project: Project) -> None:
    for name in ("failed.cc", "crashed.cc", "slow.cc"):
        project.write(name, name)
    project.want("failed.cc", "crashed.cc", "slow.cc")
    project.read("failed.cc", state=UnitState.FAILED)
    project.read("crashed.cc", state=UnitState.CRASHED)
    project.read("slow.cc", state=UnitState.TIMED_OUT)
    assert project.stale_names() == ["failed.cc"]
    assert project.stale().failed == 2
    project.write("crashed.cc", "mended")
    assert project.stale_names() == ["crashed.cc", "failed.cc"]  # what was edited comes first


def test_what_no_unit_stands_for_is_deleted(read_project: Project) -> None:
    read_project.want("a.cc")
    prune(read_project.index)
    assert read_project.held() == ["a.cc", "common.h"]
    assert read_project.stale_names() == []


def test_files_that_nothing_remembers_are_deleted(read_project: Project) -> None:
    read_project.want("a.cc")
    with read_project.index.transaction() as db:
        db.execute("DELETE FROM past")
    prune(read_project.index)
    paths = [row[0] for row in read_project.index.db.execute("SELECT path FROM file ORDER BY 1")]
    assert paths == ["a.cc", "common.h"]
    assert read_project.index.db.execute("SELECT count(*) FROM version").fetchone() == (2,)
    assert read_project.index.db.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_header_that_is_no_longer_included_is_deleted(read_project: Project) -> None:
    read_project.write("b.cc", "// without only_b.h")
    read_project.read("b.cc", "common.h")
    prune(read_project.index)
    assert read_project.held() == ["a.cc", "b.cc", "common.h"]


def test_a_reading_in_a_context_that_no_unit_has_is_deleted(read_project: Project) -> None:
    units = [
        WantedUnit(read_project.path(name), "/", ("-DX",), name.encode() + b"X", "c++ X")
        for name in ("a.cc", "b.cc")
    ]
    sync_units(read_project.index, units, lambda: True)
    read_project.read("a.cc", "common.h")
    read_project.read("b.cc", "common.h", "only_b.h")
    prune(read_project.index)
    contexts = read_project.index.db.execute("SELECT DISTINCT context FROM reading").fetchall()
    assert contexts == [("c++ X",)]
    assert read_project.held() == ["a.cc", "b.cc", "common.h", "only_b.h"]


def test_what_is_needed_survives_pruning_while_it_is_stale(read_project: Project) -> None:
    read_project.write("common.h", "// changed")
    assert read_project.stale_names() == ["a.cc", "b.cc"]
    prune(read_project.index)
    assert read_project.held() == ["a.cc", "b.cc", "common.h", "only_b.h"]
    assert read_project.stale_names() == ["a.cc", "b.cc"]


def test_a_pipe_or_device_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    project = Project(tmp_path)
    os.mkfifo(project.path("pipe.cc"))
    os.symlink("/dev/zero", project.folder / "zero.cc")
    project.want("pipe.cc", "zero.cc")
    assert project.stale_names() == ["pipe.cc", "zero"]
