"""Opening a project: what the conversation needs of it, and of its indexer; loaded when it is asked for."""

import logging
from collections.abc import Callable, Sequence, Sized
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from cpplsp.config import Settings
from cpplsp.paths import Roots

if TYPE_CHECKING:
    from cpplsp.live import Live
    from cpplsp.runstate import Progress
    from cpplsp.store.overlay import Overlay

log = logging.getLogger(__name__)


class HasRun(Protocol):
    """What is needed of ``runstate.Summary``."""

    @property
    def units(self) -> int:
        """Units that there are."""

    @property
    def indexed(self) -> int:
        """Units that were read."""

    @property
    def revived(self) -> int:
        """Units that were put back as they were read before."""

    @property
    def failed(self) -> Sized:
        """Units that could not be read, now or when last tried."""

    @property
    def with_errors(self) -> int:
        """Units that were read but have errors."""


class RunsIndex(Protocol):
    """What is needed of ``indexer.Indexer``."""

    async def run(self) -> "HasRun":
        """Bring the index up to date. Raises CacheError, LockedError."""

    async def stop(self) -> None:
        """End the run and its workers."""

    def retry_failed(self) -> None:
        """Let the next run try all units again that failed."""

    def start_over(self) -> None:
        """Let the next run make the index anew."""

    async def prioritise(self, paths: Sequence[str]) -> bool:
        """Read the units of these files next; True when that takes another run."""

    async def wait_for(self, path: str) -> bool:
        """Return when no unit of this file is waiting; whether one was."""

    def close(self) -> None:
        """Let go of what it holds."""


class OpensProject(Protocol):
    """The ways to a project's roots and to its indexer, both blocking: called in a thread."""

    def roots(self) -> Roots:
        """Open the project. Raises ProjectError."""

    def database(self) -> str:
        """Path of the opened project's compile database; '' when there is none."""

    def is_superseded(self) -> bool:
        """Whether opening it again would find another compile database."""

    def has_changed(self) -> bool:
        """Whether files are compiled otherwise by now."""

    def indexer(self, on_progress: Callable[["Progress"], None]) -> RunsIndex:
        """The indexer of the opened project."""

    def live(self, roots: Roots, on_change: Callable[["Overlay"], None]) -> "Live":
        """What reads unsaved texts of the project, opened or not."""


_lives: "WeakSet[Live]" = WeakSet()


class ProjectOpener:
    """Opens a project for real."""

    def __init__(self, root: str, settings: Settings):
        self._root = root
        self._settings = settings

    def roots(self) -> Roots:
        """Open the project. Raises ProjectError."""
        # Here, as all of project and indexer: they are loaded in a thread, while the conversation begins.
        from cpplsp.project.project import Project

        self._project = Project.open(self._root, self._settings)
        for note in self._project.notes:
            log.info("%s", note)
        return self._project.roots

    def database(self) -> str:
        """Path of the opened project's compile database; '' when there is none."""
        return self._project.source

    def is_superseded(self) -> bool:
        """Whether opening it again would find another compile database."""
        return self._project.is_superseded()

    def has_changed(self) -> bool:
        """Whether files are compiled otherwise by now."""
        return self._project.has_changed()

    def indexer(self, on_progress: Callable[["Progress"], None]) -> RunsIndex:
        """The indexer of the opened project."""
        from cpplsp.indexer import Indexer
        from cpplsp.store.location import take_over

        take_over(self._root, self._settings.cache_dir, self._settings.compile_commands_dir)
        return Indexer(self._project, self._settings, on_progress, low_priority=True, beside=_live_pids)

    def live(self, roots: Roots, on_change: Callable[["Overlay"], None]) -> "Live":
        """What reads unsaved texts of the project, opened or not."""
        from cpplsp.live import Live
        from cpplsp.store.location import find_index

        path = find_index(self._root, self._settings.cache_dir, self._settings.compile_commands_dir)
        live = Live(path, roots, self._settings, on_change)
        _lives.add(live)
        return live


def _live_pids() -> list[int]:
    """The processes that read unsaved texts, of all folders: their memory counts with each indexer's."""
    return [pid for live in _lives for pid in live.pids]
