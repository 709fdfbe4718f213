"""What is kept of a big file's facts until they are whole."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cpplsp.facts import FileFacts, MoreFacts, Occurrence
from cpplsp.store import spool
from cpplsp.store.connection import CacheError
from cpplsp.store.held import HeldFile, HeldFiles
from cpplsp.store.spool import Spool

PARTS = [MoreFacts(occurrences=[Occurrence(line, 0, 1, 7, 4)] * 100) for line in range(5)]
FACTS = FileFacts("/p/a.cc", b"c", b"d", b"", False, [], [], [], [])


def encoded(part: MoreFacts) -> bytes:
    return msgspec.msgpack.encode(part)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[HeldFiles]:
    made = HeldFiles(str(tmp_path / "index.sqlite"))
    yield made
    made.close()


@pytest.mark.parametrize("in_memory", [spool.IN_MEMORY_BYTES, 1])
def test_parts_come_back_in_their_order_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY_BYTES", in_memory)
    with Spool(str(tmp_path / "index.sqlite")) as made:
        for part in PARTS:
            made.add(encoded(part))
        assert made.parts == len(PARTS)
        assert list(made) == list(made) == PARTS
        assert list(tmp_path.iterdir()) == []  # it has no name


def test_a_disk_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY_BYTES", 1)
    gone = tmp_path / "gone"
    with (
        Spool(str(gone / "index.sqlite")) as made,
        pytest.raises(CacheError, match=f"{gone}: No such file.*--cache-dir"),
    ):
        made.add(encoded(PARTS[0]))


def test_a_file_counts_when_it_is_whole(held: HeldFiles) -> None:
    held.begin(1, FACTS)
    assert held.part(1, encoded(PARTS[0]), is_last=False) is None
    assert (held.occurrences, list(held.of(1))) == (0, [])
    whole = held.part(1, encoded(PARTS[1]), is_last=True)
    assert whole is not None
    assert whole.more is not None
    assert (whole.facts, list(whole.more)) == (FACTS, PARTS[:2])
    held.hold(1, whole)
    assert held.occurrences > 0
    assert held.take(1) == [whole]
    assert held.take(1) == []
    whole.close()


def test_of_two_units_each_has_its_own(held: HeldFiles) -> None:
    held.hold(1, HeldFile(FACTS))
    held.begin(2, FACTS)
    held.begin(1, FACTS)
    held.forget(1)
    assert list(held.of(1)) == []
    whole = held.part(2, encoded(PARTS[0]), is_last=True)
    assert whole is not None
    whole.close()


def test_what_is_not_kept_is_passed_over(held: HeldFiles) -> None:
    held.begin(1, FACTS, is_kept=False)
    assert held.part(1, encoded(PARTS[0]), is_last=False) is None
    assert held.part(1, encoded(PARTS[1]), is_last=True) is None
