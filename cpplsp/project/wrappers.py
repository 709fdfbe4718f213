"""Where in a command the compiler is: behind ``ccache``, ``env X=1``, ``nice -n 5`` and the like."""

import os
import re
from collections.abc import Sequence

COMPILER_NAME = re.compile(
    r"(?:[\w.+]+-)*(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|c89|c99|cxx|icc|icpc|icx|icpx|nvcc|hipcc|emcc|em\+\+|qcc|q\+\+"
    r"|mpicc|mpicxx|mpic\+\+|armclang|zapcc|zapcc\+\+)(?:-[\d.]+)?(?:\.exe)?"
)
"""A base name that is a compiler's: ``g++``, ``arm-none-eabi-gcc-12.2``, ``clang++-18``."""

# Wrappers, with those of their own options that take the next word.
_WRAPPERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("ccache", "sccache", "distcc", "icecc", "icerun", "gomacc", "rewrapper", "buildcache", "time"),
        frozenset(),
    ),
    "env": frozenset(("-u", "--unset", "-C", "--chdir")),
    "nice": frozenset(("-n", "--adjustment")),
    "ionice": frozenset(("-c", "-n", "--class", "--classdata")),
    "stdbuf": frozenset(("-i", "-o", "-e")),
}


def is_wrapper(path: str) -> bool:
    """Whether a program only runs another."""
    return os.path.basename(path) in _WRAPPERS


def is_compiler(path: str) -> bool:
    """Whether a program's name is a compiler's."""
    return COMPILER_NAME.fullmatch(os.path.basename(path)) is not None


def compiler_index(words: Sequence[str]) -> int:
    """The index of the compiler in a command; -1 when it begins with an option or holds none."""
    at = 0
    while at < len(words) and is_wrapper(words[at]):
        takes_next = _WRAPPERS[os.path.basename(words[at])]
        at += 1
        while at < len(words) and (words[at].startswith("-") or "=" in words[at]):
            at += 2 if words[at] in takes_next else 1
    if at == len(words) or words[at].startswith("-"):
        return -1
    if is_compiler(words[at]):
        return at
    # A wrapper that nobody here knows of (`python3 run.py g++ -c …`): the compiler stands before the first option.
    for index in range(at + 1, len(words)):
        if words[index].startswith("-"):
            break
        if is_compiler(words[index]):
            return index
    return at


def is_cxx_compiler(path: str) -> bool:
    """Whether a compiler's name says that it reads all it is given as C++."""
    name = os.path.basename(path)
    return "++" in name or name.startswith(("mpicxx", "icpc", "icpx", "nvcc", "hipcc", "cxx"))
