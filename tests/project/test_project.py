"""A project as a whole: opened, its commands turned into what libclang gets, and read by it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.hostile import HOSTILE, HOSTILE_PAIRS
from support.reading import check_reads, invoke, open_project, read

from cpplsp.config import Settings
from cpplsp.project.commands import CompileCommand
from cpplsp.project.project import Project, ProjectError

COMMANDS = "compile_commands.json"

needs_gcc = pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ on this machine")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path)) / "project"
    folder.mkdir()
    return folder


def database(folder: Path, *commands: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / COMMANDS).write_text(json.dumps(commands))


# Opening.


def test_nothing_to_index_says_what_to_do(root: Path) -> None:
    with pytest.raises(ProjectError, match="nothing to index") as raised:
        Project.open(str(root), Settings())
    assert "--compile-commands-dir" in str(raised.value)


def test_no_folder(root: Path) -> None:
    with pytest.raises(ProjectError, match="is not a folder"):
        Project.open(str(root / "gone"), Settings())


def test_a_folder_whose_path_is_not_utf_8(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "a.c").touch()
    with pytest.raises(ProjectError, match="not UTF-8"):
        Project.open(str(folder), Settings())


def test_a_named_folder_without_a_database_says_what_to_do(root: Path) -> None:
    (root / "a.cc").touch()
    with pytest.raises(ProjectError, match="-DCMAKE_EXPORT_COMPILE_COMMANDS=ON") as raised:
        Project.open(str(root), Settings(compile_commands_dir=str(root / "out")))
    assert str(root / "out") in str(raised.value)


def test_a_named_folder_comes_before_what_would_be_found(root: Path) -> None:
    database(root, {"directory": ".", "file": "found.cc", "command": "cc"})
    database(root.parent / "out", {"directory": "/d", "file": "named.cc", "command": "cc"})
    project = Project.open(str(root), Settings(compile_commands_dir=str(root.parent / "out")))
    assert [command.file for command in project.commands()] == ["/d/named.cc"]
    assert project.source == str(root.parent / "out" / COMMANDS)


def test_a_resource_dir_without_headers_says_so(root: Path) -> None:
    (root / "a.cc").touch()
    with pytest.raises(ProjectError, match=r"no include/stddef\.h"):
        Project.open(str(root), Settings(resource_dir=str(root)))


def test_no_resource_dir_anywhere_says_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpplsp.project.project.find_resource_dir", lambda: None)
    with pytest.raises(ProjectError, match="--resource-dir"):
        Project.open(str(root), Settings())


def test_a_project_without_a_database_notes_it_and_goes_on(root: Path) -> None:
    project = open_project(root)
    assert [command.file for command in project.commands()] == [str(root / "main.cc")]
    assert (project.source, project.complete, project.is_current()) == ("", True, False)
    assert any("-DCMAKE_EXPORT_COMPILE_COMMANDS=ON" in note for note in project.notes)


def test_a_project_by_a_link_is_the_same_project(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    (root / "main.cc").touch()
    assert Project.open(str(root.parent / "link"), Settings()).root == str(root)


@pytest.mark.parametrize(
    ("where", "named", "outside"),
    [
        ("project", None, None),
        ("project/build", None, None),
        ("", None, ""),
        ("build", None, ""),
        ("out", "out", "out"),
        ("project/out", "project/out", None),
    ],
)
def test_what_counts_as_the_project(root: Path, where: str, named: str | None, outside: str | None) -> None:
    base = root.parent
    database(base / where)
    settings = Settings(compile_commands_dir=str(base / named) if named else None)
    roots = Project.open(str(root), settings).roots
    assert (roots.project, roots.database) == (
        str(root),
        None if outside is None else os.path.normpath(base / outside),
    )


def test_the_build_tree_that_a_link_leads_to_counts_too(root: Path) -> None:
    database(root.parent / "out")
    (root / COMMANDS).symlink_to(root.parent / "out" / COMMANDS)
    assert Project.open(str(root), Settings()).roots.database == str(root.parent / "out")


def read_all(project: Project) -> None:
    for command in project.commands():
        project.invocation(command)


def test_it_is_current_while_its_database_is_as_it_was(root: Path) -> None:
    database(root, {"directory": "/d", "file": "a.cc", "command": "cc"})
    project = Project.open(str(root), Settings())
    read_all(project)
    assert project.is_current()
    database(root, {"directory": "/d", "file": "longer.cc", "command": "cc"})
    assert not project.is_current()
    read_all(project)
    assert project.is_current()
    (root / COMMANDS).unlink()
    assert not project.is_current()


def test_it_is_current_while_its_response_files_are_as_they_were(root: Path) -> None:
    database(root, {"directory": str(root), "file": "a.cc", "command": "cc @flags"})
    project = Project.open(str(root), Settings())
    read_all(project)
    assert project.is_current()
    (root / "flags").write_text("-DX")
    assert not project.is_current()
    read_all(project)
    assert project.is_current()
    (root / "flags").write_text("-DX -DY")
    assert not project.is_current()


def test_a_compiler_that_was_replaced_is_asked_again(root: Path, tmp_path: Path) -> None:
    compiler = tmp_path / "bin" / "g++"
    compiler.parent.mkdir()

    def install(folder: str) -> None:
        compiler.write_text(
            f"#!/bin/sh\necho '#include <...> search starts here:' >&2\necho ' {folder}' >&2\n"
            "echo 'End of search list.' >&2\n"
        )
        compiler.chmod(0o755)

    def folders() -> bool:
        [command] = project.commands()
        return str(tmp_path / "other") in project.invocation(command).arguments

    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    install(str(tmp_path / "one"))
    database(root, {"directory": str(root), "file": "a.cc", "command": f"{compiler} -c a.cc"})
    project = Project.open(str(root), Settings(query_driver=(str(compiler),)))
    assert not folders()
    assert project.is_current()
    install(str(tmp_path / "other"))
    assert not project.is_current()
    assert folders()


def test_a_database_that_comes_nearer_supersedes_another_one(root: Path) -> None:
    database(root / "build", {"directory": "/d", "file": "a.cc", "command": "cc"})
    project = Project.open(str(root), Settings())
    assert not project.is_superseded()
    database(root, {"directory": "/d", "file": "a.cc", "command": "cc"})
    assert project.is_superseded()
    assert not Project.open(str(root), Settings(compile_commands_dir=str(root / "build"))).is_superseded()
    (root / COMMANDS).unlink()
    (root / "build" / COMMANDS).unlink()
    assert not project.is_superseded()  # nothing better is there


def test_reading_again_forgets_what_was_wrong(root: Path) -> None:
    (root / COMMANDS).write_text("[{}")
    project = Project.open(str(root), Settings())
    assert list(project.commands()) == []
    assert (len(project.notes), project.complete) == (2, False)
    database(root, {"directory": "/d", "file": "a.cc", "command": "cc"})
    assert len(list(project.commands())) == 1
    assert (project.notes, project.complete) == ([], True)


# What libclang gets.


@pytest.mark.parametrize("words", [*HOSTILE, *HOSTILE_PAIRS, "@/etc/passwd", "-Xclang -load -Xclang x.so"])
def test_hostile_arguments_are_absent_and_named(root: Path, words: str) -> None:
    project = open_project(root)
    made = invoke(project, *words.split())
    assert made.arguments == invoke(project).arguments
    assert made.dropped
    assert made.context == invoke(project).context


def test_a_compiler_of_the_project_is_not_run(root: Path) -> None:
    evil = root / "g++"
    evil.write_text(f"#!/bin/sh\ntouch {root}/run\n")
    evil.chmod(0o755)
    project = open_project(root)
    for compiler in ("./g++", str(evil)):
        invoke(project, compiler=compiler)
    assert not (root / "run").exists()
    assert any("--query-driver" in note for note in project.notes)


def test_nothing_is_written_by_reading(root: Path) -> None:
    project = open_project(root)
    words = """-MD -MF x.d -MT x -MJ x.json -o x.o -save-temps -ftime-trace=x.json --serialize-diagnostics x.dia
        -fproc-stat-report=x -index-store-path x -fprofile-generate --coverage -gsplit-dwarf -Wp,-MD,y.d -fmodules
        -fmodules-cache-path=x -fcrash-diagnostics-dir=x -fsave-optimization-record -emit-ast -fdump-tree-all -S"""
    made = invoke(project, *words.split())
    check_reads(str(root / "main.cc"), str(root), made.arguments)
    assert os.listdir(root) == ["main.cc"]


def test_language_standard_and_target_are_always_said(root: Path) -> None:
    project = open_project(root)
    made = invoke(project, "-std=gnu++2a", "--target=aarch64-linux-gnu", "-O3").arguments
    assert made[:5] == ("-x", "c++", "-std=gnu++20", "--target=aarch64-linux-gnu", "-O1")
    assert invoke(project, file="main.c", compiler="gcc").arguments[:2] == ("-x", "c")
    assert invoke(project, file="main.c", compiler="g++").arguments[:2] == ("-x", "c++")
    assert invoke(project, "-xc", compiler="g++").arguments[:2] == ("-x", "c")
    assert "-std=c99" not in invoke(project, "-std=c99").arguments


@needs_gcc
def test_the_standard_is_the_compilers_own_when_none_is_said(root: Path) -> None:
    asked = subprocess.run(
        ["g++", "-E", "-dM", "-x", "c++", "/dev/null"], check=True, capture_output=True, text=True
    ).stdout
    years = {"201703": "gnu++17", "202002": "gnu++20", "201402": "gnu++14", "202302": "gnu++23"}
    year = next(line.split()[2][:6] for line in asked.splitlines() if line.startswith("#define __cplusplus "))
    if year in years:
        assert f"-std={years[year]}" in invoke(open_project(root)).arguments


def test_concepts_before_cpp20(root: Path) -> None:
    made = invoke(open_project(root), "-std=c++17", "-fconcepts").arguments
    assert "-std=c++20" in made


def test_the_main_file_is_no_argument_however_it_is_spelt(root: Path) -> None:
    project = open_project(root)
    plain = invoke(project)
    for spelling in ("main.cc", "./main.cc", str(root / "main.cc"), "../project/main.cc"):
        assert invoke(project, "-c", spelling, "-o", "main.o") == plain
        assert invoke(project, "--", spelling) == plain
    assert invoke(project, "other.cc", "main.cc", "lib.a") == plain


@pytest.mark.parametrize(
    "words",
    [
        "-DX",
        "-DX=2",
        "-UX",
        "-std=c++14",
        "-m32",
        "-fno-exceptions",
        "-O2",
        "-Os",
        "-include a.h",
        "-pthread",
        "-xc",
    ],
)
def test_the_context_follows_what_changes_the_reading(root: Path, words: str) -> None:
    project = open_project(root)
    assert invoke(project, *words.split()).context != invoke(project).context


def test_the_context_knows_the_order_of_macros(root: Path) -> None:
    project = open_project(root)
    assert invoke(project, "-DX", "-UX").context != invoke(project, "-UX", "-DX").context


@pytest.mark.parametrize(
    "words",
    [
        "-Iinclude",
        "-isystem x",
        "-Wall",
        "-g",
        "-O0",
        "-o x.o",
        "-c main.cc",
        "-fno-common",
        "-Dx_EXPORTS",
        "-fPIC",
    ],
)
def test_the_context_does_not_follow_the_rest(root: Path, words: str) -> None:
    project = open_project(root)
    assert invoke(project, *words.split()).context == invoke(project).context


def test_levels_of_optimisation_are_one_context(root: Path) -> None:
    project = open_project(root)
    assert invoke(project, "-O1").context == invoke(project, "-O3", "-g").context


def test_the_hash_follows_arguments_and_directory(root: Path) -> None:
    project = open_project(root)
    plain = invoke(project)
    assert len(plain.hash) == 16
    assert invoke(project, "-Iinclude").hash != plain.hash
    assert invoke(project, "-Wall", "-g").hash == plain.hash
    elsewhere = project.invocation(CompileCommand("/", str(root / "main.cc"), ("g++",)))
    assert elsewhere.hash != plain.hash


def test_a_moved_project_keeps_hashes_and_contexts(root: Path) -> None:
    made = []
    for folder in (root / "here", root / "there" / "deeper"):
        project = open_project(folder)
        made.append(
            invoke(project, f"-I{folder}/include", "-include", f"{folder}/config.h", f"-DROOT={folder}")
        )
    assert made[0].hash == made[1].hash
    assert made[0].context == made[1].context
    assert made[0].arguments != made[1].arguments


def test_response_files_of_the_project_are_read(root: Path) -> None:
    (root / "flags.rsp").write_text("-DFROM_FILE -Iinc")
    made = invoke(open_project(root), "@flags.rsp")
    assert "-DFROM_FILE" in made.arguments
    assert "-Iinc" in made.arguments
    assert made.dropped == ()


def test_wrappers_are_stripped(root: Path) -> None:
    project = open_project(root)
    wrapped = project.invocation(
        CompileCommand(str(root), str(root / "main.cc"), ("env", "A=1", "ccache", "g++", "-DX", "main.cc"))
    )
    assert wrapped == invoke(project, "-DX")


def test_flags_of_other_processors_cost_nothing(root: Path) -> None:
    project = open_project(root)
    words = [
        "-mcpu=cortex-m4",
        "-mthumb",
        "-mnonsense",
        "-fnonsense",
        "-march=znver99",
        "-mfpmath=387",
        "--nonsense",
        "-Onope",
    ]
    check_reads(str(root / "main.cc"), str(root), invoke(project, *words).arguments)


def test_a_target_that_libclang_has_not_costs_nothing(root: Path) -> None:
    project = open_project(root)
    for target in ("xtensa-esp32-elf", "nonsense-x-y"):
        check_reads(str(root / "main.cc"), str(root), invoke(project, f"--target={target}").arguments)


# Read by libclang, with what g++ has.


def check_code(root: Path, name: str, code: str, *arguments: str, compiler: str = "g++") -> None:
    """The code has no error as a compiler of the machine would be told to read it; and nothing is to be noted."""
    (root / name).write_text(code)
    project = open_project(root)
    made = invoke(project, *arguments, file=name, compiler=compiler)
    check_reads(str(root / name), str(root), made.arguments)
    assert project.notes == []


STANDARD_CXX = """
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <thread>
#include <vector>
#include <cstddef>
#include <cstdint>
#include <climits>
#include <cmath>
#include <cstdlib>
int f(std::vector<std::size_t> v) { std::sort(v.begin(), v.end()); return std::abs(INT_MAX) + std::sqrt(2.0); }
"""
STANDARD_C = """
#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <tgmath.h>
#include <unistd.h>
static atomic_int counter;
int f(size_t n) { atomic_fetch_add(&counter, 1); printf("%" PRIu64, (uint64_t)n); return INT_MAX; }
"""


@needs_gcc
@pytest.mark.parametrize(
    "flags", ["", "-std=c++17", "-std=gnu++20 -O2 -D_FORTIFY_SOURCE=2", "-std=c++23 -fno-exceptions"]
)
def test_the_standard_library_of_gcc(root: Path, flags: str) -> None:
    check_code(root, "a.cc", STANDARD_CXX, *flags.split())


@needs_gcc
@pytest.mark.parametrize("flags", ["", "-std=c11", "-std=gnu99 -O2 -D_GNU_SOURCE", "-std=c2x"])
def test_the_headers_of_c(root: Path, flags: str) -> None:
    check_code(root, "a.c", STANDARD_C, *flags.split(), compiler="gcc")


@needs_gcc
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="intrinsics of x86")
@pytest.mark.parametrize("name", ["a.c", "a.cc"])
def test_intrinsics(root: Path, name: str) -> None:
    code = "#include <immintrin.h>\n#include <x86intrin.h>\n__m256i f(__m256i a) { return _mm256_add_epi32(a, a); }\n"
    check_code(root, name, code, "-mavx2", compiler="g++" if name == "a.cc" else "gcc")


@needs_gcc
def test_system_folders_said_again_do_not_hide_the_next(root: Path) -> None:
    folders = ["-I/usr/include", "-isystem", "/usr/include", "-I", "/usr/local/../include"]
    builtin = subprocess.run(
        ["gcc", "-print-file-name=include"], check=True, capture_output=True, text=True
    ).stdout
    check_code(root, "a.cc", STANDARD_CXX, *folders, f"-I{builtin.strip()}")


@needs_gcc
def test_no_standard_headers_when_they_are_not_wanted(root: Path) -> None:
    check_code(
        root, "a.c", "#if __has_include(<stdio.h>)\n#error\n#endif\nint x;\n", "-nostdinc", compiler="gcc"
    )
    check_code(
        root, "b.cc", "#include <stdio.h>\n#if __has_include(<vector>)\n#error\n#endif\n", "-nostdinc++"
    )
    builtin = subprocess.run(
        ["gcc", "-print-file-name=include"], check=True, capture_output=True, text=True
    ).stdout
    code = "#include <stddef.h>\n#include <stdarg.h>\nsize_t x;\n"
    check_code(root, "c.c", code, "-nostdinc", "-ffreestanding", "-isystem", builtin.strip(), compiler="gcc")


@needs_gcc
def test_headers_of_gcc_alone_are_found_with_openmp(root: Path) -> None:
    builtin = subprocess.run(
        ["gcc", "-print-file-name=include"], check=True, capture_output=True, text=True
    ).stdout
    if not (Path(builtin.strip()) / "omp.h").exists():
        pytest.skip("no omp.h on this machine")
    (root / "a.cc").write_text(
        "#include <omp.h>\nint f() {\n  int n = 0;\n#pragma omp parallel\n  n = omp_get_num_threads();\n  return n;\n}"
    )
    done = read(str(root / "a.cc"), str(root), invoke(open_project(root), "-fopenmp", file="a.cc").arguments)
    # Attributes in the omp.h of gcc 11 and later are errors in clang 18; in the code that uses it there is none.
    assert "/omp.h:" in done.error or not done.errors


@needs_gcc
def test_32_bits(root: Path) -> None:
    compiler = subprocess.run(
        ["g++", "-m32", "-E", "-x", "c++", "-"], input="#include <vector>\n", capture_output=True, text=True
    )
    if compiler.returncode:
        pytest.skip("no 32-bit headers on this machine")
    check_code(root, "a.cc", STANDARD_CXX + "static_assert(sizeof(void*) == 4);\n", "-m32")


def test_a_precompiled_header_beside_a_forced_include_is_not_looked_at(root: Path) -> None:
    (root / "pch.h").write_text("#define FROM_HEADER 1\n")
    for suffix in ("pch", "gch"):
        (root / f"pch.h.{suffix}").write_bytes(b"CPCH of another clang")
    (root / "a.cc").write_text("int x = FROM_HEADER;\n")
    made = invoke(open_project(root), "-include", "pch.h", file="a.cc")
    check_reads(str(root / "a.cc"), str(root), made.arguments)


def test_forced_includes_come_in_order_and_after_macros(root: Path) -> None:
    (root / "one.h").write_text("#define ONE FIRST\n")
    (root / "two.h").write_text("int two = ONE;\n")
    (root / "macros.h").write_text("#define FIRST 1\nint not_seen;\n")
    (root / "a.cc").write_text("int x = two;\nint not_seen;\n")
    made = invoke(
        open_project(root), "-include", "one.h", "-include", "two.h", "-imacros", "macros.h", file="a.cc"
    )
    check_reads(str(root / "a.cc"), str(root), made.arguments)


def test_what_clang_takes_for_errors_by_default_and_gcc_does_not(root: Path) -> None:
    code = "char c[] = {300 - 50, 'x'};\nint n = 1000;\nchar d[] = {n};\n"
    (root / "a.cc").write_text(code)
    check_reads(
        str(root / "a.cc"), str(root), invoke(open_project(root), "-Wno-narrowing", file="a.cc").arguments
    )


def test_many_errors_hide_nothing_behind_them(root: Path) -> None:
    (root / "a.cc").write_text("".join(f"int x{number} = nope;\n" for number in range(100)) + "int last;\n")
    facts: list[Any] = []
    done = read(str(root / "a.cc"), str(root), invoke(open_project(root), file="a.cc").arguments, facts)
    assert done.errors == 100
    assert "last" in {one.name for sent in facts for one in sent.declarations}
