"""Slices of raw locations: known after one was learnt, each within its file."""

from pathlib import Path

import pytest

from cpplsp.paths import Roots
from cpplsp.worker.files import MACRO_BIT, FileTable


class Names:
    """Stands for libclang, which is asked for names only. A CXFile is an index here."""

    def __init__(self, *names: str):
        self.names = names

    def file_name(self, handle: int) -> str:
        return self.names[handle]


@pytest.fixture
def table(tmp_path: Path) -> FileTable:
    """a.h of 10 bytes, b.h of 5, the main file of 20; o.h is outside of the project, gone.h is not on disk."""
    project = tmp_path / "project"
    project.mkdir()
    for name, size in (("a.h", 10), ("b.h", 5), ("main.cc", 20)):
        (project / name).write_bytes(b"x" * size)
    (tmp_path / "o.h").write_bytes(b"x" * 7)
    (tmp_path / "link.h").symlink_to(project / "a.h")
    names = Names("a.h", "b.h", "main.cc", "../o.h", "gone.h", "../link.h", "./a.h")
    return FileTable(
        names,  # type: ignore[arg-type]
        str(project),
        Roots(str(project)),
        lambda path: path != str(project / "b.h"),
        str(project / "main.cc"),
    )


def test_nothing_is_known_at_first(table: FileTable) -> None:
    assert [table.known(raw)[0] for raw in (0, 1, 1000, MACRO_BIT, MACRO_BIT + 5)] == [None] * 5


def test_from_one_place_all_of_a_slice_is_known(table: FileTable) -> None:
    source = table.learn(104, 0, 4)
    assert [table.known(raw) for raw in (100, 104, 110)] == [(source, 0), (source, 4), (source, 10)]
    assert [table.known(raw)[0] for raw in (99, 111)] == [None, None]


def test_slices_may_be_learnt_in_any_order(table: FileTable) -> None:
    main, first, second = table.learn(210, 2, 10), table.learn(100, 0, 0), table.learn(113, 1, 2)
    assert [table.known(raw)[0] for raw in (100, 110, 111, 116, 117, 200, 220, 221)] == [
        first,
        first,
        second,
        second,
        None,
        main,
        main,
        None,
    ]


def test_a_file_that_is_entered_twice_has_two_slices(table: FileTable) -> None:
    source = table.learn(100, 0, 0)
    assert table.learn(205, 0, 5) is source
    assert [table.known(raw) for raw in (103, 203)] == [(source, 3), (source, 3)]


def test_a_place_in_a_macro_tells_its_file_and_no_slice(table: FileTable) -> None:
    source = table.learn(MACRO_BIT + 7, 0, 3)
    assert source.path.endswith("a.h")
    assert table.known(MACRO_BIT + 7)[0] is None
    assert table.known(MACRO_BIT + 4)[0] is None


def test_a_file_that_cannot_be_measured_is_asked_for_each_time(table: FileTable) -> None:
    gone = table.learn(100, 4, 3)
    assert gone.size == 0
    assert table.known(97)[0] is gone
    assert table.known(100)[0] is None


def test_what_is_collected(table: FileTable) -> None:
    header, claimed, main, outside = (table.file(handle) for handle in range(4))
    assert [source.is_collected for source in (header, claimed, main, outside)] == [True, False, True, False]
    assert [source.is_ours for source in (header, claimed, main, outside)] == [True, True, True, False]


def test_one_file_under_several_names_is_one(table: FileTable) -> None:
    assert table.file(0) is table.file(5) is table.file(6)
    assert [source.path.rsplit("/", 1)[1] for source in table] == ["a.h"]


def test_an_identity_names_the_root_and_the_path_in_it(table: FileTable) -> None:
    assert table.file(0).identity == "project\0a.h"
    assert table.file(3).identity.startswith("system\0")
