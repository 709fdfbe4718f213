"""The folder of preludes beside an index: their files, what still holds, and what has to go."""

import contextlib
import os
from collections.abc import Collection

from cpplsp import manifest
from cpplsp.content import content_hash
from cpplsp.manifest import MANIFEST, PCH, Manifest, ManifestError

MOST_BYTES = 1 << 30
"""What the preludes of one project may take on disk."""

_FOLDER = "preludes"


class Shelf:
    """The preludes of one index. ``path``: of the index. A prelude's name is that of its files, without an ending."""

    def __init__(self, path: str):
        self.folder = os.path.join(os.path.dirname(path), _FOLDER)

    def pch(self, name: str) -> str:
        """The path of a prelude's precompiled header."""
        return os.path.join(self.folder, name + PCH)

    def new(self, *parts: str) -> str:
        """The name of a prelude made of these parts. Makes the folder. Raises OSError."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        return content_hash("\0".join(parts).encode("utf-8", "surrogateescape")).hex()

    def find(self, name: str) -> Manifest | None:
        """A prelude that can be used: its manifest. None when it is not whole, or one of its files has changed."""
        found = self._whole(name)
        return found if found and not found.has_changed() else None

    def _whole(self, name: str) -> Manifest | None:
        stem = os.path.join(self.folder, name)
        try:
            return manifest.read(stem + MANIFEST) if os.path.exists(stem + PCH) else None
        except ManifestError:
            return None

    def drop_unfinished(self, name: str) -> None:
        """Delete what was being written when its worker went: on a full disk nothing else finds room."""
        for path in manifest.files(os.path.join(self.folder, name)):
            with contextlib.suppress(OSError):
                os.remove(path + manifest.UNFINISHED)

    def use(self, name: str) -> None:
        """Note that a prelude is used: others go first."""
        with contextlib.suppress(OSError):
            os.utime(os.path.join(self.folder, name + MANIFEST))

    def size_bytes(self, name: str) -> int:
        """What a prelude takes on disk."""
        total = 0
        for path in manifest.files(os.path.join(self.folder, name)):
            with contextlib.suppress(OSError):
                total += os.path.getsize(path)
        return total

    def tidy(self, wanted: Collection[str], most_bytes: int = MOST_BYTES) -> list[str]:
        """Delete what is not wanted (names) or not whole, then what was used longest ago, down to the bound.

        Returns what is left: also what a changed file keeps from being used, since edits are undone, and branches
        switched back.
        """
        left: list[str] = []
        total = 0
        for name in sorted(wanted, key=self._used_s, reverse=True):
            size = self.size_bytes(name)
            if total + size <= most_bytes and self._whole(name):
                left.append(name)
                total += size
        with contextlib.suppress(OSError):
            for file in os.listdir(self.folder):
                if file.partition(".")[0] not in left:
                    os.remove(os.path.join(self.folder, file))
        return left

    def _used_s(self, name: str) -> float:
        try:
            return os.path.getmtime(os.path.join(self.folder, name + MANIFEST))
        except OSError:
            return 0.0


def serves(pch: str, texts: Collection[str]) -> bool:
    """Whether what is precompiled at a path is what is there now; ``texts``: files that differ from the disk."""
    try:
        found = manifest.read(pch.removesuffix(PCH) + MANIFEST)
    except ManifestError:
        return False
    return not found.has_changed() and not any(header.version.path in texts for header in found.headers)
