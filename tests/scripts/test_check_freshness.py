"""The check that edits at random, on a small project; and what it leaves out when it compares indexes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"

SOURCES = {
    "shape.h": "#pragma once\n#define SIDES 4\nstruct Shape { int sides = SIDES; };\nint area(const Shape& shape);\n",
    "box.h": '#pragma once\n#include "shape.h"\ninline int corners(const Shape& box) { return box.sides + SIDES; }\n',
    "shape.cc": '#include "shape.h"\nint area(const Shape& shape) { return shape.sides; }\n',
    "main.cc": '#include "box.h"\nint main() { Shape shape; return area(shape) + corners(shape); }\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    for name, text in SOURCES.items():
        (root / name).write_text(text)
    entries = [
        {"directory": ".", "file": name, "arguments": ["c++", "-c", name]}
        for name in SOURCES
        if name.endswith(".cc")
    ]
    (root / "compile_commands.json").write_text(json.dumps(entries))
    return root


@pytest.mark.parametrize("watches", [[], ["--watches"]], ids=["looks", "watches"])
def test_an_index_keeps_up_with_somebody_who_edits_at_random(project: Path, watches: list[str]) -> None:
    before = {path: path.read_bytes() for path in project.iterdir()}
    command = [
        sys.executable,
        SCRIPTS / "check_freshness.py",
        project,
        "--steps",
        "40",
        "--quiet-every",
        "20",
    ]
    done = subprocess.run([*command, *watches], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("project, seed 1: 40 steps in ")
    assert "; 2 quiet points, " in done.stdout
    assert {path: path.read_bytes() for path in project.iterdir()} == before, "it plays in a copy"


def run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_depends_on_the_order_of_units_is_left_out_and_no_more() -> None:
    run(
        "from index_rows import order_bound, without_order\n"
        "texts = {'project:a.h': b'friend class F;\\n#define M \\\\\\n  int in_macro;\\nint plain;\\n'}\n"
        "declared = lambda line, symbol, name='n': ('declaration', line, 4, symbol, name)\n"
        "used = lambda line, symbol, roles: ('occurrence', line, 4, symbol, 1, roles, 0)\n"
        "key, system = ('reading', 'project:a.h', 'c++'), ('reading', 'system:s.h', '')\n"
        "rows = {declared(0, 1), declared(2, 2), declared(3, 3), used(3, 3, 4), used(3, 4, 4 | 1 << 11)}\n"
        "rows = frozenset(rows | {declared(3, 6, 'operator<<'), used(3, 6, 36)})\n"
        "main, in_main = ('reading', 'project:a.cc', 'c++'), frozenset({used(9, 6, 36)})\n"
        "unit = ('unit', 'project:a.cc', '1')\n"
        "more = frozenset({('relation', 1, 2, 3), ('relation', 3, 2, 1)})\n"
        "symbols = {('symbol', str(one)): frozenset({('n', '', 0)}) for one in (1, 2, 3, 5)}\n"
        "groups = {key: rows | more, system: frozenset({declared(0, 5)}), **symbols, main: in_main}\n"
        "groups[unit] = frozenset({('c++', 0, 1, '', 0)})\n"
        "bound = order_bound(groups, texts)\n"
        "assert bound == {'1', '2', '5'}, bound\n"
        "left = without_order(groups, texts, bound)\n"
        "assert left.keys() == {key, main, unit, ('symbol', '3')}, left\n"
        "kept = {declared(3, 3), declared(3, 6, 'operator<<'), used(3, 3, 4), ('relation', 3, 2, 1)}\n"
        "assert left[key] == kept and left[main] == in_main, left\n"
    )


def test_what_only_opened_files_have_brought_is_left_out() -> None:
    run(
        "from index_rows import without_adopted\n"
        "unit, lone = ('project:a.cc', '1'), ('project:b.h', '2')\n"
        "told = lambda symbol: frozenset({('declaration', 0, 0, symbol)})\n"
        "groups = {\n"
        "    ('unit', *unit): frozenset({('c++', 0, 1, '', 0)}), ('unit', *lone): frozenset({('c++', 1, 1, '', 0)}),\n"
        "    ('dependencies', *unit): frozenset({('project:a.cc', 'x')}),\n"
        "    ('dependencies', *lone): frozenset({('project:b.h', 'y')}),\n"
        "    ('reading', 'project:a.cc', 'c++'): told(1), ('reading', 'project:b.h', 'c++'): told(2),\n"
        "    ('symbol', '1'): frozenset({('a', '', 0)}), ('symbol', '2'): frozenset({('b', '', 0)}),\n"
        "}\n"
        "left = without_adopted(groups)\n"
        "assert {key[1] for key in left} == {'project:a.cc', '1'}, left\n"
    )


def test_a_header_is_left_out_that_a_unit_with_errors_reads() -> None:
    run(
        "from index_rows import disputed, without_disputed\n"
        "told = lambda symbol: frozenset({('declaration', 0, 0, symbol)})\n"
        "a, b = 'project:a.h', 'project:b.h'\n"
        "groups = {('reading', a, 'c++', 'x'): told(1), ('reading', b, 'c++', 'x'): told(2)}\n"
        "for name, error, headers in (('a', 'no c.h', [a]), ('b', '', [a, b]), ('c', '', [b])):\n"
        "    groups['unit', name, '1'] = frozenset({('c++', 0, 2, error, 1)})\n"
        "    groups['dependencies', name, '1'] = frozenset((one, 'x') for one in headers)\n"
        "assert disputed(groups) == {(a, 'c++')}\n"
        "left = without_disputed(groups, {(a, 'c++')})\n"
        "assert groups.keys() - left.keys() == {('reading', a, 'c++', 'x')}\n"
    )


def test_names_are_asked_about_that_are_spelled_wherever_they_are_told_of() -> None:
    run(
        "from types import SimpleNamespace\n"
        "from check_freshness import spelled_names\n"
        "ground = SimpleNamespace(texts={'a.cc': b'int plain; Box box;'})\n"
        "told = lambda symbol, name: ('declaration', 0, 0, symbol, name)\n"
        "used = lambda column, symbol, length: ('occurrence', 0, column, symbol, length, 4, 0)\n"
        "rows = frozenset({told(1, 'plain'), told(2, 'Box'), used(4, 1, 5), used(11, 2, 3), used(15, 2, 3)})\n"
        "assert spelled_names({('reading', 'project:a.cc', 'c++'): rows}, ground) == {'plain'}\n"
    )
