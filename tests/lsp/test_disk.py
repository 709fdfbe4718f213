"""Files that are not open: what is told of them is still there."""

import os
from pathlib import Path

import pytest

from cpplsp.columns import WideMap
from cpplsp.content import content_hash
from cpplsp.lsp.disk import Disk
from cpplsp.query.files import Place

TEXT = b"int one;\nint two = one;\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.cc"
    found.write_bytes(TEXT)
    return found


def wide(path: Path, text: bytes = TEXT) -> WideMap:
    """Of a text that the index has, and of how the file looks now."""
    found = os.stat(path)
    return WideMap(b"", content_hash(text), (found.st_size, found.st_mtime_ns, found.st_ino))


def place(path: Path, of: WideMap, line: int = 1, start: int = 4, end: int = 7) -> Place:
    return Place(str(path), line, start, end, 0, of)


def test_a_file_that_looks_as_it_did_is_not_read(path: Path) -> None:
    told: list[str] = []
    assert Disk(told.append).holds(place(path, wide(path, b"whatever it was")), {"two"})
    assert told == []


def test_a_file_that_was_touched_is_as_it_was(path: Path) -> None:
    told: list[str] = []
    before = wide(path)
    os.utime(path, ns=(1, 1))
    assert Disk(told.append).holds(place(path, before, line=7), {"nothing there"})
    assert told == []


@pytest.mark.parametrize(
    ("text", "names", "is_held"),
    [
        (b"int one;\nint two = 1;\n", {"two"}, True),
        (b"int one;\nint two = 1;\n", (), True),
        (b"int one;\nint tow = one;\n", {"two"}, False),
        (b"int one;\nint twofold;\n", {"two"}, False),
        (b"// new\nint one;\nint two = one;\n", {"two"}, False),
        (b"int one;\n", {"two"}, False),
        (b"int one;\r\nint two;\r\n", {"two"}, True),
        (b"\xef\xbb\xbfint one;\nint two;\n", {"two"}, True),
        ("int one;\nint twoö;\n".encode(), {"two"}, False),
        (b"int one;\n    ++ = one;\n", (), False),
    ],
)
def test_in_a_file_that_has_changed_the_token_decides(
    path: Path, text: bytes, names: set[str], is_held: bool
) -> None:
    told: list[str] = []
    before = wide(path)
    path.write_bytes(text)
    assert Disk(told.append).holds(place(path, before), names) == is_held
    assert told == [str(path)]


def test_a_file_that_is_gone_holds_nothing_and_is_told_of(path: Path) -> None:
    told: list[str] = []
    before = wide(path)
    path.unlink()
    disk = Disk(told.append)
    assert not disk.holds(place(path, before), {"two"})
    assert not disk.is_as_indexed(str(path), before)
    assert set(told) == {str(path)}


def test_what_no_text_is_known_of_is_told(path: Path) -> None:
    assert Disk(lambda _path: None).holds(place(path, WideMap(b""), 0, 0, 0), ())


def test_once_it_is_indexed_anew_it_is_as_indexed(path: Path) -> None:
    told: list[str] = []
    before = wide(path)
    path.write_bytes(b"// new\n" + TEXT)
    disk = Disk(told.append)
    assert not disk.holds(place(path, before), {"two"})
    after = wide(path, b"// new\n" + TEXT)
    assert disk.holds(place(path, after, line=2), {"two"})
