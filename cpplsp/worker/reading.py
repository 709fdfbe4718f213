"""One reading of a unit: libclang parses it, and its facts are told file by file.

Everything is asked of libclang in the last callback of the index API, before ``clang_indexSourceFile`` returns: what
is deserialised from a precompiled header is handed to the callbacks, and libclang 18 keeps those in a variable of that
function's own. Asked later, it calls whatever the stack holds by then.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import structs

from cpplsp.columns import BOM, encode_wide, line_starts
from cpplsp.content import content_hash
from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.manifest import fitting
from cpplsp.paths import Roots, real_path
from cpplsp.protocol import Job
from cpplsp.shapes import common, pack, unpack
from cpplsp.worker import libclang as c
from cpplsp.worker import operators
from cpplsp.worker.assemble import file_facts, partial_facts
from cpplsp.worker.collector import Collector
from cpplsp.worker.files import FileTable, SourceFile
from cpplsp.worker.outside import outside_facts
from cpplsp.worker.parse import Action, unsaved_texts, with_own_headers
from cpplsp.worker.prelude import Foreign, Prelude
from cpplsp.worker.shapes import note_skipped
from cpplsp.worker.spelled import Speller

Claim = Callable[[list[FileVersion]], list[int]]
"""Ask which of these headers to report: their indices."""
Send = Callable[[FileFacts], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reading went, as ``UnitDone`` has it. ``missed``: what was granted and has not been collected.

    ``unfit``: why nothing was told of a unit that was to be read without errors, or under a prelude.
    """

    state: UnitState
    error: str = ""
    errors: int = 0
    dependencies: list[FileVersion] = field(default_factory=list)
    missed: list[FileVersion] = field(default_factory=list)
    unfit: str = ""


