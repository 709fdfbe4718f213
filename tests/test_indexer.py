"""The indexer as a whole: what a run leaves behind, whatever happens in it."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from support.sources import Sources

from cpplsp.ask import ask
from cpplsp.config import Settings
from cpplsp.facts import FileFacts, UnitState
from cpplsp.indexer import Indexer
from cpplsp.indexing import Indexing
from cpplsp.paths import Roots
from cpplsp.project.commands import CompileCommand
from cpplsp.project.project import Project
from cpplsp.protocol import Job
from cpplsp.runstate import Progress, RunFile, read_run, run_line
from cpplsp.scheduler.pool import Assignment
from cpplsp.store.connection import CacheError, LockedError, open_writer, report_damage
from cpplsp.store.index import Index
from cpplsp.store.units import sync_units

CPPLSP = [sys.executable, "-m", "cpplsp"]


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    made = Sources(tmp_path)
    made.write(
        common_h="#pragma once\ninline int common() { return 1; }\n",
        a_cc='#include "common.h"\nint a() { return common(); }\n',
        b_cc='#include "common.h"\nint b() { return common(); }\n',
    )
    made.commands("a.cc", "b.cc")
    return made


NAMES = ["a.cc a", "b.cc b", "common.h common"]


def test_a_run_indexes_every_unit_and_each_header_once(sources: Sources) -> None:
    summary = sources.run()
    assert (summary.units, summary.indexed, summary.skipped_fresh, summary.failed) == (2, 2, 0, [])
    assert (summary.files, summary.symbols) == (3, 3)
    assert sources.names() == NAMES
    assert summary.peak_worker_bytes > 0
    assert summary.peak_memory_bytes > summary.peak_worker_bytes
    assert 1 <= summary.workers_max <= 2
    assert summary.cpu_s > 0
    assert summary.cache_bytes == os.path.getsize(summary.cache_path)


STB = {
    "stb_h": "#pragma once\nint load(int);\n#ifdef IMPL\nint load(int x) { return x; }\n#else\n"
    "inline int loaded() { return load(1); }\n#endif\n",
    "one_cc": '#include "stb.h"\nint one() { return load(1); }\n',
    "two_cc": '#define IMPL\n#include "stb.h"\nint two() { return load(2); }\n',
}
STB_ROWS = (
    "SELECT DISTINCT f.path, o.line, o.col, o.symbol, o.roles, o.enclosing FROM occurrence o"
    " JOIN shard s ON s.id = o.shard JOIN file f ON f.id = s.file ORDER BY 1, 2, 3, 4, 5, 6"
)


def test_a_header_is_told_anew_when_what_it_includes_makes_it_say_something_else(sources: Sources) -> None:
    """Its own content is as it was: ``f`` takes another type, so it is another function."""
    sources.write(
        id_h="#pragma once\nusing Id = int;\n",
        between_h='#pragma once\n#include "id.h"\n',
        common_h='#pragma once\n#include "between.h"\nint f(Id);\n',
        a_cc='#include "common.h"\nint f(Id id) { return 1; }\n',
        b_cc="int b;\n",
    )
    sources.run()
    sources.write(id_h="#pragma once\nusing Id = long;\n")
    assert sources.run().indexed == 1
    assert sources.rows("SELECT count(DISTINCT symbol) FROM declaration WHERE name = 'f'") == [(1,)]


def test_a_header_is_told_anew_when_what_it_missed_is_there(sources: Sources) -> None:
    sources.write(
        common_h='#pragma once\n#include "made.h"\nint f(Made);\n',
        a_cc='#include "common.h"\n',
        b_cc="int b;\n",
    )
    assert sources.run().with_errors == 1
    sources.write(made_h="struct Made {};\n")
    assert sources.run().indexed == 1
    named = sources.rows(
        "SELECT count(*) FROM occurrence o JOIN declaration d USING (symbol) WHERE d.name = 'Made'"
    )
    assert named == [(2,)]


def test_a_header_that_units_read_in_two_ways_is_indexed_in_both(tmp_path: Path) -> None:
    """Whoever comes first, and again in a cache that is there."""
    found = []
    for number, (jobs, names) in enumerate(
        (jobs, names) for jobs in (1, 2) for names in (("one.cc", "two.cc"), ("two.cc", "one.cc"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        sources = Sources(folder)
        sources.settings = Settings(cache_dir=str(folder / "cache"), jobs=jobs)
        sources.write(**STB)
        sources.commands(*names)
        summary = sources.run()
        assert sources.names() == ["one.cc one", "stb.h load", "stb.h loaded", "two.cc IMPL", "two.cc two"]
        rows = sources.rows(STB_ROWS)
        assert summary.occurrences == len({row[:4] for row in rows}), "each place once"
        assert sources.run().skipped_fresh == 2
        found.append(rows)
    assert all(rows == found[0] for rows in found)


def test_what_no_unit_compiles_any_longer_goes_and_comes_back(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.write(**STB)
    sources.commands("one.cc", "two.cc")
    sources.run()
    before = sources.rows(STB_ROWS)
    sources.write(two_cc='#include "stb.h"\nint two() { return load(2); }\n')
    sources.run()
    definitions = "SELECT count(*) FROM declaration WHERE name = 'load' AND definition"
    assert sources.rows(definitions) == [(0,)]
    assert sources.rows("SELECT count(*) FROM reading WHERE context <> ''") == [(3,)]
    assert sources.run().skipped_fresh == 2
    sources.write(**STB)
    sources.run()
    assert sources.rows(STB_ROWS) == before


def test_progress_goes_up_to_the_end(sources: Sources) -> None:
    sources.run()
    phases = list(dict.fromkeys(one.phase for one in sources.progress))
    assert phases == ["reading", "checking", "indexing", "finishing"]
    indexing = [one for one in sources.progress if one.phase == "indexing"]
    assert [one.done for one in indexing] == sorted(one.done for one in indexing)
    assert {one.current for one in indexing} - {None} == {"a.cc", "b.cc"}
    assert (sources.progress[-1].done, sources.progress[-1].total) == (2, 2)


def test_a_second_run_has_nothing_to_do(sources: Sources) -> None:
    first = sources.run()
    again = sources.run()
    assert (again.indexed, again.skipped_fresh, again.workers_max) == (0, 2, 0)
    assert (again.files, again.symbols, again.occurrences) == (first.files, first.symbols, first.occurrences)


def test_what_changed_is_read_again_and_only_that(sources: Sources) -> None:
    sources.run()
    sources.write(b_cc="int renamed();\n")
    summary = sources.run()
    assert (summary.indexed, summary.skipped_fresh) == (1, 1)
    assert sources.names() == ["a.cc a", "b.cc renamed", "common.h common"]


def test_a_changed_header_is_reported_anew(sources: Sources) -> None:
    sources.run()
    sources.write(common_h="#pragma once\ninline int common() { return 2; }\nint more();\n")
    assert sources.run().indexed == 2
    assert sources.names() == [*NAMES, "common.h more"]


def test_changed_flags_are_read_anew(sources: Sources) -> None:
    sources.write(a_cc="#ifdef X\nint with_x();\n#else\nint without();\n#endif\n")
    sources.run()
    sources.commands("a.cc", "b.cc", flags="-DX")
    summary = sources.run()
    assert summary.indexed == 2
    assert "a.cc with_x" in sources.names()
    assert "a.cc without" not in sources.names()


def test_a_unit_that_is_gone_takes_its_facts_along(sources: Sources) -> None:
    sources.run()
    sources.commands("a.cc")
    summary = sources.run()
    assert (summary.units, summary.indexed) == (1, 0)
    assert sources.names() == ["a.cc a", "common.h common"]


def test_a_unit_with_errors_keeps_its_facts_and_its_first_error(sources: Sources) -> None:
    sources.write(a_cc='#include "missing.h"\nint a() { return nonsense; }\nint good();\n')
    summary = sources.run()
    assert (summary.indexed, summary.failed, summary.with_errors) == (2, [], 1)
    assert "a.cc good" in sources.names()
    [(error, errors)] = sources.rows("SELECT error, errors FROM unit WHERE errors > 0")
    assert "a.cc:1:10: 'missing.h' file not found" in str(error)
    assert int(str(errors)) >= 1


@pytest.mark.parametrize("flags", ["-Igenerated", "-I generated", "-isystem generated", "-iquote generated"])
def test_a_unit_is_read_again_when_a_header_that_was_missing_is_there(sources: Sources, flags: str) -> None:
    sources.write(a_cc='#include "made/later.h"\nint a() { return later(); }\n')
    sources.commands("a.cc", "b.cc", flags=flags)
    assert sources.run().with_errors == 1
    assert sources.run().skipped_fresh == 2
    (sources.root / "generated" / "made").mkdir(parents=True)
    (sources.root / "generated" / "made" / "later.h").write_text("inline int later() { return 1; }\n")
    summary = sources.run()
    assert (summary.indexed, summary.skipped_fresh, summary.with_errors) == (1, 1, 0)
    assert sources.run().skipped_fresh == 2


def test_a_missing_header_is_waited_for_whatever_else_is_wrong(sources: Sources) -> None:
    sources.write(a_cc='int x = nonsense;\n#include "first.h"\n#include "second.h"\n')
    assert sources.run().with_errors == 1
    for name in ("first", "second"):
        assert sources.run().skipped_fresh == 2
        sources.write(**{f"{name}_h": f"int {name};\n"})
        assert sources.run().indexed == 1
        assert f"{name}.h {name}" in sources.names()


def test_a_header_that_comes_beside_its_includer_is_found_from_another_folder(sources: Sources) -> None:
    (sources.root / "src").mkdir()
    (sources.root / "out").mkdir()
    (sources.root / "src" / "a.cc").write_text('#include "made.h"\n')
    entry = {"directory": str(sources.root / "out"), "file": "../src/a.cc", "command": "g++ -c ../src/a.cc"}
    (sources.root / "compile_commands.json").write_text(json.dumps([entry]))
    assert sources.run().with_errors == 1
    assert sources.run().skipped_fresh == 1
    (sources.root / "src" / "made.h").write_text("int made;\n")
    summary = sources.run()
    assert (summary.indexed, summary.with_errors) == (1, 0)


@pytest.mark.parametrize("fault", ["kill@start:a.cc", "kill@file:a.cc", "crash@file:a.cc"])
def test_a_worker_that_dies_costs_its_unit_only(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", fault)
    summary = sources.run()
    assert summary.indexed == 1
    [failed] = summary.failed
    assert failed["file"] == "a.cc"
    assert failed["reason"].endswith(", twice")
    assert sources.states() == {"a.cc": UnitState.CRASHED, "b.cc": UnitState.INDEXED}
    # the header was the dead worker's to report, or would have been: it is there all the same
    assert {"b.cc b", "common.h common"} <= set(sources.names())


def test_a_worker_that_dies_once_costs_nothing(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", f"kill@file:a.cc:{tmp_path / 'once'}")
    summary = sources.run()
    assert (summary.indexed, summary.failed) == (2, [])
    assert sources.names() == NAMES


def test_a_unit_that_crashed_is_left_alone_until_it_changes(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", "kill@start:a.cc")
    sources.run()
    again = sources.run()
    assert (again.indexed, again.skipped_fresh, len(again.failed)) == (0, 1, 1)
    monkeypatch.delenv("CPPLSP_FAULT")
    assert sources.run().indexed == 0
    sources.write(a_cc="int mended();\n")
    mended = sources.run()
    assert (mended.indexed, mended.failed) == (1, [])
    assert "a.cc mended" in sources.names()


def test_a_unit_that_hangs_is_given_up(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", "hang@start:a.cc")
    summary = sources.run(unit_within_s=1.0)
    assert summary.failed == [{"file": "a.cc", "reason": "not done after 1 s"}]
    assert sources.states()["a.cc"] == UnitState.TIMED_OUT
    assert "b.cc b" in sources.names()


def test_a_unit_that_waits_for_what_does_not_come_is_given_up(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpplsp.scheduler.pool.STUCK_AFTER_S", 1.0)
    os.mkfifo(sources.root / "pipe.h")
    sources.write(a_cc='#include "pipe.h"\nint a;\n')
    summary = sources.run()
    [failed] = summary.failed
    assert failed["file"] == "a.cc"
    assert failed["reason"].startswith("the worker did nothing for 1 s: it waits, for a pipe or a device")
    assert sources.states() == {"a.cc": UnitState.TIMED_OUT, "b.cc": UnitState.INDEXED}


def test_a_unit_that_computes_for_good_is_given_up(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpplsp.scheduler.costs._FIRST_LIMIT_S", 1.0)
    monkeypatch.setattr("cpplsp.scheduler.costs._LEAST_LIMIT_S", 1.0)
    monkeypatch.setenv("CPPLSP_FAULT", "spin@start:a.cc")
    summary = sources.run()
    [failed] = summary.failed
    assert "s of CPU, many times what such a unit takes" in failed["reason"]
    assert sources.states() == {"a.cc": UnitState.TIMED_OUT, "b.cc": UnitState.INDEXED}


def test_a_worker_that_has_grown_is_replaced_and_nothing_is_lost(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpplsp.scheduler.pool.MOST_REST_BYTES", 1)
    workers = []
    take = Indexing.take

    async def spy(indexing: Indexing, worker: int, pid: int, context: str | None) -> Assignment | None:
        given = await take(indexing, worker, pid, context)
        if given:
            workers.append(worker)
        return given

    monkeypatch.setattr(Indexing, "take", spy)
    sources.settings = replace(sources.settings, jobs=1)
    summary = sources.run()
    assert (summary.indexed, summary.failed, summary.workers_max) == (2, [], 1)
    assert len(set(workers)) == len(workers) == 2
    assert sources.names() == NAMES


def test_a_worker_stopped_by_a_signal_costs_nothing(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cpplsp.scheduler.pool.STUCK_AFTER_S", 1.0)
    monkeypatch.setenv("CPPLSP_FAULT", f"stop@file:a.cc:{tmp_path / 'once'}")
    summary = sources.run()
    assert (summary.indexed, summary.failed) == (2, [])
    assert sources.names() == NAMES


def test_a_unit_that_eats_memory_is_tried_alone_and_recorded_and_the_budget_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = Sources(tmp_path, memory_budget="800M")  # the tests' own process is a part of that
    sources.write(a_cc="int a;\n", b_cc="int b;\n", c_cc="int c;\n")
    sources.commands("a.cc", "b.cc", "c.cc")
    monkeypatch.setenv("CPPLSP_FAULT", "eat@start:a.cc")
    summary = sources.run()
    [failed] = summary.failed
    assert failed["file"] == "a.cc"
    assert "the memory budget of 800 MiB leaves a worker no more, even alone" in failed["reason"]
    assert summary.peak_memory_bytes < 800 << 20
    assert summary.indexed == 2
    assert sources.states()["a.cc"] == UnitState.OUT_OF_MEMORY
    [(peak,)] = sources.rows("SELECT peak_bytes FROM unit WHERE state = 7")
    assert isinstance(peak, int)
    assert 100 << 20 < peak < 800 << 20
    # it is left alone until there is a good deal more
    monkeypatch.delenv("CPPLSP_FAULT")
    assert (sources.run().indexed, sources.states()["a.cc"]) == (0, UnitState.OUT_OF_MEMORY)
    sources.settings = replace(sources.settings, memory_budget="1200M")
    assert (sources.run().indexed, sources.states()["a.cc"]) == (1, UnitState.INDEXED)


def test_within_a_limited_address_space_all_is_indexed(sources: Sources) -> None:
    command = " ".join(
        [*CPPLSP, "--index-only", str(sources.root), "--cache-dir", str(sources.settings.cache_dir)]
    )
    done = subprocess.run(
        ["bash", "-c", f"ulimit -v 900000; exec {command} --json -j 32"],
        capture_output=True,
        text=True,
        check=True,
    )
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["indexed"], summary["failed"]) == (2, [])
    assert summary["memory_budget_bytes"] <= 900000 * 1024


def test_facts_do_not_pile_up_where_the_disk_is_slow(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many workers hold no more than one would: what is too much is written before more is read."""
    monkeypatch.setattr("cpplsp.indexing._MOST_HELD", 50)
    names = [f"u{number}.cc" for number in range(12)]
    for name in names:
        lines = [f"int {name[:-3]}_{at}(int a) {{ return a; }}\n" for at in range(10)]
        (sources.root / name).write_text("".join(lines))
    sources.commands(*names)
    most = 0
    file = Indexing.file

    async def spy(indexing: Indexing, job: Job, facts: FileFacts, more: bool) -> None:
        nonlocal most
        await file(indexing, job, facts, more)
        most = max(most, indexing._held.occurrences)

    monkeypatch.setattr(Indexing, "file", spy)
    sources.settings = replace(sources.settings, jobs=6)
    assert sources.run().indexed == 12
    assert 0 < most <= 50


