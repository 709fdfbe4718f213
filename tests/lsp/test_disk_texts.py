"""What is told of files that are not open is there on disk, whichever text of them was indexed."""

from pathlib import Path

from cpplsp.columns import WideMap
from cpplsp.content import content_hash
from cpplsp.lsp.disk import Disk
from cpplsp.query.files import Place


def place(path: Path, line: int, wide: WideMap) -> Place:
    return Place(str(path), line, 4, 8, 0, wide)


def look(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def test_a_text_that_was_indexed_before_another_one_is_held_against_the_disk(tmp_path: Path) -> None:
    """In one context the file has been read as it is now, in another one as it was."""
    path = tmp_path / "a.h"
    old, new = b"int base;\nint side;\n", b"int side;\n"
    path.write_bytes(new)
    now, before = WideMap(b"", content_hash(new), look(path)), WideMap(b"", content_hash(old))
    for order in ((now, before), (before, now)):
        noticed: list[str] = []
        disk = Disk(noticed.append)
        held = {wide.content: disk.holds(place(path, 1, wide), ["side"]) for wide in order}
        assert not held[before.content]
        assert noticed == [str(path)]
        assert disk.holds(place(path, 0, now), ["side"])
        assert disk.holds(place(path, 0, before), ["side"])
        assert not disk.holds(place(path, 0, before), ["base"])


def test_nothing_is_in_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "gone.h"
    noticed: list[str] = []
    disk = Disk(noticed.append)
    assert not disk.holds(place(path, 0, WideMap(b"", content_hash(b"int side;\n"))), ["side"])
    assert noticed == [str(path)]


def test_a_file_that_was_touched_and_has_its_text_is_as_indexed(tmp_path: Path) -> None:
    path = tmp_path / "a.h"
    path.write_bytes(b"int side;\n")
    noticed: list[str] = []
    disk = Disk(noticed.append)
    assert disk.is_as_indexed(str(path), WideMap(b"", content_hash(b"int side;\n"), (1, 2, 3)))
    assert noticed == []
