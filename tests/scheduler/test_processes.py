"""Worker processes: started, spoken to, lost, and none left over."""

import asyncio
import os
import signal
from pathlib import Path

import msgspec
import psutil
import pytest

from cpplsp.facts import FileFacts, UnitState
from cpplsp.protocol import Claim, File, Grant, Job, UnitDone
from cpplsp.scheduler.processes import Nursery, StartError, Worker, WorkerGoneError, describe_end

OVERFLOWED = "its stack overflowed, probably: something in it is nested very deep"


def job(path: Path, unit: int = 1) -> Job:
    folder = str(path.parent)
    return Job(unit, str(path), folder, ["-x", "c++", "-nostdinc"], "c++", 0, [], (folder, "", ""))


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


async def read_unit(worker: Worker, wanted: Job) -> tuple[list[FileFacts], UnitDone]:
    """One unit, every header granted."""
    await worker.send(wanted)
    files = []
    while not isinstance(message := await worker.receive(), UnitDone):
        if isinstance(message, Claim):
            await worker.send(Grant(message.unit, list(range(len(message.files)))))
        elif isinstance(message, File):
            files.append(message.facts)
    return files, message


async def test_a_worker_reads_units_one_after_another(tmp_path: Path) -> None:
    write(tmp_path, "a.h", "#pragma once\nint declared();\n")
    first = write(tmp_path, "a.cc", '#include "a.h"\nint declared() { return 1; }\n')
    second = write(tmp_path, "b.cc", "struct S {};\n")
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        files, done = await read_unit(worker, job(first))
        assert [os.path.basename(file.path) for file in files] == ["a.cc", "a.h"]
        assert done.state == UnitState.INDEXED
        files, _ = await read_unit(worker, job(second, 2))
        assert [[one.name for one in file.declarations] for file in files] == [["S"]]


async def test_workers_share_what_the_nursery_has_loaded(tmp_path: Path) -> None:
    path = write(tmp_path, "a.cc", "int x;\n")
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        _, done = await read_unit(worker, job(path))
        assert 0 < done.rest_bytes <= done.peak_bytes < 40 << 20


async def test_a_worker_in_the_background_is_nice(tmp_path: Path) -> None:
    async with Nursery(None, low_priority=True) as nursery:
        worker = await nursery.spawn()
        assert psutil.Process(worker.pid).nice() == psutil.Process().nice() + 10


async def test_nothing_is_left_when_the_nursery_ends(tmp_path: Path) -> None:
    async with Nursery(None, low_priority=False) as nursery:
        pids = [nursery.pid, *[(await nursery.spawn()).pid for _ in range(3)]]
        found = [psutil.Process(pid) for pid in pids if pid]
    # Workers whose parent has gone are waited for by the system.
    assert psutil.wait_procs(found, timeout=10)[1] == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("kill@start:a.cc", "the worker was killed (by the system, if memory was short)"),
        ("crash@start:a.cc", "the worker crashed (SIGSEGV)"),
        ("kill@file:a.cc", "the worker was killed"),
    ],
)
async def test_how_a_worker_died_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, told: str
) -> None:
    path = write(tmp_path, "a.cc", "int x;\n")
    monkeypatch.setenv("CPPLSP_FAULT", fault)
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        with pytest.raises(WorkerGoneError) as gone:
            await read_unit(worker, job(path))
        assert str(gone.value).startswith(told)
        assert OVERFLOWED not in str(gone.value)
        assert not psutil.pid_exists(worker.pid)


async def test_a_defect_of_ours_costs_the_unit_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "a.cc", "int x;\n")
    monkeypatch.setenv("CPPLSP_FAULT", "raise@start:a.cc")
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        _, done = await read_unit(worker, job(path))
        assert done.state == UnitState.FAILED
        assert done.error == "cpplsp failed in it: InjectedError: as asked for"


async def test_a_nursery_that_was_killed_is_started_anew(tmp_path: Path) -> None:
    path = write(tmp_path, "a.cc", "int x;\n")
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        assert nursery.pid
        os.kill(nursery.pid, signal.SIGKILL)
        with pytest.raises(WorkerGoneError):
            await read_unit(worker, job(path))
        _, done = await read_unit(await nursery.spawn(), job(path))
        assert done.state == UnitState.INDEXED


@pytest.mark.parametrize("times", [1, 2])
async def test_a_nursery_that_is_killed_while_a_worker_is_to_start_is_started_anew(
    tmp_path: Path, times: int
) -> None:
    path = write(tmp_path, "a.cc", "int x;\n")
    async with Nursery(None, low_priority=False) as nursery:
        start, started = nursery._start, []

        def start_and_kill() -> None:
            start()
            if len(started) < times and nursery.pid:
                os.kill(nursery.pid, signal.SIGKILL)
            started.append(nursery.pid)

        nursery._start = start_and_kill  # type: ignore[method-assign]
        await nursery._stop()
        spawned = await asyncio.gather(nursery.spawn(), nursery.spawn())
        assert len(started) == times + 1
        for worker in spawned:
            _, done = await read_unit(worker, job(path))
            assert done.state == UnitState.INDEXED


