"""libclang itself: found, loaded, and laid out as the structures here say."""

import ctypes
import os
from pathlib import Path

import pytest
from support.cpp import libclang

from cpplsp.worker import libclang as c
from cpplsp.worker.libclang import Libclang, find_library
from cpplsp.worker.parse import Action, refused_arguments


def test_the_wheels_library_is_found() -> None:
    assert os.path.basename(find_library()).startswith("libclang.")
    assert find_library("/as/configured.so") == "/as/configured.so"


def test_without_the_wheel_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OSError, match="pip install libclang"):
        find_library()


def test_a_file_that_is_no_library_is_named(tmp_path: Path) -> None:
    path = tmp_path / "libclang.so"
    path.write_text("no library")
    with pytest.raises(OSError, match=str(path)):
        Libclang(str(path))


def test_its_version_is_known() -> None:
    assert "clang version 18" in libclang().version


def test_memory_is_read_by_address() -> None:
    text = ctypes.create_string_buffer(b"some text")
    address = ctypes.addressof(text)
    assert c.MEMORY[address : address + 4].tobytes() == b"some"
    assert c.text_at(address) == b"some text"
    assert c.text_at(0) == b""


def test_structures_are_read_where_libclang_puts_them(tmp_path: Path) -> None:
    path = tmp_path / "a.cc"
    path.write_text("struct S { static int f(); };\nint x = S::f();\n")
    told: list[tuple[bytes, bytes, int, int]] = []
    used: list[tuple[bytes, int]] = []

    def declared(_client: int, address: int) -> None:
        info = c.DECLARATION(c.MEMORY, address)
        entity = c.ENTITY(c.MEMORY, info[0])
        spot = libclang().callback_spot(address + c.FACT_LOC)
        told.append((c.text_at(entity[3]), c.text_at(entity[4]), info[12], spot.line))

    def named(_client: int, address: int) -> None:
        info = c.REFERENCE(c.MEMORY, address)
        used.append((c.text_at(c.ENTITY(c.MEMORY, info[9])[3]), info[12]))

    callbacks = c.IndexerCallbacks(index_declaration=c.FACT(declared), index_entity_reference=c.FACT(named))
    action = Action(libclang())
    code, unit = action.run(str(path), ["-x", "c++"], callbacks)
    assert (code, unit is None) == (0, False)
    libclang().lib.clang_disposeTranslationUnit(unit)
    action.close()
    assert told == [(b"S", b"c:@S@S", 1, 1), (b"f", b"c:@S@S@F@f#S", 0, 1), (b"x", b"c:@x", 1, 2)]
    assert sorted(used) == [(b"S", 4), (b"f", 4 | 32)]


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (["-x", "c++", "-DA"], set()),
        (["-x", "c++", "-std=c++99", "-DA"], {2}),
        (["-x", "c++", "-target", "no-such-thing", "-march=no-such-thing"], {2, 3, 4}),
        (["-Xclang", "-no-such-thing", "-x", "c++"], {0, 1}),
        (["-x", "c++", "other.cc"], {2}),
        (["-include", "nowhere.h", "-x", "c++", "-std=c++99"], {4}),
        ([], set()),
    ],
)
def test_which_arguments_are_refused(arguments: list[str], refused: set[int]) -> None:
    assert refused_arguments(libclang(), "/nowhere/a.cc", arguments) == refused
