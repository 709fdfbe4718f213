"""The parent of workers: a clean process with one thread that has loaded libclang, and forks one worker per request.

A worker that is forked shares the library and the interpreter with its parent page by page: it starts with 1 MB of its
own, one that is started anew with 29 MB. The nursery reads nothing of the project and holds nothing.

Its socket carries packets (``protocol``): a request with two descriptors in, the ends of workers out. End of file
on it, or the server's death, ends the nursery, and the nursery's death ends the workers.
"""

import argparse
import contextlib
import ctypes
import faulthandler
import gc
import os
import resource
import select
import signal
import socket
import sys

from cpplsp.protocol import PACKET_BYTES, SPAWN, Exited, encode_exited
from cpplsp.worker.libclang import Libclang, find_library
from cpplsp.worker.process import work

EXIT_NO_LIBCLANG = 3

_STACK_BYTES = 64 << 20
"""Deep recursion in clang grows the main thread's stack: libclang's own thread would have 8 MB."""
_PR_SET_PDEATHSIG = 1
_LOW_PRIORITY = 10


def main() -> int:
    """Serve the socket given with ``--control`` until it is closed."""
    parser = argparse.ArgumentParser(prog="cpplsp.worker", allow_abbrev=False)
    parser.add_argument("--control", type=int, required=True, help="descriptor of the socket to the server")
    parser.add_argument("--server", type=int, required=True, help="process id of the server")
    parser.add_argument("--libclang", help="the library to load")
    parser.add_argument("--low-priority", action="store_true")
    arguments = parser.parse_args()
    _die_with(arguments.server)
    # Read by libclang when it indexes. On a thread of its own, each callback makes and drops a Python thread
    # state: that takes a third of all CPU time.
    os.environ["LIBCLANG_NOTHREADS"] = "1"
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_STACK, (_STACK_BYTES, most))
    if arguments.low_priority:
        _lower_priority()
    try:
        libclang = Libclang(find_library(arguments.libclang))
    except (OSError, AttributeError) as error:
        print(error, file=sys.stderr)
        return EXIT_NO_LIBCLANG
    gc.collect()
    gc.freeze()  # what is there by now is never looked at again, so its pages stay shared
    with socket.socket(fileno=arguments.control) as control:
        _serve(control, libclang)
    return 0


def _serve(control: socket.socket, libclang: Libclang) -> None:
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        ready, _, _ = select.select([control.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _report_ended(control)
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, PACKET_BYTES, 2)
            if message != SPAWN:
                _wait_for_workers()
                return
            if _fork(libclang, *descriptors):
                for descriptor in descriptors:
                    os.close(descriptor)


def _wait_for_workers() -> None:
    """The server is done with us. Its accounts want the CPU time of all workers: wait until they have ended too."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _report_ended(control: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        with contextlib.suppress(OSError):
            control.send(encode_exited(Exited(pid, os.waitstatus_to_exitcode(status))))


def _fork(libclang: Libclang, connection: int, errors: int) -> bool:
    """Fork a worker. True in the parent; the child never returns."""
    parent = os.getpid()
    if os.fork():
        return True
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with(parent)
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        # It says what crashed, on a stack of its own: where nothing was said, there was no stack to say it on.
        faulthandler.enable(2)
        with socket.socket(fileno=connection) as stream:
            work(stream, libclang)
        status = 0
    finally:
        # No clean-up of the parent's: buffers, handlers and threads are not ours.
        sys.stderr.flush()
        os._exit(status)


def _die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent dies, however it dies (Linux; elsewhere the socket tells)."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _lower_priority() -> None:
    """Let the editor and the build go first."""
    import psutil

    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _LOW_PRIORITY)
    with contextlib.suppress(psutil.Error, AttributeError, OSError):
        psutil.Process().ionice(psutil.IOPRIO_CLASS_BE, 7)
