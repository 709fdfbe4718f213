"""What a run tells of itself to those that look from outside."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cpplsp.runstate import Phase, ProcessUse, Progress, RunFile, read_run, run_line, run_path


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def state(phase: Phase = "indexing", done: int = 1, pid: int | None = None) -> Progress:
    uses = (ProcessUse(7, "server", 5), ProcessUse(8, "worker", 6, "src/a.cc", 1.5))
    return Progress(phase, done, 3, processes=uses, started=time.time(), pid=pid or os.getpid())


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index.sqlite")


def test_what_is_written_is_what_is_read_until_the_run_is_over(index: str) -> None:
    file, told = RunFile(index), state()
    assert read_run(index) is None
    assert file.note(told)
    file.write()
    assert read_run(index) == told
    assert stat.S_IMODE(os.stat(run_path(index)).st_mode) == 0o600
    assert json.loads(Path(run_path(index)).read_text())["processes"][1] == {
        "pid": 8,
        "role": "worker",
        "memory_bytes": 6,
        "unit": "src/a.cc",
        "seconds": 1.5,
    }
    file.remove()
    assert read_run(index) is None
    file.write()  # one that was under way comes late
    assert os.listdir(os.path.dirname(index)) == []


def test_it_is_written_once_a_second_and_at_each_phase(index: str) -> None:
    clock = Clock()
    file = RunFile(index, clock)
    due = []
    for step, phase in enumerate(["reading", *["indexing"] * 20, "finishing"]):
        clock.now = 100 + step / 10
        due.append(file.note(state(phase)))
    assert [at for at, is_due in enumerate(due) if is_due] == [0, 1, 11, 21]


def test_what_is_written_late_is_the_latest(index: str) -> None:
    file = RunFile(index, Clock())
    file.note(state(done=1))
    file.note(state(done=2))
    file.write()
    told = read_run(index)
    assert told is not None
    assert told.done == 2


def test_a_run_goes_on_where_it_cannot_be_written(tmp_path: Path) -> None:
    file = RunFile(str(tmp_path / "gone" / "index.sqlite"))
    file.note(state())
    file.write()
    file.remove()


def test_a_run_whose_process_is_gone_is_none(index: str) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    file = RunFile(index)
    file.note(state(pid=ended.pid))
    file.write()
    assert read_run(index) is None


def test_a_process_that_has_got_the_same_id_is_not_that_run(index: str) -> None:
    file = RunFile(index)
    file.note(Progress("indexing", started=time.time() - 1e6))
    file.write()
    assert read_run(index) is None


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"pid": 1}', b'{"pid": -1, "started": 9e99, "phase": "indexing"}', b"\xff"]
)
def test_what_is_no_state_is_none(index: str, text: bytes) -> None:
    Path(run_path(index)).write_bytes(text)
    assert read_run(index) is None


def test_a_run_is_a_line_for_a_log() -> None:
    sizes = (("server", 60), ("nursery", 20), ("worker", 100), ("worker", 90), ("worker", 0))
    uses = tuple(ProcessUse(pid, role, mib << 20) for pid, (role, mib) in enumerate(sizes))  # type: ignore[arg-type]
    run = Progress("indexing", 12, 633, "a.cc", 1, 270 << 20, 300 << 20, 2 << 30, uses)
    assert run_line(run) == (
        "indexing: 12/633 units, 1 failed, 3 workers, 270 MiB of 2.0 GiB: server 60, nursery 20, workers 100 90 MiB"
    )
    assert run_line(Progress("reading")) == "reading compile commands: 0/0 units"
