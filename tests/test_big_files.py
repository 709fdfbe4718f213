"""A file that has very much to tell comes in parts, and is in the index as a whole or not at all."""

from pathlib import Path

import pytest
from support.sources import Sources

from cpplsp.facts import UnitState

USES = 12_000


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    made = Sources(tmp_path)
    made.write(a_cc=f"const int a = 1;\nint b[] = {{{'a, ' * USES}}};\n", b_cc="int c;\n")
    made.commands("a.cc", "b.cc")
    return made


def uses(sources: Sources) -> int:
    [(count,)] = sources.rows(
        "SELECT count(*) FROM occurrence o JOIN shard s ON s.id = o.shard JOIN file f ON f.id = s.file"
        " WHERE f.path = 'a.cc' AND o.line = 1"
    )
    assert isinstance(count, int)
    return count


def test_all_of_it_is_there(sources: Sources) -> None:
    summary = sources.run()
    assert (summary.indexed, summary.failed) == (2, [])
    assert uses(sources) == USES + 1
    assert sources.names() == ["a.cc a", "a.cc b", "b.cc c"]
    assert not [one for one in Path(sources.path).parent.iterdir() if one.name.startswith("tmp")]
    assert sources.run().skipped_fresh == 2


def test_a_worker_that_dies_in_it_leaves_nothing_of_it(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", "kill@part:a.cc")
    summary = sources.run()
    assert [one["file"] for one in summary.failed] == ["a.cc"]
    assert sources.states() == {"a.cc": UnitState.CRASHED, "b.cc": UnitState.INDEXED}
    assert sources.names() == ["b.cc c"]


def test_a_worker_that_dies_in_it_once_costs_nothing_of_it(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", f"kill@part:a.cc:{tmp_path / 'once'}")
    assert sources.run().failed == []
    assert uses(sources) == USES + 1


def test_the_server_holds_parts_of_it_only(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    """They lie on disk when there are many: with room for none of them in memory it is the same."""
    monkeypatch.setattr("cpplsp.store.spool.IN_MEMORY_BYTES", 1)
    assert sources.run().failed == []
    assert uses(sources) == USES + 1
