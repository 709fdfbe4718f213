"""Questions from a shell, on a real index: answers, exit codes, and one line for everything foreseeable."""

import io
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cpplsp import ask
from cpplsp.config import Settings
from cpplsp.query.status import PreludeStatus
from cpplsp.runstate import ProcessUse, Progress, RunFile
from cpplsp.store.connection import index_path

FILES = {
    "include/shape.h": """\
#pragma once
namespace geo {
struct Shape {
  int area() const;  // größe
  /* ä€ */ int höhe = 0;
};
}
""",
    "src/shape.cc": '#include "shape.h"\nint geo::Shape::area() const { return höhe; }\n',
    "src/main.cc": """\
#include "shape.h"
static int twice(const geo::Shape& s) { return s.area() + s.area(); }
int main() { return twice({}); }
""",
    "src/broken.cc": "int broken = ;\n",
    "notes.txt": "nothing\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an index, made once."""
    root = tmp_path_factory.mktemp("project").resolve()
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    commands = [
        {
            "directory": str(root),
            "file": f"src/{name}.cc",
            "command": f"c++ -std=c++17 -Iinclude -c src/{name}.cc",
        }
        for name in ("shape", "main", "broken", "gone")
    ]
    (root / "compile_commands.json").write_text(json.dumps(commands))
    subprocess.run(
        [sys.executable, "-m", "cpplsp", "--index-only", str(root), "--cache-dir", str(root / "cache")],
        check=True,
        capture_output=True,
    )
    return root


@pytest.fixture
def settings(project: Path) -> Settings:
    return Settings(cache_dir=str(project / "cache"))


Asks = Callable[..., tuple[int, str, str]]


@pytest.fixture
def asks(
    project: Path, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Asks:
    """Ask as from a shell in the project: exit code, what is written, and what the person is told."""
    monkeypatch.chdir(project)

    def asks(
        question: ask.Question, what: str, *, as_json: bool = False, root: Path = project
    ) -> tuple[int, str, str]:
        code = ask.ask(question, what, str(root), settings, as_json)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return asks


AREA = "src/shape.cc:2:17: int geo::Shape::area() const { return höhe; }\n"


@pytest.mark.parametrize("name", ["area", "Shape::area", "geo::Shape::area", "::geo::Shape::area"])
def test_a_definition_by_name(asks: Asks, name: str) -> None:
    assert asks("definition", name) == (0, AREA, "")


@pytest.mark.parametrize("place", ["src/main.cc:2:50", "src/main.cc:2:54", "./src/../src/main.cc:2:61"])
def test_a_definition_by_place(asks: Asks, place: str) -> None:
    assert asks("definition", place) == (0, AREA, "")


def test_a_place_relative_to_the_root(asks: Asks, monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.chdir("/")
    code, out, _ = asks("definition", "src/main.cc:2:50")
    assert (code, out) == (0, f"{str(project)[1:]}/{AREA}")
    monkeypatch.chdir(project / "include")
    code, out, _ = asks("definition", f"{project}/src/main.cc:2:50")
    assert (code, out) == (0, f"{project}/{AREA}")


def test_from_the_definition_to_the_declaration(asks: Asks) -> None:
    assert asks("definition", "src/shape.cc:2:18") == (
        0,
        "include/shape.h:4:7: int area() const;  // größe\n",
        "",
    )


def test_columns_are_characters(asks: Asks) -> None:
    answer = (0, "include/shape.h:5:16: /* ä€ */ int höhe = 0;\n", "")
    assert asks("definition", "src/shape.cc:2:39") == answer
    assert asks("definition", "höhe") == answer


def test_bytes_that_are_no_text_are_shown_as_editors_show_them(tmp_path: Path) -> None:
    (tmp_path / "a.cc").write_bytes(b"int x; // caf\xe9\r\n\xff")
    assert ask._lines(str(tmp_path / "a.cc")) == ["int x; // caf\ufffd", "\ufffd"]


def test_references_are_all_places_that_name_it(asks: Asks) -> None:
    code, out, _ = asks("references", "Shape::area")
    assert code == 0
    assert [line.split(": ")[0] for line in out.splitlines()] == [
        "include/shape.h:4:7",
        "src/main.cc:2:50",
        "src/main.cc:2:61",
        "src/shape.cc:2:17",
    ]
    assert asks("references", "src/main.cc:2:50")[1] == out


def test_an_include_line_is_about_the_file(asks: Asks) -> None:
    assert asks("definition", "src/main.cc:1:12") == (0, "include/shape.h:1:1: #pragma once\n", "")
    code, out, _ = asks("references", "src/main.cc:1:12")
    assert (code, [line.split(": ")[0] for line in out.splitlines()]) == (
        0,
        ["src/main.cc:1:1", "src/shape.cc:1:1"],
    )


def test_symbols_are_found_as_in_an_editor(asks: Asks) -> None:
    code, out, _ = asks("symbols", "shap")
    assert (code, out) == (0, "include/shape.h:3:8: struct Shape {\n")
    assert asks("symbols", "src/main.cc:2:50") == (0, AREA, "")


def test_answers_for_scripts(asks: Asks, project: Path) -> None:
    code, out, _ = asks("references", "Shape::area", as_json=True)
    answers = json.loads(out)
    assert code == 0
    assert [one["role"] for one in answers] == ["declaration", "reference", "reference", "definition"]
    assert answers[-1] == {
        "path": str(project / "src/shape.cc"),
        "line": 2,
        "column": 17,
        "end_column": 21,
        "name": "area",
        "scope": "geo::Shape",
        "kind": "method",
        "role": "definition",
        "text": "int geo::Shape::area() const { return höhe; }",
    }


@pytest.mark.parametrize("question", ["definition", "references", "symbols"])
@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("src/none.cc:1:1", "src/none.cc:1:1: there is no file src/none.cc, neither here nor in {root}"),
        ("src/main.cc:9:1", "src/main.cc:9:1: src/main.cc has 4 lines, counted from 1"),
        ("src/main.cc:0:1", "src/main.cc:0:1: src/main.cc has 4 lines, counted from 1"),
        ("src/main.cc:1:0", "src/main.cc:1:0: line 1 of src/main.cc has 18 characters, counted from 1"),
        ("src/main.cc:1:99", "src/main.cc:1:99: line 1 of src/main.cc has 18 characters, counted from 1"),
        (
            "src/main.cc:1",
            "src/main.cc:1: a column is missing; a place is FILE:LINE:COLUMN, both counted from 1",
        ),
        (
            "notes.txt:1:1",
            "notes.txt:1:1: the index has nothing of this file: no unit that was read includes it",
        ),
        ("src/main.cc:4:1", "src/main.cc:4:1: nothing is known of it in the index of {root}"),
    ],
)
def test_a_place_that_cannot_be_is_explained(
    asks: Asks, project: Path, question: ask.Question, what: str, message: str
) -> None:
    assert asks(question, what) == (1, "", f"cpplsp: {message.format(root=project)}\n")


@pytest.mark.parametrize("question", ["definition", "references"])
def test_a_name_that_is_not_there_is_told_with_one_that_is_near(asks: Asks, question: ask.Question) -> None:
    assert asks(question, "Area") == (
        1,
        "",
        "cpplsp: nothing is called Area; did you mean geo::Shape::area?\n",
    )
    assert asks(question, "xyzzy") == (1, "", "cpplsp: nothing is called xyzzy\n")


def test_without_an_index_the_way_to_one_is_told(asks: Asks, tmp_path: Path) -> None:
    message = f"cpplsp: there is no index of {tmp_path} yet: run `cpplsp --index-only {tmp_path}`\n"
    assert asks("symbols", "x", root=tmp_path) == (1, "", message)


@pytest.mark.parametrize("question", ["definition", "references", "symbols"])
@pytest.mark.parametrize("what", ["xyzzy", "src/main.cc:4:1", "src/none.cc:1:1"])
def test_a_script_that_gets_no_answer_gets_an_empty_list(
    asks: Asks, question: ask.Question, what: str
) -> None:
    code, out, err = asks(question, what, as_json=True)
    assert (code, json.loads(out), err.count("\n")) == (1, [], 1)


def test_a_script_is_told_of_an_index_that_is_not_there(
    asks: Asks, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asks("definition", "main", as_json=True, root=tmp_path)[:2] == (1, "[]\n")
    assert ask.status(str(tmp_path), settings, True) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told == {
        "project": str(tmp_path),
        "error": f"there is no index of {tmp_path} yet: run `cpplsp --index-only {tmp_path}`",
    }
    assert captured.err == f"cpplsp: {told['error']}\n"


def test_the_index_of_a_folder_above_will_do(asks: Asks, project: Path) -> None:
    assert asks("definition", "area", root=project / "src") == (0, AREA, "")


def test_a_source_file_that_is_gone_or_shorter_leaves_its_places(asks: Asks, project: Path) -> None:
    path = project / "src" / "shape.cc"
    text = path.read_text()
    try:
        path.write_text("\n")
        assert asks("definition", "area") == (0, "src/shape.cc:2:17: \n", "")
        path.unlink()
        assert asks("definition", "area") == (0, "src/shape.cc:2:17: \n", "")
    finally:
        path.write_text(text)


def spoiled(tmp_path: Path, project: Path, spoil: Callable[[str], None]) -> tuple[Settings, str]:
    """Settings with a cache of which the index has been spoiled."""
    settings = Settings(cache_dir=str(tmp_path))
    good = index_path(str(project), str(project / "cache"))
    bad = index_path(str(project), settings.cache_dir)
    os.makedirs(os.path.dirname(bad))
    source, copy = sqlite3.connect(good), sqlite3.connect(bad)
    source.backup(copy)
    source.close()
    copy.close()
    spoil(bad)
    return settings, bad


def overwrite(path: str) -> None:
    Path(path).write_bytes(b"this is no database" * 1000)


def damage(path: str) -> None:
    with open(path, "r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff" * (os.path.getsize(path) - 8192))


def age(path: str) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 9999")
    db.close()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (overwrite, "cannot be read (file is not a database)"),
        (damage, "cannot be read"),
        (age, "has schema version 9999"),
    ],
)
def test_an_index_that_cannot_be_read_is_told_in_one_line(
    project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[str], None],
    message: str,
) -> None:
    settings, path = spoiled(tmp_path, project, spoil)
    for answer in (
        lambda: ask.ask("references", "Shape::area", str(project), settings, False),
        lambda: ask.status(str(project), settings, False),
    ):
        assert answer() == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("cpplsp: ")
        assert captured.err.count("\n") == 1
        assert message in captured.err
        assert path in captured.err
        assert "--index-only" in captured.err


