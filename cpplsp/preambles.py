"""Preambles of files that are edited: what one includes, precompiled for it alone, as editors' compilers keep it.

A file that no prelude serves well is read with much of what it includes, each time typing pauses: its group has none,
or one that lacks much, or one of its headers has just been saved. What it includes is precompiled first then, without
the bodies of functions: that takes no longer than to read the file so, and serves until one of these headers changes.
"""

import contextlib
import os
from collections.abc import Collection

from cpplsp.manifest import PCH, files
from cpplsp.paths import Roots
from cpplsp.prelude.arguments import merged, search_path
from cpplsp.prelude.choosing import spelling
from cpplsp.prelude.shelf import serves
from cpplsp.protocol import Job, UnitDone
from cpplsp.query.files import guarded_includes
from cpplsp.store.index import Readable
from cpplsp.store.units import Unit

_SLOW_S = 1.5
"""Who takes longer to read (seconds of CPU) gets one the next time."""
_MOST = 3
"""So many are kept: each takes some 50 MiB on disk."""


class Preambles:
    """Those of one session. ``folder``: there they are kept; it is the caller's to delete."""

    def __init__(self, folder: str, roots: Roots):
        self._folder = folder
        self._roots = roots
        self._made: dict[str, str] = {}
        """By main file the paths of their files, without an ending; the one used last is at the end."""
        self._slow: set[str] = set()
        """Main files that took long to read."""
        self._declined: set[str] = set()
        """Main files that one does not help."""
        self._number = 0

    def find(self, main: str, texts: Collection[str]) -> str:
        """The precompiled header for a main file, '' where none serves; ``texts``: files that differ from the disk."""
        stem = self._made.get(main)
        if stem is None or not serves(stem + PCH, texts):
            return ""
        self._made[main] = self._made.pop(main)
        return stem + PCH

    def note(self, job: Job, done: UnitDone) -> None:
        """Note how a unit was read: whether one is wanted the next time, or does not help."""
        if done.unfit and self._is_own(job.prelude):
            self._declined.add(job.path)
        elif done.cpu_s > _SLOW_S and not self._is_own(job.prelude):
            self._slow.add(job.path)

    def is_best(self, job: Job) -> bool:
        """Whether nothing better is to be made than what a job was read under."""
        return self._is_own(job.prelude) or job.path not in self._slow or job.path in self._declined

    def _is_own(self, pch: str) -> bool:
        return pch.startswith(os.path.join(self._folder, ""))

    def plan(
        self, index: Readable, unit: Unit, epoch: int, texts: Collection[str], *, is_dear: bool
    ) -> Job | None:
        """The job that makes one for a unit that has none; None where none is wanted, or would help.

        ``texts``: files that differ from the disk: while a header is edited, what includes it is not precompiled.
        ``is_dear``: it is known to take long, if it has not been read yet. Raises OSError, sqlite3.Error.
        """
        is_wanted = (is_dear or unit.path in self._slow) and unit.path not in self._declined
        if not is_wanted or not {unit.path}.issuperset(texts):
            return None
        folders = search_path(unit.arguments, unit.directory)
        # One without a guard may mean something else each time, and would be there twice.
        targets = guarded_includes(index.db, index.roots, unit.path, unit.context)
        spelled = (spelling(path, folders, is_project=index.roots.is_project(path)) for path in targets)
        lines = tuple(line for line in spelled if line)
        if not lines:
            return None
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        self._number += 1
        return Job(
            unit.id,
            unit.path,
            unit.directory,
            merged(unit.arguments, unit.directory, ()),
            unit.context,
            epoch,
            [],
            self._roots.given,
            os.path.join(self._folder, f"{self._number}{PCH}"),
            headers=lines,
            unsaved={},  # nobody wants the facts of what it includes
        )

    def keep(self, main: str, pch: str) -> None:
        """One was made, at this path: the one before is of no use any longer."""
        if before := self._made.pop(main, None):
            _delete(before)
        self._made[main] = pch.removesuffix(PCH)
        self._declined.discard(main)
        while len(self._made) > _MOST:
            _delete(self._made.pop(next(iter(self._made))))

    def decline(self, main: str) -> None:
        """None can be made, as far as is known."""
        self._declined.add(main)


def _delete(stem: str) -> None:
    for path in files(stem):
        with contextlib.suppress(OSError):
            os.remove(path)
