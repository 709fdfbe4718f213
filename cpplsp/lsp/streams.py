"""Bytes to and from a client, without blocking the event loop: pipes by threads of their own, a socket by asyncio.

The threads are daemons that sit in ``read`` and ``write``: a process that is told to go does not wait for its client.
The standard streams are moved out of the way first, so that a stray ``print`` or a native library cannot write
into the protocol and no child process inherits the client's pipe.
"""

import asyncio
import contextlib
import os
import re
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue

_READ_BYTES = 1 << 16
_LONGEST_HEADER_BYTES = 1 << 12
_MOST_BYTES = 1 << 30
_FLUSH_WITHIN_S = 1.0
_LENGTH = re.compile(rb"content-length:\s*(\d+)\s*", re.IGNORECASE)


class FramingError(Exception):
    """What the client sent is no message; where the next one starts cannot be known."""


def take_standard_streams() -> tuple[int, int]:
    """Take the process's stdin and stdout for the protocol: stdin is empty then, and stdout is stderr."""
    client_in, client_out = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdout.flush()
    os.dup2(2, 1)
    return client_in, client_out


class PipeWriter:
    """Writes to a file descriptor, in order, from a thread. ``on_broken`` is called there when nobody reads."""

    def __init__(self, fd: int, on_broken: Callable[[], None]):
        self._fd = fd
        self._on_broken = on_broken
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="to-client", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send it when its turn comes."""
        self._waiting.put(data)

    def close(self) -> None:
        """Send what waits, for a second at most."""
        self._waiting.put(None)
        self._thread.join(_FLUSH_WITHIN_S)

    def _run(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._fd, rest) :]
        except OSError:
            self._on_broken()


def read_pipe(fd: int) -> asyncio.StreamReader:
    """Read a file descriptor from a thread, into a stream of the running loop."""
    loop = asyncio.get_running_loop()
    stream = asyncio.StreamReader(limit=_LONGEST_HEADER_BYTES)

    def run() -> None:
        # The loop may be gone when the client at last says something.
        with contextlib.suppress(RuntimeError):
            try:
                while data := os.read(fd, _READ_BYTES):
                    loop.call_soon_threadsafe(stream.feed_data, data)
            except OSError:
                pass
            loop.call_soon_threadsafe(stream.feed_eof)

    threading.Thread(target=run, name="from-client", daemon=True).start()
    return stream


async def read_message(stream: asyncio.StreamReader) -> bytes | None:
    """The body of the next message; None at the end of the stream, also in the middle of one.

    Raises FramingError where no length is told in the header, or one beyond a gibibyte.
    """
    length: int | None = None
    try:
        while (line := await stream.readline()).strip():
            if match := _LENGTH.fullmatch(line.strip()):
                length = int(match[1])
        if not line:
            return None
        if length is None:
            raise FramingError("a header without Content-Length")
        if length > _MOST_BYTES:
            raise FramingError(f"a message of {length} bytes")
        return await stream.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except ValueError as error:  # longer than the stream's limit
        raise FramingError("a header line that does not end") from error
