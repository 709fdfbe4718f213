"""What an index holds."""

import os

from support.cpp import Workspace, indexed, layered

from cpplsp.facts import FileVersion, UnitState
from cpplsp.query.status import PreludeStatus, index_status
from cpplsp.store import totals
from cpplsp.store.preludes import PreludeRow, put_prelude
from cpplsp.store.totals import Totals
from cpplsp.store.units import Outcome, WantedUnit, finish_unit, load_unit, sync_units


def put_units(space: Workspace, outcomes: dict[str, tuple[UnitState, str]]) -> None:
    """Units of these files, each with how it ended; PENDING ones have not."""
    wanted = [
        WantedUnit(space.path(name), str(space.folder / "project"), ["-c"], name.encode(), "c++")
        for name in outcomes
    ]
    sync_units(space.index, wanted, lambda: True)
    for number, (name, (state, error)) in enumerate(outcomes.items(), 1):
        if state != UnitState.PENDING:
            unit = load_unit(space.index, number)
            assert unit.path == space.path(name)
            main = [FileVersion(unit.path, b"content")]
            finish_unit(space.index, unit, Outcome(state, error, int(bool(error)), main), [])


def test_units_are_counted_by_state_and_the_troubled_ones_named() -> None:
    with indexed("int f();\nint x = f();") as space:
        put_units(
            space,
            {
                "a.cc": (UnitState.INDEXED, ""),
                "b.cc": (UnitState.INDEXED, ""),
                "c.cc": (UnitState.ERRORS, "c.cc:1:2: no"),
                "d.cc": (UnitState.CRASHED, "the worker died"),
                "e.cc": (UnitState.FAILED, "cannot read it: gone"),
                "f.cc": (UnitState.PENDING, ""),
            },
        )
        status = index_status(space.db, space.roots)
        assert status.units == {"pending": 1, "indexed": 2, "errors": 1, "failed": 1, "crashed": 1}
        assert [(one.path, one.error) for one in status.failed] == [
            ("d.cc", "the worker died"),
            ("e.cc", "cannot read it: gone"),
        ]
        assert [(one.path, one.error, one.errors) for one in status.with_errors] == [
            ("c.cc", "c.cc:1:2: no", 1)
        ]


def test_preludes_are_told_with_whom_they_serve() -> None:
    with indexed("int x;") as space:
        put_units(space, {"a.cc": (UnitState.INDEXED, ""), "b.cc": (UnitState.INDEXED, "")})
        space.index.db.execute("UPDATE unit SET unfit = 'why' WHERE id = 2")
        put_prelude(space.index, PreludeRow("c++", "name", "", b"", "auto", 7, 1000, 1.0, 2, 100, 1, 2))
        put_prelude(space.index, PreludeRow("nobody's", "other", "", b""))
        assert index_status(space.db, space.roots).preludes == [
            PreludeStatus("a.cc", 2, 1, 7, 1000, "", 100, 1, 2)
        ]
        put_prelude(space.index, PreludeRow("c++", "", "it does not fit", b"", "auto"))
        assert index_status(space.db, space.roots).preludes == [
            PreludeStatus("a.cc", 2, 1, 0, 0, "it does not fit", 0, 0, 0)
        ]


def test_files_symbols_and_occurrences_are_counted() -> None:
    with indexed('#include "f.h"\nint x = f();\n// file: f.h\nint f();') as space:
        status = index_status(space.db, space.roots)
        assert (status.files, status.symbols, status.occurrences) == (2, 2, 3)


def test_a_place_that_two_readings_of_a_header_have_found_is_counted_once() -> None:
    """And all who count count alike: what a run tells at its end, and what is told when somebody asks."""
    header = "extern int x;\n#ifdef __cplusplus\nint y;\n#endif"
    code = f'#include "f.h"\n// file: b.c\n#include "f.h"\n// file: f.h\n{header}'
    with indexed(code) as space:
        rows = space.db.execute("SELECT count(*) FROM occurrence").fetchone()[0]
        status = index_status(space.db, space.roots)
        assert (rows, status.files, status.symbols, status.occurrences) == (4, 3, 2, 3)
        assert totals.count(space.index) == Totals(status.files, status.symbols, status.occurrences)
        beneath = index_status(layered(space), space.roots)
        assert (beneath.files, beneath.symbols, beneath.occurrences) == (3, 2, 3)


def test_the_index_is_named_with_its_size_and_time() -> None:
    with indexed("int x;") as space:
        status = index_status(space.db, space.roots)
        assert status.path == space.index.path
        wal = space.index.path + "-wal"
        assert status.size_bytes == os.path.getsize(space.index.path) + os.path.getsize(wal)
        assert status.changed_s == max(os.stat(space.index.path).st_mtime, os.stat(wal).st_mtime)
