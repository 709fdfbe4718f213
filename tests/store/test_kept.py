"""Facts that are packed away and put back are what they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpplsp.facts import Declaration, FileFacts, Include, Kind, Occurrence, Relation, SymbolRelation
from cpplsp.paths import Roots
from cpplsp.store import kept
from cpplsp.store.index import Index

PATH = "/project/a.cc"
TABLES = ("declaration", "occurrence", "relation", "candidate")


@contextmanager
def opened(folder: str | Path, project: str = "/project") -> Iterator[Index]:
    index = Index(str(Path(folder) / "cache" / "index.sqlite"), Roots(project))
    try:
        yield index
    finally:
        index.close()


def rows(index: Index) -> dict[str, set[tuple[object, ...]]]:
    """All that is told, but for the numbers of shards and candidates, which are new each time."""
    held = {table: {row[1:] for row in index.db.execute(f"SELECT * FROM {table}")} for table in TABLES}
    held["include"] = {
        (line, index.roots.join(root, path))
        for line, root, path in index.db.execute(
            "SELECT i.line, f.root, f.path FROM include i JOIN file f ON f.id = i.target"
        )
    }
    held["shard"] = {(wide,) for (wide,) in index.db.execute("SELECT wide FROM shard")}
    return held


number = st.integers(0, 2**31 - 1)
symbol = st.integers(-(2**63), 2**63 - 1)
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
facts = st.builds(
    FileFacts,
    st.just(PATH),
    st.just(b"content"),
    st.just(b"digest"),
    st.binary(max_size=9),
    st.just(False),
    st.lists(
        st.builds(
            Declaration,
            *(
                number,
                number,
                symbol,
                text,
                st.sampled_from(Kind),
                st.booleans(),
                number,
                number,
                number,
                number,
            ),
            *(text, symbol, st.booleans(), text, text, symbol, number),
        ),
        max_size=9,
        unique_by=lambda one: one.symbol,
    ),
    st.lists(st.builds(Occurrence, number, number, number, symbol, number, symbol), max_size=9),
    st.lists(st.builds(SymbolRelation, symbol, st.sampled_from(Relation), symbol), max_size=9),
    st.lists(st.builds(Include, number, st.sampled_from(["/project/a.h", "/usr/include/b.h"])), max_size=9),
)


@given(facts, st.integers(1, 4))
@settings(max_examples=60)
def test_facts_come_back_as_they_were(found: FileFacts, rows_a_part: int) -> None:
    with TemporaryDirectory() as folder, opened(folder) as index, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "_ROWS_A_PART", rows_a_part)
        index.put_file(found, "c++")
        before = rows(index)
        file, version = index.version_ids(PATH, b"content")
        index.drop_readings([(file, "c++", 0)])
        assert not any(rows(index)[table] for table in (*TABLES, "include", "shard"))
        shard = index.db.execute("SELECT id FROM kept").fetchone()[0]
        assert index.bring_back(shard)
        index.hold(file, version, "c++", shard, b"")
        assert rows(index) == before


def test_facts_come_back_in_a_project_that_was_moved(tmp_path: Path) -> None:
    found = FileFacts(PATH, b"content", b"digest", b"", False, [], [], [], [Include(1, "/project/a.h")])
    with opened(tmp_path) as index:
        index.put_file(found, "c++")
        index.drop_readings([(index.file_id(PATH), "c++", 0)])
        shard = index.db.execute("SELECT id FROM kept").fetchone()[0]
    with opened(tmp_path, project="/moved") as index:
        assert index.bring_back(shard)
        assert rows(index)["include"] == {(1, "/moved/a.h")}


def test_facts_that_cannot_be_unpacked_are_damage(tmp_path: Path) -> None:
    with opened(tmp_path) as index:
        index.put_file(
            FileFacts(PATH, b"content", b"digest", b"", False, [], [], [], [Include(1, "/project/a.h")]),
            "c++",
        )
        index.drop_readings([(index.file_id(PATH), "c++", 0)])
        index.db.execute("UPDATE kept_facts SET facts = x'00'")
        with pytest.raises(index.db.DatabaseError, match="cannot be unpacked"):
            index.bring_back(index.db.execute("SELECT id FROM kept").fetchone()[0])


def test_what_is_kept_of_a_file_outside_is_not_kept_twice(tmp_path: Path) -> None:
    """A branch switched to and fro tells the same of it again and again."""
    declared = [Declaration(0, 0, 7, "x", Kind.VARIABLE, True, 0, 0, 0, 1, "", 0, False)]
    found = FileFacts("/usr/include/b.h", b"content", b"", b"", True, declared, [], [], [])
    with opened(tmp_path) as index:
        file, version = index.version_ids(found.path, b"content")
        for _ in range(3):
            index.put_file(found, "c++")
            index.drop_readings([(file, "", 0)])
        assert index.db.execute("SELECT count(*) FROM kept_facts").fetchone() == (1,)
        index.bring_back_partial(file, version)
        assert len(rows(index)["declaration"]) == 1
        assert index.db.execute("SELECT count(*) FROM kept_facts").fetchone() == (0,)
