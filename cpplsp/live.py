"""Unsaved texts, read by a worker of their own and laid over the index: what an editor shows is what is asked about.

The worker reads a unit as the indexer's do, under its prelude if it has one, with the texts of the editor in place of
the files. It is started with the first edit and let go some time after the last one.
"""

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec import structs

from cpplsp.bodies import Edit, completed, edit_of, emptied, is_there
from cpplsp.config import Settings
from cpplsp.content import content_hash
from cpplsp.facts import FileFacts, UnitState
from cpplsp.paths import Roots
from cpplsp.preambles import Preambles
from cpplsp.prelude.shelf import Shelf, serves
from cpplsp.protocol import Claim, File, Grant, Job, Part, UnitDone
from cpplsp.query.files import count_occurrences, indexed_contents
from cpplsp.scheduler.governor import Governor
from cpplsp.scheduler.processes import Nursery, StartError, Worker, WorkerGoneError
from cpplsp.store.connection import CacheError, open_reader
from cpplsp.store.held import HeldFile, HeldFiles
from cpplsp.store.index import OpenedIndex
from cpplsp.store.overlay import Overlay
from cpplsp.store.preludes import prelude_name
from cpplsp.store.units import Unit, load_unit, reads_any, units_of

log = logging.getLogger(__name__)

T = TypeVar("T")

_WITHIN_S = 120.0
"""A text that takes longer to read is given up, until it is edited again."""
_REST_AFTER_S = 60.0
"""The worker is let go when nothing has been edited for so long."""
_LEAST_KEPT = 0.8
"""A text with more errors than before, of which less is understood than this, is not taken: somebody is typing."""
_MOST_WHOLES = 3
"""Of so many files is kept how they were read last."""
_MOST_KEPT = 30_000
"""Occurrences of such a file, at most: some 6 MiB. The biggest of rocksdb has 17,000."""
_LEAST_SPARED = 50
"""Lines in bodies that were not edited: with less, a text is read as a whole at once."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What the worker is to read, and the texts whose facts are wanted."""

    job: Job
    texts: Mapping[str, bytes]
    overlay: Overlay
    preambles: Preambles
    preamble: Job | None = None
    """What is to be made first."""
    edited: "tuple[Edit, _Whole] | None" = None
    """Only this is read of a main file that was read so."""


