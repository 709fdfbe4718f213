"""The source files below a folder: what is compiled when no compile database says so."""

import os
from collections.abc import Iterator

from cpplsp.project.language import is_source

MOST_SOURCES = 20_000
MOST_FOLDERS = 50_000

_PASSED_OVER = frozenset({"node_modules", "__pycache__", "CMakeFiles"})
_BUILD_MARKS = ("CMakeCache.txt", "build.ninja", "meson-info")


class SourceWalk:
    """One walk: iterate it once. ``cut`` says afterwards whether it stopped at its limits."""

    def __init__(self, root: str, most_sources: int = MOST_SOURCES, most_folders: int = MOST_FOLDERS):
        self._root = root
        self._most_sources = most_sources
        self._most_folders = most_folders
        self.cut = False

    def __iter__(self) -> Iterator[str]:
        """Absolute paths, folder by folder, sorted. Not looked at: hidden folders, build trees, linked folders."""
        sources = 0
        folders = [self._root]
        seen = 0
        while folders:
            folder = folders.pop()
            seen += 1
            if seen > self._most_folders:
                self.cut = True
                return
            files, below = _look(folder, is_root=folder == self._root)
            folders.extend(reversed(below))
            for path in files:
                if sources == self._most_sources:
                    self.cut = True
                    return
                sources += 1
                yield path


def _look(folder: str, is_root: bool) -> tuple[list[str], list[str]]:
    """The source files in a folder and the folders to look at next; nothing of a build tree."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return [], []
    if not is_root and any(entry.name in _BUILD_MARKS for entry in entries):
        return [], []
    files, below = [], []
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") and entry.name not in _PASSED_OVER:
                    below.append(entry.path)
            elif is_source(entry.name) and entry.is_file():
                files.append(entry.path)
        except OSError:
            continue
    return files, below
