"""Files of an index: found by any path that leads to them, and read in one state."""

import os
import sqlite3

import pytest
from support.cpp import indexed

from cpplsp.query.files import find_file, live_shards, snapshot, wide_map
from cpplsp.store.connection import open_reader


def test_a_file_is_found_by_any_path_to_it() -> None:
    with indexed("int x;") as space:
        os.symlink(space.path("main.cc"), space.path("link.cc"))
        os.symlink(space.path("."), space.folder / "root")
        known = find_file(space.db, space.roots, space.path("main.cc"))
        assert known is not None
        for path in (space.path("link.cc"), str(space.folder / "root" / "main.cc"), space.path("./main.cc")):
            assert find_file(space.db, space.roots, path) == known
        assert find_file(space.db, space.roots, space.path("other.cc")) is None


def test_each_way_of_reading_that_found_something_else_has_a_shard() -> None:
    code = (
        '// file: a.cc\n#include "h.h"\n#include "same.h"\n// file: b.c\n#include "h.h"\n#include "same.h"\n'
        "// file: h.h\n#ifdef __cplusplus\nint a;\n#else\nint b;\n#endif\n// file: same.h\n#define SAME\n"
    )
    with indexed(code) as space:
        db = space.index.db
        shards = {
            name: live_shards(db, find_file(db, space.roots, space.path(name)) or 0)
            for name in ("a.cc", "h.h", "same.h")
        }
    assert {name: len(of_file) for name, of_file in shards.items()} == {"a.cc": 1, "h.h": 2, "same.h": 1}


def test_columns_are_converted_by_the_text_that_was_indexed() -> None:
    with indexed("/* ä🙂 */ int x;") as space:
        wide = wide_map(space.db, space.roots, space.path("main.cc"))
        unknown = wide_map(space.db, space.roots, space.path("nowhere.cc"))
    column = len("/* ä🙂 */ int ".encode())
    assert wide.from_bytes(0, column, "utf-16") == column - 3
    assert wide.from_bytes(0, column, "utf-32") == column - 4
    assert unknown.from_bytes(0, column, "utf-16") == column


def test_a_snapshot_does_not_see_what_is_committed_meanwhile() -> None:
    with indexed("int x;") as space:
        reader = open_reader(space.index.path)
        try:
            count = "SELECT count(*) FROM declaration"
            with snapshot(reader):
                before = reader.execute(count).fetchone()[0]
                space.index.db.execute("DELETE FROM declaration")
                assert reader.execute(count).fetchone()[0] == before == 1
            assert reader.execute(count).fetchone()[0] == 0
            with pytest.raises(sqlite3.OperationalError), snapshot(reader):
                reader.execute("SELECT nothing FROM nowhere")
            assert not reader.in_transaction
        finally:
            reader.close()


def test_a_path_that_is_not_utf_8_is_not_known() -> None:
    with indexed("int x;") as space:
        assert find_file(space.db, space.roots, space.path(os.fsdecode(b"caf\xe9.cc"))) is None
        assert find_file(space.db, space.roots, os.fsdecode(b"/elsewhere/\xff")) is None
