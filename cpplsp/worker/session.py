"""One unit after another through one libclang indexing session.

A session (``CXIndexAction``) skips bodies in headers that it has parsed before: that is the only thing kept from
one unit to the next, beside the names of what has been reported. A session lasts as long as the way of reading (the
context) and the epoch stay: a header whose claim became void must be reported anew, and a session that has
passed it would keep silent about its bodies.
"""

import os
import resource
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cpplsp.content import content_hash, open_content
from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.paths import Roots, real_path
from cpplsp.protocol import Job, UnitDone
from cpplsp.worker import libclang as c
from cpplsp.worker.assemble import file_facts, partial_facts
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import FileTable, SourceFile
from cpplsp.worker.memory import PeakMeter, give_back, private_bytes
from cpplsp.worker.outside import outside_facts
from cpplsp.worker.parse import Action, refused_arguments, with_own_headers
from cpplsp.worker.shapes import note_skipped
from cpplsp.worker.spelled import Speller

Ask = Callable[[list[FileVersion]], list[int]]
"""Ask which of these headers to report: their indices."""
Send = Callable[[FileFacts], None]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a unit went, as ``UnitDone`` has it. ``missed``: what was granted and has not been collected."""

    state: UnitState
    error: str = ""
    errors: int = 0
    dependencies: list[FileVersion] = field(default_factory=list)
    missed: list[FileVersion] = field(default_factory=list)


class Session:
    """What a worker keeps between units that are read in one way."""

    def __init__(self, libclang: c.Libclang, context: str, epoch: int):
        self._libclang = libclang
        self.context = context
        self.epoch = epoch
        self.claimed: dict[str, set[bytes]] = {}
        """Headers that are claimed, and the shapes of which this session has asked."""
        self._told: set[tuple[int, bool]] = set()
        """Symbols outside the project that have been reported: whether declared or defined."""
        self._action = Action(libclang)

    def close(self) -> None:
        """Dispose of the session."""
        self._action.close()

    def run(self, job: Job, ask: Ask, send: Send) -> UnitDone:
        """Index one unit: its facts through ``send``, file by file; then how it went."""
        meter = PeakMeter()
        meter.start()
        started = _cpu_s()
        for path in job.claimed:
            self.claimed.setdefault(path, set())
        reason = _unreadable(job)
        outcome = _Outcome(UnitState.FAILED, reason, 1) if reason else self._index(job, ask, send)
        peak = meter.peak_bytes()
        give_back()
        return UnitDone(
            job.unit,
            outcome.state,
            outcome.error,
            outcome.errors,
            outcome.dependencies,
            _cpu_s() - started,
            peak,
            private_bytes(),
        )

    def _index(self, job: Job, ask: Ask, send: Send) -> _Outcome:
        """Index a unit that can be read; if libclang refuses some of its arguments, without them."""
        os.chdir(job.directory)
        outcome = self._parse(job, job.arguments, ask, send)
        if outcome.state != UnitState.FAILED or outcome.dependencies:
            return outcome
        refused = refused_arguments(self._libclang, job.path, job.arguments)
        if not refused:
            return outcome
        left = [argument for at, argument in enumerate(job.arguments) if at not in refused]
        outcome = self._parse(job, left, ask, send)
        names = " ".join(job.arguments[at] for at in sorted(refused))
        note = f"libclang does not take these arguments, they were left out: {names}"
        if outcome.state == UnitState.INDEXED:
            return _Outcome(UnitState.ERRORS, note, 1, outcome.dependencies)
        return _Outcome(outcome.state, f"{outcome.error} ({note})", outcome.errors, outcome.dependencies)

    def _parse(self, job: Job, arguments: list[str], ask: Ask, send: Send) -> _Outcome:
        """Read a unit, and once more if headers that are claimed have something else to tell as it reads them."""
        main = real_path(job.path)

        def is_wanted(path: str) -> bool:
            return path == main or path not in self.claimed

        def claim(headers: list[FileVersion]) -> list[int]:
            new = [at for at, one in enumerate(headers) if one.skipped not in self.claimed.get(one.path, ())]
            granted = [new[index] for index in ask([headers[at] for at in new])] if new else []
            for one in headers:
                self.claimed.setdefault(one.path, set()).add(one.skipped)
            return granted

        outcome = self._read(job, arguments, self._action, is_wanted, claim, send)
        return self._read_again(job, arguments, outcome, send) if outcome.missed else outcome

    def _read_again(self, job: Job, arguments: list[str], outcome: _Outcome, send: Send) -> _Outcome:
        """Report what was granted and has not been collected. A session of its own passes no body over."""
        left = {one.path: one for one in outcome.missed}
        paths = frozenset(left)

        def grant(headers: list[FileVersion]) -> list[int]:
            return [at for at, one in enumerate(headers) if left.get(one.path) == one and left.pop(one.path)]

        action = Action(self._libclang)
        try:
            again = self._read(job, arguments, action, paths.__contains__, grant, send)
        finally:
            action.close()
        if again.state in (UnitState.FAILED, UnitState.CRASHED):
            return replace(again, dependencies=outcome.dependencies)
        if left:
            reason = f"{min(left)} changed while it was being read"
            return _Outcome(UnitState.FAILED, reason, 1, outcome.dependencies)
        return outcome

    def _read(
        self,
        job: Job,
        arguments: list[str],
        action: Action,
        is_wanted: Callable[[str], bool],
        claim: Ask,
        send: Send,
    ) -> _Outcome:
        """Have libclang read a unit, and report those wanted files that ``claim`` grants."""
        project, database, resource_dir = job.roots
        roots = Roots(project, database or None, resource_dir or None)
        files = FileTable(self._libclang, job.directory, roots, is_wanted, real_path(job.path))
        collector = Collector(self._libclang, files)
        is_reported = False
        try:
            arguments = with_own_headers(arguments, job.directory, roots)
            code, unit = action.run(job.path, arguments, collector.callbacks)
            try:
                collector.check()
                if code or not unit:
                    state = UnitState.CRASHED if code == c.ERROR_CRASHED else UnitState.FAILED
                    return _Outcome(state, c.ERRORS.get(code, f"libclang returned {code}"), 1)
                outcome = self._report(unit, files, collector, claim, send)
                is_reported = outcome.state != UnitState.FAILED
                return outcome
            finally:
                if unit:
                    self._libclang.lib.clang_disposeTranslationUnit(unit)
        finally:
            collector.close()
            if not is_reported:
                # It may have passed bodies that were not reported, and would keep silent about them.
                action.renew()

    def _report(self, unit: int, files: FileTable, collector: Collector, claim: Ask, send: Send) -> _Outcome:
        """Stream the facts of the main file, of the headers granted and of what they refer to outside."""
        texts: dict[SourceFile, memoryview] = {}
        changed = ""
        for handle in collector.included:
            source = files.file(handle)
            if source not in texts:
                text = texts[source] = self._libclang.contents(unit, handle)
                if len(text) != source.size:
                    changed = source.path
        note_skipped(self._libclang, unit, files)
        versions = {
            source: FileVersion(source.path, content_hash(text), source.skipped)
            for source, text in texts.items()
        }
        main = [source for source in texts if source.path == files.main]
        dependencies = [versions[source] for source in [*main, *(s for s in texts if s not in main)]]
        if changed:
            return _Outcome(UnitState.FAILED, f"{changed} changed while it was being read", 1, dependencies)
        headers = [source for source in texts if source.is_ours and source not in main]
        granted = [headers[index] for index in claim([versions[source] for source in headers])]
        referred: set[int] = set()
        speller = Speller(self._libclang, collector, unit)
        for source in [*main, *granted]:
            if not source.is_collected:
                continue
            read = bytes(texts[source])
            speller.add_facts(source, read)
            facts = file_facts(source, read, versions[source].content, collector.names)
            referred.update(fact.symbol for fact in facts.occurrences)
            referred.update(fact.type_symbol for fact in facts.declarations)
            referred.update(fact.object for fact in facts.relations)
            source.forget()
            send(facts)
        outside = sorted(referred & collector.outside.keys())
        found = outside_facts(self._libclang, files, collector, self._told, outside)
        for source, (declarations, relations) in found.items():
            if source in texts:
                read = bytes(texts[source])
                send(partial_facts(source.path, read, versions[source].content, declarations, relations))
        errors, first = self._libclang.errors(unit, files.display)
        state = UnitState.ERRORS if errors else UnitState.INDEXED
        missed = [versions[source] for source in granted if not source.is_collected]
        return _Outcome(state, first, errors, dependencies, missed)


def _unreadable(job: Job) -> str:
    """Why the unit cannot be read, in words; '' when it can."""
    if not os.path.isdir(job.directory):
        return f"the directory of its compile command is gone: {job.directory}"
    try:
        with open_content(job.path):
            return ""
    except OSError as error:
        return f"cannot read it: {error.strerror}"


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
