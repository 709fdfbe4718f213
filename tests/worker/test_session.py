"""A session: units one after another, claims, and what is said of units that cannot be read as they are."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cpp import Workspace, check_definition, indexed, libclang, workspace

from cpplsp.content import content_hash
from cpplsp.facts import FileVersion, UnitState
from cpplsp.shapes import pack, unpack
from cpplsp.worker.files import SourceFile
from cpplsp.worker.reading import Reading
from cpplsp.worker.session import Session


@pytest.fixture
def space() -> Iterator[Workspace]:
    with workspace() as made:
        yield made


def write(space: Workspace, **files: str | bytes) -> None:
    """Files by name, with ``_`` for the dot."""
    space.write(
        {
            name.replace("_", "."): text.encode() if isinstance(text, str) else text
            for name, text in files.items()
        }
    )


def names(space: Workspace, name: str) -> list[str]:
    return [one.name for one in space.of(name).declarations]


def sent(space: Workspace) -> list[str]:
    return [space.name(facts.path) for facts in space.facts]


def test_a_unit_without_errors(space: Workspace) -> None:
    write(space, main_cc='#include "a.h"\nint x;', a_h="int a;")
    done = space.run(space.job("main.cc", unit=7))
    assert (done.unit, done.state, done.error, done.errors) == (7, UnitState.INDEXED, "", 0)
    assert done.dependencies == [
        FileVersion(space.path("main.cc"), content_hash(b'#include "a.h"\nint x;')),
        FileVersion(space.path("a.h"), content_hash(b"int a;")),
    ]
    assert done.cpu_s > 0
    assert done.peak_bytes >= done.rest_bytes > 0
    assert sent(space) == ["main.cc", "a.h"]


def test_a_dependency_that_is_read_twice_is_told_once(space: Workspace) -> None:
    write(space, main_cc='#include "a.h"\n#include "a.h"\n', a_h="void a();")
    done = space.run(space.job("main.cc"))
    assert [space.name(one.path) for one in done.dependencies] == ["main.cc", "a.h"]
    assert sent(space) == ["main.cc", "a.h"]


def test_a_header_is_reported_by_the_first_unit_only(space: Workspace) -> None:
    write(space, a_cc='#include "h.h"\n', b_cc='#include "h.h"\nint b = h;', h_h="const int h = 1;")
    space.run(space.job("a.cc"))
    space.run(space.job("b.cc"))
    assert sent(space) == ["a.cc", "h.h", "b.cc"]


def test_a_header_that_others_claimed_is_not_collected(space: Workspace) -> None:
    write(space, main_cc='#include "h.h"\nint b = h;', h_h="const int h = 1;")
    space.run(space.job("main.cc", claimed=[space.path("h.h")]), grants=False)
    assert sent(space) == ["main.cc"]
    assert len(space.of("main.cc").occurrences) == 2


def test_a_claimed_header_with_something_else_to_tell_is_reported_by_a_second_parse(space: Workspace) -> None:
    write(
        space,
        a_cc='#include "h.h"\n',
        b_cc='#define IMPL\n#include "h.h"\nint b = f();',
        h_h="#pragma once\nint f();\n#ifdef IMPL\nint f() { int local = 1; return local; }\n#endif\n",
    )
    space.run(space.job("a.cc"))
    done = space.run(space.job("b.cc"))
    assert sent(space) == ["a.cc", "h.h", "b.cc", "h.h"]
    assert names(space, "h.h") == ["f", "f", "local"]
    assert (done.state, done.errors) == (UnitState.INDEXED, 0)
    assert [one.skipped for one in done.dependencies] == [b"", space.of("h.h").skipped] == [b"", b""]
    assert unpack(space.facts[1].skipped) == [(22, 81)]


def test_a_session_asks_once_for_each_shape_of_a_header(space: Workspace) -> None:
    write(
        space,
        a_cc='#include "h.h"\n',
        b_cc='#include "h.h"\n',
        c_cc='#define C\n#include "h.h"\n',
        h_h="#ifdef C\nint h;\n#endif\n",
    )
    asked: list[list[FileVersion]] = []
    session = Session(libclang(), "c++", 0)
    before = os.getcwd()
    for name in ("a.cc", "b.cc", "c.cc", "b.cc"):
        session.run(space.job(name), lambda claims: asked.append(claims) or [], lambda facts: None)
    os.chdir(before)
    session.close()
    content = content_hash(b"#ifdef C\nint h;\n#endif\n")
    path = space.path("h.h")
    assert asked == [[FileVersion(path, content, pack([(0, 22)]))], [FileVersion(path, content)]]


def test_a_header_that_changes_between_two_parses_of_its_unit_is_not_reported(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(space, main_cc='#define C\n#include "h.h"\n', h_h="#ifdef C\nint h;\n#endif\n")
    read = Reading.run

    def changed(self: Reading, *arguments: object) -> object:
        outcome = read(self, *arguments)  # type: ignore[arg-type]
        Path(space.path("h.h")).write_text("#ifdef C\nint g;\n#endif\n")
        return outcome

    monkeypatch.setattr(Reading, "run", changed)
    done = space.run(space.job("main.cc", claimed=[space.path("h.h")]))
    assert (done.state, done.error) == (
        UnitState.FAILED,
        f"{space.path('h.h')} changed while it was being read",
    )
    assert sent(space) == ["main.cc"]
    assert done.dependencies[1].content == content_hash(b"#ifdef C\nint h;\n#endif\n")


def test_a_header_that_is_not_granted_is_not_reported(space: Workspace) -> None:
    write(space, a_cc='#include "h.h"\n', b_cc='#include "h.h"\n', h_h="int h;")
    space.run(space.job("a.cc"), grants=False)
    space.run(space.job("b.cc"))
    assert sent(space) == ["a.cc", "b.cc"]


def test_what_is_claimed_is_told_by_content(space: Workspace) -> None:
    write(space, main_cc='#include "h.h"\n', h_h="int h;")
    asked: list[FileVersion] = []
    session = Session(libclang(), "c++", 0)
    before = os.getcwd()
    session.run(space.job("main.cc"), lambda claims: asked.extend(claims) or [], lambda facts: None)
    os.chdir(before)
    session.close()
    assert asked == [FileVersion(space.path("h.h"), content_hash(b"int h;"))]


def test_bodies_in_a_header_are_reported_after_a_unit_that_was_not(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        space,
        main_cc='#include "h.h"\n',
        h_h="#pragma once\nint v;\ninline int f() { return v; }",
    )
    with monkeypatch.context() as patched:
        patched.setattr("cpplsp.worker.reading.file_facts", None)
        with pytest.raises(TypeError):
            space.run(space.job("main.cc"))
    space.sessions["c++"].claimed.clear()
    space.run(space.job("main.cc"))
    found = space.of("h.h")
    assert [(one.line, one.column) for one in found.occurrences] == [(1, 4), (2, 11), (2, 24)]


def test_a_main_file_is_reported_though_it_was_claimed_as_a_header(space: Workspace) -> None:
    write(space, a_cc='#include "b.cc"\n', b_cc="int b;")
    space.run(space.job("a.cc"))
    space.run(space.job("b.cc"))
    assert sent(space) == ["a.cc", "b.cc", "b.cc"]


def test_a_main_file_outside_the_project_is_reported_in_full(space: Workspace) -> None:
    space.write({"outside/m.cc": b"int m;\nint n;"})
    space.run(space.job("outside/m.cc"))
    assert not space.facts[0].partial
    assert names(space, "outside/m.cc") == ["m", "n"]


def test_a_main_file_behind_a_link_is_reported_under_its_real_path(space: Workspace) -> None:
    write(space, main_cc="int x;")
    os.symlink(space.path("main.cc"), space.path("link.cc"))
    done = space.run(space.job("link.cc"))
    assert [space.name(one.path) for one in done.dependencies] == ["main.cc"]
    assert names(space, "main.cc") == ["x"]


def test_what_was_told_of_a_file_outside_is_not_told_again(space: Workspace) -> None:
    space.write({"outside/o.h": b"int o(); int p();"})
    write(space, a_cc="#include <o.h>\nint a = o();", b_cc="#include <o.h>\nint b = o() + p();")
    space.run(space.job("a.cc"))
    assert names(space, "outside/o.h") == ["o"]
    space.run(space.job("b.cc"))
    assert names(space, "outside/o.h") == ["p"]


def test_relative_arguments_are_meant_from_the_directory(space: Workspace) -> None:
    space.write({"sub/h.h": b"int h;", "main.cc": b"#include <h.h>\nint x = h;"})
    assert space.run(space.job("main.cc", ["-Isub"])).error == ""
    assert sent(space) == ["main.cc", "sub/h.h"]


# Units that cannot be read as they are


def test_a_missing_include_is_named_and_the_rest_indexed() -> None:
    code = '#include "nowhere.h"\nint [[x]];\nint y = ^x;'
    check_definition(code, errors=1)
    with indexed(code, errors=1) as space:
        done = space.run(space.job("main.cc"))
    assert done.state == UnitState.ERRORS
    assert done.error == "main.cc:1:10: 'nowhere.h' file not found"


def test_the_facts_around_a_syntax_error_are_kept() -> None:
    check_definition("int [[x]];\nint broken = ;\nint z = ^x;", errors=1)


def test_the_first_of_several_errors_is_told(space: Workspace) -> None:
    write(space, main_cc="int x = nothing;\nint y = never;\n#warning no error\n")
    done = space.run(space.job("main.cc"))
    assert (done.state, done.errors) == (UnitState.ERRORS, 2)
    assert done.error == "main.cc:1:9: use of undeclared identifier 'nothing'"


def test_more_errors_than_clang_would_tell_do_not_end_a_unit(space: Workspace) -> None:
    write(space, main_cc="\n".join(f"int a{n} = nothing{n};" for n in range(60)) + "\nint last;")
    assert space.run(space.job("main.cc")).state == UnitState.ERRORS
    assert names(space, "main.cc")[-1] == "last"


@pytest.mark.parametrize("text", [b"", b"\n", b"\xef\xbb\xbf", b"// nothing"])
def test_a_file_without_code(space: Workspace, text: bytes) -> None:
    write(space, main_cc=text)
    done = space.run(space.job("main.cc"))
    assert (done.state, done.error) == (UnitState.INDEXED, "")
    assert (space.of("main.cc").declarations, space.of("main.cc").occurrences) == ([], [])
    assert space.of("main.cc").content == content_hash(text)


@pytest.mark.parametrize(
    "text",
    [
        b"int a; /* \0\0 */ int b;",
        b"int a;\0\nint b;",
        b"int a; // \xff\xfe\nint b;",
        b'int a; const char* s = "\x80\xff"; int b;',
        b"int a;\xc3\nint b;",
    ],
)
def test_bytes_that_are_no_text_do_not_end_a_unit(space: Workspace, text: bytes) -> None:
    write(space, main_cc=text)
    space.run(space.job("main.cc"))
    found = {(one.name, one.line, one.column) for one in space.of("main.cc").declarations}
    assert ("a", 0, 4) in found
    line = text[: text.index(b"b;")].count(b"\n")
    assert ("b", line, len(text[: text.index(b"b;")].split(b"\n")[-1])) in found


def test_a_name_that_is_not_utf8_is_kept_readable(space: Workspace) -> None:
    write(space, main_cc=b"int a; int \xe4\xf6; int b;")
    done = space.run(space.job("main.cc"))
    assert done.state in (UnitState.ERRORS, UnitState.INDEXED)
    assert {"a", "b"} <= set(names(space, "main.cc"))


def test_a_binary_file_is_not_the_end(space: Workspace) -> None:
    write(space, main_cc=bytes(range(256)) * 40, good_cc="int x;")
    assert space.run(space.job("main.cc")).state == UnitState.ERRORS
    assert space.run(space.job("good.cc")).state == UnitState.INDEXED


def test_a_file_that_is_gone(space: Workspace) -> None:
    done = space.run(space.job("gone.cc"))
    assert (done.state, done.error) == (UnitState.FAILED, "cannot read it: No such file or directory")
    assert done.dependencies == []
    assert space.facts == []


def test_a_folder_in_place_of_a_file(space: Workspace) -> None:
    os.mkdir(space.path("folder.cc"))
    done = space.run(space.job("folder.cc"))
    assert (done.state, done.error) == (UnitState.FAILED, "cannot read it: Is a directory")


def test_a_directory_that_is_gone(space: Workspace) -> None:
    write(space, main_cc="int x;")
    nowhere = space.path("nowhere")
    done = space.run(space.job("main.cc", directory=nowhere))
    assert done.state == UnitState.FAILED
    assert done.error == f"the directory of its compile command is gone: {nowhere}"


@pytest.mark.parametrize(
    "refused",
    [
        ["-std=c++99"],
        ["-march=nothing-like-it"],
        ["-target", "nothing-like-it"],
        ["-Xclang", "-nothing-like-it"],
        ["-fcf-protection=never-heard-of"],
        ["-x", "no-language"],
        ["@nowhere.rsp"],
    ],
)
def test_an_argument_that_libclang_refuses_is_left_out_and_told(space: Workspace, refused: list[str]) -> None:
    write(space, main_cc="int x = VALUE;")
    done = space.run(space.job("main.cc", [*refused, "-DVALUE=1"]))
    told = f"libclang does not take these arguments, they were left out: {' '.join(refused)}"
    assert (done.state, done.error, done.errors) == (UnitState.ERRORS, told, 1)
    assert names(space, "main.cc") == ["x"]


def test_several_refused_arguments_are_all_left_out(space: Workspace) -> None:
    write(space, main_cc="int x = VALUE;")
    done = space.run(space.job("main.cc", ["-std=c++99", "-DVALUE=1", "-march=nothing-like-it"]))
    assert done.error.endswith("left out: -std=c++99 -march=nothing-like-it")
    assert names(space, "main.cc") == ["x"]


def test_an_error_that_stays_without_the_refused_argument_is_told(space: Workspace) -> None:
    write(space, main_cc="int x = nothing;")
    done = space.run(space.job("main.cc", ["-std=c++99"]))
    assert done.state == UnitState.ERRORS
    assert done.error.startswith("main.cc:1:9: use of undeclared identifier 'nothing' (libclang")


def test_an_argument_that_clang_only_does_not_know_costs_nothing(space: Workspace) -> None:
    write(space, main_cc="int x;")
    done = space.run(space.job("main.cc", ["-fno-such-thing", "-mno-such-thing", "-Wno-such-thing"]))
    assert (done.state, done.error) == (UnitState.INDEXED, "")


def test_a_missing_forced_include_is_told(space: Workspace) -> None:
    write(space, main_cc="int x;")
    done = space.run(space.job("main.cc", ["-include", "nowhere.h"]))
    assert (done.state, done.errors) == (UnitState.ERRORS, 1)
    assert "'nowhere.h' file not found" in done.error
    assert names(space, "main.cc") == ["x"]


def test_a_file_that_changes_while_it_is_read_is_not_reported(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(space, main_cc='#include "h.h"\nint x = h;', h_h="const int h = 1;")
    created = SourceFile.__init__

    def grown(self: SourceFile, handle: int, path: str, identity: str, **flags: bool) -> None:
        if path.endswith("h.h"):
            Path(path).write_text("const int h = 1; // more")
        created(self, handle, path, identity, **flags)

    with monkeypatch.context() as patched:
        patched.setattr(SourceFile, "__init__", grown)
        done = space.run(space.job("main.cc"))
    assert done.state == UnitState.FAILED
    assert done.error == f"{space.path('h.h')} changed while it was being read"
    assert space.facts == []
    # What clang read is told: whoever compares it with the disk sees the unit to be out of date.
    assert done.dependencies[1].path == space.path("h.h")
    assert done.dependencies[1].content != content_hash(b"const int h = 1; // more")
    assert space.run(space.job("main.cc")).state == UnitState.INDEXED
    assert sent(space) == ["main.cc", "h.h"]


def test_facts_are_of_the_text_that_clang_read(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    write(space, main_cc="int abc;")
    report = Reading._report

    def changed(self: Reading, *arguments: object) -> object:
        Path(space.path("main.cc")).write_text("\n\nlong x")
        return report(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Reading, "_report", changed)
    space.run(space.job("main.cc"))
    assert space.of("main.cc").content == content_hash(b"int abc;")
    assert [(one.line, one.column, one.length) for one in space.of("main.cc").occurrences] == [(0, 4, 3)]
