"""Paths: real, and written so that a cache can move."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.paths import DATABASE, PROJECT, RESOURCE, SYSTEM, RealPaths, Roots, is_within, real_path

ROOTS = Roots("/home/p", "/build/p", "/opt/clang/18")
MOVED = Roots("/elsewhere/q", "/tmp/b", "/usr/lib/clang/18")
NAMES = st.lists(
    st.text(st.characters(blacklist_characters="/\0", codec="utf-8"), min_size=1), min_size=1, max_size=4
)


def test_links_are_resolved_before_dots(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "b")
    assert real_path("link/../x.h", str(tmp_path)) == str(tmp_path.resolve() / "a" / "x.h")


def test_a_path_is_meant_from_a_directory_unless_absolute(tmp_path: Path) -> None:
    base = str(tmp_path.resolve())
    assert real_path("x", base) == os.path.join(base, "x")
    assert real_path(os.path.join(base, "y"), "/nowhere") == os.path.join(base, "y")


@pytest.mark.parametrize(
    ("path", "directory", "within"),
    [
        ("/a/b", "/a", True),
        ("/a", "/a", True),
        ("/ab", "/a", False),
        ("/a/b", "/a/", True),
        ("/a", "/", True),
        ("/b/a", "/a", False),
    ],
)
def test_what_lies_in_a_directory(path: str, directory: str, within: bool) -> None:
    assert is_within(path, directory) is within


@pytest.mark.parametrize(
    ("path", "root", "relative"),
    [
        ("/home/p/src/a.cc", PROJECT, "src/a.cc"),
        ("/build/p/gen.h", DATABASE, "gen.h"),
        ("/opt/clang/18/include/stddef.h", RESOURCE, "include/stddef.h"),
        ("/usr/include/stdio.h", SYSTEM, "usr/include/stdio.h"),
        ("/home/pq/a.cc", SYSTEM, "home/pq/a.cc"),
    ],
)
def test_a_path_is_split_and_joined(path: str, root: str, relative: str) -> None:
    assert ROOTS.split(path) == (root, relative)
    assert ROOTS.join(root, relative) == path
    assert ROOTS.is_project(path) is (root in (PROJECT, DATABASE))


def test_a_file_belongs_to_the_innermost_root() -> None:
    roots = Roots("/home/p", "/home/p/build", "/home/p/third_party/clang")
    assert roots.split("/home/p/build/gen.h") == (PROJECT, "build/gen.h")
    assert roots.split("/home/p/third_party/clang/stddef.h") == (RESOURCE, "stddef.h")
    assert Roots("/home/p/src", "/home/p").split("/home/p/src/a.cc") == (PROJECT, "a.cc")


def test_the_whole_file_system_can_be_a_project() -> None:
    assert Roots("/").split("/usr/a.h") == (PROJECT, "usr/a.h")
    assert Roots("/").join(PROJECT, "usr/a.h") == "/usr/a.h"


def test_a_file_is_shown_relative_to_the_project_only() -> None:
    assert ROOTS.display(PROJECT, "src/a.cc") == "src/a.cc"
    assert ROOTS.display(PROJECT, "") == "/home/p"
    assert ROOTS.display(DATABASE, "gen.h") == "/build/p/gen.h"
    assert ROOTS.display(SYSTEM, "usr/include/stdio.h") == "/usr/include/stdio.h"


def test_a_root_that_is_not_known_now_is_under_the_file_systems() -> None:
    assert Roots("/home/p").join(RESOURCE, "include/stddef.h") == "/include/stddef.h"


@given(NAMES, st.sampled_from(["/home/p", "/build/p", "/opt/clang/18", ""]))
def test_splitting_and_joining_are_inverse(names: list[str], base: str) -> None:
    path = base + "/" + "/".join(names)
    assert ROOTS.join(*ROOTS.split(path)) == path


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("-I/home/p/include", "-I/elsewhere/q/include"),
        ("-I/build/p", "-I/tmp/b"),
        ("-isystem/opt/clang/18/include", "-isystem/usr/lib/clang/18/include"),
        ("-I/usr/include", "-I/usr/include"),
        ("-DX=1", "-DX=1"),
        ("-I/home/p:/build/p", "-I/elsewhere/q:/tmp/b"),
    ],
)
def test_a_command_moves_with_its_roots(text: str, moved: str) -> None:
    assert ROOTS.specialise(ROOTS.generalise(text)) == text
    assert MOVED.specialise(ROOTS.generalise(text)) == moved


@given(st.text(st.characters(blacklist_characters="\0", codec="utf-8")))
def test_any_command_comes_back(text: str) -> None:
    assert ROOTS.specialise(ROOTS.generalise(text)) == text


@pytest.fixture
def folding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a file system that folds case, as far as looking at files goes."""
    root = os.path.realpath(tmp_path)
    plain = {name: getattr(os, name) for name in ("lstat", "stat", "readlink")}

    def found(path: str) -> str:
        here = root
        for name in os.path.relpath(path, root).split("/"):
            listed = os.listdir(here) if os.path.isdir(here) and not os.path.islink(here) else []
            here = os.path.join(here, next((one for one in listed if one.lower() == name.lower()), name))
        return here

    def folded(look: Callable[..., Any]) -> Callable[..., Any]:
        def looked(path: Any, **options: Any) -> Any:
            try:
                return look(path, **options)
            except FileNotFoundError:
                if not (isinstance(path, str) and is_within(path, root)):
                    raise
                with pytest.MonkeyPatch.context() as patch:
                    for name, function in plain.items():
                        patch.setattr(os, name, function)
                    real = found(path)
                return look(real, **options)

        return looked

    for name, function in plain.items():
        monkeypatch.setattr(os, name, folded(function))
    return Path(root)


