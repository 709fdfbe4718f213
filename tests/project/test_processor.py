"""Flags for processors, and targets."""

import platform

import pytest

from cpplsp.project.processor import family_of, known_target, machine_flags


@pytest.mark.parametrize(
    ("target", "family"),
    [
        ("x86_64-linux-gnu", "x86"),
        ("i686-w64-mingw32", "x86"),
        ("arm64-apple-darwin20", "aarch64"),
        ("arm-none-eabi", "arm"),
        ("armv7l-unknown-linux-gnueabihf", "arm"),
        ("thumbv7em-none-eabi", "arm"),
        ("armv7hl-redhat-linux-gnueabi", "arm"),
        ("mipsisa32r6el-linux-gnu", "mips"),
        ("xtensa-esp32-elf", ""),
        ("", ""),
    ],
)
def test_the_family_of_a_target(target: str, family: str) -> None:
    assert family_of(target) == family


def test_a_target_that_libclang_has_not() -> None:
    assert known_target("x86_64-linux-gnu") == "x86_64-linux-gnu"
    assert known_target("xtensa-esp32-elf") == "riscv32-unknown-elf"
    assert known_target("nonsense") == ""
    assert known_target("") == ""


@pytest.mark.parametrize(
    ("target", "flags", "accepted"),
    [
        ("x86_64-linux-gnu", "-mavx2 -mno-sse4.2 -mnonsense -mthumb -mtune=generic", "-mavx2 -mno-sse4.2"),
        ("x86_64-linux-gnu", "-march=haswell", "-march=haswell"),
        ("x86_64-linux-gnu", "-march=znver5", "-march=znver4"),
        ("x86_64-linux-gnu", "-march=nonsense -march=armv8-a -mcpu=cortex-m4 -march=i686", ""),
        ("x86_64-linux-gnu", "-m32 -march=i686", "-m32 -march=i686"),
        ("i686-linux-gnu", "-march=i686", "-march=i686"),
        (
            "x86_64-linux-gnu",
            "-mpreferred-stack-boundary=3 -mindirect-branch=thunk -mfpmath=387 -mcmodel=kernel",
            "",
        ),
        (
            "aarch64-linux-gnu",
            "-mavx2 -march=armv8.2-a+crc+new -mcpu=neoverse-n1",
            "-march=armv8.2-a+crc -mcpu=neoverse-n1",
        ),
        ("aarch64-linux-gnu", "-mcpu=cortex-z99 -march=armv99-a", ""),
        (
            "arm-none-eabi",
            "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -mfpu=new -mthumb-interwork",
            "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16",
        ),
        (
            "riscv64-linux-gnu",
            "-march=rv64gc_zba_new -mabi=lp64d -mcmodel=medany",
            "-march=rv64gc_zba -mabi=lp64d",
        ),
        ("riscv64-linux-gnu", "-march=rv64gcb -march=rva22u64", "-march=rv64gc"),
        ("powerpc64le-linux-gnu", "-mcpu=power9 -maltivec -mavx", "-mcpu=power9 -maltivec"),
        ("s390x-linux-gnu", "-march=z13 -mzarch", "-march=z13"),
        ("avr", "-mmcu=atmega328p", "-mmcu=atmega328p"),
        ("xtensa-esp32-elf", "-mlongcalls -mavx", ""),
    ],
)
def test_flags_that_a_target_has(target: str, flags: str, accepted: str) -> None:
    assert machine_flags(flags.split(), target) == accepted.split()


def test_native_is_for_this_machine_only() -> None:
    here, elsewhere = f"{platform.machine()}-linux-gnu", "s390x-linux-gnu"
    assert machine_flags(["-march=native", "-mtune=native"], here) == ["-march=native"]
    assert machine_flags(["-march=native"], "") == ["-march=native"]
    assert machine_flags(["-march=native"], elsewhere) == []
