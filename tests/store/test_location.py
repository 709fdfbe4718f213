"""Where an index is found: by its name, or by what it holds where it was made elsewhere."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.sources import Sources

from cpplsp.indexer import Summary
from cpplsp.store.connection import WriterLock, index_path
from cpplsp.store.folders import Origin, note_origin, read_origin
from cpplsp.store.location import find_index, take_over


class Moved(Sources):
    """A project that was indexed and then moved to another path; its cache stayed."""

    def move(self, name: str = "workspace/elsewhere") -> str:
        """The path of the index that it had."""
        was, root = self.path, self.root.parent / name
        root.parent.mkdir(exist_ok=True)
        shutil.move(self.root, root)
        self.root = root
        database = root / "compile_commands.json"
        database.write_text(database.read_text().replace(str(self.root.parent.parent / "project"), str(root)))
        return was

    def run_here(self) -> Summary:
        """A run as ``--index-only`` makes it."""
        take_over(str(self.root), self.settings.cache_dir, self.settings.compile_commands_dir)
        return self.run()

    def where(self) -> str:
        return find_index(str(self.root), self.settings.cache_dir, self.settings.compile_commands_dir)


@pytest.fixture
def sources(tmp_path: Path) -> Moved:
    made = Moved(tmp_path.resolve())
    made.write(
        a_cc='#include "c.h"\nint a;\n', b_cc='#include "c.h"\nint b;\n', c_h="#pragma once\nint common;\n"
    )
    made.commands("a.cc", "b.cc")
    made.run()
    return made


def test_nothing_of_a_moved_project_is_indexed_again(sources: Moved) -> None:
    was = sources.move()
    assert sources.where() == was
    summary = sources.run_here()
    assert (summary.skipped_fresh, summary.indexed) == (2, 0)
    assert os.path.exists(was), "another machine may share the cache"
    assert summary.cache_path == sources.path == sources.where()
    assert read_origin(os.path.dirname(sources.path)) == Origin(str(sources.root))


def test_what_changed_on_the_way_is_indexed_and_no_more(sources: Moved) -> None:
    sources.move()
    (sources.root / "b.cc").write_text('#include "c.h"\nint other;\n')
    summary = sources.run_here()
    assert (summary.skipped_fresh, summary.indexed) == (1, 1)
    assert sources.names() == ["a.cc a", "b.cc other", "c.h common"]


def test_an_index_whose_project_is_still_there_is_left_to_it(sources: Moved) -> None:
    copy = sources.root.parent / "copy"
    shutil.copytree(sources.root, copy)
    found = find_index(str(copy), sources.settings.cache_dir, None)
    assert found == index_path(str(copy), sources.settings.cache_dir)


def test_the_index_of_another_project_is_not_taken(sources: Moved, tmp_path: Path) -> None:
    sources.move()
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.cc").write_text("int entirely_different;\n")
    assert find_index(str(other), sources.settings.cache_dir, None) != sources.where()


def test_another_compile_database_is_another_index_when_moved_too(sources: Moved) -> None:
    (sources.root / "out").mkdir()
    shutil.copy(sources.root / "compile_commands.json", sources.root / "out")
    own = sources.path
    sources.settings = replace(sources.settings, compile_commands_dir=str(sources.root / "out"))
    sources.run()
    configured = sources.path
    sources.move()
    sources.settings = replace(sources.settings, compile_commands_dir=str(sources.root / "out"))
    assert sources.where() == configured
    sources.settings = replace(sources.settings, compile_commands_dir=None)
    assert sources.where() == own


def test_of_two_that_would_do_the_one_that_is_more_alike_is_taken(sources: Moved, tmp_path: Path) -> None:
    sources.write(d_cc="int d;\n", e_cc="int e;\n")
    older = tmp_path.resolve() / "cache" / "older-0123456789ab"
    shutil.copytree(os.path.dirname(sources.path), older)
    note_origin(str(older / "index.sqlite"), Origin("/no/such/project"))
    sources.write(a_cc="int changed;\n")
    sources.run()
    was = sources.move()
    assert sources.where() == was


def test_an_index_that_nobody_says_whose_it_is_is_not_taken(sources: Moved) -> None:
    was = sources.move()
    os.remove(os.path.join(os.path.dirname(was), "project.json"))
    assert sources.where() == sources.path


def test_an_index_that_is_damaged_is_not_taken(sources: Moved) -> None:
    was = sources.move()
    size = os.path.getsize(was)
    with open(was, "r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * (size - 4096))
    assert sources.where() == sources.path


def test_one_that_a_process_writes_is_not_copied(sources: Moved) -> None:
    was = sources.move()
    lock = WriterLock(os.path.dirname(was))
    assert take_over(str(sources.root), sources.settings.cache_dir, None) == was
    lock.release()
    assert take_over(str(sources.root), sources.settings.cache_dir, None) == sources.path


def test_one_that_cannot_be_copied_is_used_where_it_is(sources: Moved) -> None:
    was = sources.move()
    in_the_way = Path(sources.path).parent
    in_the_way.mkdir()
    (in_the_way / "something").touch()
    for _ in range(2):
        summary = sources.run_here()
        assert (summary.cache_path, summary.skipped_fresh) == (was, 2)
    assert sources.where() == was
    assert read_origin(os.path.dirname(was)) == Origin(str(sources.root))


def test_a_copy_that_fails_leaves_nothing(sources: Moved, monkeypatch: pytest.MonkeyPatch) -> None:
    was = sources.move()
    cache = Path(was).parent.parent
    before = sorted(cache.iterdir())

    def fill_the_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", fill_the_disk)
    assert take_over(str(sources.root), sources.settings.cache_dir, None) == was
    assert sorted(cache.iterdir()) == before


def test_a_copy_that_was_killed_is_cleared_away_by_the_next(sources: Moved) -> None:
    was = sources.move()
    left, going_on = (Path(was).parent.parent / f".copying-{name}" for name in ("left", "now"))
    for folder in (left, going_on):
        folder.mkdir()
        (folder / "index.sqlite").write_bytes(b"half of it")
    os.utime(left, (1, 1))
    sources.run_here()
    assert (left.exists(), going_on.exists()) == (False, True)
