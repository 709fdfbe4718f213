"""Response files: what they stand for, and which are not read."""

import os
from pathlib import Path

import pytest

from cpplsp.project import response
from cpplsp.project.response import ResponseFiles


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def expand(project: Path, *words: str, directory: Path | None = None) -> tuple[list[str], list[str]]:
    refused: list[str] = []
    files = ResponseFiles([str(project)])
    return list(files.expand(words, str(directory or project), refused)), refused


def test_a_file_stands_for_its_words(project: Path) -> None:
    (project / "a.rsp").write_text("-DA '-DB=x y'\n-I\"inc\"\n")
    assert expand(project, "g++", "@a.rsp", "-c") == (["g++", "-DA", "-DB=x y", "-Iinc", "-c"], [])


def test_files_may_name_files(project: Path) -> None:
    (project / "a.rsp").write_text("-DA @sub/b.rsp -DC")
    (project / "sub").mkdir()
    (project / "sub" / "b.rsp").write_text("-DB")
    assert expand(project, f"@{project}/a.rsp") == (["-DA", "-DB", "-DC"], [])


def test_nothing_is_copied_when_there_is_none(project: Path) -> None:
    words = ("g++", "-DA=@b")
    assert ResponseFiles([str(project)]).expand(words, str(project), []) is words


def test_a_file_that_has_changed_is_read_again(project: Path) -> None:
    files = ResponseFiles([str(project)])
    for text in ("-DA", "-DBB"):
        (project / "a.rsp").write_text(text)
        assert list(files.expand(["@a.rsp"], str(project), [])) == [text]


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside.rsp", "gone.rsp", "sub", "link.rsp", ""])
def test_what_may_not_or_cannot_be_read_is_left_out_and_named(project: Path, name: str) -> None:
    (project / "sub").mkdir()
    (project.parent / "outside.rsp").write_text("-DSECRET")
    (project / "link.rsp").symlink_to(project.parent / "outside.rsp")
    assert expand(project, "a", f"@{name}", "b") == (["a", "b"], [f"@{name}"])


def test_the_directory_of_the_command_may_be_read_but_not_when_it_is_everything(project: Path) -> None:
    build = project.parent / "build"
    build.mkdir()
    (build / "a.rsp").write_text("-DA")
    assert expand(project, "@a.rsp", directory=build) == (["-DA"], [])
    assert expand(project, f"@{build}/a.rsp", directory=Path("/")) == ([], [f"@{build}/a.rsp"])


def test_a_pipe_is_not_waited_for(project: Path) -> None:
    os.mkfifo(project / "pipe")
    assert expand(project, "@pipe") == ([], ["@pipe"])


def test_a_file_that_names_itself(project: Path) -> None:
    (project / "a.rsp").write_text("-DA @a.rsp")
    words, refused = expand(project, "@a.rsp")
    assert set(words) == {"-DA"}
    assert refused == ["@a.rsp"]


def test_files_have_a_limit_together(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "_MOST_BYTES", 100)
    (project / "a.rsp").write_text("-DA " * 20)
    words, refused = expand(project, "@a.rsp", "@a.rsp")
    assert (len(words), refused) == (20, ["@a.rsp"])
