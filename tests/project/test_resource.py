"""Where clang's builtin headers are."""

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

from cpplsp.project import resource
from cpplsp.project.resource import find_resource_dir, is_resource_dir


def make(folder: Path) -> Path:
    (folder / "include").mkdir(parents=True)
    (folder / "include" / "stddef.h").touch()
    return folder


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resource, "_INSTALLED", (str(tmp_path / "llvm-18"), str(tmp_path / "usr")))


def test_those_of_the_wheel() -> None:
    found = find_resource_dir()
    assert found is not None
    assert is_resource_dir(found)
    assert Path(found).parts[-5:] == ("clang_tidy", "data", "lib", "clang", "18")


def test_an_installed_clang_comes_first(tmp_path: Path) -> None:
    make(tmp_path / "usr" / "18.1.3")
    newest = make(tmp_path / "usr" / "18.1.8")
    make(tmp_path / "usr" / "17")
    make(tmp_path / "usr" / "19")
    assert find_resource_dir() == str(newest)
    first = make(tmp_path / "llvm-18" / "18")
    assert find_resource_dir() == str(first)


def test_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(_name: str) -> importlib.machinery.ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    assert find_resource_dir() is None