@dataclass(frozen=True, slots=True)
class _Whole:
    """How a main file was read as a whole, without an error: the texts were its own, and others that were unsaved.

    ``around``: the other files that it has read, and their contents.
    """

    job: Job
    texts: Mapping[str, bytes]
    facts: FileFacts
    around: frozenset[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class _Measure:
    """How well a text was understood: its occurrences, its size in bytes, and errors of the unit."""

    occurrences: int
    size: int
    errors: int = 0

    def is_lost_in(self, new: "_Measure") -> bool:
        """Whether much of it is missing in a later text, though that is not that much shorter."""
        expected = self.occurrences * min(1.0, new.size / max(self.size, 1))
        return new.errors > self.errors and new.occurrences < _LEAST_KEPT * expected


class Live:
    """The unsaved texts of one project. ``path``: of its index; ``roots``: the project's. All calls on the event loop.

    ``on_change``: called when there is another overlay to ask through.
    """

    def __init__(self, path: str, roots: Roots, settings: Settings, on_change: Callable[[Overlay], None]):
        self._path = path
        self._roots = roots
        self._settings = settings
        self._on_change = on_change
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="unsaved")
        self._over: tuple[Overlay, Preambles] | None = None
        """The overlay, and preambles that lie beside it and go with it."""
        self._nursery: Nursery | None = None
        self._worker: Worker | None = None
        self._reading = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None
        self._resting: asyncio.Task[None] | None = None
        self._epoch = 0
        self._measures: dict[str, _Measure] = {}
        self._wholes: dict[str, _Whole] = {}

    @property
    def files(self) -> frozenset[str]:
        """The files (absolute real paths) of which the overlay tells."""
        return self._over[0].files if self._over else frozenset()

    @property
    def pids(self) -> list[int]:
        """Its processes, whose memory counts with the indexer's."""
        found = (one.pid for one in (self._nursery, self._worker) if one)
        return [pid for pid in found if pid]

    async def read(
        self, path: str, texts: Mapping[str, bytes], open_texts: Mapping[str, bytes]
    ) -> frozenset[str]:
        """Read a file (absolute real path) with these texts in place of what is on disk; the files now told of.

        ``texts``: of all files that differ from the disk, and of ``path``. ``open_texts``: of all that are open: a
        header is read by way of one of these, if any includes it, and that is told of, too. Nothing comes of it, and it
        is logged, where the worker goes or is given up.
        """
        return await self._worked(path, self._prepare, path, texts, open_texts)

    async def skim(self, path: str, texts: Mapping[str, bytes]) -> frozenset[str]:
        """Read what was edited of a main file since it was read; of the bodies of other functions what was told holds.

        Nothing comes of it where that is not possible, or not much faster than to read it as a whole, which is to be
        done after it. The rest as in :meth:`read`.
        """
        whole = self._wholes.get(path)
        if whole is None or {**whole.texts, path: b""} != {**texts, path: b""}:
            return frozenset()
        return await self._worked(path, self._prepare_edit, path, texts, whole)

    async def _worked(
        self, path: str, prepare: Callable[..., _Task | None], *arguments: Any
    ) -> frozenset[str]:
        """Do a task for a file, that is prepared by this in the thread; the files now told of."""
        async with self._reading:
            self._keep_awake()
            try:
                task = await self._do(prepare, *arguments)
                return await self._try(task) if task else frozenset()
            except (StartError, WorkerGoneError, TimeoutError) as error:
                log.warning(
                    "%s: its unsaved text was not read: %s", path, error or f"not done in {_WITHIN_S:.0f} s"
                )
                await self._let_go()
            except FileNotFoundError:
                log.debug("%s: there is no index yet that its unsaved text could be laid over", path)
            except (OSError, sqlite3.Error, CacheError) as error:
                log.warning("%s: what is unsaved of it is not in the answers: %s", path, error)
            finally:
                self._keep_awake()
        return frozenset()

    async def affected(self, paths: Collection[str], open_files: Collection[str]) -> frozenset[str]:
        """Those of the open files that read one of these (absolute real paths), others than these."""
        return await self._do(self._affected, frozenset(paths), frozenset(open_files) - frozenset(paths))

    async def drop(self, paths: Collection[str]) -> None:
        """Let the index speak for these files again."""
        for path in paths:
            self._wholes.pop(path, None)
        if self._over and self.files & set(paths):
            for path in paths:
                self._measures.pop(path, None)
            await self._do(self._over[0].drop, frozenset(paths))

    async def is_indexed(self, path: str, text: bytes) -> bool:
        """Whether the index tells of this very text of a file."""
        return await self._do(self._is_indexed, path, text)

    async def close(self) -> None:
        """End the worker, and delete the overlay."""
        if self._rest:
            self._rest.cancel()
        if self._resting:
            self._resting.cancel()
            await asyncio.gather(self._resting, return_exceptions=True)
        await self._let_go()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        if self._over:
            await asyncio.to_thread(self._over[0].close)

    async def _do(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in the thread that knows the overlay."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*arguments))

    # In the thread

    def _prepare(
        self, path: str, texts: Mapping[str, bytes], open_texts: Mapping[str, bytes]
    ) -> _Task | None:
        """Find out how a file is read; None where no unit reads it."""
        with contextlib.closing(open_reader(self._path)) as db:
            index = OpenedIndex(db, self._roots)
            unit = _unit_for(index, path, open_texts.keys())
            if unit is None:
                return None
            for one in texts.keys() - self._measures.keys():
                if (measure := _measure(index, one)) is not None:
                    self._measures[one] = measure
            overlay, preambles = self._laid_over()
            if unit.path in open_texts:
                texts = {**texts, unit.path: open_texts[unit.path]}
            name = prelude_name(db, unit)
            pch, preamble = preambles.find(unit.path, texts.keys()), None
            if not pch:
                shared = Shelf(self._path).pch(name) if name else ""
                pch = shared if shared and serves(shared, texts.keys()) else ""
                is_stale = bool(shared and not pch)
                preamble = preambles.plan(index, unit, self._new_epoch(), texts.keys(), is_dear=is_stale)
        job = Job(
            unit.id,
            unit.path,
            unit.directory,
            unit.arguments,
            unit.context,
            self._new_epoch(),
            [],
            self._roots.given,
            pch,
            unsaved=overlay.hold(texts),
        )
        return _Task(job, texts, overlay, preambles, preamble)

    def _prepare_edit(self, path: str, texts: Mapping[str, bytes], whole: _Whole) -> _Task | None:
        """What is to be read of a main file that was read; None where that is hardly less."""
        overlay, preambles = self._laid_over()
        pch = whole.job.prelude
        if not preambles.is_best(whole.job) or (pch and not serves(pch, texts.keys())):
            return None
        edit = edit_of(whole.facts, whole.texts[path], texts[path])
        if edit.spared < _LEAST_SPARED:
            return None
        held = overlay.hold({**texts, path: emptied(texts[path], edit)})
        job = structs.replace(whole.job, epoch=self._new_epoch(), unsaved=held)
        return _Task(job, texts, overlay, preambles, edited=(edit, whole))

    def _new_epoch(self) -> int:
        """For a session of its own: bodies of headers that were edited are not to be passed over."""
        self._epoch += 1
        return self._epoch

    def _laid_over(self) -> tuple[Overlay, Preambles]:
        """What lies over the index that is there now."""
        if self._over is None or self._over[0].is_of_another_index():
            if self._over:
                self._over[0].close()
            self._over = None
            self._wholes.clear()
            overlay = Overlay(self._path, self._roots)
            self._over = overlay, Preambles(overlay.folder("preambles"), self._roots)
        return self._over

    def _affected(self, paths: frozenset[str], open_files: frozenset[str]) -> frozenset[str]:
        try:
            with contextlib.closing(open_reader(self._path)) as db:
                index = OpenedIndex(db, self._roots)
                return frozenset(path for path in open_files if reads_any(index, path, paths))
        except (OSError, sqlite3.Error, CacheError):
            return frozenset()

    def _is_indexed(self, path: str, text: bytes) -> bool:
        try:
            with contextlib.closing(open_reader(self._path)) as db:
                return indexed_contents(db, self._roots, path) == {content_hash(text)}
        except (OSError, sqlite3.Error, CacheError):
            return False

    # The worker

    async def _try(self, task: _Task) -> frozenset[str]:
        """Do a task, once more if the worker goes: it may have been killed for something else."""
        try:
            return await self._read(task)
        except WorkerGoneError as error:
            log.warning("%s: %s; it is read anew", task.job.path, error)
            await self._let_go()
            return await self._read(task)

    async def _read(self, task: _Task) -> frozenset[str]:
        held = HeldFiles(self._path)
        try:
            return await self._take(task, held)
        finally:
            held.close()

    async def _take(self, task: _Task, held: HeldFiles) -> frozenset[str]:
        """Have the worker do a task; ``held``: takes what comes."""
        worker, unit, job = await self._awake(), task.job.unit, task.job

        def take(message: File | Part) -> None:
            if isinstance(message, File) and message.more:
                held.begin(unit, message.facts)
            elif isinstance(message, File):
                held.hold(unit, HeldFile(message.facts))
            elif whole := held.part(unit, memoryview(message.facts), is_last=not message.more):
                held.hold(unit, whole)

        async with asyncio.timeout(_WITHIN_S):
            if task.preamble:
                pch = await self._precompile(worker, task, task.preamble)
                job = structs.replace(job, prelude=pch or job.prelude)
            message = await _converse(worker, job, take, () if task.edited else task.texts)
        if message.state not in (UnitState.INDEXED, UnitState.ERRORS):
            log.info("%s: its unsaved text cannot be read: %s", task.job.path, message.error)
            if message.state in (UnitState.CRASHED, UnitState.OUT_OF_MEMORY):
                await self._let_go()
            return frozenset()
        log.debug("%s: its unsaved text was read in %.2f s of CPU", task.job.path, message.cpu_s)
        read = list(held.of(unit))
        if task.edited:
            kept = await self._do(self._joined, task, message, read)
        else:
            kept = await self._do(self._understood, task, job, message, read)
        if kept or not task.edited:
            await self._do(task.overlay.put, kept, task.job.context, task.texts)
            self._on_change(task.overlay)
        if not task.edited:
            await self._do(task.preambles.note, job, message)
        return frozenset(one.facts.path for one in kept if not one.facts.partial)

    def _understood(
        self, task: _Task, job: Job, message: UnitDone, read: Iterable[HeldFile]
    ) -> list[HeldFile]:
        """What is to be told of texts that were read as a whole; that of the main file is kept for its next edit."""
        kept = [
            one
            for one in read
            if one.facts.partial
            or (one.facts.path in task.texts and self._is_understood(one, task.texts, message.errors))
        ]
        around = frozenset((one.path, one.content) for one in message.dependencies if one.path != job.path)
        if (before := self._wholes.get(job.path)) and before.around != around:
            self._wholes.pop(job.path, None)
        main = _facts_of(job.path, kept)
        if main and main.occurrences <= _MOST_KEPT and not message.errors and not message.unfit:
            self._wholes.pop(job.path, None)
            self._wholes[job.path] = _Whole(job, task.texts, main.whole(), around)
        while len(self._wholes) > _MOST_WHOLES:
            self._wholes.pop(next(iter(self._wholes)), None)
        return kept

    def _joined(self, task: _Task, message: UnitDone, read: Iterable[HeldFile]) -> list[HeldFile]:
        """What is to be told of a main file of which only what was edited was read.

        Nothing where there is an error: it may be of a body that was emptied, or of a text that is not understood.
        """
        assert task.edited is not None
        edit, whole = task.edited
        path = task.job.path
        main = _facts_of(path, read)
        if message.unfit or message.errors or main is None:
            log.debug("%s: it is read as a whole: %s", path, message.unfit or message.error)
            return []
        facts = main.whole()
        if not is_there(facts, edit):
            log.debug("%s: it is read as a whole: functions that were not edited are gone", path)
            return []
        log.debug("%s: read without %d lines of bodies", path, edit.spared)
        outside = [one for one in read if one.facts.partial]
        return [HeldFile(completed(facts, whole.facts, edit, task.texts[path])), *outside]

    async def _precompile(self, worker: Worker, task: _Task, job: Job) -> str:
        """Have what a file includes precompiled: the path of that; '' where it cannot be."""
        # Until it is made: if the worker dies of it, it is not asked again.
        await self._do(task.preambles.decline, task.job.path)
        done = await _converse(worker, job, lambda message: None, ())
        if done.state not in (UnitState.INDEXED, UnitState.ERRORS):
            log.debug("%s: what it includes cannot be precompiled: %s", task.job.path, done.error)
            return ""
        log.debug("%s: what it includes was precompiled in %.1f s", task.job.path, done.cpu_s)
        await self._do(task.preambles.keep, task.job.path, job.prelude)
        return job.prelude

    def _is_understood(self, held: HeldFile, texts: Mapping[str, bytes], errors: int) -> bool:
        """Whether a text is no fragment of which clang has lost most, as when a bracket is open.

        What was understood last is mapped to what is on the screen until then.
        """
        path = held.facts.path
        new = _Measure(held.occurrences, len(texts[path]), errors)
        old = self._measures.get(path)
        if old and old.is_lost_in(new):
            log.debug("%s: of its unsaved text too little is understood", path)
            return False
        self._measures[path] = new
        return True

    async def _awake(self) -> Worker:
        """The worker, started if there is none."""
        if self._worker is None:
            if self._nursery is None:
                nursery = Nursery(self._settings.libclang, low_priority=False)
                await nursery.__aenter__()
                self._nursery = nursery
            self._worker = await self._nursery.spawn()
            governor = Governor(self._settings.memory_budget, 1)
            await asyncio.to_thread(governor.sample, self.pids)
            self._worker.limit(governor.room_bytes())
        return self._worker

    async def _let_go(self) -> None:
        worker, self._worker = self._worker, None
        nursery, self._nursery = self._nursery, None
        if worker and nursery:
            worker.kill()
            nursery.retire(worker)
        if nursery:
            await nursery.__aexit__()

    def _keep_awake(self) -> None:
        """Let the worker go some time from now."""
        if self._rest:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(_REST_AFTER_S, self._begin_rest)

    def _begin_rest(self) -> None:
        self._rest = None

        async def rest() -> None:
            async with self._reading:
                await self._let_go()

        self._resting = asyncio.create_task(rest())


async def _converse(
    worker: Worker, job: Job, take: Callable[[File | Part], None], granted: Collection[str]
) -> UnitDone:
    """Have a worker do a job: what it tells is taken, files (absolute) are granted. Raises WorkerGoneError."""
    await worker.send(job)
    while not isinstance(message := await worker.receive(), UnitDone):
        if isinstance(message, Claim):
            wanted = [at for at, one in enumerate(message.files) if one.path in granted]
            await worker.send(Grant(job.unit, wanted))
        elif isinstance(message, File | Part):
            take(message)
    return message


def _facts_of(path: str, read: Iterable[HeldFile]) -> HeldFile | None:
    """All that was read of a file, not what others refer to in it."""
    return next((one for one in read if one.facts.path == path and not one.facts.partial), None)


def _unit_for(index: OpenedIndex, path: str, open_files: Collection[str]) -> Unit | None:
    """The unit by which a file is read: its own; of a header's, that of an open file rather than the first."""
    units = units_of(index, path)
    if not units:
        return None
    for unit in units if len(units) > 1 and open_files else ():
        loaded = load_unit(index, unit)
        if loaded.path in open_files:
            return loaded
    return load_unit(index, units[0])


def _measure(index: OpenedIndex, path: str) -> _Measure | None:
    """How well a file is understood that is on disk as it is in the index; None where that has nothing of it."""
    count = count_occurrences(index.db, index.roots, path)
    try:
        return _Measure(count, os.path.getsize(path)) if count else None
    except OSError:
        return None
