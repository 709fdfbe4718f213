"""Building a prelude: headers that units share, read once and kept as a precompiled header.

It is read as a unit is, so the facts of its headers come with it. What does not compile there is left out, and the rest
read anew.
"""

import os
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from msgspec import structs

from cpplsp.columns import BOM, encode_wide, line_starts
from cpplsp.content import content_hash, read_content
from cpplsp.facts import FileVersion, UnitState
from cpplsp.manifest import HEADER, MANIFEST, PCH, UNFINISHED, VERSION, Header, Manifest, write
from cpplsp.protocol import Job
from cpplsp.worker import libclang as c
from cpplsp.worker.collector import Collector
from cpplsp.worker.parse import Action, Skimming
from cpplsp.worker.reading import Claim, Outcome, Reading, Send

_ROUNDS = 4
"""How often headers that do not compile are left out before the group goes without a prelude."""
_TEST = re.compile(rb"^[ \t]*#[ \t]*(?:el)?if(.*(?:\\\r?\n.*)*)", re.MULTILINE)
_NAME = re.compile(rb"[A-Za-z_]\w*")
_SAVE_ERRORS = {
    1: "libclang could not write it (is there room on the disk?)",
    2: "libclang found errors in it",
    3: "libclang had no valid unit",
}


def build(libclang: c.Libclang, job: Job, claimed: Iterable[str], claim: Claim, send: Send) -> Outcome:
    """Build the prelude that a job wants: its precompiled header and manifest are at ``job.prelude`` then.

    ``claimed``: headers that need not be reported. The outcome's ``error`` names what was left out.
    """
    building = _Building(libclang, job, frozenset(claimed), claim, send)
    outcome = Outcome(UnitState.FAILED)
    for _ in range(_ROUNDS):
        try:
            outcome = building.read()
        except OSError as error:
            return Outcome(UnitState.FAILED, f"the prelude could not be kept: {error}", 1)
        if not outcome.unfit:
            return outcome
        if not building.leave_out():
            break
    return replace(outcome, state=UnitState.FAILED, error=outcome.unfit)


