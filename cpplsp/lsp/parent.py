"""The client's process: a server does not outlive it."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 2.0


def process_end(pid: int) -> Coroutine[Any, Any, None]:
    """What returns when a process, which is looked for now, has ended.

    It never does for one that cannot be seen from here: a client outside of the server's container.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        log.info("the client's process %d cannot be seen from here, so it is not watched", pid)
        return _never()
    except (AttributeError, OSError):  # no Linux, or one before 5.3
        return _unseen(pid) if _is_alive(pid) else _never()
    return _readable(handle)


async def _never() -> None:
    await asyncio.Event().wait()


async def _unseen(pid: int) -> None:
    while _is_alive(pid):  # noqa: ASYNC110  # nothing here tells when a process ends
        await asyncio.sleep(_LOOK_EVERY_S)


async def _readable(handle: int) -> None:
    """Wait for a process's handle, which then can be read, and close it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
