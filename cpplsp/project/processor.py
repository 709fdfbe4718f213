"""Flags that choose a processor (``-m…``), and targets: what libclang 18 can be told of them.

A flag of one family of processors is an error on another, and an unknown processor means no unit at all. Both come
from databases that are right: of a compiler newer than clang 18, or of a cross compiler that may not be asked for its
target.
"""

import platform
import re
from collections.abc import Iterable, Iterator

from cpplsp.project import flags

_RISCV = re.compile(r"(rv(?:32|64)[ie]?[gmafdcv]*)b?(?:_(.*))?")
_ARM_NAME = re.compile(r"(?:arm|thumb)v\d[\w.]*?(eb)?")


def family_of(target: str) -> str:
    """The family of a target: whose ``-m`` flags it takes. '' for what libclang has no backend for."""
    name = target.partition("-")[0]
    known = flags.FAMILIES.get(name, "")
    if known:
        return known
    if _ARM_NAME.fullmatch(name):
        return "arm"
    return "mips" if name.startswith("mipsisa") else ""


def known_target(target: str) -> str:
    """The target itself, a stand-in of like sizes, or '' (libclang's own) when it has no such backend."""
    return target if family_of(target) else flags.STAND_INS.get(target.partition("-")[0], "")


def machine_flags(wanted: Iterable[str], target: str) -> list[str]:
    """Those flags that libclang takes for a target ('': this machine's), mended where it knows a near one."""
    family = family_of(target or platform.machine())
    wanted = list(wanted)
    is_32_bit = "-m32" in wanted or target.startswith("i") or "-m16" in wanted
    return list(_accepted(wanted, family, is_32_bit))


def _accepted(wanted: Iterable[str], family: str, is_32_bit: bool) -> Iterator[str]:
    plain = flags.MACHINE.get(family, frozenset())
    for flag in wanted:
        if flag in plain:
            yield flag
            continue
        option, _, value = flag.partition("=")
        if value == "native":
            if option in ("-march", "-mcpu") and family == family_of(platform.machine()):
                yield flag
        elif option == "-march" and family == "x86":
            value = flags.X86_STAND_INS.get(value, value)
            if value in flags.X86_CPUS or (is_32_bit and value in flags.X86_CPUS_32):
                yield f"-march={value}"
        elif option == "-march" and family == "riscv":
            if (mended := _riscv(value)) is not None:
                yield f"-march={mended}"
        elif option == "-march" and family in flags.ARCHITECTURES:
            if (mended := _with_extensions(value, flags.ARCHITECTURES[family], family)) is not None:
                yield f"-march={mended}"
        elif option in ("-mcpu", "-march") and family in flags.CPUS:
            if (mended := _with_extensions(value, flags.CPUS[family], family)) is not None:
                yield f"{option}={mended}"
        elif (option == "-mfpu" and family == "arm" and value in flags.ARM_FPUS) or (
            option == "-mmcu" and family == "avr"
        ):
            yield flag


def _with_extensions(value: str, known: frozenset[str], family: str) -> str | None:
    """``armv8-a+crc+new`` without ``new``; None when the base is not known."""
    base, *extensions = value.split("+")
    if base not in known:
        return None
    accepted = flags.EXTENSIONS.get(family, frozenset())
    return "+".join([base, *(one for one in extensions if one in accepted)])


def _riscv(value: str) -> str | None:
    match = _RISCV.fullmatch(value)
    if match is None:
        return None
    base, extensions = match.groups()
    accepted = [one for one in (extensions or "").split("_") if one in flags.RISCV_EXTENSIONS]
    return "_".join([base, *accepted])
