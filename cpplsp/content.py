"""What identifies a content: of a file, of facts, of arguments."""

import errno
import hashlib
import os
import stat
from typing import BinaryIO


def content_hash(content: bytes | memoryview) -> bytes:
    """BLAKE2b, 16 bytes."""
    return hashlib.blake2b(content, digest_size=16).digest()


def look(found: os.stat_result) -> tuple[int, int, int]:
    """How a file looks: size, modification time (ns) and inode. One that looks the same is taken to be the same."""
    return found.st_size, found.st_mtime_ns, found.st_ino


def open_content(path: str) -> BinaryIO:
    """Open a file to be read. Raises OSError, also where it is no regular file.

    A project can name anything: a pipe would be waited for without end, a device read without end.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "it is no regular file", path)


def read_content(path: str) -> tuple[bytes, os.stat_result]:
    """All of a file, and how it looked when it was opened. Raises what :func:`open_content` does."""
    with open_content(path) as stream:
        found = os.fstat(stream.fileno())
        return stream.read(), found