def real_paths() -> list[Callable[[str, str], str]]:
    return [real_path, RealPaths().of]


def test_a_folder_that_folds_case_says_how_a_file_is_spelled(folding: Path) -> None:
    (folding / "Src" / "Sub").mkdir(parents=True)
    for name in ("Src/Foo.h", "Src/Sub/Bar.H", "Src/18"):
        (folding / name).touch()
    for real in real_paths():
        assert real("src/foo.h", str(folding)) == str(folding / "Src" / "Foo.h")
        assert real("Foo.h", str(folding / "SRC")) == str(folding / "Src" / "Foo.h")
        assert real("sub/../SUB/bar.h", str(folding / "src")) == str(folding / "Src" / "Sub" / "Bar.H")
        assert real("src/18", str(folding)) == str(folding / "Src" / "18")
        assert real("src/none.h", str(folding)) == str(folding / "Src" / "none.h")
        assert real("none/Foo.h", str(folding)) == str(folding / "none" / "Foo.h")


def test_what_comes_into_a_folder_that_folds_case_is_seen(folding: Path) -> None:
    (folding / "Old.h").touch()
    assert real_path("old.h", str(folding)) == str(folding / "Old.h")
    (folding / "New.h").touch()
    os.utime(folding, ns=(0, 1))  # within a step of the kernel's clock the time would be the same
    assert real_path("new.h", str(folding)) == str(folding / "New.h")


def test_a_link_in_a_folder_that_folds_case_is_resolved(folding: Path) -> None:
    (folding / "Real.h").touch()
    (folding / "Link.h").symlink_to("real.h")
    for real in real_paths():
        assert real("link.h", str(folding)) == str(folding / "Real.h")


def test_elsewhere_names_are_what_they_are(tmp_path: Path) -> None:
    base = Path(os.path.realpath(tmp_path))
    (base / "Foo.h").touch()
    (base / "foo.h").touch()
    (base / "fOO.H").hardlink_to(base / "Foo.h")
    (base / "BAR.h").touch()
    for real in real_paths():
        for name in ("Foo.h", "foo.h", "fOO.H", "BAR.h", "bar.h", "FOO.H"):
            assert real(name, str(base)) == str(base / name)


def test_a_relative_path_is_meant_from_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for real in (real_path, RealPaths().of):
        assert real("x/../y.h") == str(tmp_path.resolve() / "y.h")
