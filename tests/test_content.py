"""Reading a file whose path anyone may have chosen."""

import os
from pathlib import Path

import pytest

from cpplsp.content import read_content


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_bytes(b"int a;\0\xff")
    content, found = read_content(str(path))
    assert (content, found.st_ino) == (b"int a;\0\xff", path.stat().st_ino)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.c"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero", "/dev/null"):
        with pytest.raises(OSError, match="regular file"):
            read_content(str(path))
    with pytest.raises(IsADirectoryError):
        read_content(str(tmp_path))


def test_a_file_that_is_gone_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_content(str(tmp_path / "gone.c"))