async def test_a_nursery_that_is_stopped_is_told_and_another_is_started(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path, "a.cc", "int x;\n")
    async with Nursery(None, low_priority=False, hello_within_s=0.5) as nursery:
        stopped, start = nursery.pid, nursery._start
        assert stopped
        os.kill(stopped, signal.SIGSTOP)

        def start_patiently() -> None:
            nursery.hello_within_s = 60.0
            start()

        nursery._start = start_patiently  # type: ignore[method-assign]
        _, done = await read_unit(await nursery.spawn(), job(path))
        assert done.state == UnitState.INDEXED
        assert nursery.pid != stopped
    assert not psutil.pid_exists(stopped)
    assert caplog.messages == [
        f"a worker did not start: process {stopped}, which is to fork it, gave no sign of life for 0.5 s: it was"
        " stopped by a signal; another try"
    ]


async def test_a_stack_that_overflows_is_told(tmp_path: Path) -> None:
    """As libclang reads it: the experiment behind what is made of a crash without a word."""
    deep = 300_000
    path = write(tmp_path, "a.cc", f"int x = {'(' * deep}1{')' * deep};\n")
    wanted = job(path)
    arguments = [*wanted.arguments, f"-fbracket-depth={deep}"]
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        with pytest.raises(WorkerGoneError, match=OVERFLOWED):
            await read_unit(worker, msgspec.structs.replace(wanted, arguments=arguments))


async def test_a_crash_of_libclang_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a.cc", "#pragma clang __debug parser_crash\nint x;\n")
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        with pytest.raises(WorkerGoneError, match="libclang: crash detected during indexing source file"):
            await read_unit(worker, job(path))


async def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    async with Nursery(str(tmp_path / "libclang.so"), low_priority=False) as nursery:
        with pytest.raises(StartError, match=r"libclang\.so"):
            await nursery.spawn()


async def test_what_native_code_writes_does_not_reach_our_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # clang says on stderr that it was given what it does not know
    path = write(tmp_path, "a.cc", "int x;\n")
    async with Nursery(None, low_priority=False) as nursery:
        worker = await nursery.spawn()
        wanted = job(path)
        await read_unit(
            worker, Job(1, wanted.path, wanted.directory, ["-x", "nonsense"], "x", 0, [], wanted.roots)
        )
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("status", "tail", "expected"),
    [
        (None, [], "the worker went away"),
        (3, [], "the worker ended with exit code 3"),
        (-6, ["LLVM ERROR: out of memory"], "the worker crashed (SIGABRT): LLVM ERROR: out of memory"),
        (-11, ["Traceback:", "Stack dump:", " #0 0x1", ""], "the worker crashed (SIGSEGV): Traceback:"),
        (
            -11,
            ["libclang: crash detected during indexing source file: {", "  'options' : 1,", "}"],
            "the worker crashed (SIGSEGV): libclang: crash detected during indexing source file",
        ),
        (-99, [], "the worker crashed (signal 99)"),
        # Python's last words tell that there was a stack to say them on, and no more
        (
            -11,
            [
                "a warning",
                "Fatal Python error: Segmentation fault",
                "",
                "Current thread 0x1:",
                '  File "a.py"',
            ],
            "the worker crashed (SIGSEGV): a warning",
        ),
        (
            -7,
            ["Fatal Python error: Bus error", "Extension modules: a (total: 1)"],
            "the worker crashed (SIGBUS)",
        ),
        # … and without any there was none
        (-11, [], f"the worker crashed (SIGSEGV): {OVERFLOWED}"),
        (-11, ["a warning"], f"the worker crashed (SIGSEGV): {OVERFLOWED}"),
        (-6, [], "the worker crashed (SIGABRT)"),
    ],
)
def test_an_end_is_described(status: int | None, tail: list[str], expected: str) -> None:
    assert describe_end(status, tail) == expected


async def test_workers_die_with_a_server_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio\n"
        "from cpplsp.scheduler.processes import Nursery\n"
        "async def main():\n"
        "    async with Nursery(None, low_priority=False) as nursery:\n"
        "        worker = await nursery.spawn()\n"
        "        print(nursery.pid, worker.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    import sys

    server = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert server.stdout
    processes = [psutil.Process(int(word)) for word in (await server.stdout.readline()).split()]
    server.kill()
    await server.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=20)
    assert len(gone) == 2
    assert not alive
