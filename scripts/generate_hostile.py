#!/usr/bin/env python3
"""Write a project whose units do all they can against who reads them: crash, hang, eat memory, be no text at all.

    scripts/generate_hostile.py OUT [--only NAME …] [--ordinary 5] [--scale 1.0]

Each hostile unit is a folder of OUT, named as the unit is; beside them there are --ordinary units as anyone writes
them. --scale 0.01 makes what is big a hundred times smaller: then it is only odd, and any unit that is not meant to
crash or hang is read in a moment. Some files are pipes and links to devices: don't copy OUT, and don't `cat` it.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True)
class Unit:
    """One hostile unit. ``write`` makes its files in a folder of its own, ``main.cc`` first of all, at a scale."""

    write: Callable[[Path, float], None]
    flags: tuple[str, ...] = ()


def _times(count: float, scale: float) -> int:
    return max(int(count * scale), 1)


def _main(folder: Path, parts: str | Iterable[str]) -> None:
    """Write ``main.cc``; in parts, since some would be a burden to hold twice."""
    with open(folder / "main.cc", "w", encoding="utf-8") as stream:
        stream.writelines([parts] if isinstance(parts, str) else parts)


def _text(text: str) -> Callable[[Path, float], None]:
    return lambda folder, _scale: _main(folder, text)


def _nested(before: str, opening: str, middle: str, closing: str, after: str, depth: int) -> Unit:
    def write(folder: Path, scale: float) -> None:
        times = _times(depth, scale)
        _main(folder, (before, opening * times, middle, closing * times, after))

    return Unit(write, ("-fbracket-depth=1000000",))


def _exponential(folder: Path, scale: float) -> None:
    _main(
        folder,
        "template <int D, long I> struct T { enum { v = T<D - 1, 2 * I>::v + T<D - 1, 2 * I + 1>::v }; };\n"
        "template <long I> struct T<0, I> { enum { v = 1 }; };\n"
        f"int x = T<{_times(60, scale)}, 0>::v;\n",
    )


def _doubling(folder: Path, scale: float) -> None:
    """A line that is 8 bytes doubled so often, 25 times at full scale: 256 MiB."""
    count = _times(200 * MIB / 8, scale).bit_length()
    lines = [f"#define M{at} M{at - 1} M{at - 1}\n" for at in range(1, count + 1)]
    _main(folder, ("#define M0 +1234567\n", *lines, f"long x = M{count};\n"))


def _include(path: str) -> Callable[[Path, float], None]:
    return _text(f'#include "{path}"\nint after;\n')


def _included_pipe(folder: Path, scale: float) -> None:
    os.mkfifo(folder / "pipe.h")
    _include("pipe.h")(folder, scale)


def _included_line(folder: Path, scale: float) -> None:
    text = "1, " * 1024
    with open(folder / "line.h", "w", encoding="utf-8") as stream:
        stream.write("/* ")
        for _ in range(_times(100 * MIB / len(text), scale)):
            stream.write(text)
        stream.write(" */ int in_line;")
    _include("line.h")(folder, scale)


def _included_chain(folder: Path, scale: float) -> None:
    count = _times(10_000, scale)
    for at in range(count):
        inner = f'#include "h{at + 1}.h"\n' if at + 1 < count else ""
        (folder / f"h{at}.h").write_text(f"#pragma once\n{inner}int chain{at};\n")
    _include("h0.h")(folder, scale)


def _pipe(folder: Path, _scale: float) -> None:
    os.mkfifo(folder / "main.cc")


def _folder(folder: Path, _scale: float) -> None:
    (folder / "main.cc").mkdir()


def _device(folder: Path, _scale: float) -> None:
    (folder / "main.cc").symlink_to("/dev/zero")


def _garbage(folder: Path, scale: float) -> None:
    (folder / "main.cc").write_bytes(random.Random(1).randbytes(_times(5 * MIB, scale)))


def _repeated(before: str, text: str, after: str, count: float) -> Unit:
    def write(folder: Path, scale: float) -> None:
        _main(folder, (before, text * _times(count, scale), after))

    return Unit(write)


UNITS = {
    "template_endless": Unit(
        _text("template <int N> struct S { enum { v = S<N + 1>::v }; };\nint x = S<0>::v;\n"),
        ("-ftemplate-depth=1000000000",),
    ),
    "template_exponential": Unit(_exponential, ("-ftemplate-depth=100000",)),
    "macro_doubling": Unit(_doubling),
    "constexpr_endless": Unit(
        _text(
            "constexpr int f() {\n  unsigned i = 0;\n  while (true) ++i;\n  return 0;\n}\nconstexpr int x = f();\n"
        ),
        ("-std=c++17", "-fconstexpr-steps=4294967295"),
    ),
    "nested_parentheses": _nested("int x = ", "(", "1", ")", ";\n", 900_000),
    "nested_braces": _nested("void f() ", "{", "", "}", "\n", 900_000),
    "nested_initialisers": _nested("int x = ", "{", "1", "}", ";\n", 900_000),
    "pragma_crash": Unit(_text("int before;\n#pragma clang __debug crash\nint after;\n")),
    "pragma_parser_crash": Unit(_text("int before;\n#pragma clang __debug parser_crash\nint after;\n")),
    "pragma_overflow_stack": Unit(_text("int before;\n#pragma clang __debug overflow_stack\nint after;\n")),
    "pragma_fatal_error": Unit(_text("int before;\n#pragma clang __debug llvm_fatal_error\nint after;\n")),
    "pragma_flood": _repeated("", '_Pragma("GCC diagnostic push") int f();\n', "", 500_000),
    "include_pipe": Unit(_included_pipe),
    "include_device": Unit(_include("/dev/zero")),
    "include_long_line": Unit(_included_line),
    "include_itself": Unit(_include("main.cc")),
    "include_chain": Unit(_included_chain),
    "source_pipe": Unit(_pipe),
    "source_folder": Unit(_folder),
    "source_device": Unit(_device),
    "source_garbage": Unit(_garbage),
    "array_initialiser": _repeated("int x[] = {\n", "12345,\n", "};\n", 1_000_000),
    "array_of_names": _repeated("const int a = 1;\nint x[] = {\n", "a, a,\n", "};\n", 500_000),
    "identifier": _repeated("int ", "identifier", ";\n", MIB),
    "comment_without_end": _repeated("int before;\n/* ", "on and on\n", "", 5 * MIB),
    "expression": _repeated("int a;\nint x = 1", "\n  + a", ";\n", 100_000),
}

ORDINARY = """\
#include "ordinary.h"

