"""The folders of the cache, one for each index: whose it is, who uses it, and how it is deleted.

Beside an index lies ``project.json``, which says of which project it is: the folder's name has but a hash of that. It
can be read whatever the version of the index.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import msgspec

from cpplsp.paths import real_path
from cpplsp.store.connection import SCHEMA_VERSION, WriterLock

INDEX_NAME = "index.sqlite"
_LOCK_NAME = "writer.lock"
_ORIGIN_NAME = "project.json"
_FOLDER = re.compile(r".+-[0-9a-f]{12}")
_USER_VERSION = slice(60, 64)
"""Where an SQLite file has its ``user_version``, big-endian (https://www.sqlite.org/fileformat.html, 1.3)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which project an index is. ``root``: its real path, on the machine where the index was last written.

    ``compile_commands_dir``: as configured, relative to the root where it lies there; '' when it was not. ``machine``:
    a digest of which machine or container that is, '' where nothing says it; it makes no difference to whose it is.
    """

    root: str
    compile_commands_dir: str = ""
    machine: str = field(default="", compare=False)

    @classmethod
    def of(cls, root: str, compile_commands_dir: str | None) -> "Origin":
        """The origin of a project's index, as it is configured now."""
        root = real_path(root)
        if not compile_commands_dir:
            return cls(root)
        folder = real_path(compile_commands_dir)
        return cls(root, os.path.relpath(folder, root) if f"{folder}/".startswith(f"{root}/") else folder)


@dataclass(frozen=True, slots=True)
class IndexFolder:
    """The folder of an index. ``root``: of its project, None where that is not known.

    ``size_bytes``: of all that is in it. ``used_s``: when it was last written, or gone through by a run (seconds since
    1970). ``writer``: the process that writes it now, 0 where it does not say who; None where nobody does. ``version``:
    of its schema, None where it has no index that could be read. ``foreign``: it came from another machine, and no
    project of this one has made it its own: that its project's folder is not here says nothing.
    """

    folder: str
    root: str | None
    size_bytes: int
    used_s: float
    writer: int | None
    version: int | None
    foreign: bool = False

    @property
    def path(self) -> str:
        """Of the index."""
        return os.path.join(self.folder, INDEX_NAME)

    @property
    def is_gone(self) -> bool:
        """Whether the project's folder is known not to be there."""
        return self.root is not None and not os.path.isdir(self.root)

    @property
    def is_of_this_version(self) -> bool:
        """Whether this cpplsp can read the index."""
        return self.version == SCHEMA_VERSION


def note_origin(index: str, origin: Origin) -> None:
    """Write beside an index (its path) of which project of this machine it is, if that is not there. Raises nothing."""
    origin = replace(origin, machine=_machine())
    found = read_origin(os.path.dirname(index))
    if found == origin and found.machine == origin.machine:
        return
    path = os.path.join(os.path.dirname(index), _ORIGIN_NAME)
    with contextlib.suppress(OSError):
        with open(f"{path}.new", "wb") as stream:
            stream.write(msgspec.json.encode(origin))
        os.replace(f"{path}.new", path)


def read_origin(folder: str) -> Origin | None:
    """Of which project the index in a folder is; None where nothing says it."""
    try:
        with open(os.path.join(folder, _ORIGIN_NAME), "rb") as stream:
            return msgspec.json.decode(stream.read(), type=Origin)
    except (OSError, msgspec.MsgspecError):
        return None


def index_folders(cache: str) -> Iterator[IndexFolder]:
    """The indexes in the cache, by the names of their folders."""
    return map(_look_at, folder_names(cache))


def folder_names(cache: str) -> Iterator[str]:
    """The folders of indexes in the cache, absolute, by name. What else lies there is left alone."""
    try:
        names = sorted(os.listdir(cache))
    except OSError:
        return
    for name in names:
        folder = os.path.join(cache, name)
        is_ours = _FOLDER.fullmatch(name) and not os.path.islink(folder) and os.path.isdir(folder)
        if is_ours and any(os.path.exists(os.path.join(folder, one)) for one in (INDEX_NAME, _LOCK_NAME)):
            yield folder


def folder_of(index: str) -> IndexFolder:
    """The folder in which an index (its path) lies."""
    return _look_at(os.path.dirname(index))


def _look_at(folder: str) -> IndexFolder:
    size_bytes, used_s = 0, 0.0
    for parent, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                found = os.lstat(os.path.join(parent, name))
                size_bytes += found.st_blocks * 512
                used_s = max(used_s, found.st_mtime)
    origin = read_origin(folder)
    root = origin.root if origin else None
    version = schema_version(os.path.join(folder, INDEX_NAME))
    foreign = origin is not None and origin.machine not in ("", _machine())
    return IndexFolder(folder, root, size_bytes, used_s, _writer(folder), version, foreign)


@cache
def _machine() -> str:
    """A digest of this machine's identity and of its name: containers made from one image differ in that."""
    identity = b""
    with contextlib.suppress(OSError), open("/etc/machine-id", "rb") as stream:
        identity = stream.read(64)
    return hashlib.blake2b(identity + os.fsencode(os.uname().nodename), digest_size=8).hexdigest()


def schema_version(path: str) -> int | None:
    """The schema's version of an index, from the file's header alone; None where it is no SQLite file."""
    try:
        with open(path, "rb") as stream:
            header = stream.read(100)
    except OSError:
        return None
    if not header.startswith(b"SQLite format 3\0"):
        return None
    return int.from_bytes(header[_USER_VERSION], "big")


def _writer(folder: str) -> int | None:
    try:
        descriptor = os.open(os.path.join(folder, _LOCK_NAME), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # Shared: others that look do not take each other for writers.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        return int(holder) if holder.isdecimal() else 0
    else:
        return None
    finally:
        os.close(descriptor)


def delete(folder: IndexFolder) -> None:
    """Delete an index with all that lies beside it. Raises LockedError while it is written, CacheError, OSError."""
    lock = WriterLock(folder.folder)
    try:
        shutil.rmtree(folder.folder)
    finally:
        lock.release()
