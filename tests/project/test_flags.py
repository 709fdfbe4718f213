"""Every flag that is let through is one that libclang accepts: tried, one by one."""

from pathlib import Path

import pytest
from support.reading import check_reads

from cpplsp.project import flags
from cpplsp.project.processor import family_of

TARGETS = {
    "x86": "x86_64-linux-gnu",
    "aarch64": "aarch64-linux-gnu",
    "arm": "arm-linux-gnueabihf",
    "riscv": "riscv64-linux-gnu",
    "powerpc": "powerpc64le-linux-gnu",
    "mips": "mips-linux-gnu",
    "sparc": "sparc64-linux-gnu",
    "s390x": "s390x-linux-gnu",
    "wasm": "wasm32-unknown-unknown",
    "loongarch": "loongarch64-linux-gnu",
}
# The flags that choose between 32 and 64 bits, and those that are right for one of them only.
OTHER_WIDTH = {
    "riscv": {"-mabi=ilp32", "-mabi=ilp32e", "-mabi=ilp32f", "-mabi=ilp32d"},
}


def check_accepted(folder: Path, *arguments: str) -> None:
    path = folder / "a.cc"
    path.write_text("int x;\n")
    check_reads(str(path), str(folder), ["-x", "c++", *arguments])


def test_flags_for_all_targets(tmp_path: Path) -> None:
    for name in sorted(flags.MEANING_BOTH):
        check_accepted(tmp_path, f"-f{name}")
        check_accepted(tmp_path, f"-fno-{name}")
    for flag in sorted(flags.MEANING):
        check_accepted(tmp_path, flag)
    for flag in sorted(flags.MEANING_NUMBER):
        check_accepted(
            tmp_path, f"{flag}={'19.20' if 'version' in flag else '2' if 'flex' in flag else '16'}"
        )
    for name in sorted(flags.SANITIZERS):
        check_accepted(tmp_path, f"-fsanitize={name}")


@pytest.mark.parametrize("family", sorted(flags.MACHINE))
def test_flags_of_a_family(tmp_path: Path, family: str) -> None:
    target = f"--target={TARGETS[family]}"
    for flag in sorted(flags.MACHINE[family] - OTHER_WIDTH.get(family, set())):
        check_accepted(tmp_path, target, flag)
    for flag in sorted(OTHER_WIDTH.get(family, set())):
        check_accepted(tmp_path, target.replace("64", "32"), flag)


@pytest.mark.parametrize("family", sorted(flags.CPUS))
def test_processors_of_a_family(tmp_path: Path, family: str) -> None:
    option = "-march" if family in ("s390x", "mips", "loongarch") else "-mcpu"
    for name in sorted(flags.CPUS[family]):
        check_accepted(tmp_path, f"--target={TARGETS[family]}", f"{option}={name}")


def test_processors_of_x86(tmp_path: Path) -> None:
    for name in sorted(flags.X86_CPUS | set(flags.X86_STAND_INS.values())):
        check_accepted(tmp_path, "--target=x86_64-linux-gnu", f"-march={name}")
        check_accepted(tmp_path, "--target=i686-linux-gnu", f"-march={name}")
    for name in sorted(flags.X86_CPUS_32):
        check_accepted(tmp_path, "--target=x86_64-linux-gnu", "-m32", f"-march={name}")


@pytest.mark.parametrize("family", sorted(flags.ARCHITECTURES))
def test_architectures_and_extensions(tmp_path: Path, family: str) -> None:
    for name in sorted(flags.ARCHITECTURES[family]):
        check_accepted(tmp_path, f"--target={TARGETS[family]}", f"-march={name}")
    for extension in sorted(flags.EXTENSIONS[family]):
        check_accepted(tmp_path, f"--target={TARGETS[family]}", f"-march=armv8-a+{extension}")


def test_the_rest_of_arm_and_riscv(tmp_path: Path) -> None:
    for name in sorted(flags.ARM_FPUS):
        check_accepted(tmp_path, f"--target={TARGETS['arm']}", f"-mfpu={name}")
    for name in sorted(flags.RISCV_EXTENSIONS - {"zfinx", "zdinx"}):
        check_accepted(tmp_path, f"--target={TARGETS['riscv']}", f"-march=rv64gc_{name}")


@pytest.mark.parametrize("name", sorted({*flags.FAMILIES, *flags.STAND_INS.values()}))
def test_targets(tmp_path: Path, name: str) -> None:
    system = "unknown" if name.startswith("wasm") else "linux-gnu"
    target = name if "-" in name else f"{name}-unknown-{system}"
    assert family_of(target)
    check_accepted(tmp_path, f"--target={target}", *(["-mmcu=atmega328p"] if name == "avr" else []))
