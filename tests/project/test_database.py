"""Finding a compile database, and what is read of good and bad ones."""

import json
import os
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.project.commands import CompileCommand, Note, Notes
from cpplsp.project.database import FlagsDatabase, Found, JsonDatabase, database_in, find_database
from cpplsp.project.sources import SourceWalk

COMMANDS = "compile_commands.json"
FLAGS = "compile_flags.txt"


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[]")


def read(folder: Path, entries: object) -> tuple[list[CompileCommand], list[str], bool]:
    """The commands of a database with these entries (text is written as it is), the notes, and completeness."""
    folder.mkdir(parents=True, exist_ok=True)
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    (folder / COMMANDS).write_bytes(text)
    notes = Notes()
    database = JsonDatabase(str(folder / COMMANDS), notes)
    commands = list(database.commands())
    return commands, notes.texts(), database.complete


def only(folder: Path, **entry: object) -> CompileCommand:
    """The one command of a database with one entry, which is complete and of which nothing is to be noted."""
    commands, notes, complete = read(folder, [entry])
    assert (len(commands), notes, complete) == (1, [], True)
    return commands[0]


@pytest.mark.parametrize(
    ("there", "found", "folder"),
    [
        ([f"a/b/{COMMANDS}", f"a/{COMMANDS}"], f"a/b/{COMMANDS}", "a/b"),
        ([f"a/b/build/{COMMANDS}", f"a/{COMMANDS}"], f"a/b/build/{COMMANDS}", "a/b"),
        ([f"a/b/{COMMANDS}", f"a/b/build/{COMMANDS}"], f"a/b/{COMMANDS}", "a/b"),
        ([f"a/{COMMANDS}"], f"a/{COMMANDS}", "a"),
        ([f"a/build/{COMMANDS}", "a/b/x.cc"], f"a/build/{COMMANDS}", "a"),
        ([f"a/b/{FLAGS}", f"a/{COMMANDS}"], f"a/b/{FLAGS}", "a/b"),
        ([f"a/b/{FLAGS}", f"a/b/{COMMANDS}"], f"a/b/{COMMANDS}", "a/b"),
        ([f"a/b/{FLAGS}", f"a/b/build/{COMMANDS}"], f"a/b/build/{COMMANDS}", "a/b"),
        ([f"a/b/build/{FLAGS}", f"a/{FLAGS}"], f"a/{FLAGS}", "a"),
        ([f"a/b/c/{COMMANDS}", f"a/{COMMANDS}"], f"a/{COMMANDS}", "a"),
    ],
)
def test_the_nearest_is_found(tmp_path: Path, there: list[str], found: str, folder: str) -> None:
    write(tmp_path, *there)
    (tmp_path / "a" / "b").mkdir(parents=True, exist_ok=True)
    database = find_database(str(tmp_path / "a" / "b"))
    assert database == Found(str(tmp_path / found), str(tmp_path / folder))
    assert database.is_flags is found.endswith(FLAGS)


def test_a_person_names_the_folder_or_the_file(tmp_path: Path) -> None:
    write(tmp_path, f"out/{COMMANDS}", f"flags/{FLAGS}", "empty/x")
    assert database_in(str(tmp_path / "out")) == Found(
        str(tmp_path / "out" / COMMANDS), str(tmp_path / "out")
    )
    assert database_in(str(tmp_path / "out" / COMMANDS)) == database_in(str(tmp_path / "out"))
    assert database_in(str(tmp_path / "flags")) == Found(
        str(tmp_path / "flags" / FLAGS), str(tmp_path / "flags")
    )
    assert database_in(str(tmp_path / "empty")) is None
    assert database_in(str(tmp_path / "gone")) is None


def test_both_forms(tmp_path: Path) -> None:
    command = only(tmp_path, directory="/d", file="a.cc", command=r"g++ '-DX=a b' -DY=\"1\" -c a.cc")
    assert command == CompileCommand("/d", "/d/a.cc", ("g++", "-DX=a b", '-DY="1"', "-c", "a.cc"))
    command = only(tmp_path, directory="/d", file="/e/a.cc", arguments=["g++", "-DX=a b", "-c", "a.cc"])
    assert command == CompileCommand("/d", "/e/a.cc", ("g++", "-DX=a b", "-c", "a.cc"))
    command = only(tmp_path, directory="/d", file="a.cc", arguments=["one"], command="two")
    assert command.arguments == ("one",)


def test_relative_directories_count_from_where_the_database_really_is(tmp_path: Path) -> None:
    base = str(tmp_path / "build")
    assert only(tmp_path / "build", directory="..", file="src/a.cc", command="cc").directory == str(tmp_path)
    assert only(tmp_path / "build", directory="sub", file="../a.cc", command="cc").file == f"{base}/a.cc"
    assert only(tmp_path / "build", file="a.cc", command="cc").directory == base
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / COMMANDS).symlink_to(tmp_path / "build" / COMMANDS)
    linked = list(JsonDatabase(str(tmp_path / "src" / COMMANDS), Notes()).commands())
    assert [command.directory for command in linked] == [base]


