"""Files that no unit reads are read as their nearest neighbour is."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpplsp.facts import UnitState
from cpplsp.paths import Roots
from cpplsp.store.adoption import adopt, find_neighbour, release
from cpplsp.store.connection import open_reader
from cpplsp.store.index import Index, OpenedIndex
from cpplsp.store.units import Outcome, WantedUnit, finish_unit, load_unit, sync_units, units_of

C_OR_CXX = ("c++", "c")


class Project:
    """Units named by their paths: each has its path as an argument."""

    def __init__(self, folder: Path):
        self.root = folder / "project"
        self.root.mkdir()
        self.index = Index(str(folder / "cache" / "index.sqlite"), Roots(str(self.root)))

    def write(self, *names: str) -> None:
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).touch()

    def path(self, name: str) -> str:
        return str(self.root / name)

    def want(self, **languages: str) -> None:
        units = [
            WantedUnit(
                self.path(name), str(self.root), ("-x", language, f"-D{name}"), name.encode(), language
            )
            for name, language in languages.items()
        ]
        self.write(*languages)
        sync_units(self.index, units, lambda: True)

    def adopt(self, name: str, languages: tuple[str, ...] = C_OR_CXX) -> str | None:
        """Of which unit a file gets the arguments."""
        found = adopt(self.index, self.path(name), languages)
        return load_unit(self.index, found[0]).arguments[2].removeprefix("-D") if found else None

    def read(self, name: str, *headers: str) -> None:
        unit = load_unit(self.index, units_of(self.index, self.path(name))[0])
        with self.index.transaction():
            versions = [self.index.version_ids(self.path(one), b"1")[1] for one in (name, *headers)]
            finish_unit(self.index, unit, Outcome(UnitState.INDEXED, "", 0, []), versions)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.index.close()


@pytest.mark.parametrize(
    ("header", "neighbour"),
    [
        ("src/net/socket.h", "src/net/socket.cc"),  # its own source
        ("include/net/socket.h", "src/net/socket.cc"),  # wherever that is
        ("src/net/other.h", "src/net/address.cc"),  # the first in its folder
        ("src/net/detail/other.h", "src/net/address.cc"),  # the first in the folder above
        ("src/other.h", "src/main.cc"),
        ("tools/x.h", "main.cc"),
    ],
)
def test_a_header_is_read_as_its_nearest_neighbour(project: Project, header: str, neighbour: str) -> None:
    names = ("main.cc", "src/main.cc", "src/net/address.cc", "src/net/socket.cc", "src/disk/file.cc")
    project.want(**dict.fromkeys(names, "c++"))
    project.write(header)
    assert project.adopt(header) == neighbour


def test_a_neighbour_of_another_language_is_passed_over(project: Project) -> None:
    project.want(**{"src/near.c": "c", "far.cc": "c++"})
    project.write("src/a.hpp", "src/b.h")
    assert project.adopt("src/a.hpp", ("c++",)) == "far.cc"
    assert project.adopt("src/b.h") == "src/near.c"


def test_what_a_unit_reads_is_not_adopted(project: Project) -> None:
    project.want(**{"a.cc": "c++"})
    project.write("a.h", "b.h")
    project.read("a.cc", "a.h")
    assert project.adopt("a.h") is None
    assert project.adopt("a.cc") is None
    assert project.adopt("b.h") == "a.cc"
    assert project.adopt("b.h") is None, "it has a unit by now"


def test_what_would_be_adopted_is_told_by_reading_alone(project: Project) -> None:
    project.want(**{"a.cc": "c++"})
    project.write("a.h", "b.h")
    project.read("a.cc", "a.h")
    with contextlib.closing(open_reader(project.index.path)) as db:
        index = OpenedIndex(db, project.index.roots)
        neighbours = [find_neighbour(index, project.path(name), C_OR_CXX) for name in ("a.h", "b.h")]
    assert neighbours == [None, units_of(project.index, project.path("a.cc"))[0]]


def test_what_is_not_there_or_has_no_neighbour_is_not_adopted(project: Project) -> None:
    project.write("a.h")
    assert project.adopt("a.h") is None
    project.want(**{"a.cc": "c++"})
    assert project.adopt("gone.h") is None
    assert project.adopt("a.h", ()) is None


def test_a_file_whose_name_is_not_text_is_not_adopted(project: Project) -> None:
    project.want(**{"a.cc": "c++"})
    (project.root / "caf\udce9.h").touch()
    assert project.adopt("caf\udce9.h") is None


def test_an_adopted_unit_survives_a_reading_of_the_database_that_changes_nothing(project: Project) -> None:
    project.want(**{"a.cc": "c++"})
    project.write("b.h")
    project.adopt("b.h")
    project.want(**{"a.cc": "c++"})
    assert len(units_of(project.index, project.path("b.h"))) == 1
    project.want(**{"a.cc": "c++", "b.cc": "c++"})
    assert project.adopt("b.h") == "b.cc"


def test_an_adopted_unit_goes_when_a_unit_reads_its_file(project: Project) -> None:
    project.want(**{"a.cc": "c++"})
    project.write("b.h", "c.h")
    project.adopt("b.h")
    project.adopt("c.h")
    assert not release(project.index)
    project.read("a.cc", "b.h")
    assert release(project.index)
    rows = project.index.db.execute(
        "SELECT f.path FROM unit u JOIN file f ON f.id = u.file WHERE adopted = 1"
    )
    assert rows.fetchall() == [("c.h",)]
    os.remove(project.path("c.h"))
    assert release(project.index)
    assert not release(project.index)


def test_an_adopted_unit_that_the_database_gets_is_adopted_no_longer(project: Project) -> None:
    def want(*names: str) -> None:
        units = [
            WantedUnit(project.path(name), str(project.root), ("-x", "c++"), b"same", "c++") for name in names
        ]
        project.write(*names)
        sync_units(project.index, units, lambda: True)

    want("a.cc")
    project.write("b.cc")
    assert adopt(project.index, project.path("b.cc"), C_OR_CXX)
    want("a.cc", "b.cc", "c.cc")
    assert len(units_of(project.index, project.path("b.cc"))) == 1
    assert project.index.db.execute("SELECT count(*) FROM unit WHERE adopted = 1").fetchone() == (0,)
    want("a.cc")
    assert units_of(project.index, project.path("b.cc")) == []
