"""Source files below a folder."""

from pathlib import Path

import pytest

from cpplsp.project.sources import SourceWalk


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(root: Path, **limits: int) -> tuple[list[str], bool]:
    walk = SourceWalk(str(root), **limits)
    return [str(Path(path).relative_to(root)) for path in walk], walk.cut


def test_it_finds_c_and_cpp_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, *(f"a.{suffix}" for suffix in ["c", "cc", "cpp", "cxx", "c++", "C"]))
    write(tmp_path, "a.h", "a.m", "a.mm", "a.s", "a.py", "Makefile", "cc", "sub/b.cc")
    names, cut = found(tmp_path)
    assert sorted(names) == ["a.C", "a.c", "a.c++", "a.cc", "a.cpp", "a.cxx", "sub/b.cc"]
    assert not cut


@pytest.mark.parametrize("name", [".git/a.cc", "node_modules/x/a.cc", "sub/.hidden/a.cc"])
def test_some_folders_are_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "b.cc")
    assert found(tmp_path) == (["b.cc"], False)


def test_build_trees_are_passed_over_but_a_root_that_is_one(tmp_path: Path) -> None:
    write(tmp_path, "out/CMakeCache.txt", "out/generated.cc", "out/deep/generated.cc", "a.cc")
    assert found(tmp_path) == (["a.cc"], False)
    assert found(tmp_path / "out") == (["generated.cc", "deep/generated.cc"], False)


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "root", "a.cc")
    write(tmp_path / "other", "b.cc")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root")
    (tmp_path / "root" / "gone.cc").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path / "root") == (["a.cc"], False)


def test_the_order_is_the_same_each_time(tmp_path: Path) -> None:
    write(tmp_path, "b.cc", "a.cc", "z/a.cc", "m/b.cc", "m/a.cc")
    assert found(tmp_path)[0] == ["a.cc", "b.cc", "m/a.cc", "m/b.cc", "z/a.cc"]


def test_it_stops_at_its_limits(tmp_path: Path) -> None:
    write(tmp_path, *(f"{folder}/{name}.cc" for folder in "abc" for name in "xyz"))
    assert found(tmp_path, most_sources=4) == (["a/x.cc", "a/y.cc", "a/z.cc", "b/x.cc"], True)
    assert found(tmp_path, most_sources=9)[1] is False
    assert found(tmp_path, most_folders=2) == (["a/x.cc", "a/y.cc", "a/z.cc"], True)
