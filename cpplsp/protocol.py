"""The wire between server and worker: every message, both ways.

A frame is a 4-byte little-endian length and that many bytes of msgpack: a tagged array. The worker speaks
first (:class:`Hello`); a version other than :data:`VERSION` means that the two are of different
installations, and the server refuses the worker. Then, for each unit::

    server                         worker
      Job ───────────────────────►   parse
                                 ◄─ Claim      headers found, and how they were read
      Grant ─────────────────────►
                                 ◄─ File …     the unit's main file and each granted header, one that has very much
                                 ◄─ Part …     to tell in parts; it parses once more where a header was claimed and
                                               is read otherwise here
                                 ◄─ UnitDone

A worker that goes away in between (end of file on its socket) has crashed in that unit.

Workers are forked by the nursery (``worker/nursery.py``). Its own socket carries packets, not frames: the server sends
:data:`SPAWN` with two file descriptors, the worker's socket and its stderr; the nursery sends :class:`Exited`.
"""

import struct

import msgspec
from msgspec import Struct

from cpplsp.facts import FileFacts, FileVersion, MoreFacts

VERSION = 4

SPAWN = b"spawn"
PACKET_BYTES = 256

_LENGTH = struct.Struct("<I")
MAX_FRAME_BYTES = 1 << 30


class Hello(Struct, frozen=True, array_like=True, tag=1):
    """Worker → server: ready, in process ``pid``, with this libclang."""

    version: int
    pid: int
    libclang: str


class Job(Struct, frozen=True, array_like=True, tag=2):
    """Server → worker: index ``path`` (absolute) as ``arguments`` say, from ``directory`` (absolute).

    ``arguments``: what libclang is given, without the compiler's name and without the file. ``context``: the
    way of reading (language, standard, target, macros): headers are claimed per context. ``epoch``: rises
    whenever a claim became void; a worker then forgets what its session has read. ``claimed``: headers
    (absolute real paths) claimed in this context and epoch, in any shape, since the last job that this worker got.
    ``roots``: real paths of the project, of its compile database's folder and of clang's builtin headers (empty
    where there is none), as ``paths.Roots`` takes them: files outside the first two are reported in part.

    ``prelude``: path of the precompiled header under which to read it; empty: it is read alone. ``is_sample``: report
    the main file's facts under the prelude and nothing else; they are compared. ``headers``: the prelude itself is to
    be built, of these headers as an ``#include`` names them; there is no main file then.

    ``headers`` with ``unsaved``: what one unit includes is precompiled for it alone, without the bodies of functions.

    ``unsaved``: texts that count in place of what is on disk, as they are in an editor: paths (absolute, real) of
    files and of what holds their texts; of project files only these and the main file may be claimed then, and errors,
    of which a text that is being typed has many, do not keep it from being read under the prelude.
    """

    unit: int
    path: str
    directory: str
    arguments: list[str]
    context: str
    epoch: int
    claimed: list[str]
    roots: tuple[str, str, str]
    prelude: str = ""
    is_sample: bool = False
    headers: tuple[str, ...] = ()
    unsaved: dict[str, str] | None = None


class Claim(Struct, frozen=True, array_like=True, tag=3):
    """Worker → server: may I report these headers as I have read them? None that the session has asked for so."""

    unit: int
    files: list[FileVersion]


class Grant(Struct, frozen=True, array_like=True, tag=4):
    """Server → worker: report those at these indices of the claim."""

    unit: int
    indices: list[int]


class File(Struct, frozen=True, array_like=True, tag=5):
    """Worker → server: the facts of one file; the first of them, if ``more`` parts follow before anything else does."""

    unit: int
    facts: FileFacts
    more: bool = False


class Part(Struct, frozen=True, array_like=True, tag=8):
    """Worker → server: more facts of the file that was begun, and whether ``more`` follow.

    ``facts``: a :class:`facts.MoreFacts`, encoded: the server decodes it when it writes it.
    """

    unit: int
    facts: msgspec.Raw
    more: bool


class UnitDone(Struct, frozen=True, array_like=True, tag=6):
    """Worker → server: the unit's end.

    ``state``: a :class:`facts.UnitState`. ``error``: first error as ``file:line:col: text`` (empty: none), a header
    that was not found before others; ``errors``: how many. ``dependencies``: all files read, the main file first.
    ``cpu_s``: user + system time of the unit. ``peak_bytes``, ``rest_bytes``: unshared memory (private pages) of the
    worker at its highest in this unit, and when it has ended. ``unfit``: why a unit was not read under the prelude
    that its job names; empty if it was.
    """

    unit: int
    state: int
    error: str
    errors: int
    dependencies: list[FileVersion]
    cpu_s: float
    peak_bytes: int
    rest_bytes: int
    unfit: str = ""


class Exited(Struct, frozen=True, array_like=True, tag=7):
    """Nursery → server: the worker ``pid`` is gone; ``status`` as ``os.waitstatus_to_exitcode`` has it."""

    pid: int
    status: int


FromWorker = Hello | Claim | File | Part | UnitDone
FromServer = Job | Grant

_encoder = msgspec.msgpack.Encoder()
from_worker: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)
from_nursery = msgspec.msgpack.Decoder(Exited)
part_facts = msgspec.msgpack.Decoder(MoreFacts)
from_server: msgspec.msgpack.Decoder[FromServer] = msgspec.msgpack.Decoder(FromServer)


class FrameError(Exception):
    """The other side sent what is no frame of this protocol."""


def encode_exited(message: Exited) -> bytes:
    """One packet of the nursery's."""
    return _encoder.encode(message)


def part_of(unit: int, facts: MoreFacts, *, more: bool) -> Part:
    """A part of a file's facts, to be sent."""
    return Part(unit, msgspec.Raw(_encoder.encode(facts)), more)


def encode(message: FromWorker | FromServer) -> bytes:
    """One whole frame, length included."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


def frame_length(header: bytes) -> int:
    """How many bytes follow this 4-byte header. Raises FrameError beyond MAX_FRAME_BYTES."""
    length: int = _LENGTH.unpack(header)[0]
    if length > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {length} bytes")
    return length
