"""What a prelude holds: the manifest that lies beside its precompiled header.

libclang tells of a header in a precompiled header neither that a unit depends on it nor how it was read. The manifest
does: which files were read while the prelude was built, how, and which includes which.
"""

import glob
import os
import re
from collections.abc import Collection, Iterable

import msgspec
from msgspec import Struct

from cpplsp.content import content_hash, read_content
from cpplsp.facts import FileVersion

VERSION = 3
"""Of the manifest, and of how preludes are built: others are not used."""

PCH, HEADER, MANIFEST = ".pch", ".h", ".manifest"
"""What the three files of a prelude end in …"""
TOUCHED = ".touched"
"""… those that show a header as it lay on disk …"""
UNFINISHED = ".part"
"""… and beside that, while one is being written."""


_PLACEMENT = re.compile(r"-f(no-)?(pic|PIC|pie|PIE)")
"""How code is placed: clang refuses a prelude built with another one, though it changes no meaning (ADR 9)."""


def fitting(arguments: Iterable[str]) -> list[str]:
    """The arguments of a unit as they go with a prelude: without what sets apart units that are read alike."""
    return [argument for argument in arguments if not _PLACEMENT.fullmatch(argument)]


class Header(Struct, frozen=True, array_like=True, gc=False):
    """A file of a prelude. ``version``: as a unit depends on it. ``includes``: indices of what it includes.

    ``wide``: its characters outside ASCII (``columns.encode_wide``); ``has_mark``: it begins with a byte-order mark.
    ``size`` in bytes, ``mtime_ns``: as it lay on disk. libclang compares them: a header that was touched has to be
    shown to it as it lay there then (``worker.prelude``). ``names``: other absolute paths by which it was found.
    """

    version: FileVersion
    size: int
    mtime_ns: int
    includes: list[int]
    wide: bytes
    has_mark: bool
    names: list[str] = []

    def is_untouched(self) -> bool:
        """Whether it lies on disk as it did."""
        return self.lies_at(self.version.path)

    def lies_at(self, path: str) -> bool:
        """Whether a file has its size and time."""
        try:
            found = os.stat(path)
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (self.size, self.mtime_ns)

    def text(self) -> bytes | None:
        """Its content, from disk; None where that has become another one."""
        try:
            text, _ = read_content(self.version.path)
        except OSError:
            return None
        return text if content_hash(text) == self.version.content else None


class Manifest(Struct, frozen=True, array_like=True):
    """What is known of a prelude.

    ``built_ns``: when its building began. ``tested``: names that directives ask for in conditions: in which
    of those headers that have a guard, and so are read once only.

    ``redeclared``: symbols that several of its headers declare: indices of these.
    """

    version: int
    built_ns: int
    headers: list[Header]
    tested: dict[str, list[int]]
    redeclared: dict[int, list[int]]

    def closure(self, indices: Iterable[int]) -> set[int]:
        """These headers and all that they include, one through another."""
        found: set[int] = set()
        coming = list(indices)
        while coming:
            at = coming.pop()
            if at not in found:
                found.add(at)
                coming += self.headers[at].includes
        return found

    def has_changed(self) -> bool:
        """Whether a file of it is gone, or has another content."""
        return any(not header.is_untouched() and header.text() is None for header in self.headers)


class ManifestError(Exception):
    """A manifest that is not there, or none of this version."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Manifest)


def write(path: str, manifest: Manifest) -> None:
    """Put a manifest in place, whole or not at all. Raises OSError."""
    scratch = path + UNFINISHED
    with open(scratch, "wb") as stream:
        stream.write(_encoder.encode(manifest))
    os.replace(scratch, path)


def read(path: str) -> Manifest:
    """The manifest at a path. Raises ManifestError."""
    try:
        with open(path, "rb") as stream:
            manifest = _decoder.decode(stream.read())
    except (OSError, msgspec.DecodeError) as error:
        raise ManifestError(f"{path}: {error}") from error
    if manifest.version != VERSION:
        raise ManifestError(f"{path} is of another version")
    return manifest


def files(stem: str) -> Collection[str]:
    """The files of a prelude whose names begin with this path."""
    touched = glob.glob(f"{glob.escape(stem)}.*{TOUCHED}*")
    return [*(stem + suffix for suffix in (HEADER, MANIFEST, PCH)), *touched]