def test_what_an_index_holds(project: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask.status(str(project), settings, False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"project: {project}"
    assert lines[1].startswith(f"index: {index_path(str(project), settings.cache_dir)}, ")
    assert lines[2] == "units: 4: 2 indexed, 1 indexed with errors, 1 failed"
    assert lines[3].startswith("4 files, ")
    assert lines[4].startswith("failed: src/gone.cc: ")
    assert lines[5].startswith("errors in: src/broken.cc: ")
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("prelude", "line"),
    [
        (
            PreludeStatus("a.cc", 39, 2, 246, 4 << 20, "", 1298, 0, 0),
            "prelude: 246 headers precompiled (4 MiB) for 39 units like a.cc, 2 of them read without it; "
            "compared on a few units: it makes no difference",
        ),
        (
            PreludeStatus("a.cc", 2, 0, 7, 1 << 20, "b.h does not compile", 1298, 1, 30),
            "prelude: 7 headers precompiled (1 MiB) for 2 units like a.cc; compared on a few units: "
            "of 1,298 entries in the index it leaves out 1 and adds 30; b.h does not compile",
        ),
        (
            PreludeStatus("a.cc", 1, 0, 0, 0, "too few units share headers", 0, 0, 0),
            "no prelude for 1 unit like a.cc: too few units share headers",
        ),
    ],
)
def test_a_prelude_is_told_in_plain_words(prelude: PreludeStatus, line: str) -> None:
    assert ask._prelude_line(prelude) == line


def test_what_an_index_holds_for_scripts(
    project: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask.status(str(project), settings, True) == 0
    held = json.loads(capsys.readouterr().out)
    assert held["project"] == str(project)
    assert held["units"] == {"indexed": 2, "errors": 1, "failed": 1}
    assert [(one["path"], one["state"]) for one in held["failed"]] == [("src/gone.cc", "failed")]
    assert [(one["path"], one["state"]) for one in held["with_errors"]] == [("src/broken.cc", "errors")]
    assert held["files"] == 4
    assert held["run"] is None


Tells = Callable[..., None]


@pytest.fixture
def tells(project: Path, settings: Settings) -> Iterator[Tells]:
    """Has a run tell that so much is done."""
    file = RunFile(index_path(str(project), settings.cache_dir), itertools.count().__next__)
    uses = (
        ProcessUse(os.getpid(), "server", 60 << 20),
        ProcessUse(7, "worker", 190 << 20, "src/main.cc", 2.5),
    )

    def tell(done: int | None) -> None:
        if done is None:
            file.remove()
            return
        memory = (250 << 20, 300 << 20, 2 << 30)
        file.note(Progress("indexing", done, 4, None, 1, *memory, uses, started=time.time()))
        file.write()

    yield tell
    file.remove()


def test_a_run_that_goes_on_is_told_with_what_the_index_holds(
    project: Path, settings: Settings, capsys: pytest.CaptureFixture[str], tells: Tells
) -> None:
    tells(2)
    assert ask.status(str(project), settings, False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(f"process {os.getpid()} is indexing, for 0:0")
    assert lines[1].endswith(": 2/4 units, 1 failed")
    assert lines[2] == "memory: 250 MiB of 2.0 GiB, 300 MiB at most"
    assert lines[4] == "worker 7: 190 MiB, src/main.cc for 2 s"
    assert lines[5].startswith("index: ")
    assert ask.status(str(project), settings, True) == 0
    run = json.loads(capsys.readouterr().out)["run"]
    assert (run["pid"], run["done"], run["total"], run["budget_bytes"]) == (os.getpid(), 2, 4, 2 << 30)
    assert run["processes"][1]["unit"] == "src/main.cc"


def test_a_run_is_watched_to_its_end_where_no_terminal_is(
    project: Path, settings: Settings, capsys: pytest.CaptureFixture[str], tells: Tells
) -> None:
    steps = [1, 1, 2, None]
    tells(0)
    assert ask.watch(str(project), settings, lambda _: tells(steps.pop(0))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["0/4", "1/4", "2/4"]
    assert steps == []
    assert ask.watch(str(project), settings) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["nothing is being indexed now", f"project: {project}"]


def test_where_nothing_was_ever_indexed_there_is_nothing_to_watch(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask.watch(str(tmp_path), settings) == 1
    assert "--index-only" in capsys.readouterr().err


def test_runs_are_watched_on_a_terminal_until_the_person_has_seen_enough(
    project: Path, settings: Settings, tells: Tells, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setattr(sys, "stdout", screen := Screen())
    drawn: list[str] = []
    steps = [1, None, None, 3]

    def pause(_seconds: float) -> None:
        drawn.append(screen.getvalue())
        screen.truncate(0)
        if not steps:
            raise KeyboardInterrupt
        tells(steps.pop(0))

    with pytest.raises(KeyboardInterrupt):
        ask.watch(str(project), settings, pause)
    texts = ("nothing is being indexed", "1/4 units", "nothing is being indexed", "nothing is", "3/4 units")
    assert [text in shown for text, shown in zip(texts, drawn, strict=True)] == [True] * 5
    assert "units: 4: 2 indexed" in drawn[0]
    assert "src/main.cc" in drawn[1]


def test_a_terminal_that_cannot_show_a_line_shows_what_it_can(project: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cpplsp",
            "query",
            "definition",
            "höhe",
            "--cache-dir",
            str(project / "cache"),
        ],
        capture_output=True,
        check=False,
        cwd=project,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"include/shape.h:5:16: /* \\xe4\\u20ac */ int h\\xf6he = 0;\n"


def test_on_a_terminal_what_is_asked_about_is_coloured(
    project: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(project)
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    assert ask.ask("references", "Shape::area", str(project), settings, as_json=False) == 0
    declared, used, *_ = shown.getvalue().splitlines()
    assert "\x1b[1;33marea\x1b[0m() const" in declared
    assert used.startswith("\x1b[35msrc/main.cc\x1b[0m")
    assert used.count("\x1b[1;31marea\x1b[0m") == 2
    assert ask.status(str(project), settings, as_json=False) == 0
    assert "\x1b[1mproject: \x1b[0m" in shown.getvalue()
    assert "\x1b[1;33merrors in: \x1b[0msrc/broken.cc" in shown.getvalue()
