"""What a search chooses from: written with the facts, forgotten with them, its bits in step."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpplsp.facts import Declaration, FileFacts, Kind, Occurrence, Role
from cpplsp.paths import Roots
from cpplsp.store import candidates, features
from cpplsp.store.index import Index


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    monkeypatch.setattr(candidates, "BATCH", 4)
    monkeypatch.setattr(candidates, "BLOCK", 8)
    made = Index(str(tmp_path / "cache" / "index.sqlite"), Roots("/project"))
    yield made
    made.close()


def declaration(name: str, line: int = 0, kind: Kind = Kind.FUNCTION, *, local: bool = False) -> Declaration:
    symbol = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest(), "big")
    return Declaration(line, 0, symbol, name, kind, True, line, 0, line, 1, "", 0, local)


def put(index: Index, path: str, *names: str, uses: int = 0, partial: bool = False) -> None:
    declared = [declaration(name, line) for line, name in enumerate(names)]
    used = [
        Occurrence(one.line, use, 1, one.symbol, int(Role.REFERENCE))
        for one in declared
        for use in range(uses)
    ]
    content = f"{names}{uses}".encode()
    digest = b"" if partial else content
    index.put_file(FileFacts(path, content, digest, b"", partial, declared, used, [], []), "c++")


def names(index: Index) -> list[str]:
    return [row[0] for row in index.db.execute("SELECT name FROM candidate ORDER BY id")]


def with_feature(index: Index, number: int) -> set[str]:
    """Names of the candidates that have the bit of a feature."""
    found = set()
    first, end = candidates.row_id(number, 0), candidates.row_id(number + 1, 0)
    rows = index.db.execute("SELECT id, bits FROM feature WHERE id >= ? AND id < ? ORDER BY id", (first, end))
    for row, bits in rows:
        block = row - first
        whole = int.from_bytes(bits, "little")
        for at in range(candidates.BLOCK):
            if whole >> at & 1:
                row = index.db.execute(
                    "SELECT name FROM candidate WHERE id = ?", (block * candidates.BLOCK + at,)
                ).fetchone()
                found.update(row or ())
    return found


def check_bits(index: Index) -> None:
    """Each candidate that is said to have bits has those of its name, and no others."""
    sealed = candidates.sealed(index.db)
    rows = index.db.execute("SELECT name, scope FROM candidate WHERE id < ?", (sealed,)).fetchall()
    tiers = features.of_tiers()
    for number in range(features.FEATURES):
        if number not in tiers:
            expected = {name for name, scope in rows if number in features.of_symbol(name, scope)}
            assert with_feature(index, number) == expected, number


def tier(index: Index, name: str) -> int:
    return sum((name in with_feature(index, one)) << at for at, one in enumerate(features.of_tiers()))


def test_a_symbol_is_a_candidate_once_and_as_long_as_a_file_declares_it(index: Index) -> None:
    put(index, "/project/a.h", "one", "two")
    put(index, "/project/b.h", "two", "three")
    assert names(index) == ["one", "two", "three"]
    put(index, "/project/a.h", "one")
    assert names(index) == ["one", "two", "three"]
    put(index, "/project/b.h")
    assert names(index) == ["one"]


def test_what_is_known_of_an_old_content_goes_with_it(index: Index) -> None:
    put(index, "/usr/include/a.h", "one", partial=True)
    put(index, "/usr/include/a.h", "two", partial=True)
    assert names(index) == ["two"]


@pytest.mark.parametrize(
    "one", [declaration("local", local=True), declaration(""), declaration("(anonymous)")]
)
def test_what_has_no_name_outside_is_none(one: Declaration) -> None:
    assert not candidates.has_name(one)


@pytest.mark.parametrize("kind", sorted(candidates.NEVER_FOUND))
def test_what_nobody_searches_for_has_a_name_and_no_bits(index: Index, kind: Kind) -> None:
    symbols = [declaration("one", 0, kind), declaration("two", 1)]
    index.put_file(FileFacts("/project/a.h", b"1", b"1", b"", False, symbols, [], [], []), "c++")
    index.checkpoint()
    assert names(index) == ["one", "two"]
    assert "one" not in set().union(*(with_feature(index, number) for number in range(features.FEATURES)))


def test_bits_come_in_batches_and_follow_blocks(index: Index) -> None:
    for number in range(21):
        put(index, f"/project/{number}.h", f"name_{number}x")
        assert number + 1 - candidates.sealed(index.db) < candidates.BATCH
    check_bits(index)
    assert candidates.sealed(index.db) == 20
    index.checkpoint()
    assert candidates.sealed(index.db) == 21
    check_bits(index)


def test_the_place_of_a_candidate_with_bits_is_not_given_to_another(index: Index) -> None:
    put(index, "/project/a.h", "a", "b", "c", "d")
    assert candidates.sealed(index.db) == 4
    put(index, "/project/a.h", "a")
    put(index, "/project/b.h", "e")
    [(place,)] = index.db.execute("SELECT id FROM candidate WHERE name = 'e'")
    assert place == 4


def test_gaps_are_closed_when_they_are_many(index: Index) -> None:
    for number in range(60):
        put(index, "/project/a.h", f"name_{number}", f"other_{number}")
    put(index, "/project/b.h", "kept")
    index.checkpoint()
    assert names(index) == ["name_59", "other_59", "kept"]
    assert [row[0] for row in index.db.execute("SELECT id FROM candidate ORDER BY id")] == [0, 1, 2]
    check_bits(index)


def test_the_tier_follows_the_use_when_a_run_has_changed_much(index: Index) -> None:
    put(index, "/project/a.h", "one", "two")
    index.checkpoint()
    assert tier(index, "one") == candidates.tier(candidates.base_cost("one", Kind.FUNCTION), 0)
    put(index, "/project/b.cc", "one", uses=40)
    index.checkpoint()
    assert tier(index, "one") == candidates.tier(candidates.base_cost("one", Kind.FUNCTION), 40)
    assert tier(index, "two") == candidates.tier(candidates.base_cost("two", Kind.FUNCTION), 0)


def test_a_run_that_changes_nothing_writes_nothing(index: Index) -> None:
    put(index, "/project/a.h", "one", "two")
    index.checkpoint()
    before = index.db.total_changes
    candidates.settle(index)
    assert index.db.total_changes == before


def test_numbers_do_not_grow_without_end_when_a_file_goes_and_comes_back(index: Index) -> None:
    """Its shard keeps its number, so that tells of no change."""
    put(index, "/project/a.h", *(f"name{number}" for number in range(10)))
    index.checkpoint()
    (shard,) = index.db.execute("SELECT id FROM shard").fetchone()
    file = index.file_id("/project/a.h")
    for _ in range(20):
        with index.transaction():
            index.drop_readings([(file, "c++", 0)])
            assert index.bring_back(shard)
            index.put_reading(file, "c++", shard)
        index.checkpoint()
        check_bits(index)
    assert index.db.execute("SELECT max(id) FROM candidate").fetchone()[0] < 60


@pytest.mark.parametrize(
    ("base", "uses", "expected"), [(0, 0, 8), (0, 1, 7), (0, 200, 0), (9, 9999, 9), (30, 0, 31)]
)
def test_each_doubling_of_its_use_raises_a_symbol(base: int, uses: int, expected: int) -> None:
    assert candidates.tier(base, uses) == expected