def test_what_failed_is_tried_again_when_a_person_asks_for_it(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPPLSP_FAULT", "crash@start:a.cc")
    assert len(sources.run().failed) == 1
    monkeypatch.delenv("CPPLSP_FAULT")
    assert len(sources.run().failed) == 1
    again = sources.run(retry_failed=True)
    assert (again.indexed, again.failed) == (1, [])


def test_units_lost_with_the_parent_of_workers_are_read_anew(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the kernel kills the nursery for want of memory: however often, no unit is to blame for it."""
    monkeypatch.setenv("CPPLSP_FAULT", "hang@file:a.cc")
    killed = 0

    def kill_nursery(progress: Progress) -> None:
        nonlocal killed
        nursery = next(iter(psutil.Process().children()), None)
        if progress.workers and nursery and killed < 3:
            killed += 1
            if killed == 3:
                monkeypatch.delenv("CPPLSP_FAULT")
            nursery.kill()

    sources.on_progress = kill_nursery
    summary = sources.run()
    assert killed == 3
    assert (summary.indexed, summary.failed) == (2, [])


def test_a_unit_whose_file_is_gone_is_named_and_tried_again(sources: Sources) -> None:
    sources.commands("a.cc", "b.cc", "gone.cc")
    summary = sources.run()
    assert summary.indexed == 2
    assert summary.failed == [{"file": "gone.cc", "reason": "cannot read it: No such file or directory"}]
    sources.write(gone_cc="int back();\n")
    summary = sources.run()
    assert (summary.indexed, summary.skipped_fresh, summary.failed) == (1, 2, [])
    assert "gone.cc back" in sources.names()


def test_several_commands_that_read_a_file_in_one_way_are_one_unit(sources: Sources) -> None:
    entries = [
        {"directory": str(sources.root), "file": "a.cc", "command": f"g++ -I{folder} -c a.cc"}
        for folder in ("static", "shared")
    ]
    (sources.root / "compile_commands.json").write_text(json.dumps(entries))
    summary = sources.run()
    assert (summary.units, summary.indexed) == (1, 1)
    assert sources.run().skipped_fresh == 1


def test_an_index_that_turns_out_to_be_damaged_is_made_anew(sources: Sources) -> None:
    size = sources.run().cache_bytes
    with open(sources.path, "r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff" * (size - 8192))
    summary = sources.run()
    assert summary.indexed == 2
    assert any("was damaged" in note and "made anew" in note for note in summary.notes)
    assert sources.names() == NAMES


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE reading",
        "DROP TABLE meta",
        "UPDATE unit SET dependencies = x'00'",
        "UPDATE unit SET arguments = x'00', dependencies = NULL; DELETE FROM past",
    ],
)
def test_an_index_with_something_missing_is_made_anew(sources: Sources, damage: str) -> None:
    sources.run()
    with contextlib.closing(sqlite3.connect(sources.path)) as db:
        db.executescript(damage)
    summary = sources.run()
    assert summary.indexed == 2
    assert any("was damaged" in note and "made anew" in note for note in summary.notes)
    assert sources.names() == NAMES


def test_damage_that_only_a_reader_comes_upon_is_made_good(sources: Sources) -> None:
    sources.run()
    with contextlib.closing(sqlite3.connect(sources.path)) as db:
        statement = "SELECT rootpage FROM sqlite_schema WHERE name = 'declaration_by_symbol'"
        page = db.execute(statement).fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with open(sources.path, "r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)
    assert sources.run().skipped_fresh == 2, "a run reads no facts"
    question = ("definition", "common", str(sources.root), sources.settings, True)
    assert ask(*question) == 1
    assert sources.run().indexed == 2
    assert ask(*question) == 0
    assert sources.run().skipped_fresh == 2


def test_a_good_index_that_a_reader_reported_as_damaged_is_kept(sources: Sources) -> None:
    sources.run()
    report_damage(sources.path)
    summary = sources.run()
    assert (summary.skipped_fresh, summary.notes) == (2, [])


def test_damage_behind_what_a_writer_has_in_memory_is_made_good(sources: Sources) -> None:
    project = Project.open(str(sources.root), sources.settings)
    indexer = Indexer(project, sources.settings, sources.progress.append)
    size = asyncio.run(indexer.run()).cache_bytes
    with open(sources.path, "r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff" * (size - 8192))
    assert ask("definition", "common", str(sources.root), sources.settings, as_json=True) == 1
    assert asyncio.run(indexer.run()).indexed == 2
    indexer.close()
    assert sources.names() == NAMES


@pytest.fixture
def indexer(sources: Sources) -> Iterator[Indexer]:
    """An indexer that is kept for several runs, as a server keeps it."""
    made = Indexer(
        Project.open(str(sources.root), sources.settings), sources.settings, sources.progress.append
    )
    yield made
    made.close()


def test_an_index_deleted_at_rest_is_made_anew(sources: Sources, indexer: Indexer) -> None:
    assert asyncio.run(indexer.run()).indexed == 2
    shutil.rmtree(os.path.dirname(sources.path))
    assert asyncio.run(indexer.run()).indexed == 2
    assert sources.names() == NAMES


@pytest.mark.parametrize("what", ["its folder", "it alone"])
def test_an_index_deleted_while_it_is_written_is_made_anew_at_once(
    sources: Sources, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    seen: set[str] = set()

    def delete(progress: Progress) -> None:
        is_first = progress.phase not in seen
        seen.add(progress.phase)
        if is_first and progress.phase == "indexing":
            if what == "its folder":
                shutil.rmtree(os.path.dirname(sources.path))
            else:
                os.remove(sources.path)

    sources.on_progress = delete
    assert sources.run().indexed == 2
    assert "was deleted while it was written and is made anew" in caplog.text
    assert sources.names() == NAMES


def test_at_rest_another_one_may_write(sources: Sources, indexer: Indexer) -> None:
    assert asyncio.run(indexer.run()).indexed == 2
    sources.write(a_cc="int other();\n")
    assert sources.run().indexed == 1
    again = asyncio.run(indexer.run())
    assert (again.indexed, again.skipped_fresh) == (0, 2)
    assert (again.files, again.symbols) == (3, 3)


def test_an_index_made_anew_by_another_one_is_gone_on_with(sources: Sources, indexer: Indexer) -> None:
    asyncio.run(indexer.run())
    shutil.rmtree(os.path.dirname(sources.path))
    sources.run()
    sources.write(a_cc="int other();\n")
    assert asyncio.run(indexer.run()).indexed == 1
    assert sources.names() == ["a.cc other", "b.cc b", "common.h common"]


def test_units_that_another_one_has_seen_otherwise_are_read_from_the_database_again(
    sources: Sources, indexer: Indexer
) -> None:
    asyncio.run(indexer.run())
    sources.progress.clear()
    asyncio.run(indexer.run())
    assert sources.progress[0].phase == "checking", "nobody has touched the units"
    sources.run()
    with contextlib.closing(Index(sources.path, Roots(str(sources.root)))) as index:
        sync_units(index, [], lambda: True)
    sources.progress.clear()
    assert asyncio.run(indexer.run()).units == 2
    assert sources.progress[0].phase == "reading"
    assert sources.names() == NAMES


def test_a_second_writer_is_told_who_the_first_is(sources: Sources, indexer: Indexer) -> None:
    with (
        contextlib.closing(Index(sources.path, Roots(str(sources.root)))),
        pytest.raises(LockedError, match=f"^process {os.getpid()} is indexing this project$"),
    ):
        asyncio.run(indexer.run())
    assert asyncio.run(indexer.run()).indexed == 2


def test_who_waits_for_another_writer_leaves_alone_what_that_tells_of_its_run(
    sources: Sources, indexer: Indexer
) -> None:
    with contextlib.closing(Index(sources.path, Roots(str(sources.root)))):
        others = RunFile(sources.path)
        others.note(Progress("indexing", 1, 2, started=time.time()))
        others.write()
        with pytest.raises(LockedError):
            asyncio.run(indexer.run())
        assert read_run(sources.path) is not None


async def test_a_run_waits_a_moment_for_another_writer(
    indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_third(path: str, roots: Roots) -> Index:
        opened.append(path)
        if len(opened) < 3:
            raise LockedError("process 7 is indexing this project")
        return Index(path, roots)

    monkeypatch.setattr("cpplsp.indexer.Index", open_third)
    run = asyncio.create_task(indexer.run())
    await asyncio.sleep(0)
    assert not await indexer.prioritise(["/alone.h"]), "the run that waits sees to it"
    assert not await indexer.wait_for("/alone.h")
    assert (len(opened), (await run).indexed) == (3, 2)


async def test_a_run_that_fails_or_is_stopped_gives_the_index_back(
    sources: Sources, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()

    def broken(progress: Progress) -> None:
        reading.set()
        raise ZeroDivisionError

    monkeypatch.setattr(indexer, "_on_progress", broken)
    with pytest.raises(ZeroDivisionError):
        await indexer.run()
    monkeypatch.undo()
    monkeypatch.setattr(indexer, "_on_progress", lambda _progress: reading.set())
    reading.clear()
    run = asyncio.create_task(indexer.run())
    await reading.wait()
    await indexer.stop()
    assert run.cancelled()
    assert (await asyncio.to_thread(sources.run)).units == 2


async def test_at_rest_nothing_is_written_for_a_file_that_no_unit_reads(
    sources: Sources, indexer: Indexer
) -> None:
    sources.write(alone_h="int alone();\n")
    alone = [str(sources.root / "alone.h")]
    assert not await indexer.prioritise([])
    assert await indexer.prioritise(alone), "there is no index yet: a run makes it"
    await indexer.run()
    assert "alone.h alone" in sources.names(), "it was wanted when the run began"
    sources.write(later_h="int later();\n")
    later = [str(sources.root / "later.h")]
    before = sources.rows("SELECT count(*) FROM unit")
    with contextlib.closing(Index(sources.path, Roots(str(sources.root)))):
        assert await indexer.prioritise(later), "that another one writes does not matter"
        assert not await indexer.prioritise(alone)
        assert not await indexer.prioritise([str(sources.root / "common.h"), str(sources.root / "notes.md")])
        assert not await indexer.wait_for(later[0])
    assert sources.rows("SELECT count(*) FROM unit") == before
    await indexer.prioritise(later)
    await indexer.run()
    assert "later.h later" in sources.names()
    assert not await indexer.prioritise(later)


def test_damage_that_is_found_at_rest_is_made_good_by_a_run(sources: Sources, indexer: Indexer) -> None:
    sources.write(alone_h="int alone();\n")
    size = asyncio.run(indexer.run()).cache_bytes
    with open(sources.path, "r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff" * (size - 8192))
    assert asyncio.run(indexer.prioritise([str(sources.root / "alone.h")]))
    assert asyncio.run(indexer.run()).indexed == 3
    assert sources.names() == ["a.cc a", "alone.h alone", *NAMES[1:]]


def test_a_disk_that_is_full_is_said_and_what_was_indexed_is_kept(
    sources: Sources, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.write(b_cc="".join(f"int function_{number}();\n" for number in range(2000)))

    def open_full(path: str) -> tuple[sqlite3.Connection, str]:
        db, rebuilt = open_writer(path)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 20}")
        return db, rebuilt

    with monkeypatch.context() as patch:
        patch.setattr("cpplsp.store.index.open_writer", open_full)
        with pytest.raises(CacheError, match=r"cannot write the index .*full.*make room"):
            asyncio.run(indexer.run())
    assert asyncio.run(indexer.run()).units == 2
    assert {"a.cc a", "b.cc function_1999"} <= set(sources.names())


@pytest.fixture
def started(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[str]"]:
    """An indexer of its own that hangs in b.cc, when a.cc is done."""
    monkeypatch.setenv("CPPLSP_FAULT", "hang@start:b.cc")
    assert sources.settings.cache_dir
    command = [*CPPLSP, "--index-only", str(sources.root), "--cache-dir", sources.settings.cache_dir, "-j1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        _wait_until(lambda: sources.states().get("a.cc") == UnitState.INDEXED, process)
        monkeypatch.delenv("CPPLSP_FAULT")
        yield process
        process.kill()


def _wait_until(condition: "object", process: "subprocess.Popen[str]") -> None:
    """Wait for a state of the index: it is polled, since it is another process that brings it about."""
    assert callable(condition)
    while process.poll() is None:
        try:
            if condition():
                return
        except (FileNotFoundError, CacheError, sqlite3.OperationalError):
            continue
    raise AssertionError(f"the indexer ended: {process.communicate()}")


def test_an_indexer_that_is_killed_leaves_an_index_to_go_on_with(
    sources: Sources, started: "subprocess.Popen[str]"
) -> None:
    started.kill()
    started.wait()
    summary = sources.run()
    assert (summary.indexed, summary.skipped_fresh, summary.notes) == (1, 1, [])
    assert sources.names() == NAMES


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_indexer_that_is_told_to_stop_leaves_no_process_and_says_so(
    sources: Sources, started: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    import psutil

    children = psutil.Process(started.pid).children(recursive=True)
    assert len(children) == 2  # the nursery and a worker
    started.send_signal(number)
    _, errors = started.communicate()
    assert started.returncode == 128 + number
    assert "stopped; what was indexed is kept" in errors
    assert "Traceback" not in errors
    gone, _ = psutil.wait_procs(children, timeout=20)
    assert len(gone) == 2
    assert sources.run().skipped_fresh == 1


def test_an_indexer_killed_in_a_transaction_leaves_all_or_nothing_of_a_file(sources: Sources) -> None:
    sources.run()
    sources.write(a_cc="int x;\nint y;\n")
    code = (
        "import os, signal, sys\n"
        "from cpplsp.facts import FileFacts, Declaration\n"
        "from cpplsp.paths import Roots\n"
        "from cpplsp.store.index import Index\n"
        "index = Index(sys.argv[1], Roots(sys.argv[2]))\n"
        "insert = index._insert_facts\n"
        "def half(shard, facts, *, is_outside):\n"
        "    insert(shard, facts, is_outside=is_outside)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "index._insert_facts = half\n"
        "fact = Declaration(0, 4, 1, 'x', 16, True, 0, 0, 0, 5, '', 0, False)\n"
        "index.put_file(FileFacts(sys.argv[2] + '/a.cc', b'2', b'2', b'', False, [fact], [], [], []), sys.argv[3])\n"
    )
    [(context,)] = sources.rows("SELECT DISTINCT context FROM unit")
    killed = subprocess.run(
        [sys.executable, "-c", code, sources.path, str(sources.root), str(context)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert sources.names() == NAMES
    sources.run()
    assert sources.names() == ["a.cc x", "a.cc y", "b.cc b", "common.h common"]


async def test_a_run_that_is_stopped_while_it_reads_the_database_leaves_it_as_it_was(
    sources: Sources,
) -> None:
    project = Project.open(str(sources.root), sources.settings)
    reading = asyncio.Event()
    commands = project.commands
    loop = asyncio.get_running_loop()

    def endless() -> Iterator[CompileCommand]:
        [first, *_] = commands()
        while True:
            loop.call_soon_threadsafe(reading.set)
            yield first

    project.commands = endless  # type: ignore[method-assign]
    indexer = Indexer(project, sources.settings, sources.progress.append)
    run = asyncio.create_task(indexer.run())
    await reading.wait()
    await indexer.stop()
    assert run.cancelled()
    indexer.close()
    assert sources.rows("SELECT * FROM unit") == []
    assert (await asyncio.to_thread(sources.run)).indexed == 2


async def test_wanted_files_come_first_and_can_be_waited_for(sources: Sources) -> None:
    names = [f"u{number}.cc" for number in range(12)]
    for number, name in enumerate(names):
        (sources.root / name).write_text(f"int f{number}();\n")
    sources.commands(*names)
    settings = Settings(cache_dir=sources.settings.cache_dir, jobs=1)
    order: list[str] = []

    def note(progress: Progress) -> None:
        if progress.current and progress.current not in order:
            order.append(progress.current)

    indexer = Indexer(Project.open(str(sources.root), settings), settings, note)
    wanted = str(sources.root / "u9.cc")
    run = asyncio.create_task(indexer.run())
    await indexer.prioritise([wanted])
    await indexer.wait_for(wanted)
    assert "u9.cc f9" in sources.names()
    await run
    await indexer.wait_for(wanted)
    indexer.close()
    assert order[0] == "u9.cc"
    assert set(order) == set(names)


async def test_a_run_tells_what_each_of_its_processes_takes_and_is_at(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its progress and, for others, beside the index; at its end nothing is left of that."""
    monkeypatch.setenv("CPPLSP_FAULT", "hang@start:a.cc")
    seen: asyncio.Future[tuple[Progress, Progress]] = asyncio.get_running_loop().create_future()

    def look(progress: Progress) -> None:
        run = read_run(sources.path)
        sampled = [use for use in progress.processes if use.memory_bytes and use.unit == "a.cc"]
        if sampled and run is not None and len(run.processes) == 3 and not seen.done():
            seen.set_result((progress, run))

    settings = Settings(cache_dir=sources.settings.cache_dir, jobs=1)
    indexer = Indexer(Project.open(str(sources.root), settings), settings, look)
    run = asyncio.create_task(indexer.run())
    progress, told = await seen
    await indexer.stop()
    indexer.close()
    assert run.cancelled()
    assert [use.role for use in progress.processes] == ["server", "nursery", "worker"]
    assert progress.processes[0].pid == told.pid == os.getpid()
    assert progress.memory_bytes == sum(use.memory_bytes for use in progress.processes)
    assert progress.budget_bytes > progress.memory_bytes
    assert run_line(progress).startswith("indexing: 0/2 units, 1 worker, ")
    assert told.peak_bytes >= told.memory_bytes
    assert (told.phase, told.total, told.processes[2].unit) == ("indexing", 2, "a.cc")
    assert read_run(sources.path) is None


def test_the_log_says_what_memory_a_run_took(sources: Sources, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "cpplsp.indexer")
    sources.run()
    told = [record.getMessage() for record in caplog.records if record.name == "cpplsp.indexer"]
    assert told[0].startswith("indexing: ")
    assert told[-1].startswith("indexed: 2 units in ")
    assert len(told) == 2
