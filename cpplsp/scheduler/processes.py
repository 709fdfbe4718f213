"""Worker processes as the server has them: started through the nursery, spoken to over a socket each.

::

    server ──control (packets)──► nursery        python -m cpplsp.worker, libclang loaded, one thread
       │                             │ fork
       └────socket (frames)──► worker ┘          stdout and stderr of native code go to a pipe, never to the protocol

End of file on a worker's socket says at once that it is gone; the nursery then says how it ended.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque

from cpplsp import protocol
from cpplsp.facts import UnitState
from cpplsp.protocol import Hello
from cpplsp.scheduler.machine import data_bytes, limit_data, look_at, private_bytes

log = logging.getLogger(__name__)

_EXIT_WITHIN_S = 2.0
_STATUS_WITHIN_S = 5.0
"""A nursery that has nothing to run on for so long, on a busy machine, says nothing of how a worker ended."""
_HELLO_WITHIN_S = 60.0
_STARTS = 4
"""So often a worker is tried to be started while somebody kills what starts it."""
_TAIL_LINES = 60
_OF_MEMORY_ACCESS = (signal.SIGSEGV, signal.SIGBUS)
_SIGNS_OF_A_CRASH = ("crash detected", "Fatal Python error", "Stack dump")
"""What libclang, Python and LLVM write when there is a stack to do so on."""
_TELLING_NOTHING = (
    *(" ", "#", "}", "Stack dump", "PLEASE"),
    *(
        "Fatal Python error: Seg",
        "Fatal Python error: Bus",
        "Current thread",
        "Thread 0x",
        "Extension modules",
    ),
)
_SIGNS_OF_NO_MEMORY = ("std::bad_alloc", "out of memory", "MemoryError")
"""What LLVM, the C++ runtime and Python write when they get no memory."""


class WorkerGoneError(Exception):
    """A worker ended in the middle of something; the text says how.

    ``state``: what that makes of its unit. ``is_innocent``: the worker went because its parent did, not by its unit.
    """

    def __init__(self, reason: str, state: UnitState = UnitState.CRASHED, *, is_innocent: bool = False):
        super().__init__(reason)
        self.state = state
        self.is_innocent = is_innocent


class StartError(Exception):
    """No worker can be started; the text says why and what to do. ``is_killed``: from outside, without a word."""

    def __init__(self, reason: str, *, is_killed: bool = False):
        super().__init__(reason)
        self.is_killed = is_killed


class Worker:
    """One worker process. ``pid`` is known once it has said Hello."""

    def __init__(
        self,
        nursery: "Nursery",
        parent: subprocess.Popen[bytes],
        key: int,
        stream: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        stderr: asyncio.Task[None],
        tail: deque[str],
    ):
        self.key = key
        self.pid = 0
        self._parent = parent
        self._inherited_bytes: int | None = None
        """What its parent had mapped for writing: all of it is the worker's as well, copied when written."""
        self._nursery = nursery
        self._reader = stream
        self._writer = writer
        self._stderr = stderr
        self._tail = tail

    async def greet(self) -> None:
        """Wait for Hello. Raises StartError when it is of another cpplsp, or does not come."""
        within_s = self._nursery.hello_within_s
        try:
            hello = await asyncio.wait_for(self.receive(), within_s)
        except WorkerGoneError as error:
            raise StartError(f"a worker did not start: {error}") from error
        except TimeoutError as error:
            raise StartError(
                f"a worker did not start: process {self._parent.pid}, which is to fork it, gave no sign of life for"
                f" {within_s:g} s: {_why_silent(self._parent.pid)}"
            ) from error
        if not isinstance(hello, Hello) or hello.version != protocol.VERSION:
            raise StartError("a worker of another version of cpplsp answered: install cpplsp anew")
        self.pid = hello.pid
        self._inherited_bytes = data_bytes(hello.pid)
        self._nursery.expect(hello.pid)

    def limit(self, own_bytes: int) -> None:
        """Have the kernel refuse it more memory of its own than this, as near as can be.

        What it has mapped and holds no longer (a heap with holes) may be filled again.
        """
        mapped = data_bytes(self.pid)
        if mapped is None or self._inherited_bytes is None:
            return
        held = private_bytes([self.pid]).get(self.pid, 0)
        limit_data(self.pid, max(self._inherited_bytes, mapped - held) + own_bytes)

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether native code said so when it ended."""
        return any(sign in line for line in self._tail for sign in _SIGNS_OF_NO_MEMORY)

    async def send(self, message: protocol.FromServer) -> None:
        """Send one message. Raises WorkerGoneError."""
        try:
            self._writer.write(protocol.encode(message))
            await self._writer.drain()
        except OSError as error:
            raise await self._gone() from error

    async def receive(self) -> protocol.FromWorker:
        """Wait for one message. Raises WorkerGoneError."""
        try:
            header = await self._reader.readexactly(4)
            return protocol.from_worker.decode(await self._reader.readexactly(protocol.frame_length(header)))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise await self._gone() from error

    async def _gone(self) -> WorkerGoneError:
        status = await self._nursery.exit_status(self.pid) if self.pid else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._stderr), _EXIT_WITHIN_S)
        reason = describe_end(status, list(self._tail))
        if self._parent.poll() is not None:
            return WorkerGoneError("the process that starts workers was killed", is_innocent=True)
        state = UnitState.OUT_OF_MEMORY if self.ran_out_of_memory else UnitState.CRASHED
        return WorkerGoneError(reason, state)

    def kill(self) -> None:
        """End it at once."""
        if self.pid and not self._nursery.has_exited(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Tell it that there is no more work: it ends by itself."""
        self._writer.close()


