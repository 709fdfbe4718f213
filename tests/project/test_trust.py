"""Which compilers may be run."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from cpplsp.project.trust import TrustedCompilers


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def _no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


def find(tmp_path: Path, compiler: str, *, patterns: Sequence[str] = (), directory: str = "/") -> str | None:
    """With ``bin`` as the only folder of the system, for the project in ``project``."""
    trusted = TrustedCompilers(patterns, str(tmp_path / "project"), [str(tmp_path / "bin")])
    return trusted.find(compiler, directory)


def test_the_systems_own_by_path_and_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path / "bin" / "g++")
    assert find(tmp_path, path) == path
    assert find(tmp_path, "g++") == path
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find(tmp_path, "g++") == path
    assert find(tmp_path, "clang++") is None


def test_a_link_in_the_systems_folder_is_the_systems(tmp_path: Path) -> None:
    program(tmp_path / "llvm" / "clang-18")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "clang++").symlink_to(tmp_path / "llvm" / "clang-18")
    assert find(tmp_path, "clang++") == str(tmp_path / "bin" / "clang++")


def test_a_program_that_is_no_compiler_is_not_run_wherever_it_is(tmp_path: Path) -> None:
    path = program(tmp_path / "bin" / "rm")
    assert find(tmp_path, path) is None
    assert find(tmp_path, path, patterns=[path]) == path


def test_other_folders_need_a_pattern(tmp_path: Path) -> None:
    path = program(tmp_path / "opt" / "cross" / "bin" / "arm-none-eabi-gcc")
    assert find(tmp_path, path) is None
    for pattern in (
        path,
        f"{tmp_path}/opt/**",
        f"{tmp_path}/opt/*/bin/arm-*",
        f"{tmp_path}/opt/cross/bin/arm-none-eabi-gc?",
    ):
        assert find(tmp_path, path, patterns=["/no/such", pattern]) == path
    for pattern in (f"{tmp_path}/opt/*", "arm-none-eabi-gcc", f"{tmp_path}/opt/*/arm-*"):
        assert find(tmp_path, path, patterns=[pattern]) is None


def test_a_name_is_looked_up_in_path_when_a_pattern_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / "opt" / "bin" / "arm-gcc")
    monkeypatch.setenv("PATH", f".:{tmp_path}/opt/bin")
    assert find(tmp_path, "arm-gcc") is None
    assert find(tmp_path, "arm-gcc", patterns=["**/arm-gcc"]) == path


def test_nothing_of_the_project_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = program(tmp_path / "project" / "g++")
    program(tmp_path / "bin" / "unrelated")
    (tmp_path / "bin" / "gcc").symlink_to(evil)
    directory = str(tmp_path / "project")
    monkeypatch.setenv("PATH", f":.:{directory}")
    for compiler in (evil, "./g++", "g++", f"{tmp_path}/bin/../project/g++", f"{tmp_path}/bin/gcc", "gcc"):
        assert find(tmp_path, compiler, directory=directory) is None


def test_a_pattern_is_not_fooled_by_dots(tmp_path: Path) -> None:
    program(tmp_path / "opt" / "gcc")
    evil = program(tmp_path / "project" / "gcc")
    assert find(tmp_path, f"{tmp_path}/opt/../project/gcc", patterns=[f"{tmp_path}/opt/**"]) is None
    assert (
        find(tmp_path, f"{tmp_path}/opt/../project/gcc", patterns=[evil]) == f"{tmp_path}/opt/../project/gcc"
    )


def test_a_masquerade_of_ccache_is_the_compiler_of_that_name(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "ccache")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "g++").symlink_to(tmp_path / "bin" / "ccache")
    compiler = program(tmp_path / "bin" / "g++")
    assert find(tmp_path, str(tmp_path / "lib" / "g++")) == compiler


def test_what_cannot_be_run_is_not_found(tmp_path: Path) -> None:
    path = program(tmp_path / "bin" / "gcc")
    os.chmod(path, 0o644)
    (tmp_path / "bin" / "g++").mkdir()
    assert find(tmp_path, "g++") is None
    assert find(tmp_path, "clang") is None


def test_a_project_that_is_the_whole_system(tmp_path: Path) -> None:
    path = program(tmp_path / "bin" / "g++")
    assert TrustedCompilers([], str(tmp_path), [str(tmp_path / "bin")]).find("g++", "/") == path


def test_existing_and_allowed_are_two_things(tmp_path: Path) -> None:
    path = program(tmp_path / "opt" / "g++")
    trusted = TrustedCompilers([], str(tmp_path / "project"), [str(tmp_path / "bin")])
    assert trusted.exists(path, "/")
    assert not trusted.exists(str(tmp_path / "gone" / "g++"), "/")
