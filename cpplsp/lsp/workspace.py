"""A workspace folder: its settings, its index to ask, and the indexing of it."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from cpplsp.config import ConfigError, Settings, load_settings
from cpplsp.lsp.background import Background
from cpplsp.lsp.buffers import Buffer
from cpplsp.lsp.client import Client
from cpplsp.lsp.opening import OpensProject, ProjectOpener
from cpplsp.lsp.readers import DamagedIndexError, NoIndexError, Readers
from cpplsp.lsp.unsaved import ReadsTexts, Unsaved
from cpplsp.paths import Roots, is_within
from cpplsp.query.files import find_file, live_shards, snapshot, wide_map
from cpplsp.store.connection import index_path
from cpplsp.store.location import find_index

log = logging.getLogger(__name__)

PARK_S = 5.0
"""How long a question about an open file that the index has not yet waits for it. ccls waits 2 s."""

_MARKERS = (
    "compile_commands.json",
    os.path.join("build", "compile_commands.json"),
    "compile_flags.txt",
    ".git",
)

T = TypeVar("T")

Question = Callable[[sqlite3.Connection, Roots], Sequence[T]]
"""What is asked of an index; an empty answer is "nothing"."""


def find_root(path: str) -> str | None:
    """The project's folder for a file (real path): the nearest with a compile database or .git; None without one."""
    folder = os.path.dirname(path)
    while True:
        if any(os.path.exists(os.path.join(folder, marker)) for marker in _MARKERS):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def settings_for(
    root: str, editor: Mapping[str, object], flags: Mapping[str, object], client: Client
) -> Settings:
    """The settings for a folder. What cannot be used is shown, and the layer that holds it left out."""
    layers: tuple[tuple[Mapping[str, str], Mapping[str, object]], ...] = (
        (os.environ, editor),
        (os.environ, {}),
        ({}, {}),
    )
    for environ, lsp in layers:
        try:
            return load_settings(root, environ=environ, lsp=lsp, flags=flags)
        except ConfigError as error:
            client.show_error(str(error))
    return Settings()


class Workspace:
    """One folder (real path) that the client works in."""

    def __init__(self, root: str, settings: Settings, client: Client, opener: OpensProject | None = None):
        self.root = root
        self.settings = settings
        where = (root, settings.cache_dir, settings.compile_commands_dir)
        self._readers = Readers(index_path(*where), lambda: find_index(*where))
        self._opener = opener or ProjectOpener(root, settings)
        self.background = Background(root, self._opener, client, self._has_run)
        self.unsaved = Unsaved(self._make_live, client)
        self._live: ReadsTexts | None = None
        self._live_roots: Roots | None = None

    def _has_run(self) -> None:
        self.unsaved.settle()

    async def _make_live(self) -> ReadsTexts:
        roots = await self.background.roots()
        if self._live is None or self._live_roots != roots:
            old, self._live = (
                self._live,
                await asyncio.to_thread(self._opener.live, roots, self._readers.lay_over),
            )
            self._live_roots = roots
            if old is not None:
                await old.close()
        return self._live

    def holds(self, path: str) -> bool:
        """Whether a file (real path) lies in this folder."""
        return is_within(path, self.root)

    async def ask(self, question: Question[T]) -> Sequence[T]:
        """Ask the index; it has nothing to say while there is none."""
        roots = await self.background.roots()
        try:
            return await self._readers.ask(lambda db: _in_one_state(db, question, roots))
        except DamagedIndexError:
            self.background.run_again()
            return []
        except NoIndexError as error:
            log.debug("no answer: %s", error)
            return []

    async def ask_about(self, path: str, question: Question[T], buffer: Buffer | None) -> Sequence[T]:
        """Ask about a file (real path). One that is open (``buffer``) is waited for, if the index is yet to read it.

        So it is if the index has another text, of which it is not known how it became what is on the screen.
        """

        def ask_if_known(db: sqlite3.Connection, roots: Roots) -> list[Sequence[T]]:
            return [question(db, roots)] if buffer is None or _is_known(db, roots, path, buffer) else []

        answers = await self.ask(ask_if_known)
        if buffer is not None and not answers:
            await self.background.wait_for(path, PARK_S)
            return await self.ask(question)
        return answers[0] if answers else []

    async def close(self) -> None:
        """Stop asking and indexing."""
        await asyncio.gather(self._readers.close(), self.unsaved.close(), self.background.stop())


def _in_one_state(db: sqlite3.Connection, question: Question[T], roots: Roots) -> Sequence[T]:
    with snapshot(db):
        return question(db, roots)


def _is_known(db: sqlite3.Connection, roots: Roots, path: str, buffer: Buffer) -> bool:
    file = find_file(db, roots, path)
    return file is not None and bool(live_shards(db, file)) and buffer.knows(wide_map(db, roots, path))
