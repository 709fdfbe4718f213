"""The writer: facts in place of facts, all or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cpplsp.facts import (
    Declaration,
    FileFacts,
    Include,
    Kind,
    MoreFacts,
    Occurrence,
    Relation,
    Role,
    SymbolRelation,
)
from cpplsp.paths import Roots
from cpplsp.shapes import pack
from cpplsp.store.index import Index

TABLES = ("declaration", "occurrence", "relation", "include")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(str(tmp_path / "cache" / "index.sqlite"), Roots("/project"))
    yield made
    made.close()


def facts(
    path: str, *names: str, content: bytes = b"1", partial: bool = False, skipped: bytes = b""
) -> FileFacts:
    """A file in which each name is declared on a line of its own."""
    symbols = [hash_of(name) for name in names]
    return FileFacts(
        path,
        content,
        b"" if partial else content + ",".join(names).encode(),
        b"",
        partial,
        [
            Declaration(line, 4, symbol, name, Kind.FUNCTION, True, line, 0, line, 9, "", 0, False)
            for line, (name, symbol) in enumerate(zip(names, symbols, strict=True))
        ],
        [
            Occurrence(line, 4, len(name), symbol, int(Role.DEFINITION))
            for line, (name, symbol) in enumerate(zip(names, symbols, strict=True))
        ],
        [SymbolRelation(symbol, int(Relation.OVERRIDES), 1) for symbol in symbols],
        [Include(9, "/usr/include/stdio.h")],
        skipped,
    )


def hash_of(name: str) -> int:
    return int.from_bytes(name.encode()[:6].ljust(6, b"_"), "big")


def names(index: Index) -> list[tuple[str, str]]:
    """(path, name) of every declaration that a reading holds."""
    return index.db.execute(
        "SELECT DISTINCT f.path, d.name FROM reading r JOIN file f ON f.id = r.file"
        " JOIN declaration d ON d.shard = r.shard ORDER BY 1, 2"
    ).fetchall()


def rows(index: Index) -> dict[str, int]:
    return {table: index.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def more_of(*names: str) -> MoreFacts:
    whole = facts("/project/a.h", *names)
    return MoreFacts(whole.declarations, whole.occurrences, whole.relations, whole.includes)


def test_what_comes_in_parts_is_one_file(index: Index) -> None:
    index.put_file(facts("/project/a.h", "a"), "c++", iter([more_of("b"), more_of("c", "d")]))
    assert [name for _, name in names(index)] == ["a", "b", "c", "d"]
    index.put_file(facts("/usr/a.h", "x", partial=True), "c++", iter([more_of("y")]))
    assert ("/usr/a.h", "y") in [(f"/{path}", name) for path, name in names(index)]


def test_what_does_not_come_whole_is_not_there(index: Index) -> None:
    def broken() -> Iterator[MoreFacts]:
        yield more_of("b")
        raise ConnectionError

    index.put_file(facts("/project/a.h", "old"), "c++")
    with pytest.raises(ConnectionError):
        index.put_file(facts("/project/a.h", "a", content=b"2"), "c++", broken())
    assert [name for _, name in names(index)] == ["old"]


def test_parts_of_what_is_known_are_not_looked_at(index: Index) -> None:
    index.put_file(facts("/project/a.h", "a"), "c++", iter([more_of("b")]))
    parts = iter([more_of("c")])
    index.put_file(facts("/project/a.h", "a"), "c", parts)
    assert next(parts, None) is not None


def test_a_file_is_replaced_whole(index: Index) -> None:
    index.put_file(facts("/project/a.cc", "f", "g"), "c++")
    index.put_file(facts("/project/a.cc", "g", "h", content=b"2"), "c++")
    assert names(index) == [("a.cc", "g"), ("a.cc", "h")]
    assert rows(index) == {"declaration": 2, "occurrence": 2, "relation": 2, "include": 1}


def test_a_file_is_replaced_by_nothing(index: Index) -> None:
    index.put_file(facts("/project/a.cc", "f"), "c++")
    index.put_file(facts("/project/a.cc", content=b"2"), "c++")
    assert names(index) == []
    assert rows(index)["declaration"] == 0


def test_other_files_and_contexts_are_not_touched(index: Index) -> None:
    index.put_file(facts("/project/a.h", "f"), "c")
    index.put_file(facts("/project/a.h", "f", "only_in_cxx"), "c++")
    index.put_file(facts("/project/b.h", "g"), "c++")
    index.put_file(facts("/project/a.h", "h", content=b"2"), "c")
    assert names(index) == [("a.h", "f"), ("a.h", "h"), ("a.h", "only_in_cxx"), ("b.h", "g")]


def test_readings_of_one_content_stand_side_by_side_if_each_tells_something(index: Index) -> None:
    index.put_file(facts("/project/a.h", "f", skipped=pack([(1, 5)])), "c++")
    index.put_file(facts("/project/a.h", "g", skipped=pack([(6, 9)])), "c++")
    assert names(index) == [("a.h", "f"), ("a.h", "g")]
    index.put_file(facts("/project/a.h", "f", "other", skipped=pack([(1, 5)])), "c++")
    assert names(index) == [("a.h", "f"), ("a.h", "g"), ("a.h", "other")]


def test_a_reading_that_tells_all_of_others_takes_their_place(index: Index) -> None:
    index.put_file(facts("/project/a.h", "f", skipped=pack([(1, 5), (6, 9)])), "c++")
    index.put_file(facts("/project/a.h", "g", skipped=pack([(2, 3)])), "c")
    index.put_file(facts("/project/a.h", "f", "h", skipped=pack([(6, 9)])), "c++")
    assert names(index) == [("a.h", "f"), ("a.h", "g"), ("a.h", "h")]
    index.put_file(facts("/project/a.h", "k"), "c++")
    assert names(index) == [("a.h", "g"), ("a.h", "k")]
    assert rows(index)["declaration"] == 2


def test_a_new_content_takes_the_place_of_all_readings_of_the_old(index: Index) -> None:
    index.put_file(facts("/project/a.h", "f", skipped=pack([(1, 5)])), "c++")
    index.put_file(facts("/project/a.h", "g", skipped=pack([(6, 9)])), "c++")
    index.put_file(facts("/project/a.h", "h", content=b"2", skipped=pack([(7, 9)])), "c++")
    assert names(index) == [("a.h", "h")]
    assert rows(index)["declaration"] == 1


def test_contexts_that_read_the_same_share_one_shard(index: Index) -> None:
    index.put_file(facts("/project/a.h", "f"), "c")
    index.put_file(facts("/project/a.h", "f"), "c++")
    assert rows(index)["declaration"] == 1
    index.put_file(facts("/project/a.h", "g", content=b"2"), "c")
    assert names(index) == [("a.h", "f"), ("a.h", "g")]
    index.put_file(facts("/project/a.h", "g", content=b"2"), "c++")
    assert rows(index)["declaration"] == 1


def test_nothing_of_a_file_is_there_when_writing_it_fails(index: Index) -> None:
    index.put_file(facts("/project/a.cc", "f"), "c++")
    broken = facts("/project/a.cc", "g", content=b"2")
    broken.includes.append(Include(1, "bad\ud800name"))
    with pytest.raises(UnicodeEncodeError):
        index.put_file(broken, "c++")
    assert names(index) == [("a.cc", "f")]
    index.put_file(facts("/project/a.cc", "g", content=b"2"), "c++")
    assert names(index) == [("a.cc", "g")]


def test_what_is_known_of_a_file_outside_the_project_grows(index: Index) -> None:
    index.put_file(facts("/usr/include/x.h", "f", partial=True), "c++")
    index.put_file(facts("/usr/include/x.h", "g", partial=True), "c")
    index.put_file(facts("/usr/include/x.h", "f", partial=True), "c++")
    assert names(index) == [("usr/include/x.h", "f"), ("usr/include/x.h", "g")]
    assert rows(index)["declaration"] == 2


def test_what_is_known_of_another_content_of_it_goes(index: Index) -> None:
    index.put_file(facts("/usr/include/x.h", "f", partial=True), "c++")
    index.put_file(facts("/usr/include/x.h", "g", partial=True, content=b"2"), "c++")
    assert names(index) == [("usr/include/x.h", "g")]


def test_an_empty_reading_takes_the_place_of_facts(index: Index) -> None:
    index.put_file(facts("/project/a.h", "f"), "c++")
    with index.transaction():
        file, version = index.version_ids("/project/a.h", b"2")
        index.put_empty_reading(file, version, "c++")
    assert names(index) == []
    assert rows(index)["declaration"] == 0


def test_an_index_that_turns_out_to_be_damaged_can_be_made_anew(index: Index) -> None:
    index.put_file(facts("/project/a.cc", "f"), "c++")
    index.rebuild("as a test")
    assert index.rebuilt == "as a test"
    assert names(index) == []
    index.put_file(facts("/project/a.cc", "g"), "c++")
    assert names(index) == [("a.cc", "g")]


def test_a_checkpoint_leaves_all_in_the_one_file(index: Index) -> None:
    index.put_file(facts("/project/a.cc", "f"), "c++")
    size = index.checkpoint()
    log = Path(index.path + "-wal")
    assert size == Path(index.path).stat().st_size
    assert log.stat().st_size == 0
