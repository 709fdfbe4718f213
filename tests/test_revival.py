"""Branches, stashes and rebases: what was read before and is there again costs no parse, and nothing differs for it."""

import asyncio
import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from index_rows import Groups, Key, read_groups
from support.sources import Sources

from cpplsp.indexer import Indexer, Summary
from cpplsp.project.project import Project

LIB = "#pragma once\nstruct Lib {{ int used; int unused{0}; }};\nint lib(Lib);\n"
HEADER = """#pragma once
{0}int common(int);
#ifdef IMPL
int common(int n) {{ int local = n; return local; }}
static inline int implied() {{ return common(1); }}
#endif
#ifdef EXTRA
struct Extra {{ int member; }};
#endif
"""
CHOICES: list[list[dict[str, str]]] = [
    # A header that all units read, as C and as C++, in several shapes
    [{"h.h": HEADER.format("")}, {"h.h": HEADER.format("int added(void);\n")}, {"h.h": HEADER.format("\n")}],
    # A unit's own text: which of a header it compiles, and what it includes
    [
        {"a.cc": '#define IMPL\n#include "h.h"\nint a = implied();\n'},
        {"a.cc": '#define IMPL\n#define EXTRA\n#include "h.h"\nint a = implied() + Extra().member;\n'},
        {"a.cc": '#include "h.h"\n#include <lib.h>\nint a = lib(Lib());\n'},
        {"a.cc": "int a = 1;\n"},
    ],
    # A file that is renamed, a header that comes and goes with its includer, a unit that is there or not
    [
        {
            "old.cc": '#include "h.h"\n#include "g.h"\nint moved() { return g(common(1)); }\n',
            "g.h": "int g(int);\n",
        },
        {
            "new.cc": '#include "h.h"\n#include "g.h"\nint moved() { return g(common(1)); }\n',
            "g.h": "int g(int);\n",
        },
        {"old.cc": "int moved() { return 1; }\n"},
        {},
    ],
    # A header that is missing on one branch
    [
        {"m.cc": '#include "made.h"\nint m = MADE;\n', "made.h": "#define MADE 1\n"},
        {"m.cc": '#include "made.h"\nint m = MADE;\n'},
    ],
    [
        {
            "needs.h": '#pragma once\n#include "late.h"\ninline int n(Late) { return 1; }\n',
            "late.h": "struct Late {};\n",
        },
        {"needs.h": '#pragma once\n#include "late.h"\ninline int n(Late) { return 1; }\n'},
    ],
    [{"n.cc": '#include "needs.h"\nint n();\n'}],
    # Files outside the project change with it
    [{"../outside/lib.h": LIB.format("")}, {"../outside/lib.h": LIB.format("; int more")}],
    # Other arguments, with which it is read otherwise
    [
        {"flags": "", "f.cc": '#include "h.h"\n#include <lib.h>\nint f(Lib& l) { return common(l.used); }\n'},
        {
            "flags": "-DEXTRA",
            "f.cc": '#include "h.h"\n#include <lib.h>\nint f(Lib& l) { return common(l.used); }\n',
        },
    ],
    # A header that says other things where one that it includes does
    [
        {"id.h": "#pragma once\nusing Id = int;\n"},
        {"id.h": "#pragma once\nusing Id = long;\n"},
    ],
    [
        {
            "by_id.h": '#pragma once\n#include "id.h"\nvoid by_id(Id);\n',
            "id.cc": '#include "by_id.h"\nvoid by_id(Id) {}\n',
            "use.cc": '#include "by_id.h"\nvoid use() { by_id(1); }\n',
        },
        {
            "by_id.h": '#pragma once\n#include "id.h"\nvoid by_id(Id);\n',
            "use.cc": '#include "by_id.h"\nvoid use() { by_id(2); }\n',
        },
    ],
    [{"c.c": '#include "h.h"\nint c(void) { return common(1); }\n'}],
]


@dataclass
class Checkout:
    """A project of which a state at a time is checked out, with an index. ``written``: what is there of it."""

    sources: Sources
    written: set[str] = field(default_factory=set)

    def check_out(self, state: Mapping[str, str]) -> None:
        """As git does: what is as it was is not touched."""
        files = {name: text for name, text in state.items() if name != "flags"}
        for name in self.written - files.keys():
            (self.sources.root / name).unlink()
        for name, text in files.items():
            path = self.sources.root / name
            path.parent.mkdir(exist_ok=True)
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
        self.written = set(files)
        outside = os.path.join(os.path.dirname(self.sources.root), "outside")
        entries = [
            {
                "directory": str(self.sources.root),
                "file": name,
                "arguments": [
                    "gcc" if name.endswith(".c") else "g++",
                    *(state["flags"].split() if name == "f.cc" else ()),
                    *("-isystem", outside, "-c", name),
                ],
            }
            for name in sorted(files)
            if name.endswith((".c", ".cc"))
        ]
        (self.sources.root / "compile_commands.json").write_text(json.dumps(entries))

    def run(self, cache: str) -> tuple[Summary, Groups]:
        """Bring one of several indexes of the folder up to date."""
        folder = os.path.join(os.path.dirname(self.sources.root), cache)
        self.sources.settings = replace(self.sources.settings, cache_dir=folder)
        summary = self.sources.run()
        return summary, read_groups(summary.cache_path)


