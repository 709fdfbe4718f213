"""Where an index lies, who may write it, and what becomes of one that cannot be used."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cpplsp.paths import Roots
from cpplsp.store.connection import (
    SCHEMA_VERSION,
    CacheError,
    LockedError,
    index_path,
    open_reader,
)
from cpplsp.store.index import Index


def make(folder: Path) -> Index:
    return Index(str(folder / "cache" / "index.sqlite"), Roots(str(folder)))


def test_a_project_has_a_folder_of_its_own_named_after_it(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "proj ect", tmp_path / "b" / "proj ect"
    one.mkdir(parents=True)
    other.mkdir(parents=True)
    paths = [index_path(str(root), str(tmp_path)) for root in (one, other)]
    assert len(set(paths)) == 2
    assert all(os.path.basename(os.path.dirname(path)).startswith("proj_ect-") for path in paths)


def test_another_compile_database_is_another_index(tmp_path: Path) -> None:
    paths = {index_path(str(tmp_path), str(tmp_path), folder) for folder in (None, "/x/debug", "/x/release")}
    assert len(paths) == 3


def test_a_link_to_a_project_is_that_project(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    real, link = (index_path(os.path.realpath(tmp_path / name), str(tmp_path)) for name in ("real", "link"))
    assert real == link


def test_the_cache_is_its_users_alone(tmp_path: Path) -> None:
    index = make(tmp_path)
    folder = os.path.dirname(index.path)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(index.path).st_mode) == 0o600
    index.close()


def test_there_is_one_writer(tmp_path: Path) -> None:
    index = make(tmp_path)
    with pytest.raises(LockedError, match=f"process {os.getpid()} is indexing this project"):
        make(tmp_path)
    index.close()
    with open(os.path.join(os.path.dirname(index.path), "writer.lock")) as lock:
        assert lock.read() == "", "it names nobody when nobody holds it"
    make(tmp_path).close()


def test_a_writer_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from cpplsp.paths import Roots\n"
        "from cpplsp.store.index import Index\n"
        "index = Index(sys.argv[1], Roots('/'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = str(tmp_path / "cache" / "index.sqlite")
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -9
    make(tmp_path).close()


def test_a_reader_sees_what_is_committed_and_cannot_write(tmp_path: Path) -> None:
    index = make(tmp_path)
    reader = open_reader(index.path)
    with index.transaction():
        index.set_meta("x", "1")
        assert reader.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    assert reader.execute("SELECT value FROM meta").fetchone() == ("1",)
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM meta")
    reader.close()
    index.close()


def test_there_is_nothing_to_read_before_anything_was_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_reader(str(tmp_path / "index.sqlite"))


def test_an_index_of_another_version_is_made_anew_and_said(tmp_path: Path) -> None:
    index = make(tmp_path)
    with index.transaction():
        index.set_meta("x", "1")
    index.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    index.close()
    with pytest.raises(CacheError, match=f"schema version {SCHEMA_VERSION + 1}.*--index-only"):
        open_reader(index.path)
    index = make(tmp_path)
    assert f"had schema version {SCHEMA_VERSION + 1}" in index.rebuilt
    assert index.meta("x") is None
    index.close()


def test_an_index_that_is_none_is_made_anew_and_said(tmp_path: Path) -> None:
    index = make(tmp_path)
    index.close()
    Path(index.path).write_bytes(b"not a database, though long enough to have a header" * 9)
    index = make(tmp_path)
    assert "was damaged" in index.rebuilt
    index.close()


def test_an_index_that_was_begun_and_never_made_is_made(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "index.sqlite").touch()
    index = make(tmp_path)
    assert index.rebuilt == ""
    assert index.meta("x") is None
    index.close()


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(CacheError, match=r"cannot make the cache folder .*--cache-dir"):
        make(tmp_path)


def test_a_lock_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "cache" / "writer.lock").mkdir(parents=True)
    with pytest.raises(CacheError, match=r"cannot write .*writer\.lock: Is a directory.*--cache-dir"):
        make(tmp_path)
