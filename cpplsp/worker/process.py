"""A worker: one job after another from its socket, each through a session of libclang."""

import os
import select
import socket
import traceback

from cpplsp import protocol
from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.protocol import Claim, File, Grant, Hello, Job, UnitDone, part_of
from cpplsp.worker.faults import PRELUDE, Fault, fault_in
from cpplsp.worker.libclang import Libclang
from cpplsp.worker.memory import give_back
from cpplsp.worker.parts import in_parts
from cpplsp.worker.session import Session

_IDLE_AFTER_S = 0.05


class DisconnectedError(Exception):
    """The server is gone, or wants no more of this worker."""


class Connection:
    """The worker's end of the wire."""

    def __init__(self, stream: socket.socket):
        self._stream = stream
        self._input = stream.makefile("rb")

    def send(self, message: protocol.FromWorker) -> None:
        """Send one frame. Raises DisconnectedError."""
        try:
            self._stream.sendall(protocol.encode(message))
        except OSError as error:
            raise DisconnectedError from error

    def is_idle(self) -> bool:
        """Whether nothing comes for a while."""
        return not select.select([self._stream], [], [], _IDLE_AFTER_S)[0]

    def receive(self) -> protocol.FromServer:
        """Wait for one frame. Raises DisconnectedError at end of file."""
        header = self._input.read(4)
        body = self._input.read(protocol.frame_length(header)) if len(header) == 4 else b""
        if not body:
            raise DisconnectedError
        return protocol.from_server.decode(body)


def work(stream: socket.socket, libclang: Libclang) -> None:
    """Do jobs until the server closes the socket."""
    connection = Connection(stream)
    session: Session | None = None
    try:
        connection.send(Hello(protocol.VERSION, os.getpid(), libclang.version))
        while True:
            job = connection.receive()
            if not isinstance(job, Job):
                raise protocol.FrameError(f"a job was expected, not {type(job).__name__}")
            if session is None or (session.context, session.epoch) != (job.context, job.epoch):
                if session:
                    session.close()
                session = Session(libclang, job.context, job.epoch)
            try:
                done = _do(session, job, connection)
            except (DisconnectedError, protocol.FrameError):
                raise
            except MemoryError:
                connection.send(UnitDone(job.unit, UnitState.OUT_OF_MEMORY, "", 1, [], 0.0, 0, 0))
                return
            except Exception as error:  # a defect of ours costs one unit, and is told
                traceback.print_exc()
                reason = f"cpplsp failed in it: {type(error).__name__}: {error}"
                connection.send(UnitDone(job.unit, UnitState.FAILED, reason, 1, [], 0.0, 0, 0))
                return
            connection.send(done)
            if connection.is_idle():
                give_back()
            if done.state == UnitState.CRASHED:
                return  # libclang has recovered from a crash, but nothing in it can be relied on
    except DisconnectedError:
        return


def _do(session: Session, job: Job, connection: Connection) -> UnitDone:
    fault = fault_in(PRELUDE if job.headers else job.path)

    def ask(files: list[FileVersion]) -> list[int]:
        connection.send(Claim(job.unit, files))
        grant = connection.receive()
        if not isinstance(grant, Grant):
            raise protocol.FrameError(f"a grant was expected, not {type(grant).__name__}")
        return grant.indices

    def send(facts: FileFacts) -> None:
        first, others = in_parts(facts)
        coming = next(others, None)
        connection.send(File(job.unit, first, coming is not None))
        if coming is not None:
            fault.strike(Fault.AFTER_PART)
        while coming is not None:
            part, coming = coming, next(others, None)
            connection.send(part_of(job.unit, part, more=coming is not None))
        fault.strike(Fault.AFTER_FILE)

    fault.strike(Fault.AT_START)
    return session.run(job, ask, send)
