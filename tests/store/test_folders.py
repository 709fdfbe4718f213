"""The folders of the cache: whose they are, who writes there, and what is deleted of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpplsp.paths import Roots
from cpplsp.store.connection import SCHEMA_VERSION, LockedError, WriterLock, index_path
from cpplsp.store.folders import Origin, delete, folder_of, index_folders, note_origin, read_origin
from cpplsp.store.index import Index


def make(cache: Path, root: Path) -> str:
    """An index of a project, made and closed; its path."""
    root.mkdir(parents=True, exist_ok=True)
    path = index_path(str(root), str(cache))
    Index(path, Roots(str(root))).close()
    note_origin(path, Origin.of(str(root), None))
    return path


def test_an_index_says_whose_it_is_and_how_it_is(tmp_path: Path) -> None:
    path = make(tmp_path / "cache", tmp_path / "project")
    [found] = index_folders(str(tmp_path / "cache"))
    assert (found.path, found.root, found.version) == (path, str(tmp_path / "project"), SCHEMA_VERSION)
    assert found.is_of_this_version
    assert not found.is_gone
    assert found.writer is None
    assert found.size_bytes >= os.path.getsize(path)
    assert found.used_s >= os.stat(path).st_mtime


def test_an_origin_is_told_from_the_root(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "out").mkdir(parents=True)
    assert Origin.of(str(root), str(root / "out")) == Origin(str(root), "out")
    assert Origin.of(str(root), str(tmp_path)) == Origin(str(root), str(tmp_path))
    assert Origin.of(str(root), None) == Origin(str(root), "")


@pytest.mark.parametrize("text", [b"", b"[]", b'{"root": 1}', b"\xff"])
def test_an_origin_that_cannot_be_read_is_none(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "project.json").write_bytes(text)
    assert read_origin(str(tmp_path)) is None


def test_what_is_no_folder_of_ours_is_left_out(tmp_path: Path) -> None:
    path = make(tmp_path / "cache", tmp_path / "project")
    cache = tmp_path / "cache"
    (cache / "photos-0123456789ab").mkdir()
    (cache / "other").mkdir()
    (cache / "other" / "index.sqlite").touch()
    (cache / "link-0123456789ab").symlink_to(os.path.dirname(path))
    (cache / "file-0123456789ab").touch()
    assert [one.path for one in index_folders(str(cache))] == [path]
    assert list(index_folders(str(tmp_path / "nowhere"))) == []


def test_a_project_that_is_gone_is_known_to_be(tmp_path: Path) -> None:
    path = make(tmp_path / "cache", tmp_path / "project")
    (tmp_path / "project").rmdir()
    assert folder_of(path).is_gone
    os.remove(os.path.join(os.path.dirname(path), "project.json"))
    assert not folder_of(path).is_gone, "whose it is is not known"


def test_an_index_from_another_machine_is_foreign_until_it_is_gone_on_with(tmp_path: Path) -> None:
    path = make(tmp_path / "cache", tmp_path / "project")
    assert not folder_of(path).foreign
    about = Path(path).with_name("project.json")
    told = json.loads(about.read_text())
    about.write_text(json.dumps({**told, "machine": "another"}))
    assert folder_of(path).foreign
    note_origin(path, Origin.of(str(tmp_path / "project"), None))
    assert not folder_of(path).foreign
    del told["machine"]  # as earlier versions wrote it
    about.write_text(json.dumps(told))
    assert not folder_of(path).foreign


def test_an_index_of_another_version_or_none_is_told(tmp_path: Path) -> None:
    path = make(tmp_path / "cache", tmp_path / "project")
    index = Index(path, Roots("/"))
    index.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    index.close()
    assert folder_of(path).version == SCHEMA_VERSION + 1
    Path(path).write_bytes(b"no index at all")
    assert folder_of(path).version is None


def test_the_process_that_writes_is_named_and_its_index_not_deleted(tmp_path: Path) -> None:
    path = make(tmp_path / "cache", tmp_path / "project")
    code = (
        "import sys\n"
        "from cpplsp.paths import Roots\n"
        "from cpplsp.store.index import Index\n"
        "index = Index(sys.argv[1], Roots('/'))\n"
        "print('writing', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        assert folder_of(path).writer == process.pid
        with pytest.raises(LockedError, match=f"process {process.pid} is indexing"):
            delete(folder_of(path))
        assert os.path.exists(path)
        process.communicate()
    delete(folder_of(path))
    assert not os.path.exists(os.path.dirname(path))


def test_who_waited_for_an_index_that_is_deleted_does_not_write_into_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock file is open already, and gone when it gets the lock."""
    path = make(tmp_path / "cache", tmp_path / "project")
    real_open = os.open

    def open_and_lose(name: str, *arguments: int, **keywords: int) -> int:
        descriptor = real_open(name, *arguments, **keywords)
        if name.endswith("writer.lock"):
            os.remove(name)
        return descriptor

    monkeypatch.setattr(os, "open", open_and_lose)
    with pytest.raises(LockedError, match="has just deleted"):
        WriterLock(os.path.dirname(path))
