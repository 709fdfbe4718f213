"""``cpplsp cache``: what it lists, what it deletes, and what it never does."""

import json
import os
import time
from pathlib import Path

import pytest

from cpplsp import caches
from cpplsp.caches import Unwanted, unwanted
from cpplsp.config import ConfigError, Settings
from cpplsp.paths import Roots
from cpplsp.store.connection import SCHEMA_VERSION, index_path
from cpplsp.store.folders import IndexFolder, Origin, note_origin
from cpplsp.store.index import Index

DAY_S = 86_400
NOW_S = 1_000 * DAY_S


def folder(
    name: str,
    *,
    root: str | None = "/",
    days: float = 1,
    mib: int = 1,
    version: int | None = SCHEMA_VERSION,
    foreign: bool = False,
) -> IndexFolder:
    return IndexFolder(f"/cache/{name}", root, mib << 20, NOW_S - days * DAY_S, None, version, foreign)


FOLDERS = [
    folder("used", days=0, mib=5),
    folder("gone", root="/no/such/project", days=3, mib=2),
    folder("unknown", root=None, days=4),
    folder("old", days=40, mib=8),
    folder("foreign", days=2, version=SCHEMA_VERSION - 1),
    folder("empty", days=5, version=None),
]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        (Unwanted(), ["empty", "gone", "foreign"]),
        (Unwanted(gone=True), ["gone"]),
        (Unwanted(older_than_s=3.5 * DAY_S), ["old", "empty", "unknown"]),
        (Unwanted(gone=True, older_than_s=30 * DAY_S), ["old", "gone"]),
        (Unwanted(max_bytes=10 << 20), ["old"]),
        (Unwanted(max_bytes=8 << 20), ["old", "empty", "unknown"]),
        (Unwanted(max_bytes=0), ["old", "empty", "unknown", "gone", "foreign", "used"]),
        (Unwanted(max_bytes=100 << 20), []),
    ],
)
def test_what_goes_is_the_longest_unused_of_what_is_asked_for(what: Unwanted, names: list[str]) -> None:
    found = [os.path.basename(one.folder) for one, _ in unwanted(FOLDERS, what, NOW_S)]
    assert found == names


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A cache with an index of a project that is there, and of one that is gone."""
    settings = Settings(cache_dir=str(tmp_path / "cache"))
    for name in ("here", "gone"):
        root = tmp_path / name
        root.mkdir()
        path = index_path(str(root), settings.cache_dir)
        Index(path, Roots(str(root))).close()
        note_origin(path, Origin(str(root)))
    (tmp_path / "gone").rmdir()
    return settings


def test_the_list_has_each_index_with_its_project(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert caches.show(settings, as_json=False) == 0
    *rows, total = capsys.readouterr().out.splitlines()
    [gone] = [row for row in rows if str(tmp_path / "gone") in row]
    assert "its project is gone" in gone
    [here] = [row for row in rows if str(tmp_path / "here") in row]
    assert "gone" not in here
    assert total.startswith("2 indexes, ")
    assert caches.show(settings, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["root"]: one["gone"] for one in told["indexes"]} == {
        str(tmp_path / "here"): False,
        str(tmp_path / "gone"): True,
    }


def test_an_empty_cache_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = Settings(cache_dir=str(tmp_path / "none"))
    assert caches.show(empty, as_json=False) == 0
    assert capsys.readouterr().out == f"0 indexes, 0 KiB in {tmp_path / 'none'}\n"
    assert caches.prune(empty, Unwanted(), as_json=False, dry_run=False) == 0


def test_what_is_no_index_is_told_from_one_that_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, file in (("damaged", "index.sqlite"), ("none", "writer.lock")):
        (tmp_path / f"{name}-0123456789ab").mkdir()
        (tmp_path / f"{name}-0123456789ab" / file).write_text("garbage")
    assert caches.show(Settings(cache_dir=str(tmp_path)), as_json=False) == 0
    rows = capsys.readouterr().out.splitlines()
    assert any("damaged-0" in row and row.endswith("damaged: made anew by the next run") for row in rows)
    assert any("none-0" in row and row.endswith("no index") for row in rows)


def test_a_cache_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(cache_dir=str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="file cannot be read: Not a directory"):
        caches.show(settings, as_json=True)
    with pytest.raises(ConfigError, match="Not a directory"):
        caches.prune(settings, Unwanted(), as_json=False, dry_run=False)


def test_pruning_deletes_what_is_gone_and_nothing_else(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, gone = (index_path(str(tmp_path / name), settings.cache_dir) for name in ("here", "gone"))
    assert caches.prune(settings, Unwanted(), as_json=False, dry_run=True) == 0
    assert capsys.readouterr().out.startswith("would delete ")
    assert caches.prune(settings, Unwanted(), as_json=True, dry_run=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert ([one["path"] for one in told["would_delete"]], told["deleted"]) == ([gone], [])
    assert os.path.exists(gone)
    assert caches.prune(settings, Unwanted(), as_json=True, dry_run=False) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in told["deleted"]] == [gone]
    assert told["bytes"] > 0
    assert not os.path.exists(os.path.dirname(gone))
    assert os.path.exists(here)


def test_an_index_that_was_shipped_and_not_used_yet_goes_only_by_name() -> None:
    shipped = folder("shipped", root="/no/such/project", foreign=True)
    assert list(unwanted([shipped], Unwanted(), NOW_S)) == []
    assert [one for one, _ in unwanted([shipped], Unwanted(gone=True), NOW_S)] == [shipped]
    assert [one for one, _ in unwanted([shipped], Unwanted(max_bytes=0), NOW_S)] == [shipped]


def test_an_index_that_is_written_is_kept_and_named(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = index_path(str(tmp_path / "gone"), settings.cache_dir)
    index = Index(path, Roots(str(tmp_path / "gone")))
    assert caches.prune(settings, Unwanted(gone=True), as_json=False, dry_run=False) == 0
    captured = capsys.readouterr()
    assert f"process {os.getpid()} is indexing this project" in captured.err
    assert captured.out.startswith("0 indexes")
    index.close()
    assert os.path.exists(path)


def test_a_folder_that_cannot_be_deleted_is_an_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: IndexFolder) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(caches, "delete", refuse)
    assert caches.prune(settings, Unwanted(gone=True), as_json=False, dry_run=False) == 1
    assert "cannot delete" in (told := capsys.readouterr().err)
    assert "Permission denied" in told


def test_the_path_is_told_before_there_is_an_index(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert caches.path(str(tmp_path), settings, as_json=False) == 0
    assert capsys.readouterr().out.strip() == index_path(str(tmp_path), settings.cache_dir)
    assert caches.path(str(tmp_path / "here"), settings, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["exists"] is True


def test_an_age_is_that_of_the_last_run(settings: Settings, tmp_path: Path) -> None:
    """A run that finds nothing to do writes nothing into the index, but takes the lock."""
    path = index_path(str(tmp_path / "here"), settings.cache_dir)
    for parent, _, names in os.walk(settings.cache_dir or ""):
        for name in names:
            os.utime(os.path.join(parent, name), (1, 1))
    Index(path, Roots(str(tmp_path / "here"))).close()
    found = {one.path: one.used_s for one in caches.index_folders(settings.cache_dir or "")}
    assert time.time() - found.pop(path) < DAY_S
    assert set(found.values()) == {1.0}