def test_links_are_resolved_in_folders_and_files(tmp_path: Path) -> None:
    write(tmp_path, "real/sub/a.cc")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "sub")
    (tmp_path / "b.cc").symlink_to(tmp_path / "real" / "sub" / "a.cc")
    real = str(tmp_path / "real" / "sub" / "a.cc")
    for file in ("link/a.cc", "b.cc", "link/../sub/a.cc", "./link/./a.cc"):
        assert only(tmp_path, directory=str(tmp_path), file=file, command="cc").file == real


def test_what_is_not_there_is_yielded_all_the_same(tmp_path: Path) -> None:
    command = only(tmp_path, directory="/no/such/place", file="gone.cc", command="cc -c gone.cc")
    assert (command.directory, command.file) == ("/no/such/place", "/no/such/place/gone.cc")


def test_a_file_may_have_several_entries_but_not_twice_the_same(tmp_path: Path) -> None:
    one = {"directory": "/d", "file": "a.cc", "command": "cc -DA -c a.cc"}
    two = {"directory": "/d", "file": "a.cc", "command": "cc -DB -c a.cc"}
    commands, notes, _ = read(tmp_path, [one, two, one, {**two, "output": "other.o"}])
    assert [command.arguments[1] for command in commands] == ["-DA", "-DB"]
    assert notes == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "it is not an object"),
        (None, "it is not an object"),
        ([], "it is not an object"),
        ({"directory": "/d", "command": "cc"}, 'it has no "file"'),
        ({"directory": "/d", "file": "", "command": "cc"}, 'it has no "file"'),
        ({"directory": "/d", "file": ["a.cc"], "command": "cc"}, 'its "file" is not text'),
        ({"directory": 1, "file": "a.cc", "command": "cc"}, 'the "directory" of a.cc is not text'),
        ({"directory": "/d", "file": "a.cc"}, 'a.cc has neither a "command" nor "arguments"'),
        ({"directory": "/d", "file": "a.cc", "command": 5}, 'a.cc has neither a "command" nor "arguments"'),
        (
            {"directory": "/d", "file": "a.cc", "arguments": "cc"},
            'the "arguments" of a.cc are not a list of texts',
        ),
        (
            {"directory": "/d", "file": "a.cc", "arguments": [1]},
            'the "arguments" of a.cc are not a list of texts',
        ),
        (
            {"directory": "/d", "file": "a\x00.cc", "command": "cc"},
            "there is a NUL character in its file's name",
        ),
    ],
)
def test_a_bad_entry_is_named_and_costs_only_itself(tmp_path: Path, entry: object, reason: str) -> None:
    good = {"directory": "/d", "file": "good.cc", "command": "cc -c good.cc"}
    commands, notes, complete = read(tmp_path, [good, entry, {**good, "file": "better.cc"}])
    assert [command.file for command in commands] == ["/d/good.cc", "/d/better.cc"]
    found = f"{tmp_path / COMMANDS}: entry 2 is left out: {reason}"
    assert notes == [f"{found}. Have the build system write it anew"]
    assert complete


def test_notes_are_bounded(tmp_path: Path) -> None:
    _, notes, complete = read(tmp_path, [{}] * 1000)
    assert len(notes) == 21
    assert notes[-1] == "… and 980 more"
    assert complete


def test_other_languages_are_left_out_and_counted(tmp_path: Path) -> None:
    entries = [{"directory": "/d", "file": name, "command": "cc"} for name in ("a.S", "b.c", "c.f90")]
    commands, notes, complete = read(tmp_path, entries)
    assert [command.file for command in commands] == ["/d/b.c"]
    assert len(notes) == 1
    assert "2 entries are left out" in notes[0]
    assert "a.S" in notes[0]
    assert complete


def test_broken_json_is_placed_and_what_is_before_it_kept(tmp_path: Path) -> None:
    text = b'[\n{"directory": "/d", "file": "a.cc", "command": "cc"},\n{"directory" "/d"}\n]'
    commands, notes, complete = read(tmp_path, text)
    assert [command.file for command in commands] == ["/d/a.cc"]
    assert len(notes) == 1
    assert notes[0].startswith(f"{tmp_path / COMMANDS}:3:14: not valid JSON: ")
    assert not complete


@pytest.mark.parametrize("text", [b"", b"{}", b"[", b"\xff\xfe[\x00]\x00"])
def test_what_is_no_database_raises_nothing(tmp_path: Path, text: bytes) -> None:
    commands, notes, complete = read(tmp_path, text)
    assert (commands, complete) == ([], False)
    assert len(notes) == 1


