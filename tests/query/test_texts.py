"""Texts that were indexed: places in them, and whether they are still there."""

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support.cpp import indexed

from cpplsp.columns import line_starts
from cpplsp.query.files import find_file, live_shards
from cpplsp.query.texts import IndexedTexts, Text


@given(
    st.lists(st.sampled_from(["a", "\n", "\r\n", "\r", "ö", "\ufeff", "b" * 9000]), max_size=20).map("".join),
    st.integers(0, 25),
    st.integers(0, 3),
)
def test_places_are_those_of_all_lines(text: str, line: int, column: int) -> None:
    content = text.encode()
    starts = line_starts(content)
    expected = starts[line] + column if line < len(starts) else len(content)
    assert Text(content).offset(line, column) == min(expected, len(content))


def test_a_line_is_without_its_end() -> None:
    assert [Text(b"\xef\xbb\xbfa\r\nb\nc").line(number) for number in range(4)] == [b"a", b"b", b"c", b""]


def test_a_text_is_there_as_long_as_it_is_as_it_was_indexed() -> None:
    with indexed("int x;\n") as space:
        path = Path(space.path("main.cc"))
        db, roots = space.db, space.roots
        file = find_file(db, roots, str(path))
        assert file is not None
        [shard] = live_shards(db, file)

        def read() -> bytes | None:
            text = IndexedTexts(db, roots).of(shard)
            return text.content if text is not None else None

        assert read() == b"int x;\n"
        path.write_bytes(b"int y;\n")
        assert read() is None
        path.write_bytes(b"int x;\n")
        assert read() == b"int x;\n"
        os.unlink(path)
        assert read() is None
        assert IndexedTexts(db, roots).of(99) is None


def test_a_text_that_looks_as_noted_is_not_hashed() -> None:
    with indexed("int x;\n") as space:
        path = space.path("main.cc")
        db, roots = space.db, space.roots
        file = find_file(db, roots, path)
        assert file is not None
        [shard] = live_shards(db, file)
        [(version,)] = db.execute("SELECT version FROM shard WHERE id = ? ORDER BY id", (shard,)).fetchall()
        found = os.stat(path)
        look = (found.st_size, found.st_mtime_ns, found.st_ino, version, file)
        db.execute("UPDATE file SET size = ?, mtime_ns = ?, inode = ?, current = ? WHERE id = ?", look)
        db.execute("UPDATE version SET content = x'00' WHERE id = ?", (version,))
        assert IndexedTexts(db, roots).of(shard) is not None
        db.execute("UPDATE file SET size = NULL WHERE id = ?", (file,))
        assert IndexedTexts(db, roots).of(shard) is None
