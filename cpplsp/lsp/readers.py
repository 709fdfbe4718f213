"""Where queries run: two threads of their own, each with a read-only connection, and a way to interrupt them.

Not the event loop, which must not wait, and not pygls' pool, whose threads cannot be stopped. A third query waits for
one of the first two.
"""

import asyncio
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from cpplsp.store.connection import CacheError, is_damage, open_reader, report_damage
from cpplsp.store.overlay import lift_off

log = logging.getLogger(__name__)

_THREADS = 2

T = TypeVar("T")


class NoIndexError(Exception):
    """There is no index that can be asked: not yet, not of this version, or not readable."""


class DamagedIndexError(NoIndexError):
    """The index is damaged; its next writer is told so."""


class _InterruptedError(Exception):
    """Nobody waits for this answer any longer."""


class LiesOver(Protocol):
    """What is needed of ``store.overlay.Overlay``."""

    @property
    def files(self) -> frozenset[str]:
        """The files of which it has facts."""

    @property
    def identity(self) -> tuple[int, int] | None:
        """Of the index that it lies over."""

    def attach(self, connection: sqlite3.Connection) -> None:
        """Lay it over what a connection reads."""


class Readers:
    """Asks one index. Its file may come later, go, and be replaced: each question sees the one that is there.

    ``elsewhere``: where another one is that does as long as there is none at this ``path``; asked once, on a thread.
    """

    def __init__(self, path: str, elsewhere: Callable[[], str] | None = None):
        self.path = path
        self._elsewhere: Callable[[], str] = cache(elsewhere or (lambda: path))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="query")
        self._local = threading.local()
        self._connections: set[sqlite3.Connection] = set()
        self._asked: set[_Asked[Any]] = set()
        self._told = ""
        self._is_closed = False
        self._overlay: LiesOver | None = None

    def lay_over(self, overlay: LiesOver) -> None:
        """Have all questions from now on see unsaved facts, too."""
        self._overlay = overlay

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Answer a question on one of the threads. Raises NoIndexError.

        When the caller is cancelled, or these readers are closed, the query is interrupted; that raises CancelledError.
        """
        if self._is_closed:
            raise NoIndexError("closed")
        asked = _Asked(question)
        self._asked.add(asked)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, asked)
        except _InterruptedError:
            raise asyncio.CancelledError from None
        finally:
            # After an answer there is nothing to interrupt, and this does nothing.
            asked.interrupt()
            self._asked.discard(asked)

    async def close(self) -> None:
        """Interrupt what runs, and let go of the threads and their connections."""
        self._is_closed = True
        for asked in list(self._asked):
            asked.interrupt()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def _answer(self, asked: "_Asked[T]") -> T:
        try:
            return asked.answer(self._connection())
        except (OSError, CacheError) as error:
            raise NoIndexError(str(error)) from error
        except sqlite3.DatabaseError as error:
            if asked.is_cancelled:
                raise _InterruptedError from error
            self._disconnect()
            if is_damage(error):
                report_damage(self.path)
                self._tell(f"the index {self.path} is damaged: {error}. It is made anew by the next indexing")
                raise DamagedIndexError(str(error)) from error
            self._tell(f"cannot read the index {self.path}: {error}")
            raise NoIndexError(str(error)) from error

    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread, to the file that has the name now."""
        path = self.path
        try:
            found = os.stat(path)
        except FileNotFoundError:
            path = self._elsewhere()
            found = os.stat(path)
        identity = (found.st_dev, found.st_ino)
        if getattr(self._local, "identity", None) != identity:
            self._disconnect()
            self._local.connection = open_reader(path)
            self._local.identity = identity
            self._local.overlay = None
            self._connections.add(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        overlay = self._overlay
        if overlay is not None and (not overlay.files or overlay.identity != identity):
            overlay = None
        if overlay is not self._local.overlay:
            if self._local.overlay is not None:
                self._local.overlay = None
                lift_off(connection)
            if overlay is not None:
                overlay.attach(connection)
                self._local.overlay = overlay
        return connection

    def _disconnect(self) -> None:
        if getattr(self._local, "identity", None) is not None:
            self._local.identity = None
            self._connections.discard(self._local.connection)
            self._local.connection.close()

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            log.warning("%s", text)


class _Asked(Generic[T]):
    """A question on its way. The lock sees to it that an interrupt hits no other question on its connection."""

    def __init__(self, question: Callable[[sqlite3.Connection], T]):
        self._question = question
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self.is_cancelled = False

    def answer(self, connection: sqlite3.Connection) -> T:
        with self._lock:
            if self.is_cancelled:
                raise _InterruptedError
            self._connection = connection
        # An interrupt ends a statement that runs; this ends the next one, too.
        connection.set_progress_handler(lambda: self.is_cancelled, 10_000)
        try:
            return self._question(connection)
        finally:
            with self._lock:
                self._connection = None
            connection.set_progress_handler(None, 0)

    def interrupt(self) -> None:
        with self._lock:
            self.is_cancelled = True
            if self._connection is not None:
                self._connection.interrupt()