def test_an_empty_database_is_complete_and_noted(tmp_path: Path) -> None:
    commands, notes, complete = read(tmp_path, [])
    assert (commands, complete) == ([], True)
    assert [f"{tmp_path / COMMANDS}: it is empty" in note for note in notes] == [True]


def test_a_database_that_cannot_be_read(tmp_path: Path) -> None:
    notes = Notes()
    database = JsonDatabase(str(tmp_path / "gone.json"), notes)
    assert list(database.commands()) == []
    assert not database.complete
    assert notes.all() == [
        Note(f"{tmp_path}/gone.json: cannot be read: No such file or directory", "look at its owner and mode")
    ]


def test_byte_order_marks_and_what_is_not_utf_8(tmp_path: Path) -> None:
    entry = b'[{"directory": "/d", "file": "a.cc", "command": "cc -DX=\xe9 -DY=\\ud800 -DZ=\\u0000"}]'
    commands, notes, complete = read(tmp_path, b"\xef\xbb\xbf" + entry)
    assert commands[0].arguments == ("cc", "-DX=\ufffd", "-DY=?", "-DZ=\ufffd")
    assert (notes, complete) == ([], True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["file", "directory", "command"]), inner),
)
ENTRIES = st.dictionaries(
    st.sampled_from(["file", "directory", "command", "arguments"]), JSON | st.lists(st.text()), min_size=2
)


@given(st.lists(ENTRIES | JSON) | JSON)
def test_any_json_is_read_without_raising(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    commands, _, complete = read(tmp_path_factory.getbasetemp() / "any", value)
    assert complete or not isinstance(value, list)
    for command in commands:
        assert os.path.isabs(command.file)
        assert os.path.isabs(command.directory)
        # All of it can travel to a worker: it is encodable, and ends no C string early.
        assert "\x00" not in "".join((command.file, command.directory, *command.arguments)).encode().decode()


@given(st.binary())
def test_any_bytes_are_read_without_raising(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    read(tmp_path_factory.getbasetemp() / "any", text)


def test_compile_flags(tmp_path: Path) -> None:
    write(tmp_path, "project/a.cc", "project/sub/b.c", "project/a.h")
    (tmp_path / FLAGS).write_bytes(b"\xef\xbb\xbf-Iinclude\r\n\n  -DX=a b  \n# no flag\n")
    notes = Notes()
    found = Found(str(tmp_path / FLAGS), str(tmp_path))
    database = FlagsDatabase(str(tmp_path / "project"), found, notes)
    assert list(database.commands()) == [
        CompileCommand(str(tmp_path), str(tmp_path / "project/a.cc"), ("c++", "-Iinclude", "-DX=a b")),
        CompileCommand(str(tmp_path), str(tmp_path / "project/sub/b.c"), ("cc", "-Iinclude", "-DX=a b")),
    ]
    assert notes.texts() == []


def test_no_database_at_all(tmp_path: Path) -> None:
    write(tmp_path, "a.cc", "b.c")
    (tmp_path / "link.cc").symlink_to(tmp_path / "a.cc")
    notes = Notes()
    database = FlagsDatabase(str(tmp_path), None, notes)
    assert [(command.file, command.arguments) for command in database.commands()] == [
        (str(tmp_path / "a.cc"), ("c++",)),
        (str(tmp_path / "b.c"), ("cc",)),
    ]
    assert len(notes.texts()) == 1
    for what_to_do in ("-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "bear", FLAGS):
        assert what_to_do in notes.texts()[0]
    assert database.complete


def test_too_many_files_are_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *(f"{number}.cc" for number in range(5)))
    monkeypatch.setattr("cpplsp.project.database.SourceWalk", partial(SourceWalk, most_sources=3))
    notes = Notes()
    assert len(list(FlagsDatabase(str(tmp_path), None, notes).commands())) == 3
    assert any("too many files" in text for text in notes.texts())


def test_files_whose_names_are_not_utf_8_are_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, "a.cc", os.fsdecode(b"caf\xe9.cc"))
    notes = Notes()
    commands = list(FlagsDatabase(str(tmp_path), None, notes).commands())
    assert [command.file for command in commands] == [str(tmp_path / "a.cc")]
    assert any(r"1 source files are left out" in text and r"caf\udce9.cc" in text for text in notes.texts())


def test_a_link_to_a_file_whose_name_is_not_utf_8_is_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, os.fsdecode(b"caf\xe9.cc"))
    (tmp_path / "link.cc").symlink_to(tmp_path / os.fsdecode(b"caf\xe9.cc"))
    commands, notes, _ = read(tmp_path, [{"file": "link.cc", "command": "cc"}])
    assert commands == []
    assert "entry 1 is left out" in notes[0]
