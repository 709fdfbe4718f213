"""What compilers answer: read from recorded answers, and asked of programs that stand in for one."""

import os
from pathlib import Path

import pytest

from cpplsp.project import drivers
from cpplsp.project.commands import Notes
from cpplsp.project.drivers import Drivers, Toolchain, is_builtin, read_answer
from cpplsp.project.trust import TrustedCompilers

RESOURCE = "/resource/include"

GCC = """\
Using built-in specs.
Target: x86_64-linux-gnu
ignoring nonexistent directory "/usr/local/include/x86_64-linux-gnu"
#include "..." search starts here:
 /quoted
#include <...> search starts here:
 {root}/usr/include/c++/12
 {root}/usr/include/c++/12/backward
 {root}/usr/lib/gcc/x86_64-linux-gnu/12/include
 {root}/usr/local/include
 {root}/usr/lib/gcc/x86_64-linux-gnu/12/include-fixed
 {root}/usr/include
End of search list.
COMPILER_PATH=/usr/lib/gcc/x86_64-linux-gnu/12/
"""
CLANG = """\
Debian clang version 14.0.6
Target: x86_64-pc-linux-gnu
#include "..." search starts here:
#include <...> search starts here:
 {root}/usr/bin/../include/c++/v1
 {root}/usr/lib/llvm-14/lib/clang/14.0.6/include
 {root}/usr/include
 {root}/System/Library/Frameworks (framework directory)
End of search list.
"""


def answer(text: str, macros: str = "", language: str = "c++", root: str = "/r") -> Toolchain:
    found = read_answer(text.format(root=root), macros, language, RESOURCE)
    assert found is not None
    return found


def test_gcc() -> None:
    found = answer(GCC)
    assert found.folders == (
        "/r/usr/include/c++/12",
        "/r/usr/include/c++/12/backward",
        RESOURCE,
        "/r/usr/local/include",
        "/r/usr/include",
    )
    assert found.builtin == "/r/usr/lib/gcc/x86_64-linux-gnu/12/include"
    assert found.target == "x86_64-linux-gnu"


def test_clang() -> None:
    found = answer(CLANG)
    assert found.folders == ("/r/usr/include/c++/v1", RESOURCE, "/r/usr/include")
    assert found.target == "x86_64-pc-linux-gnu"


def test_links_are_resolved_before_dots(tmp_path: Path) -> None:
    """Debian's gcc says ``/lib/gcc/…/../../../../include/c++/12``, and ``/lib`` is a link to ``/usr/lib``."""
    root = Path(os.path.realpath(tmp_path))
    (root / "usr" / "lib" / "gcc").mkdir(parents=True)
    (root / "usr" / "include").mkdir()
    (root / "lib").symlink_to(root / "usr" / "lib")
    text = "#include <...> search starts here:\n {root}/lib/gcc/../../include\nEnd of search list.\n"
    assert answer(text, root=str(root)).folders[-1] == str(root / "usr" / "include")


def test_a_compiler_without_builtin_headers_gets_ours_behind_its_cpp() -> None:
    lines = " /r/include/c++/9\n /r/include\n"
    text = f"#include <...> search starts here:\n{lines}End of search list.\n"
    assert answer(text).folders == ("/r/include/c++/9", RESOURCE, "/r/include")
    assert answer(text.replace("c++/", "x/"), language="c").folders[0] == RESOURCE


def test_no_folders_at_all_stay_none() -> None:
    assert answer("#include <...> search starts here:\nEnd of search list.\n") == Toolchain((), "", "", "")


@pytest.mark.parametrize(
    "text", ["", "gcc: fatal error: no input files", "#include <...> search starts here:\n /a\n"]
)
def test_no_answer(text: str) -> None:
    assert read_answer(text, "", "c", RESOURCE) is None