def drawn(chance: random.Random) -> dict[str, str]:
    """A state of the project."""
    state: dict[str, str] = {}
    for options in CHOICES:
        state |= chance.choice(options)
    return state


def differing(expected: Groups, found: Groups) -> list[str]:
    """What differs between an index made anew and one that has come a long way.

    Of files outside the project more may be known: what units referred to that are no more, or refer to other things.
    """
    wrong = []
    for key in sorted(expected.keys() | found.keys()):
        lost = expected.get(key, frozenset()) - found.get(key, frozenset())
        gained = found.get(key, frozenset()) - expected.get(key, frozenset())
        if lost or (gained and not _is_outside(key, found)):
            wrong.append(f"{key}: lost {sorted(lost, key=str)}, gained {sorted(gained, key=str)}")
    return wrong


def _is_outside(key: Key, found: Groups) -> bool:
    """Whether a key tells of a file outside the project, or of a symbol that only such files declare."""
    if key[0] == "symbol":
        declared = [
            other
            for other, rows in found.items()
            if other[0] == "reading"
            and any(row[0] == "declaration" and str(row[3]) == key[1] for row in rows)
        ]
        return all(other[1].startswith("system:") for other in declared)
    return key[0] == "reading" and key[1].startswith("system:")


@pytest.mark.parametrize("seed", range(4))
def test_states_that_come_again_cost_no_parse_and_make_no_difference(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    checkout = Checkout(Sources(tmp_path))
    states = [drawn(chance) for _ in range(3)]
    anew: dict[int, Groups] = {}
    at = -1
    for step in range(12):
        at = chance.choice([other for other in range(3) if other != at])
        checkout.check_out(states[at])
        is_new = at not in anew
        if is_new:
            anew[at] = checkout.run(f"anew {at}")[1]
        summary, found = checkout.run("kept")
        told = f"seed {seed}, step {step}: state {at}"
        assert is_new or summary.indexed == 0, told
        assert differing(anew[at], found) == [], told
    assert len(anew) == 3


def test_units_that_share_a_prelude_are_put_back_without_one(tmp_path: Path) -> None:
    """The prelude of another branch holds other headers."""
    names = [f"u{number}" for number in range(12)]
    sources = Sources(tmp_path)
    sources.write(
        base_h="#pragma once\ntemplate <class T> T twice(T t) { return t + t; }\n",
        more_h='#pragma once\n#include "base.h"\nstruct More { int size() const; };\n',
        **{f"{name}_cc": f'#include "more.h"\nint {name}() {{ return twice(1); }}\n' for name in names},
    )
    sources.commands(*(f"{name}.cc" for name in names))
    first = sources.run()
    assert (first.indexed, first.preludes) == (12, 1)
    before = read_groups(sources.path)
    text = (sources.root / "base.h").read_text()
    sources.write(base_h=f"{text}int added();\n")
    assert sources.run().indexed == 12
    sources.write(base_h=text)
    back = sources.run()
    assert (back.indexed, back.revived, back.skipped_fresh, back.workers_max) == (0, 12, 12, 0)
    assert differing(before, read_groups(sources.path)) == []


def test_a_header_that_is_open_is_read_by_the_units_that_come_back(tmp_path: Path) -> None:
    """It is no orphan, though no unit that there was on the other branch includes it."""
    checkout = Checkout(Sources(tmp_path))
    one, other = [drawn(random.Random(seed)) | {"f.cc": "int f;\n"} for seed in (0, 0)]
    one |= {"open.h": "int opened();\n", "f.cc": '#include "open.h"\n'}
    for state in (one, other):
        checkout.check_out(state)
        checkout.run("kept")
    checkout.check_out(one)
    sources = checkout.sources

    async def run_with_it_open() -> Summary:
        indexer = Indexer(
            Project.open(str(sources.root), sources.settings), sources.settings, sources.on_progress
        )
        try:
            await indexer.prioritise([str(sources.root / "open.h")])
            return await indexer.run()
        finally:
            indexer.close()

    summary = asyncio.run(run_with_it_open())
    assert (summary.indexed, summary.revived) == (0, 1)
    assert sources.rows("SELECT count(*) FROM unit WHERE adopted = 1") == [(0,)]


def test_what_was_renamed_is_there_once(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.write(h_h="int h();\n", a_cc='#include "h.h"\nint a = h();\n')
    sources.commands("a.cc")
    sources.run()
    (sources.root / "a.cc").rename(sources.root / "b.cc")
    (sources.root / "h.h").rename(sources.root / "i.h")
    sources.write(b_cc='#include "i.h"\nint a = h();\n')
    sources.commands("b.cc")
    assert sources.run().indexed == 1
    assert sources.names() == ["b.cc a", "i.h h"]
    assert sources.rows("SELECT count(DISTINCT symbol) FROM declaration WHERE name = 'a'") == [(1,)]
