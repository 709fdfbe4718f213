"""Paths: the real path of a file, and how it is written in a cache that can move.

Inside a cache a path is relative to a named root; the roots themselves are known only while running. So a
cache made in CI, or copied with its project, holds in the other place.
"""

import os
import re
from dataclasses import dataclass, field

PROJECT = "project"
DATABASE = "database"
RESOURCE = "resource"
SYSTEM = "system"

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""What Python makes of bytes in a path that are not UTF-8, and JSON of half a surrogate pair."""


def real_path(path: str, directory: str = "/") -> str:
    """Absolute path with links resolved. Links first, then ``..``: ``normpath`` is wrong behind a link."""
    return os.path.realpath(os.path.join(directory, path))


def is_text(text: str) -> bool:
    """Whether a path or name can be written as UTF-8: SQLite and the wire take no other."""
    return text.isascii() or not _HALF_CHARACTER.search(text)


def is_within(path: str, directory: str) -> bool:
    """Whether an absolute path is the directory or lies in it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


@dataclass(frozen=True)
class Roots:
    """The named roots of one project, as real paths.

    ``project``: the workspace folder. ``database``: the folder of its compile database, when outside the
    project. ``resource``: clang's builtin headers.
    """

    project: str
    database: str | None = None
    resource: str | None = None
    _named: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Order the roots longest first: a file belongs to the innermost."""
        named = [(PROJECT, self.project)]
        if self.database and not is_within(self.database, self.project):
            named.append((DATABASE, self.database))
        if self.resource:
            named.append((RESOURCE, self.resource))
        named.sort(key=lambda item: (-len(item[1]), item[0]))
        object.__setattr__(self, "_named", tuple(named))

    def split(self, path: str) -> tuple[str, str]:
        """An absolute real path as (name of its root, path relative to it)."""
        for name, root in self._named:
            if is_within(path, root):
                return name, path[len(root.rstrip("/")) + 1 :]
        return SYSTEM, path.lstrip("/")

    def is_project(self, path: str) -> bool:
        """Whether a file is the project's own, to be indexed in full."""
        return self.split(path)[0] in (PROJECT, DATABASE)

    def join(self, root: str, path: str) -> str:
        """The absolute path of a file that :meth:`split` gave. A root that is not known now is under ``/``."""
        base = dict(self._named).get(root, "/")
        return os.path.join(base, path) if path else base

    def display(self, root: str, path: str) -> str:
        """A file as a person is told of it: relative in the project, absolute elsewhere."""
        return path if root == PROJECT and path else self.join(root, path)

    def generalise(self, text: str) -> str:
        """Text of a compile command with the roots' paths replaced by placeholders."""
        for name, root in self._named:
            if root != "/":
                text = text.replace(root, "\x00" + name + "\x00")
        return text

    def specialise(self, text: str) -> str:
        """The inverse of :meth:`generalise`, with the roots of now."""
        if "\x00" not in text:
            return text
        for name, root in self._named:
            text = text.replace("\x00" + name + "\x00", root)
        return text
