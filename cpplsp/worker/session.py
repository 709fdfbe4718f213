"""One unit after another through one libclang indexing session.

A session (``CXIndexAction``) skips bodies in headers that it has parsed before: that is the only thing kept from
one unit to the next, beside the names of what has been reported. A session lasts as long as the way of reading (the
context) and the epoch stay: a header whose claim became void must be reported anew, and a session that has
passed it would keep silent about its bodies.
"""

import os
import resource
from collections.abc import Callable
from dataclasses import replace

from cpplsp.content import open_content
from cpplsp.facts import FileFacts, FileVersion, UnitState
from cpplsp.manifest import ManifestError
from cpplsp.paths import real_path
from cpplsp.protocol import Job, UnitDone
from cpplsp.worker import libclang as c
from cpplsp.worker.building import build
from cpplsp.worker.memory import PeakMeter, give_back, private_bytes
from cpplsp.worker.parse import Action, refused_arguments
from cpplsp.worker.prelude import Prelude
from cpplsp.worker.reading import Claim, Outcome, Reading, Send

_KEPT_BYTES = 128 << 20
"""What a worker may hold from one unit to the next. To give all of it back each time and get it anew takes 9 % of the
time of a unit under a prelude; a worker that has nothing to do gives it back (``process``)."""


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
        self._prelude: Prelude | None = None

    def close(self) -> None:
        """Dispose of the session."""
        self._action.close()

    def run(self, job: Job, ask: Claim, send: Send) -> UnitDone:
        """Index one unit: its facts through ``send``, file by file; then how it went."""
        meter = PeakMeter()
        meter.start()
        started = _cpu_s()
        for path in job.claimed:
            self.claimed.setdefault(path, set())
        reason = _unreadable(job)
        outcome = Outcome(UnitState.FAILED, reason, 1) if reason else self._index(job, ask, send)
        peak, rest = meter.read()
        if rest > _KEPT_BYTES:
            give_back()
            rest = private_bytes()
        return UnitDone(
            job.unit,
            outcome.state,
            outcome.error,
            outcome.errors,
            outcome.dependencies,
            _cpu_s() - started,
            peak,
            rest,
            outcome.unfit,
        )

    def _index(self, job: Job, ask: Claim, send: Send) -> Outcome:
        """Index a unit that can be read: under its prelude if that fits, else alone."""
        os.chdir(job.directory)
        claim = self._claimer(ask, job)
        if job.headers:
            return build(self._libclang, job, self.claimed, claim, send)
        if not job.prelude:
            return self._alone(job, claim, send)
        if job.is_sample:
            return self._sample(job, send)
        outcome = self._under(job, claim, send)
        return replace(self._alone(job, claim, send), unfit=outcome.unfit) if outcome.unfit else outcome

    def _claimer(self, ask: Claim, job: Job) -> Claim:
        """Asks for headers that this session has not asked for as they are read; of others than unsaved ones never."""

        def is_new(one: FileVersion) -> bool:
            may_be_claimed = job.unsaved is None or one.path in job.unsaved
            return may_be_claimed and one.skipped not in self.claimed.get(one.path, ())

        def claim(headers: list[FileVersion]) -> list[int]:
            new = [at for at, one in enumerate(headers) if is_new(one)]
            granted = [new[index] for index in ask([headers[at] for at in new])] if new else []
            for one in headers:
                self.claimed.setdefault(one.path, set()).add(one.skipped)
            return granted

        return claim

    def _under(self, job: Job, claim: Claim, send: Send) -> Outcome:
        """Read a unit under its prelude. If that does not fit, nothing has been told: ``unfit`` says why."""
        prelude = self._find_prelude(job)
        if isinstance(prelude, str):
            return Outcome(UnitState.FAILED, unfit=prelude)
        wanted = self._wanted(job)
        reading = Reading(
            self._libclang,
            job,
            self._told,
            lambda path: wanted(path) and path not in prelude,
            claim,
            send,
            prelude=prelude,
        )
        outcome = reading.run(job.arguments, self._action)
        return outcome if outcome.unfit else self._complete(job, job.arguments, outcome, send, claim)

    def _sample(self, job: Job, send: Send) -> Outcome:
        """Read a unit's main file under its prelude, for comparison."""
        prelude = self._find_prelude(job)
        if isinstance(prelude, str):
            return Outcome(UnitState.FAILED, unfit=prelude)
        main = real_path(job.path)

        def send_main(facts: FileFacts) -> None:
            if facts.path == main:
                send(facts)

        reading = Reading(
            self._libclang, job, set(), main.__eq__, lambda _headers: [], send_main, prelude=prelude
        )
        return reading.run(job.arguments, self._action)

    def _find_prelude(self, job: Job) -> Prelude | str:
        """The prelude of a job, or why it cannot be used."""
        if self._prelude is None or self._prelude.path != job.prelude:
            try:
                self._prelude = Prelude(job.prelude)
            except ManifestError as error:
                return str(error)
        # A file that others include would be passed over by its own guard.
        if any(path in self._prelude for path in (real_path(job.path), *(job.unsaved or ()))):
            return "it is part of the prelude"
        return self._prelude

    def _alone(self, job: Job, claim: Claim, send: Send) -> Outcome:
        """Read a unit with nothing in front of it; if libclang refuses some of its arguments, without them."""
        outcome = self._parse(job, job.arguments, claim, send)
        if outcome.state != UnitState.FAILED or outcome.dependencies:
            return outcome
        refused = refused_arguments(self._libclang, job.path, job.arguments)
        if not refused:
            return outcome
        left = [argument for at, argument in enumerate(job.arguments) if at not in refused]
        outcome = self._parse(job, left, claim, send)
        names = " ".join(job.arguments[at] for at in sorted(refused))
        note = f"libclang does not take these arguments, they were left out: {names}"
        if outcome.state == UnitState.INDEXED:
            return Outcome(UnitState.ERRORS, note, 1, outcome.dependencies)
        return Outcome(outcome.state, f"{outcome.error} ({note})", outcome.errors, outcome.dependencies)

    def _wanted(self, job: Job) -> Callable[[str], bool]:
        """Whether facts of a file may be wanted: they are collected while it is read, before that is asked."""
        main = real_path(job.path)
        if job.unsaved is not None:
            return frozenset((main, *job.unsaved)).__contains__
        return lambda path: path == main or path not in self.claimed

    def _parse(self, job: Job, arguments: list[str], claim: Claim, send: Send) -> Outcome:
        reading = Reading(self._libclang, job, self._told, self._wanted(job), claim, send)
        return self._complete(job, arguments, reading.run(arguments, self._action), send)

    def _complete(
        self, job: Job, arguments: list[str], outcome: Outcome, send: Send, claim: Claim | None = None
    ) -> Outcome:
        """Report what was granted and has not been collected, by reading the unit once more, alone.

        An action of its own passes no body over. ``claim``: asks anew for a file that is read otherwise now, as one
        without a guard may be: the prelude has read it at more places than the unit.
        """
        if not outcome.missed:
            return outcome
        left = {one.path: one for one in outcome.missed}
        paths = frozenset(left)

        def is_granted(one: FileVersion) -> bool:
            missed = left.get(one.path)
            if missed is None or not (missed == one or claim):
                return False
            del left[one.path]
            return missed == one or bool(claim and claim([one]))

        def grant(headers: list[FileVersion]) -> list[int]:
            return [at for at, one in enumerate(headers) if is_granted(one)]

        action = Action(self._libclang)
        try:
            reading = Reading(self._libclang, job, self._told, paths.__contains__, grant, send)
            again = reading.run(arguments, action)
        finally:
            action.close()
        if again.state in (UnitState.FAILED, UnitState.CRASHED):
            return replace(again, dependencies=outcome.dependencies)
        if left:
            reason = f"{min(left)} changed while it was being read"
            return Outcome(UnitState.FAILED, reason, 1, outcome.dependencies)
        return outcome


def _unreadable(job: Job) -> str:
    """Why the unit cannot be read, in words; '' when it can."""
    if not os.path.isdir(job.directory):
        return f"the directory of its compile command is gone: {job.directory}"
    if job.headers:
        return ""
    try:
        with open_content((job.unsaved or {}).get(job.path, job.path)):
            return ""
    except OSError as error:
        return f"cannot read it: {error.strerror}"


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
