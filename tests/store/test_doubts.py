"""What a unit with errors told of headers does not stay when the errors are gone."""

from pathlib import Path

import pytest
from support.sources import Sources

OPEN = "#pragma once\nnamespace open {\n"
CLOSED = OPEN + "}\n"
BEHIND = {
    "open_h": OPEN,
    "behind_h": "#pragma once\nint behind;\n",
    "a_cc": '#include <open.h>\n#include "behind.h"\n',
    "b_cc": '#include "behind.h"\n',
}


def scopes(sources: Sources) -> list[object]:
    """Of what ``behind.h`` declares: an open namespace swallows it."""
    return [
        row[0]
        for row in sources.rows(
            "SELECT d.scope FROM reading r JOIN declaration d ON d.shard = r.shard WHERE d.name = 'behind'"
        )
    ]


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    found = Sources(tmp_path, jobs=1)
    found.write(**BEHIND)
    found.commands("a.cc", "b.cc", flags="-I.")
    assert found.run().with_errors == 1
    assert scopes(found) == ["open"]
    return found


def test_it_is_told_anew_by_the_same_unit(sources: Sources) -> None:
    sources.write(open_h=CLOSED)
    summary = sources.run()
    assert (summary.with_errors, summary.indexed) == (0, 1)  # it tells all of it: nobody else has to
    assert scopes(sources) == [""]
    assert sources.run().skipped_fresh == 2


def test_it_is_told_by_others_where_that_unit_reads_it_no_longer(sources: Sources) -> None:
    sources.write(a_cc="int a;\n")
    assert sources.run().indexed == 2
    assert scopes(sources) == [""]


def test_it_is_told_by_others_where_that_unit_is_gone(sources: Sources) -> None:
    sources.commands("b.cc", flags="-I.")
    sources.run()
    assert scopes(sources) == [""]


def test_it_is_told_anew_where_that_unit_is_compiled_otherwise(sources: Sources) -> None:
    (sources.root / "other").mkdir()
    (sources.root / "other" / "open.h").write_text(CLOSED)
    sources.commands("a.cc", "b.cc", flags="-Iother")
    sources.run()
    assert scopes(sources) == [""]


def test_it_is_doubted_as_long_as_the_errors_stay(sources: Sources) -> None:
    for text in (f"\n{OPEN}", f"\n\n{OPEN}"):
        sources.write(open_h=text)
        assert sources.run().indexed == 1
        assert scopes(sources) == ["open"]
    sources.write(open_h=CLOSED)
    sources.run()
    assert scopes(sources) == [""]


def test_it_is_doubted_when_it_was_put_back(sources: Sources) -> None:
    for text, scope, indexed in [(CLOSED, "", 1), (OPEN, "open", 0), (f"{CLOSED}\n", "", 1)]:
        sources.write(open_h=text)
        assert sources.run().indexed == indexed
        assert scopes(sources) == [scope]


def test_it_is_not_put_back_for_others(sources: Sources) -> None:
    sources.commands("b.cc", flags="-I.")
    sources.write(behind_h="#pragma once\nint behind, other;\n")
    sources.run()
    sources.write(behind_h=BEHIND["behind_h"])
    sources.run()
    assert scopes(sources) == [""]