class _Building:
    def __init__(self, libclang: c.Libclang, job: Job, claimed: frozenset[str], claim: Claim, send: Send):
        self._libclang = libclang
        self._stem = job.prelude.removesuffix(PCH)
        self._job = structs.replace(job, path=self._stem + HEADER, prelude="")
        self._lines = list(job.headers)
        self._claimed = claimed
        self._claim = claim
        self._send = send
        self._faulty: set[str] = set()
        self._left_out: list[str] = []
        self._reading: Reading | None = None
        self._redeclared: dict[int, set[str]] = defaultdict(set)
        """Symbols that are declared more than once: in which files."""
        self._built_ns = 0
        self._failure = ""

    def read(self) -> Outcome:
        """Read the headers that are left, and keep them if all is well."""
        self._built_ns = time.time_ns()
        with open(self._job.path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.writelines(f"#include {line}\n" for line in self._lines)
        is_own = self._job.unsaved is not None
        action = Skimming(self._libclang) if is_own else Action(self._libclang)
        self._reading = Reading(
            self._libclang,
            self._job,
            set(),
            self._is_wanted,
            self._claim_unread,
            self._send,
            is_strict=True,
            last=self._finish,
        )
        self._redeclared.clear()
        callbacks = self._reading.collector.callbacks
        # One unit's own: it sees all that is in it, and nobody wants facts of that.
        callbacks.index_declaration = c.FACT() if is_own else self._note(self._reading.collector)
        if is_own:
            callbacks.index_entity_reference = c.FACT()
        try:
            outcome = self._reading.run(_as_header(self._job.arguments), action)
        finally:
            action.close()
        if self._failure:
            return replace(outcome, state=UnitState.FAILED, unfit=self._failure)
        return replace(outcome, error="; ".join(self._left_out), dependencies=outcome.dependencies[1:])

    def _note(self, collector: Collector) -> Callable[[int, int], None]:
        """A callback for declarations: the collector's, which notes besides what is declared again."""

        def note(client: int, address: int) -> None:
            collector.declared(client, address)
            try:
                if found := collector.redeclaration(address):
                    self._redeclared[found[0]].update(source.path for source in found[1])
            except Exception as error:
                self._failure = f"cpplsp failed in it: {type(error).__name__}: {error}"

        return c.FACT(note)

    def _is_wanted(self, path: str) -> bool:
        if self._job.unsaved is not None:
            return path in self._job.unsaved
        return path not in self._claimed and path != self._job.path

    def _claim_unread(self, headers: list[FileVersion]) -> list[int]:
        """Ask for what nobody has read. What was read otherwise is for the units to ask that read it."""
        wanted = [at for at, one in enumerate(headers) if self._is_wanted(one.path)]
        return [wanted[index] for index in self._claim([headers[at] for at in wanted])] if wanted else []

    def leave_out(self) -> bool:
        """Leave out the headers that the errors come from; False where that is none, or leaves none."""
        assert self._reading
        owners: dict[str, int] = {}
        entry = -1
        for source, _, target in self._reading.collector.inclusions:
            entry += source.path == self._job.path
            owners.setdefault(target, entry)
        faulty = {owners[path] for path in self._faulty if path in owners}
        self._left_out += (self._lines[at] for at in sorted(faulty))
        self._lines = [line for at, line in enumerate(self._lines) if at not in faulty]
        return bool(faulty and self._lines)

    def _finish(self, unit: int) -> None:
        """Everything has been read: keep it, or find out where errors come from."""
        assert self._reading
        self._faulty = {
            self._reading.files.file(file).path for file in self._libclang.files_of_errors(unit) if file
        }
        if self._faulty or self._failure:
            return
        try:
            manifest = self._manifest(self._reading)
            self._save(unit)
            write(self._stem + MANIFEST, manifest)
        except (OSError, _NotSavedError) as error:
            self._failure = f"the prelude could not be kept: {error}"

    def _save(self, unit: int) -> None:
        path = self._stem + PCH
        code = self._libclang.lib.clang_saveTranslationUnit(unit, os.fsencode(path + UNFINISHED), 0)
        if code:
            raise _NotSavedError(_SAVE_ERRORS.get(code, f"libclang returned {code}"))
        os.replace(path + UNFINISHED, path)

    def _manifest(self, reading: Reading) -> Manifest:
        versions = [one for source, one in reading.versions.items() if source.path != self._job.path]
        indices = {version.path: at for at, version in enumerate(versions)}
        includes: dict[str, set[int]] = defaultdict(set)
        for source, _, target in reading.collector.inclusions:
            if target in indices:
                includes[source.path].add(indices[target])
        names: dict[str, set[str]] = defaultdict(set)
        for handle in reading.collector.included:
            names[reading.files.file(handle).path].add(
                os.path.join(self._job.directory, self._libclang.file_name(handle))
            )
        headers: list[Header] = []
        tested: dict[str, list[int]] = defaultdict(list)
        for at, version in enumerate(versions):
            content, found = read_content(version.path)
            if content_hash(content) != version.content:
                raise _NotSavedError(f"{version.path} changed while it was being read")
            headers.append(
                Header(
                    version,
                    found.st_size,
                    found.st_mtime_ns,
                    sorted(includes[version.path]),
                    encode_wide(content, line_starts(content)),
                    content.startswith(BOM),
                    sorted(names[version.path] - {version.path}),
                )
            )
            for name in _tested(content) if version.guarded else ():
                tested[name].append(at)
        redeclared = {
            symbol: sorted(indices[path] for path in paths if path in indices)
            for symbol, paths in self._redeclared.items()
            if len(paths) > 1
        }
        return Manifest(VERSION, self._built_ns, headers, tested, redeclared)


class _NotSavedError(Exception):
    """The prelude was read, and cannot be used."""


def _as_header(arguments: list[str]) -> list[str]:
    """The arguments of a unit for a header in its language; ``-x LANGUAGE`` is the first of them."""
    return [arguments[0], arguments[1] + "-header", *arguments[2:]]


def _tested(text: bytes) -> set[str]:
    """The names that a file's directives ask for in conditions."""
    return {name.decode() for found in _TEST.finditer(text) for name in _NAME.findall(found[1])}
