"""Preludes on disk: what can be used, what goes."""

import os
from pathlib import Path

import pytest

from cpplsp import manifest
from cpplsp.content import content_hash
from cpplsp.facts import FileVersion
from cpplsp.manifest import HEADER, MANIFEST, PCH, VERSION, Header, Manifest
from cpplsp.prelude.shelf import Shelf


class Folder:
    """A shelf, and a header that its preludes are made of."""

    def __init__(self, folder: Path):
        self.header = folder / "a.h"
        self.header.write_text("int a;\n")
        self.shelf = Shelf(str(folder / "cache" / "index.sqlite"))

    def put(self, *parts: str, used_s: float = 0, size: int = 10) -> str:
        name = self.shelf.new(*parts)
        found = self.header.stat()
        version = FileVersion(str(self.header), content_hash(self.header.read_bytes()))
        one = Header(version, found.st_size, found.st_mtime_ns, [], b"", False)
        stem = os.path.join(self.shelf.folder, name)
        manifest.write(stem + MANIFEST, Manifest(VERSION, 1, [one], {}, {}))
        Path(stem + PCH).write_bytes(b"p" * size)
        Path(stem + HEADER).write_text('#include "a.h"\n')
        os.utime(stem + MANIFEST, (used_s, used_s))
        return name

    def files(self) -> set[str]:
        return {name.partition(".")[0] for name in os.listdir(self.shelf.folder)}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_prelude_is_found_as_long_as_its_files_are_as_they_were(folder: Folder) -> None:
    name = folder.put("x")
    found = folder.shelf.find(name)
    assert found
    assert [header.version.path for header in found.headers] == [str(folder.header)]
    os.utime(folder.header, (1, 1))
    assert folder.shelf.find(name), "its content is the same"


@pytest.mark.parametrize("change", ["gone", "grown", "another"])
def test_a_prelude_of_a_file_that_changed_is_not_found(folder: Folder, change: str) -> None:
    name = folder.put("x")
    found = folder.header.stat()
    if change == "gone":
        folder.header.unlink()
    elif change == "another":
        folder.header.write_text("int b;\n")
    else:
        folder.header.write_text("int abc;\n")
        os.utime(folder.header, ns=(found.st_mtime_ns, found.st_mtime_ns))
    assert folder.shelf.find(name) is None


@pytest.mark.parametrize("missing", [PCH, MANIFEST])
def test_a_prelude_that_is_not_whole_is_not_found(folder: Folder, missing: str) -> None:
    name = folder.put("x")
    os.remove(os.path.join(folder.shelf.folder, name + missing))
    assert folder.shelf.find(name) is None


def test_a_manifest_of_another_version_is_not_used(folder: Folder) -> None:
    name = folder.put("x")
    path = os.path.join(folder.shelf.folder, name + MANIFEST)
    manifest.write(path, Manifest(VERSION + 1, 1, [], {}, {}))
    assert folder.shelf.find(name) is None


def test_what_is_not_wanted_or_cannot_be_used_goes(folder: Folder) -> None:
    kept, other, broken = folder.put("kept"), folder.put("other"), folder.put("broken")
    os.remove(os.path.join(folder.shelf.folder, broken + PCH))
    assert other in folder.files()
    assert folder.shelf.tidy([kept, broken]) == [kept]
    assert folder.files() == {kept}
    folder.header.write_text("int another;\n")
    assert folder.shelf.tidy([kept]) == [kept], "that may be undone"
    assert folder.shelf.find(kept) is None


def test_what_was_used_longest_ago_goes_first(folder: Folder) -> None:
    old, new, middle = (folder.put(str(used), used_s=used, size=1000) for used in (1, 3, 2))
    assert folder.shelf.tidy([old, new, middle], most_bytes=2700) == [new, middle]
    folder.shelf.use(middle)
    assert folder.shelf.tidy([new, middle], most_bytes=1500) == [middle]
    assert folder.files() == {middle}


def test_a_shelf_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert Shelf(str(tmp_path / "index.sqlite")).tidy(["x"]) == []
    assert Shelf(str(tmp_path / "index.sqlite")).size_bytes("x") == 0


def test_names_differ_with_what_they_are_made_of(folder: Folder) -> None:
    assert folder.shelf.new("a", "b") != folder.shelf.new("a", "c") == folder.shelf.new("a", "c")
    assert os.stat(folder.shelf.folder).st_mode & 0o777 == 0o700
