"""Where in a command the compiler is."""

import pytest

from cpplsp.project.wrappers import compiler_index, is_compiler, is_cxx_compiler


@pytest.mark.parametrize(
    ("command", "compiler"),
    [
        ("g++ -c a.cc", "g++"),
        ("/opt/x/bin/arm-none-eabi-gcc -c a.c", "/opt/x/bin/arm-none-eabi-gcc"),
        ("ccache g++ -c a.cc", "g++"),
        ("/usr/bin/ccache /usr/bin/c++ a.cc", "/usr/bin/c++"),
        ("ccache distcc clang++ -c a.cc", "clang++"),
        ("env A=1 B=2 gcc -c a.c", "gcc"),
        ("env -i -u C A=1 ccache gcc -c a.c", "gcc"),
        ("/usr/bin/env A=1 CCACHE_DIR=/x ccache CCACHE_X=1 gcc -c a.c", "gcc"),
        ("nice -n 10 gcc a.c", "gcc"),
        ("nice -10 gcc a.c", "gcc"),
        ("/usr/bin/time -p gcc a.c", "gcc"),
        ("ionice -c 3 gcc a.c", "gcc"),
        ("rewrapper -cfg=x -labels=y clang++ -c a.cc", "clang++"),
        ("python3 tools/run.py g++ -c a.cc", "g++"),
        ("my-own-compiler -c a.cc", "my-own-compiler"),
        ("my-own-compiler a.cc -c", "my-own-compiler"),
        ("-c a.cc", None),
        ("ccache", None),
        ("env A=1", None),
        ("", None),
    ],
)
def test_the_compiler(command: str, compiler: str | None) -> None:
    words = command.split()
    at = compiler_index(words)
    assert (words[at] if at >= 0 else None) == compiler


@pytest.mark.parametrize(
    "name",
    [
        "cc",
        "c++",
        "gcc",
        "g++",
        "clang",
        "clang++",
        "gcc-12",
        "g++-4.8",
        "clang++-18",
        "x86_64-linux-gnu-g++-12",
        "a.b-gcc",
        "c99",
        "icpx",
    ],
)
def test_names_of_compilers(name: str) -> None:
    assert is_compiler(f"/some/where/{name}")


@pytest.mark.parametrize(
    "name",
    ["ccache", "rm", "python3", "sh", "evil-script", "gcc.sh", "clangd", "clang-tidy", "g++;", "cc1plus"],
)
def test_names_of_other_programs(name: str) -> None:
    assert not is_compiler(name)


@pytest.mark.parametrize(
    ("name", "cxx"), [("g++-12", True), ("/a/clang++", True), ("gcc", False), ("/c++/gcc", False)]
)
def test_which_read_all_as_cpp(name: str, cxx: bool) -> None:
    assert is_cxx_compiler(name) is cxx