namespace ordinary {{
int function{number}(int value) {{ return twice(value) + {number}; }}
}}  // namespace ordinary
"""
ORDINARY_HEADER = """\
#pragma once

namespace ordinary {
inline int twice(int value) { return 2 * value; }
}  // namespace ordinary
"""


def write_ordinary(out: Path, count: int) -> list[dict[str, object]]:
    """Write units as anyone does; their compile commands."""
    folder = out / "ordinary"
    folder.mkdir()
    (folder / "ordinary.h").write_text(ORDINARY_HEADER)
    for number in range(count):
        (folder / f"unit{number}.cc").write_text(ORDINARY.format(number=number))
    return [command(folder, f"unit{number}.cc") for number in range(count)]


def command(folder: Path, name: str, flags: Iterable[str] = ()) -> dict[str, object]:
    """An entry of a compile database."""
    return {
        "directory": str(folder),
        "file": str(folder / name),
        "arguments": ["g++", *flags, "-c", name, "-o", f"{name}.o"],
    }


def main() -> int:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0], epilog=f"Hostile units: {', '.join(UNITS)}."
    )
    parser.add_argument("out", help="a folder, new or empty")
    parser.add_argument(
        "--only", nargs="*", choices=UNITS, metavar="NAME", help="of the hostile units, these"
    )
    parser.add_argument("--ordinary", type=int, default=5, metavar="N")
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    out = Path(given.out).resolve()
    if out.exists() and any(out.iterdir()):
        parser.error(f"{out} is not empty")
    out.mkdir(parents=True, exist_ok=True)
    names = list(UNITS) if given.only is None else given.only
    commands = []
    for name in names:
        unit = UNITS[name]
        (out / name).mkdir()
        unit.write(out / name, given.scale)
        commands.append(command(out / name, "main.cc", unit.flags))
    commands += write_ordinary(out, given.ordinary)
    (out / "compile_commands.json").write_text(json.dumps(commands, indent=1))
    print(f"{out}: {len(names)} hostile units, {given.ordinary} ordinary ones")
    return 0


if __name__ == "__main__":
    sys.exit(main())
