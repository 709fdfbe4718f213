"""What is kept of a file's facts until all of them have come: they are written whole, or not at all.

A file of a million names has 30 MB of them. They are kept as a worker has encoded them, not as objects; and on disk,
beside the index, when they are more than a little. That file has no name: nothing is left of it when the process ends.
"""

import os
import struct
import tempfile
from collections.abc import Iterator
from types import TracebackType

from cpplsp.facts import MoreFacts
from cpplsp.protocol import part_facts
from cpplsp.store.connection import CacheError

IN_MEMORY_BYTES = 1 << 20
"""What a spool holds in memory. There is one for each worker, at most."""

_LENGTH = struct.Struct("<Q")


class Spool:
    """The parts of one file's facts, in their order. ``index``: path of the index beside which they may lie."""

    def __init__(self, index: str):
        self._folder = os.path.dirname(index)
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=self._folder)  # noqa: SIM115  # see close
        self.parts = 0

    def add(self, encoded: bytes | memoryview) -> None:
        """Keep a part: an encoded :class:`facts.MoreFacts`. Raises CacheError where it cannot be written."""
        try:
            self._file.write(_LENGTH.pack(len(encoded)))
            self._file.write(encoded)
        except OSError as error:
            raise CacheError(
                f"cannot write facts of a big file to {self._folder}: {error.strerror}. What was indexed is kept: make "
                "room, or choose another folder with --cache-dir, and run again"
            ) from error
        self.parts += 1

    def __iter__(self) -> Iterator[MoreFacts]:
        """Each part, one at a time. Call it when all have been added."""
        self._file.seek(0)
        while header := self._file.read(_LENGTH.size):
            yield part_facts.decode(self._file.read(_LENGTH.unpack(header)[0]))

    def close(self) -> None:
        """Forget them."""
        self._file.close()

    def __enter__(self) -> "Spool":
        """Go on."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget them."""
        self.close()