@pytest.mark.parametrize(
    ("macros", "language", "standard"),
    [
        ("#define __cplusplus 201703L", "c++", "gnu++17"),
        ("#define __cplusplus 201103L\n#define __STRICT_ANSI__ 1", "c++", "c++11"),
        ("#define __cplusplus 199711L", "c++", "gnu++98"),
        ("#define __cplusplus 201709L", "c++", "gnu++20"),
        ("#define __cplusplus 202100L", "c++", "gnu++23"),
        ("#define __cplusplus 202400L", "c++", "gnu++26"),
        ("#define __STDC_VERSION__ 201710L", "c", "gnu17"),
        ("#define __STDC_VERSION__ 202311L", "c", "gnu23"),
        ("#define __STDC_VERSION__ 201112L\n#define __STRICT_ANSI__ 1", "c", "c11"),
        ("#define __STRICT_ANSI__ 1", "c", "c89"),
        ("nothing", "c", ""),
    ],
)
def test_the_default_standard(macros: str, language: str, standard: str) -> None:
    assert answer(GCC, macros, language).standard == standard


@pytest.mark.parametrize(
    ("folder", "builtin"),
    [
        ("/usr/lib/gcc/x86_64-linux-gnu/12/include", True),
        ("/opt/cross/lib64/gcc/arm-none-eabi/13.2.1/include-fixed", True),
        ("/usr/lib/gcc-cross/aarch64-linux-gnu/12/include", True),
        ("/usr/lib/llvm-14/lib/clang/14.0.6/include", True),
        ("/usr/lib/gcc/x86_64-pc-linux-gnu/12/include/g++-v12", False),
        ("/usr/include", False),
        ("/home/me/gcc/include", False),
    ],
)
def test_folders_of_builtin_headers(folder: str, builtin: bool) -> None:
    assert is_builtin(folder) is builtin


