"""What identifies a content: of a file, of facts, of arguments."""

import errno
import hashlib
import os
import stat


def content_hash(content: bytes | memoryview) -> bytes:
    """BLAKE2b, 16 bytes."""
    return hashlib.blake2b(content, digest_size=16).digest()


def read_content(path: str) -> tuple[bytes, os.stat_result]:
    """All of a file, and how it looked when it was opened. Raises OSError, also where it is no regular file.

    A project can name anything: a pipe would be waited for without end, a device read without end.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", path)
        return stream.read(), found
