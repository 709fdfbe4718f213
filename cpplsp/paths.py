"""Paths: the real path of a file, and how it is written in a cache that can move.

A real path has no links in it, and where a folder takes ``Foo.h`` and ``foo.h`` for one file (macOS, a drive of
Windows, ext4 with casefold) it is spelled as the folder lists it: one file has one real path.

Inside a cache a path is relative to a named root; the roots themselves are known only while running. So a
cache made in CI, or copied with its project, holds in the other place.
"""

import os
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

PROJECT = "project"
DATABASE = "database"
RESOURCE = "resource"
SYSTEM = "system"

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""What Python makes of bytes in a path that are not UTF-8, and JSON of half a surrogate pair."""


_MOST_FOLDERS = 1 << 13
_folds_case: dict[str, bool] = {}
"""Whether names in a folder (a real path) mean the same in capitals: it is asked of each file, and stays so."""


def real_path(path: str, directory: str = "") -> str:
    """Absolute path with links resolved, of a path in a directory ('': the current one).

    Links first, then ``..``: ``normpath`` is wrong behind a link.
    """
    return _as_listed(os.path.realpath(os.path.join(directory, path)))


class RealPaths:
    """:func:`real_path` of many files in few folders: each folder is resolved once. For as long as they stay."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def of(self, path: str, directory: str = "") -> str:
        """The real path of a file in a directory ('': the current one)."""
        path = os.path.join(directory, path)
        folder, name = os.path.split(path)
        if name in ("", ".", ".."):
            return real_path(path)
        real = self._folders.get(folder)
        if real is None:
            if len(self._folders) >= _MOST_FOLDERS:
                self._folders.clear()
            real = self._folders[folder] = real_path(folder)
        path = os.path.join(real, name)
        return real_path(path) if os.path.islink(path) else os.path.join(real, _name_as_listed(real, name))


def _as_listed(path: str) -> str:
    """A path without links, spelled as the folders in it list what it leads through."""
    spelled = "/"
    for name in path.split("/")[1:]:
        spelled = os.path.join(spelled, _name_as_listed(spelled, name))
    return spelled


def _name_as_listed(folder: str, name: str) -> str:
    """How a folder, if it folds case, lists what it finds by a name."""
    if not _folds(folder, name):
        return name
    try:
        alike = _listing(folder, os.stat(folder).st_mtime_ns).get(_folded(name), ())
        if name in alike:
            return name
        found = os.lstat(os.path.join(folder, name))
        return next(
            (one for one in alike if os.path.samestat(found, os.lstat(os.path.join(folder, one)))), name
        )
    except OSError:
        return name  # nothing is there


@lru_cache(maxsize=256)
def _listing(folder: str, mtime_ns: int) -> dict[str, list[str]]:
    """What is in a folder since it was changed last, by what names in it have in common that mean the same."""
    found: dict[str, list[str]] = {}
    for name in os.listdir(folder):
        found.setdefault(_folded(name), []).append(name)
    return found


def _folds(folder: str, name: str) -> bool:
    """Whether a folder finds a name that is spelled otherwise, too."""
    known = _folds_case.get(folder)
    if known is not None:
        return known
    other = name.swapcase()
    if other == name:
        return False
    try:
        found = os.lstat(os.path.join(folder, name))
    except OSError:
        return False  # nothing can be seen by it
    try:
        folds = os.path.samestat(found, os.lstat(os.path.join(folder, other)))
    except OSError:
        folds = False
    if len(_folds_case) >= _MOST_FOLDERS:
        _folds_case.clear()
    _folds_case[folder] = folds
    return folds


def _folded(name: str) -> str:
    """What names have in common that such a folder takes for one; macOS takes both ways to write an ``é``, too."""
    return unicodedata.normalize("NFC", name).casefold()


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

    @property
    def given(self) -> tuple[str, str, str]:
        """What they were made of, empty for those that are not there: as a job tells a worker."""
        return self.project, self.database or "", self.resource or ""

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
