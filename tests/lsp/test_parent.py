"""The client's process: watched to its end."""

import asyncio
import os
import subprocess
import sys

import pytest

from cpplsp.lsp import parent
from cpplsp.lsp.parent import process_end


def start() -> "subprocess.Popen[bytes]":
    """A process that lives until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


@pytest.mark.parametrize("has_handles", [True, False])
async def test_a_process_is_waited_for(has_handles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_LOOK_EVERY_S", 0)
    if not has_handles:
        monkeypatch.delattr(os, "pidfd_open")
    process = start()
    waiting = asyncio.create_task(process_end(process.pid))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    await asyncio.to_thread(end, process)
    await asyncio.wait_for(waiting, 10)


async def test_a_process_that_cannot_be_seen_is_not_taken_for_ended() -> None:
    process = start()
    await asyncio.to_thread(end, process)
    waiting = asyncio.create_task(process_end(process.pid))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])
