"""What is typed and not saved: read when typing pauses, so that answers know of it.

Until a text has been read, places are mapped to it from what was read last (``lsp.buffers``).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Protocol

from cpplsp.content import content_hash, read_content
from cpplsp.lsp.buffers import is_text_of
from cpplsp.lsp.client import Client
from cpplsp.lsp.documents import Document

log = logging.getLogger(__name__)

_LEAST_PAUSE_S = 0.3
_MOST_PAUSE_S = 1.0
"""How long typing has to pause: half as long as the last reading took, within these."""
_WHOLE_AFTER_S = 2.0
"""… and until a text is read as a whole of which only what was edited has been read."""
_WHOLE_EACH_S = 15.0
"""… whoever types on and on."""


class ReadsTexts(Protocol):
    """What is needed of ``live.Live``; paths are real ones."""

    @property
    def files(self) -> frozenset[str]:
        """The files whose unsaved facts are in the answers."""

    @property
    def pids(self) -> list[int]:
        """The processes that it takes."""

    async def read(
        self, path: str, texts: Mapping[str, bytes], open_texts: Mapping[str, bytes]
    ) -> frozenset[str]:
        """Read a file with these texts; the files that are told of now, some of which may be others that are open."""

    async def skim(self, path: str, texts: Mapping[str, bytes]) -> frozenset[str]:
        """Read what was edited of a file since it was read; the files told of now, none where it has to be read."""

    async def affected(self, paths: Collection[str], open_files: Collection[str]) -> frozenset[str]:
        """Those of the open files that read one of these, others than these."""

    async def drop(self, paths: Collection[str]) -> None:
        """Forget what was unsaved of these files."""

    async def is_indexed(self, path: str, text: bytes) -> bool:
        """Whether the index tells of this text of a file."""

    async def close(self) -> None:
        """Let go of what it holds."""


class Unsaved:
    """The documents that are open in one workspace folder, as far as they differ from the disk.

    ``live``: gives what reads them, made with the first edit; another one when the project was opened anew. Everything
    is called on the event loop.
    """

    def __init__(
        self,
        live: Callable[[], Awaitable[ReadsTexts]],
        client: Client,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._make_live = live
        self._client = client
        self._clock = clock
        self._live: ReadsTexts | None = None
        self._open: dict[str, Document] = {}
        self._dirty: dict[str, float] = {}
        """When files were edited that have not been read since, the last one at the end."""
        self._skimmed: dict[str, float] = {}
        """When files were skimmed that are to be read as a whole."""
        self._skimmed_since_s = 0.0
        self._wants_whole = False
        """Somebody waits for that."""
        self._reading_whole: set[str] = set()
        self._changed_around: set[str] = set()
        """Files of which more than the text may have changed: what they include."""
        self._reading: set[str] = set()
        self._pause_s = _LEAST_PAUSE_S
        self._work: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()
        """There may be no need to wait any longer."""

    @property
    def pids(self) -> list[int]:
        """The processes that read what is typed."""
        return self._live.pids if self._live is not None else []

    def opened(self, document: Document) -> None:
        """A document was opened, maybe with a text that was never saved: editors keep those when they end."""
        self._open[document.path] = document
        if document.is_edited:
            self._read_soon([document.path])
        else:
            self._start(self._compare(document))

    def edited(self, document: Document) -> None:
        """A document was changed."""
        self._open[document.path] = document
        self._read_soon([document.path])

    def saved(self, document: Document) -> None:
        """A document was saved: whoever saves has paused."""
        if document.path in self._dirty:
            self._hurry_up()

    def closed(self, document: Document) -> None:
        """A document was closed: what was not saved of it is gone."""
        self._open.pop(document.path, None)
        self._dirty.pop(document.path, None)
        self._skimmed.pop(document.path, None)
        self._changed_around.discard(document.path)
        self._announce()
        if self._live is not None:
            self._start(self._forget(self._live, document))

    def settle(self) -> None:
        """The index was brought up to date: it speaks for what is saved by now; the rest may mean something else."""
        if self._live is not None and self._live.files:
            self._start(self._settle(self._live))

    async def wait_for(
        self, path: str | None, at_most_s: float, *, hurries: bool = False, is_whole: bool = False
    ) -> bool:
        """Return when what was typed in a file (None: in any) has been read, or when it has been long enough.

        ``hurries``: a person waits, and does not type: it is read at once. ``is_whole``: it has to be read as a whole.
        Whether it took that, and has been read now.
        """
        if not self._is_behind(path, is_whole=is_whole):
            return False
        self._wants_whole |= is_whole
        if hurries:
            self._hurry_up()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                while self._is_behind(path, is_whole=is_whole):
                    await self._changed.wait()
                return True
        return False

    def _hurry_up(self) -> None:
        """Do not wait for a pause of typing."""
        for path in self._dirty:
            self._dirty[path] -= _MOST_PAUSE_S
        self._hurry.set()

    def _announce(self) -> None:
        """Wake all that wait for something to be read."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _is_behind(self, path: str | None, *, is_whole: bool) -> bool:
        behind = self._dirty.keys() | self._reading
        if is_whole:
            behind |= self._skimmed.keys() | self._reading_whole
        return path in behind if path is not None else bool(behind)

    async def close(self) -> None:
        """Stop reading."""
        tasks = [*self._tasks, *([self._work] if self._work else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._live is not None:
            await self._live.close()

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_failure)

    def _read_soon(self, paths: Collection[str]) -> None:
        for path in paths:
            self._dirty.pop(path, None)
            self._dirty[path] = self._clock()
        self._hurry.set()
        if self._dirty and (self._work is None or self._work.done()):
            self._work = asyncio.create_task(self._read_all(), name="unsaved texts")
            self._work.add_done_callback(_log_failure)

    async def _compare(self, document: Document) -> None:
        """Find out whether a document that was opened is what is on disk."""
        saved = await asyncio.to_thread(_on_disk, document.path)
        if saved is not None and document.is_as_opened and not is_text_of(content_hash(saved), document.text):
            document.was_saved_as(saved.decode("utf-8", "surrogateescape"))
            self._read_soon([document.path])

    async def _forget(self, live: ReadsTexts, document: Document) -> None:
        await live.drop([document.path])
        if document.is_edited:
            self._read_soon(live.files & self._open.keys())

    async def _settle(self, live: ReadsTexts) -> None:
        edited = {path for path, document in self._open.items() if document.is_edited}
        kept = edited | await live.affected(edited, self._open.keys())
        for path in live.files - kept:
            document = self._open.get(path)
            if document is None or await live.is_indexed(path, document.encoded()):
                await live.drop([path])
        self._changed_around |= edited
        self._read_soon(edited & live.files)

    async def _read_all(self) -> None:
        while self._dirty or self._skimmed:
            left_s = self._due_s() - self._clock()
            if left_s > 0:
                self._hurry.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), left_s)
                continue  # meanwhile more may have been typed, or all been closed
            is_behind = bool(self._dirty)
            paths = [path for path in reversed(self._dirty or self._skimmed) if path in self._open]
            if is_behind:
                self._dirty.clear()
                self._reading = set(paths)
            else:
                self._skimmed.clear()
                self._reading_whole = set(paths)
            began_s = self._clock()
            try:
                self._live = await self._make_live()
                told = await self._skim(self._live, paths) if is_behind else set()
                if told:
                    self._note_skimmed(paths)
                else:
                    for path in paths:
                        self._skimmed.pop(path, None)
                        self._changed_around.discard(path)
                    told = await self._read(self._live, paths)
                await self._live.drop([path for path in told if path not in self._open])  # closed meanwhile
            finally:
                self._reading, self._reading_whole = set(), set()
                self._wants_whole &= bool(self._dirty or self._skimmed)
                self._announce()
            if is_behind:
                self._pause_s = min(max((self._clock() - began_s) / 2, _LEAST_PAUSE_S), _MOST_PAUSE_S)
            if told:
                self._start(self._client.refresh_tokens())

    def _due_s(self) -> float:
        """When something is to be read."""
        if self._dirty:
            return max(self._dirty.values()) + self._pause_s
        if self._wants_whole:
            return self._clock()
        return min(max(self._skimmed.values()) + _WHOLE_AFTER_S, self._skimmed_since_s + _WHOLE_EACH_S)

    def _note_skimmed(self, paths: Collection[str]) -> None:
        """These are to be read as a whole some time later."""
        if not self._skimmed:
            self._skimmed_since_s = self._clock()
        self._skimmed.update((path, self._clock()) for path in paths if path in self._open)

    async def _skim(self, live: ReadsTexts, paths: Sequence[str]) -> set[str]:
        """Read what was edited of an open file; nothing where more has to be read."""
        document = self._open.get(paths[0]) if len(paths) == 1 else None
        if document is None or document.path in self._changed_around or self._is_whole_due():
            return set()
        if await live.affected(paths, self._open.keys()) or await self._is_undone(live, document):
            return set()
        differing, _ = self._texts(document)
        return set(await live.skim(document.path, differing))

    def _is_whole_due(self) -> bool:
        """Whether somebody waits for the whole, or has typed for long since it was read."""
        is_long_ago = self._clock() - self._skimmed_since_s > _WHOLE_EACH_S
        return self._wants_whole or (bool(self._skimmed) and is_long_ago)

    async def _is_undone(self, live: ReadsTexts, document: Document) -> bool:
        """Whether the index tells of what is on the screen."""
        return not document.is_edited and await live.is_indexed(document.path, document.encoded())

    def _texts(self, document: Document) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """The texts that are unsaved, with this document's; those of all that are open."""
        for one in self._open.values():
            one.is_being_read()
        texts = {one.path: one.encoded() for one in self._open.values()}
        edited = {one.path for one in self._open.values() if one.is_edited or one is document}
        return {path: text for path, text in texts.items() if path in edited}, texts

    async def _read(self, live: ReadsTexts, paths: Collection[str]) -> set[str]:
        """Read these open files, and those that include them; the files that are told of now."""
        affected = await live.affected(paths, self._open.keys())
        self._reading |= affected
        told: set[str] = set()
        for path in (*paths, *affected):
            document = self._open.get(path)
            if document is None or path in told:
                continue
            if path not in affected and await self._is_undone(live, document):
                await live.drop([path])
                continue
            differing, texts = self._texts(document)
            told |= await live.read(path, differing, texts)
        return told


def _on_disk(path: str) -> bytes | None:
    try:
        return read_content(path)[0]
    except OSError:
        return None


def _log_failure(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("an unsaved text was not read", exc_info=error)
