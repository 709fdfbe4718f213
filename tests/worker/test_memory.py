"""What a worker says of its memory: by the system's figures, peaks kept, freed memory given back."""

import sys

import pytest

from cpplsp.worker.memory import PeakMeter, give_back, private_bytes

MIB = 1 << 20
BLOCK = 64 * MIB


def touched(size: int) -> bytearray:
    """Memory of which every page has been written."""
    block = bytearray(size)
    block[::4096] = b"x" * len(block[::4096])
    return block


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are reset through /proc")
def test_a_peak_is_kept_and_forgotten_at_the_next_start() -> None:
    meter = PeakMeter()
    meter.start()
    before = private_bytes()
    block = touched(BLOCK)
    assert private_bytes() - before > BLOCK - 8 * MIB
    del block
    give_back()
    assert private_bytes() - before < BLOCK // 2
    assert meter.read()[0] - before > BLOCK - 8 * MIB
    meter.start()
    assert meter.read()[0] - before < BLOCK // 2


def test_without_proc_the_resident_peak_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_proc(*_: object) -> None:
        raise FileNotFoundError("/proc")

    monkeypatch.setattr("builtins.open", no_proc)
    meter = PeakMeter()
    meter.start()
    assert meter.read()[0] == private_bytes() > MIB
