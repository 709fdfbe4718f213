"""Response files: ``@file`` in a command stands for the words in that file.

A database that comes from anyone could name any file on the machine; only files of the project, of its database's
folder and of the command's own directory are read.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import methodcaller

from cpplsp.paths import is_within, real_path
from cpplsp.project.shell import split_command

_IS_REFERENCE = methodcaller("startswith", "@")
_MOST_BYTES = 8 << 20
_MOST_DEPTH = 8


class ResponseFiles:
    """Expands response files; ``folders`` (real paths) are those that may be read from.

    ``note``: told of each that is read, or is not there.
    """

    def __init__(self, folders: Iterable[str], note: Callable[[str], None] = lambda _path: None):
        self._note = note
        self._folders = tuple(folders)
        # A target's units share its files. By size and time: they change while a server runs.
        self._read: Callable[[str, int, int], tuple[str, ...] | None] = lru_cache(maxsize=32)(_words)

    def expand(self, words: Sequence[str], directory: str, refused: list[str]) -> Sequence[str]:
        """The words with every ``@file`` replaced; those that may not be read are left out and named."""
        if not any(map(_IS_REFERENCE, words)):
            return words
        budget = [_MOST_BYTES]
        return list(self._expand(words, directory, refused, budget, 0))

    def _expand(
        self, words: Sequence[str], directory: str, refused: list[str], budget: list[int], depth: int
    ) -> Iterator[str]:
        for word in words:
            if not word.startswith("@"):
                yield word
                continue
            inner = self._open(word[1:], directory, budget) if depth < _MOST_DEPTH else None
            if inner is None:
                refused.append(word)
            else:
                yield from self._expand(inner, directory, refused, budget, depth + 1)

    def _open(self, name: str, directory: str, budget: list[int]) -> tuple[str, ...] | None:
        path = real_path(name, directory)
        own = (directory,) if directory != "/" else ()
        if not any(is_within(path, folder) for folder in (*self._folders, *own)):
            return None
        self._note(path)
        try:
            status = os.stat(path)
        except OSError:
            return None
        budget[0] -= status.st_size
        if not stat.S_ISREG(status.st_mode) or budget[0] < 0:
            return None
        return self._read(path, status.st_size, status.st_mtime_ns)


def _words(path: str, size: int, _mtime_ns: int) -> tuple[str, ...] | None:
    try:
        with open(path, "rb") as stream:
            text = stream.read(size).decode("utf-8-sig", "replace")
    except OSError:
        return None
    return tuple(split_command(text.replace("\x00", "\ufffd")))
