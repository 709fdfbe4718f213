"""Texts that are not saved, read in place of what is on disk."""

from pathlib import Path
from typing import Any

import pytest
from support.cpp import Workspace, libclang, workspace

from cpplsp.facts import FileFacts, UnitState
from cpplsp.worker import reading
from cpplsp.worker.files import SourceFile
from cpplsp.worker.session import Session


def _read(space: Workspace, name: str, **unsaved: str) -> list[str]:
    """Index a file with these texts (``a_cc="…"`` is that of ``a.cc``); the names of what was declared, by file."""
    texts = {}
    for number, (file, text) in enumerate(unsaved.items()):
        held = space.folder / f"text{number}"
        held.write_text(text)
        texts[space.path(file.replace("_", "."))] = str(held)
    space.facts.clear()
    space.sessions.clear()
    done = space.run(space.job(name, unsaved=texts))
    assert done.state in (UnitState.INDEXED, UnitState.ERRORS), done
    return sorted(
        f"{space.name(facts.path)}: {one.name}" for facts in space.facts for one in facts.declarations
    )


def test_the_text_of_the_main_file_counts() -> None:
    with workspace() as space:
        space.write({"a.cc": b"int before;\n"})
        assert _read(space, "a.cc", a_cc="int before;\nint now;\n") == ["a.cc: before", "a.cc: now"]
        assert Path(space.path("a.cc")).read_text() == "int before;\n"


def test_the_text_of_a_header_counts() -> None:
    with workspace() as space:
        space.write({"a.cc": b'#include "a.h"\nint x = now();\n', "a.h": b"#pragma once\nint before();\n"})
        found = _read(space, "a.cc", a_h="#pragma once\nint now();\n")
        assert found == ["a.cc: x", "a.h: now"]


def test_a_file_that_was_never_saved_is_read() -> None:
    with workspace() as space:
        space.write({"a.cc": b'#include "b.h"\nint x = now();\n'})
        assert _read(space, "a.cc", b_h="int now();\n") == ["a.cc: x", "b.h: now"]
        assert _read(space, "new.cc", new_cc="int y;\n") == ["new.cc: y"]


def test_a_text_that_is_being_typed_is_read() -> None:
    with workspace() as space:
        space.write({"a.cc": b"int before;\n"})
        assert _read(space, "a.cc", a_cc="int f() { return befo }\nint after;\n") == [
            "a.cc: after",
            "a.cc: f",
        ]


def test_the_content_is_that_of_the_text() -> None:
    with workspace() as space:
        space.write({"a.cc": b"int before;\n"})
        _read(space, "a.cc", a_cc="int now;\n")
        unsaved = space.of("a.cc").content
        space.write({"a.cc": b"int now;\n"})
        space.sessions["c++"] = Session(libclang(), "c++", 0)
        space.run(space.job("a.cc"))
        assert space.of("a.cc").content == unsaved


def test_of_other_files_nothing_is_collected_or_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[str] = []
    file_facts = reading.file_facts

    def note(source: SourceFile, *others: Any) -> FileFacts:
        collected.append(source.path)
        return file_facts(source, *others)

    monkeypatch.setattr(reading, "file_facts", note)
    with workspace() as space:
        space.write({"a.cc": b'#include "a.h"\n', "a.h": b"int before();\n"})
        assert _read(space, "a.cc", a_cc='#include "a.h"\nint x;\n') == ["a.cc: x"]
        assert collected == [space.path("a.cc")]
        assert _read(space, "a.cc", a_h="int now();\n") == ["a.h: now"]