class Reading:
    """A unit to be read: those wanted files are reported that ``claim`` grants.

    ``told``: symbols outside the project that have been reported (``outside.outside_facts``). ``prelude``: what it is
    read under. ``is_strict``: nothing is told if there is an error. ``last``: called with the unit at the end.
    """

    def __init__(
        self,
        libclang: c.Libclang,
        job: Job,
        told: set[tuple[int, bool]],
        is_wanted: Callable[[str], bool],
        claim: Claim,
        send: Send,
        *,
        prelude: Prelude | None = None,
        is_strict: bool = False,
        last: Callable[[int], None] | None = None,
    ):
        self._libclang = libclang
        self._job = job
        self._told = told
        self._claim = claim
        self._send = send
        self._prelude = prelude
        self._is_strict = is_strict or (prelude is not None and not job.unsaved)
        self._last = last
        project, database, resource_dir = job.roots
        self._roots = Roots(project, database or None, resource_dir or None)
        self.files = FileTable(
            libclang, job.directory, self._roots, is_wanted, real_path(job.path), job.unsaved
        )
        self.collector = Collector(libclang, self.files)
        self.collector.callbacks.diagnostic = c.DIAGNOSTIC(self._at_end)
        self.texts: dict[SourceFile, memoryview] = {}
        """What was read of each file that comes from no prelude, the main file first; as long as the unit lives."""
        self.versions: dict[SourceFile, FileVersion] = {}
        self._entered_again: dict[str, SourceFile] = {}
        """Files of the prelude that have no guard, and were read here once more."""
        self._outcome: Outcome | None = None
        self._error: BaseException | None = None

    def run(self, arguments: list[str], action: Action) -> Outcome:
        """Read it, with these arguments."""
        try:
            arguments = with_own_headers(arguments, self._job.directory, self._roots)
            restored = self._prelude.restored() if self._prelude else {}
            with unsaved_texts({**restored, **(self._job.unsaved or {})}) as flags:
                outcome = self._run([*arguments, *flags], action)
            is_reported = outcome.state != UnitState.FAILED and not outcome.unfit
            return outcome
        except BaseException:
            is_reported = False
            raise
        finally:
            self.collector.close()
            if not is_reported:
                # It may have passed bodies that were not reported, and would keep silent about them.
                action.renew()

    def _run(self, arguments: list[str], action: Action) -> Outcome:
        if self._prelude:
            arguments = [*fitting(arguments), "-include-pch", self._prelude.path]
        code, unit = action.run(self._job.path, arguments, self.collector.callbacks)
        try:
            self.collector.check()
            if self._error:
                raise self._error
            if code or not unit:
                reason = c.ERRORS.get(code, f"libclang returned {code}")
                state = UnitState.CRASHED if code == c.ERROR_CRASHED else UnitState.FAILED
                return Outcome(state, reason, 1, unfit=reason if self._prelude else "")
            outcome = self._outcome
            if outcome is None:
                outcome = self._report(unit)  # nothing is declared in it: nothing will be deserialised
            if self._last:
                self._last(unit)
            return outcome
        finally:
            self._libclang.forget()
            if unit:
                self._libclang.lib.clang_disposeTranslationUnit(unit)

    def _at_end(self, _client: int, _diagnostics: int, _reserved: int) -> None:
        """The last callback of the index API: all is parsed, and libclang's own callbacks are still in place."""
        try:
            if self.collector.first:
                self._outcome = self._report(
                    self._libclang.lib.clang_Cursor_getTranslationUnit(self.collector.first)
                )
        except BaseException as error:
            self._error = error

    def _report(self, unit: int) -> Outcome:
        """Stream the facts of the main file, of the headers granted and of what they refer to outside."""
        errors, first = self._libclang.errors(unit, self.files.display)
        if errors and self._is_strict:
            return Outcome(UnitState.ERRORS, first, errors, unfit=first)
        changed = self._read_texts(unit)
        included = list(self.collector.included)
        dependencies = list(self.versions.values())
        closure: set[int] = set()
        if self._prelude:
            if meddler := self._meddler(self._prelude):
                return Outcome(UnitState.FAILED, unfit=meddler)
            closure = self._prelude.closure(
                self.files.file(handle).path for handle in self.collector.included
            )
            versions = [self._prelude.manifest.headers[at].version for at in sorted(closure)]
            dependencies += map(self._as_read, versions)
            included += self._find_allocating(unit, versions)
        if changed:
            reason = f"{changed} changed while it was being read"
            return Outcome(UnitState.FAILED, reason, 1, dependencies)
        speller = Speller(self._libclang, self.collector, unit, included)
        foreign = Foreign(self._libclang, self.collector, self._prelude, closure) if self._prelude else None
        main = next((source for source in self.texts if source.path == self.files.main), None)
        if main and main.is_collected and (lost := self._collect(main, speller, foreign)) >= 0:
            line = bytes(self.texts[main][:lost]).count(b"\n") + 1
            reason = f"line {line} names what nothing declares that it includes"
            return Outcome(UnitState.FAILED, unfit=reason)
        headers = [
            one for one in dependencies if one.path != self.files.main and self._roots.is_project(one.path)
        ]
        granted = [headers[index] for index in self._claim(headers)]
        referred = self._tell(main) if main and main.is_collected else set()
        sources = {source.path: source for source in self.texts}
        missed = []
        for one in granted:
            source = sources.get(one.path)
            if source and source.is_collected and self._collect(source, speller, foreign) < 0:
                referred |= self._tell(source)
            else:
                missed.append(one)
        self._tell_outside(referred)
        state = UnitState.ERRORS if errors else UnitState.INDEXED
        return Outcome(state, first, errors, dependencies, missed)

    def _read_texts(self, unit: int) -> str:
        """Take what clang read of each file that comes from no prelude, and note what it skipped of it.

        Returns a file that has changed meanwhile; empty where none has.
        """
        changed = ""
        found: dict[SourceFile, memoryview] = {}
        guarded: dict[SourceFile, bool] = {}
        for handle in self.collector.included:
            source = self.files.file(handle)
            header = self._prelude.header(source.path) if self._prelude else None
            if header and not header.version.guarded:
                self._entered_again[source.path] = source
            if header or source in found:
                continue
            text = self._libclang.contents(unit, handle)
            if source.size and not text and self._libclang.is_too_deep(unit):
                continue  # it stands too deep in includes: named, and not opened
            found[source] = text
            guarded[source] = bool(self._libclang.lib.clang_isFileMultipleIncludeGuarded(unit, handle))
            if len(text) != source.size:
                changed = source.path
        note_skipped(self._libclang, unit, self.files, {*found, *self._entered_again.values()})
        self.texts = dict(sorted(found.items(), key=lambda one: one[0].path != self.files.main))
        self.versions = {
            source: FileVersion(source.path, content_hash(text), source.skipped, guarded[source])
            for source, text in self.texts.items()
        }
        return changed

    def _meddler(self, prelude: Prelude) -> str:
        """What a file of the project defines that headers of the prelude would have asked for; empty where none does.

        A system's headers define much before they include each other, which is the same in a prelude.
        """
        includes: dict[SourceFile, list[tuple[int, str]]] = defaultdict(list)
        for source, offset, target in self.collector.inclusions:
            if source in self.texts and source.is_ours and target in prelude:
                includes[source].append((offset, target))
        for source, targets in includes.items():
            if found := prelude.meddler(bytes(self.texts[source]), targets):
                return f"its headers ask for what {os.path.basename(source.path)} says before them: {found}"
        return ""

    def _as_read(self, version: FileVersion) -> FileVersion:
        """A header of the prelude as this unit has read it: those without a guard, here and there."""
        source = self._entered_again.get(version.path)
        if source is None or not source.is_ours:
            return version
        return structs.replace(version, skipped=pack(common(unpack(version.skipped), unpack(source.skipped))))

    def _find_allocating(self, unit: int, versions: Iterable[FileVersion]) -> Iterator[int]:
        """The headers among these that declare ``operator new``, as CXFile: under a prelude they are not reported."""
        for version in versions:
            if os.path.basename(version.path) == operators.HEADER:
                handle = self._libclang.lib.clang_getFile(unit, os.fsencode(version.path))
                if handle:
                    yield handle

    def _collect(self, source: SourceFile, speller: Speller, foreign: Foreign | None) -> int:
        """Complete the facts of a file. Returns the byte offset of a name that is foreign and nothing else, or -1."""
        speller.add_facts(source, bytes(self.texts[source]))
        return foreign.drop(source) if foreign else -1

    def _tell(self, source: SourceFile) -> set[int]:
        """Send the facts of a file; the symbols that they name."""
        content = self.versions[source].content
        facts = file_facts(source, bytes(self.texts[source]), content, self.collector.names)
        source.forget()
        self._send(facts)
        return {
            *(fact.symbol for fact in facts.occurrences),
            *(fact.type_symbol for fact in facts.declarations),
            *(fact.object for fact in facts.relations),
        }

    def _tell_outside(self, referred: set[int]) -> None:
        """Send what is declared outside the project of these symbols."""
        outside = sorted(referred & self.collector.outside.keys())
        found = outside_facts(self._libclang, self.files, self.collector, self._told, outside)
        for source, (declarations, relations) in found.items():
            if version := self.versions.get(source):
                text = bytes(self.texts[source])
                wide, has_mark = encode_wide(text, line_starts(text)), text.startswith(BOM)
            elif self._prelude and (header := self._prelude.header(source.path)):
                version, wide, has_mark = header.version, header.wide, header.has_mark
            else:
                continue
            self._send(partial_facts(version, wide, declarations, relations, has_mark=has_mark))