def _why_silent(pid: int) -> str:
    state, _ = look_at(pid) or ("", 0.0)
    return "it was stopped by a signal" if state in ("T", "t") else "the machine has too much to do for it"


def describe_end(status: int | None, tail: list[str]) -> str:
    """How a worker ended, for a person: its signal or exit code, and the last line of what it wrote.

    One that crashes says so: libclang does in a parse, Python elsewhere, on a stack of its own. libclang's handler has
    none, so who crashes without a word has used up all of it.
    """
    if status is None:
        how = "the worker went away"
    elif status == -signal.SIGKILL:
        how = "the worker was killed (by the system, if memory was short)"
    elif status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        how = f"the worker crashed ({name})"
        if -status in _OF_MEMORY_ACCESS and not any(
            sign in line for line in tail for sign in _SIGNS_OF_A_CRASH
        ):
            return f"{how}: its stack overflowed, probably: something in it is nested very deep"
    else:
        how = f"the worker ended with exit code {status}"
    telling = [line for line in tail if line and not line.startswith(_TELLING_NOTHING)]
    return f"{how}: {telling[-1].removesuffix(': {')}" if telling else how


class Nursery:
    """The process that forks workers. Use it as an asynchronous context: at its end nothing of it is left running.

    ``hello_within_s``: a worker that is not ready after that will not be.
    """

    def __init__(self, libclang: str | None, *, low_priority: bool, hello_within_s: float = _HELLO_WITHIN_S):
        self.hello_within_s = hello_within_s
        self._libclang = libclang
        self._low_priority = low_priority
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._exits: dict[int, asyncio.Future[int]] = {}
        self._next_key = 0
        self._restarting = asyncio.Lock()
        self._workers: set[Worker] = set()
        self._tails: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """Process id; None when it does not run."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> "Nursery":
        """Start it."""
        self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it and all workers."""
        for worker in list(self._workers):
            worker.kill()
        await self._stop()
        if self._tails:
            await asyncio.wait(self._tails, timeout=_EXIT_WITHIN_S)

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        command = [sys.executable, "-m", "cpplsp.worker", "--control", str(theirs.fileno())]
        command += ["--server", str(os.getpid())]
        command += ["--libclang", self._libclang] if self._libclang else []
        command += ["--low-priority"] if self._low_priority else []
        with theirs:
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                # Ctrl-C on a terminal goes to the whole group: what it means is for the server to say.
                start_new_session=True,
            )
        self._control = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._take_packet)

    async def _stop(self) -> str:
        """End the process; returns what it wrote to stderr."""
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        process, self._process = self._process, None
        if process is None:
            return ""
        written = await asyncio.to_thread(_end, process)
        for waiting in self._exits.values():
            if not waiting.done():
                waiting.set_result(-signal.SIGKILL)
        return written.decode("utf-8", "replace").strip()

    def _take_packet(self) -> None:
        assert self._control is not None
        try:
            packet = self._control.recv(protocol.PACKET_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            packet = b""
        if not packet:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            return
        exited = protocol.from_nursery.decode(packet)
        self._exit_of(exited.pid).set_result(exited.status)

    def _exit_of(self, pid: int) -> asyncio.Future[int]:
        return self._exits.setdefault(pid, asyncio.get_running_loop().create_future())

    def expect(self, pid: int) -> None:
        """A worker with this process id has come to life: what was said of an earlier one is over."""
        self._exits.pop(pid, None)

    def has_exited(self, pid: int) -> bool:
        """Whether the end of a worker was reported."""
        return pid in self._exits and self._exits[pid].done()

    async def exit_status(self, pid: int) -> int | None:
        """How a worker ended; None when nobody says so soon."""
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self._exit_of(pid)), _STATUS_WITHIN_S)
        return None

    async def spawn(self) -> Worker:
        """Start a worker and wait until it is ready. Raises StartError.

        One that goes without a word, or whose nursery does or gives no sign of life, was killed or stopped from
        outside: another is started.
        """
        for _ in range(_STARTS - 1):
            try:
                return await self._spawn()
            except StartError as error:
                if not error.is_killed:
                    raise
                log.warning("%s; another try", error)
        return await self._spawn()

    async def _spawn(self) -> Worker:
        async with self._restarting:
            if self._process is None or self._process.poll() is not None:
                await self._stop()
                self._start()
            parent = self._process
        assert self._control is not None
        assert parent is not None
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        try:
            socket.send_fds(self._control, [protocol.SPAWN], [theirs.fileno(), write_end])
        except OSError:
            pass  # the nursery is gone: the worker's socket tells
        finally:
            theirs.close()
            os.close(write_end)
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=1 << 20)
        self._next_key += 1
        tail: deque[str] = deque(maxlen=_TAIL_LINES)
        stderr = asyncio.create_task(_follow(read_end, tail))
        self._tails.add(stderr)
        stderr.add_done_callback(self._tails.discard)
        worker = Worker(self, parent, self._next_key, reader, writer, stderr, tail)
        try:
            await worker.greet()
        except StartError as error:
            async with self._restarting:
                # Another that waited for a worker may have started a nursery anew by now.
                written = await self._stop() if self._process is parent else ""
            is_killed = error.__cause__ is not None and not written
            raise StartError(written or str(error), is_killed=is_killed) from error
        finally:
            if not worker.pid:
                worker.close()  # not ready, whatever the reason
        self._workers.add(worker)
        return worker

    def retire(self, worker: Worker) -> None:
        """Let a worker go."""
        worker.close()
        self._workers.discard(worker)


def _end(process: subprocess.Popen[bytes]) -> bytes:
    """Wait for a nursery whose socket was closed, and end it if it does not end; what it wrote to stderr."""
    try:
        return process.communicate(timeout=_EXIT_WITHIN_S)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[1]


async def _follow(descriptor: int, tail: deque[str]) -> None:
    """Log what a worker writes, and keep the last lines: they say why it died."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    try:
        while line := await _line(reader):
            text = line.decode("utf-8", "replace").rstrip()
            tail.append(text)
            log.debug("worker: %s", text)
    finally:
        transport.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:  # longer than the reader's limit: dropped by it
        return b"(a very long line)\n"