class Machine:
    """A folder of the system's compilers, each of them a shell script that counts its runs."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.notes = Notes()
        self.bin = folder / "bin"
        self.bin.mkdir()

    def compiler(self, path: str, script: str = 'echo "$answer" >&2') -> str:
        program = self.folder / path
        program.parent.mkdir(exist_ok=True, parents=True)
        program.write_text(
            "#!/bin/sh\n"
            f'echo "$0 $*" >>{self.folder}/runs\n'
            f'answer="Target: {program.name}-target\n'
            f'#include <...> search starts here:\n /of-{program.name}\nEnd of search list."\n'
            f"{script}\n"
        )
        program.chmod(0o755)
        return str(program)

    def drivers(self, *patterns: str) -> Drivers:
        trusted = TrustedCompilers(patterns, str(self.folder / "project"), [str(self.bin)])
        return Drivers(trusted, RESOURCE, self.notes)

    def runs(self) -> list[str]:
        log = self.folder / "runs"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    # The scripts need no program: `echo` is the shell's own.
    monkeypatch.setenv("PATH", "")
    return Machine(Path(os.path.realpath(tmp_path)))


def test_a_compiler_is_asked_once_for_a_language_and_flags(machine: Machine) -> None:
    path = machine.compiler("bin/g++")
    asked = machine.drivers()
    for _ in range(3):
        assert asked.ask(path, "/", "c++", ()).folders == (RESOURCE, "/of-g++")
        assert asked.ask("g++", "/somewhere", "c++", ()).target == "g++-target"
        asked.ask(path, "/", "c", ())
        asked.ask(path, "/", "c++", ("-m32",))
    assert machine.runs() == [
        f"{path} -E -dM -v -x c++ /dev/null",
        f"{path} -E -dM -v -x c /dev/null",
        f"{path} -E -dM -v -x c++ -m32 /dev/null",
    ]
    assert machine.notes.texts() == []


def test_it_is_run_in_no_project_and_in_plain_english(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    path = machine.compiler("bin/g++", f'echo "$PWD $LC_ALL" >{machine.folder}/seen; echo "$answer" >&2')
    machine.drivers().ask(path, str(machine.folder), "c++", ())
    assert (machine.folder / "seen").read_text() == "/ C\n"


def test_one_that_is_not_trusted_is_not_run(machine: Machine) -> None:
    evil = machine.compiler("project/g++")
    own = machine.compiler("bin/c++")
    found = machine.drivers().ask(evil, "/", "c++", ())
    assert found.target == "c++-target"
    assert [run.split()[0] for run in machine.runs()] == [own]
    assert len(machine.notes.texts()) == 1
    note = machine.notes.texts()[0]
    assert f"--query-driver='{evil}'" in note
    assert own in note


def test_the_person_may_allow_it(machine: Machine) -> None:
    path = machine.compiler("opt/arm-none-eabi-g++")
    found = machine.drivers(f"{machine.folder}/opt/*").ask(path, "/", "c++", ())
    assert found.target == "arm-none-eabi-g++-target"
    assert machine.notes.texts() == []


def test_one_that_is_not_there(machine: Machine) -> None:
    own = machine.compiler("bin/cc")
    assert machine.drivers().ask("/gone/gcc", "/", "c", ()).target == "cc-target"
    assert machine.notes.texts() == [
        "There is no compiler /gone/gcc, which the compile database names. "
        f"The include folders of {own} are used instead. Install it, or configure the project's build here"
    ]


def test_one_that_fails(machine: Machine) -> None:
    path = machine.compiler("bin/g++-99", 'echo "$answer" >&2; exit 1')
    own = machine.compiler("bin/g++")
    assert machine.drivers().ask(path, "/", "c++", ()).target == "g++-target"
    assert machine.notes.texts() == [
        f"{path} did not say where its headers are. The include folders of {own} are used instead. "
        f"See what `{path} -E -v -x c++ /dev/null` says"
    ]


def test_flags_that_it_does_not_know_are_left_away(machine: Machine) -> None:
    path = machine.compiler("bin/g++", 'case "$*" in *libc++*) exit 1;; esac; echo "$answer" >&2')
    assert machine.drivers().ask(path, "/", "c++", ("-stdlib=libc++",)).target == "g++-target"
    assert len(machine.runs()) == 2
    assert machine.notes.texts() == []


def test_a_thousand_questions_are_not_asked(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "_MOST_QUESTIONS", 3)
    machine.compiler("bin/g++")
    asked = machine.drivers()
    for number in range(20):
        assert asked.ask("g++", "/", "c++", (f"--sysroot=/{number}",)).target == "g++-target"
    assert len(machine.runs()) == 4


@pytest.mark.parametrize(
    "script",
    [
        "while :; do echo nonsense; done",
        "while :; do echo nonsense >&2; done",
    ],
)
def test_one_that_says_too_much_is_stopped(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(drivers, "_MOST_BYTES", 100_000)
    path = machine.compiler("bin/g++", script)
    assert machine.drivers().ask(path, "/", "c++", ()).target == ""


def test_one_that_says_nothing_is_stopped(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its child, too: it holds the pipe open."""
    monkeypatch.setattr(drivers, "_WITHIN_S", 0.05)
    path = machine.compiler("bin/g++", "(while :; do :; done) & wait")
    assert machine.drivers().ask(path, "/", "c++", ()).target == ""


def test_no_compiler_at_all(machine: Machine) -> None:
    found = machine.drivers().ask("g++", "/", "c++", ())
    assert found.folders[0] == RESOURCE
    assert "apt-get install g++" in machine.notes.texts()[0]


def test_a_command_without_a_compiler_takes_the_systems(machine: Machine) -> None:
    machine.compiler("bin/cc")
    machine.compiler("bin/c++")
    asked = machine.drivers()
    assert asked.ask("", "/", "c", ()).target == "cc-target"
    assert asked.ask("", "/", "c++", ()).target == "c++-target"
    assert machine.notes.texts() == []


def test_relative_compilers_count_from_their_directory(machine: Machine) -> None:
    machine.compiler("one/cc")
    machine.compiler("two/cc", 'echo "$answer" | sed s/cc-target/two/ >&2')
    own = machine.compiler("bin/cc")
    asked = machine.drivers("**/one/cc")
    assert asked.ask("./cc", str(machine.folder / "one"), "c", ()).target == "cc-target"
    asked.ask("./cc", str(machine.folder / "two"), "c", ())
    assert [run.split()[0] for run in machine.runs()] == [f"{machine.folder}/one/./cc", own]
