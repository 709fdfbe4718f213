"""The preludes of one run: which group of units gets one, when it is built, and whether it is kept.

A group is the units of one context, or of small ones that differ in macros only. Its first units are read alone: they
show what the group reads, and their facts are what the prelude is measured by. Once that is known, a worker builds the
prelude while others go on; units that come after it are read under it, and so are the first ones once more, for
comparison.
"""

import asyncio
import logging
import random
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any, Protocol, TypeVar

from cpplsp.facts import FileFacts, UnitState
from cpplsp.planning import Plan, Planner, mentioned
from cpplsp.prelude.agreement import MOST_DIFFERING, Agreement, compare
from cpplsp.prelude.grouping import Manner, Mentions, differing, grouped, manner
from cpplsp.prelude.shelf import Shelf
from cpplsp.protocol import Job, UnitDone
from cpplsp.store.index import Index
from cpplsp.store.preludes import (
    PreludeRow,
    count_units,
    drop_preludes,
    main_facts,
    preludes,
    put_prelude,
    some_units,
)
from cpplsp.store.units import Unit, load_unit

log = logging.getLogger(__name__)

T = TypeVar("T")

LEAST_UNITS = 6
"""Fewer than these are read sooner than a prelude is built."""
SCOUTS = 2
"""So many units are read alone before a prelude is built."""
_SAMPLE = 3
"""So many of the units that were read alone, if there are, are what it is measured by."""
_LOOK_AGAIN = 4
"""When so many times as many units have been read, more is known of what they share."""
_WELL_KNOWN = 32
"""When so many units have been read, a prelude holds most of what they share."""
_MOST_UNFIT = 0.5
"""If more of a group's units do not fit a prelude, it is of no use."""


class Do(Protocol):
    """Calls a function in the one thread that writes the index."""

    def __call__(self, function: Callable[..., T], /, *arguments: Any) -> Coroutine[Any, Any, T]:
        """Its result."""


@dataclass(slots=True)
class _Group:
    """What is known of units that share a prelude. ``total``: all there are, ``left``: not yet started in this run.

    ``contexts``: theirs; the first is that in which the prelude is built. ``row``: what the index has of it.
    """

    contexts: dict[str, Manner]
    total: int
    left: int
    row: PreludeRow
    pch: str = ""
    origin: str = ""
    """The context in which the prelude was built, if in this run."""
    built_ns: int = 0
    held: frozenset[str] = frozenset()
    is_building: bool = False
    known: int = 0
    look_at: int = SCOUTS
    alone: list[int] = field(default_factory=list)
    """Units that were read alone and have no errors."""
    under: list[tuple[int, str]] = field(default_factory=list)
    """Units (ids and contexts) that were read under the prelude."""
    started_alone: int = 0
    scouting: set[int] = field(default_factory=set)
    """Units that are being read alone."""
    is_deciding: bool = False
    unfit: int = 0
    samples: int = 0
    """How many comparisons are still to come."""
    agreement: Agreement = field(default_factory=Agreement)

    @property
    def context(self) -> str:
        """The context in which the prelude is built."""
        return next(iter(self.contexts))


def scouts_first(todo: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Units (ids and contexts) with a few of each context, drawn by a fixed seed, in front; the rest in its order."""
    units = list(todo)
    by_context: dict[str, list[int]] = defaultdict(list)
    for unit, context in units:
        by_context[context].append(unit)
    first = {
        unit
        for ids in by_context.values()
        if len(ids) >= LEAST_UNITS
        for unit in random.Random(len(ids)).sample(ids, SCOUTS)
    }
    return sorted(units, key=lambda one: one[0] not in first)


class Preludes:
    """The preludes of one run. ``mode`` (``auto``, ``system`` or ``off``), ``libclang``: as configured."""

    def __init__(self, index: Index, do: Do, mode: str, libclang: str | None = None):
        self._index = index
        self._do = do
        self._mode = mode
        self._maker = f"{mode}, {libclang or 'libclang ' + version('libclang')}"
        """Preludes of another mode or libclang are of no use."""
        self._shelf = Shelf(index.path)
        self._planner = Planner(index, self._shelf, self._maker, only_system=mode == "system")
        self._groups: dict[str, _Group] = {}
        self._plans: deque[Plan] = deque()
        self._samples: deque[tuple[int, _Group]] = deque()
        self._building: dict[int, Plan] = {}
        self._last = 0

    async def open(self, todo: Iterable[tuple[int, str]]) -> None:
        """Find the preludes that there are for these units (ids and contexts), and whether new ones are worth while."""
        if self._mode == "off":
            return
        waiting: dict[str, int] = defaultdict(int)
        for _, context in todo:
            waiting[context] += 1
        for group in await self._do(self._find_groups, dict(waiting)):
            self._groups |= dict.fromkeys(group.contexts, group)
            if not group.pch and group.known >= SCOUTS:
                await self._consider(group)

    def _find_groups(self, waiting: dict[str, int]) -> list[_Group]:
        rows = {row.context: row for row in preludes(self._index)}
        counts = {context: counts for context, *counts in count_units(self._index) if context in waiting}
        manners = {context: manner(some_units(self._index, context, 1)[0].arguments) for context in counts}
        groups = []
        alone = {}
        for context, how in manners.items():
            row = rows.get(context)
            if row and row.name and row.maker == self._maker:
                group = _Group(
                    {context: how}, counts[context][0], waiting[context], row, known=counts[context][1]
                )
                self._take_up(group, row)
                if group.pch:
                    groups.append(group)
                    continue
            alone[context] = how
        groups += (
            _Group(
                {context: alone[context] for context in contexts},
                sum(counts[context][0] for context in contexts),
                sum(waiting[context] for context in contexts),
                rows.get(contexts[0]) or PreludeRow(contexts[0], "", "", b""),
                known=sum(counts[context][1] for context in contexts),
            )
            for contexts in grouped(alone, waiting)
        )
        return groups

    def _take_up(self, group: _Group, row: PreludeRow) -> None:
        """Read units of a group under a prelude from now on, if it can be used."""
        manifest = self._shelf.find(row.name)
        if manifest is None:
            return
        self._shelf.use(row.name)
        group.row = row
        group.pch = self._shelf.pch(row.name)
        group.built_ns = manifest.built_ns
        group.held = frozenset(header.version.path for header in manifest.headers)
        group.agreement = Agreement(row.facts, row.lost, row.gained)

    # What is to be done

    @property
    def waiting(self) -> int:
        """How many jobs there are to be taken."""
        return len(self._plans) + len(self._samples)

    def take_build(self) -> tuple[Unit, tuple[str, ...]] | None:
        """A prelude to be built: a unit of its own, whose path is that of the precompiled header, and its headers."""
        if not self._plans:
            return None
        plan = self._plans.popleft()
        self._last -= 1
        self._building[self._last] = plan
        path = self._shelf.pch(plan.name)
        return Unit(self._last, path, plan.directory, plan.arguments, plan.context), plan.lines

    async def take_sample(self) -> tuple[Unit, str] | None:
        """A unit that is to be read for comparison, and the prelude."""
        while self._samples:
            unit, group = self._samples.popleft()
            try:
                if group.pch:
                    return await self._do(load_unit, self._index, unit), group.pch
            except KeyError:
                pass  # no longer wanted
            group.samples -= 1
        return None

    def offer(self, unit: Unit) -> str:
        """Under which prelude to read a unit that is about to be started: the path; empty for none."""
        group = self._groups.get(unit.context)
        if group is None:
            return ""
        group.left -= 1
        if self.serves(unit.context) and unit.state != UnitState.ERRORS:
            group.scouting.discard(unit.id)
            return group.pch
        group.started_alone += 1
        group.scouting.add(unit.id)
        return ""

    def holds_back(self, context: str, *, is_crowded: bool) -> bool:
        """Whether units of a context had better wait: a prelude is in prospect, under which they cost a fifth.

        That is while the first units show what they share, and while it is built. Where the units that show it fail,
        others take their place. Where there is one, a better one may come: for that they wait only if there is a worker
        for each CPU already (``is_crowded``), and would gain nothing.
        """
        group = self._groups.get(context)
        if group is None:
            return False
        if group.pch:
            return is_crowded and (group.is_building or group.known < _WELL_KNOWN)
        is_shown = group.known + len(group.scouting) >= SCOUTS > group.known
        may_pay = group.left >= LEAST_UNITS - SCOUTS
        return group.is_building or group.is_deciding or (may_pay and is_shown)

    def starts(self, unit: int, context: str) -> None:
        """A unit is about to be started: at once, so that others see it before they start too."""
        group = self._groups.get(context)
        if group and not group.pch:
            group.scouting.add(unit)

    def dropped(self, unit: int, context: str) -> None:
        """A unit was lost with its worker, or is no longer wanted."""
        if group := self._groups.get(context):
            group.scouting.discard(unit)

    def has_group(self, context: str) -> bool:
        """Whether units of a context may be read under a prelude, now or later."""
        return context in self._groups

    def serves(self, context: str) -> bool:
        """Whether units of a context are read under a prelude now, as a rule."""
        group = self._groups.get(context)
        if group is None or not group.pch or context not in group.contexts:
            return False
        return bool(group.agreement.facts or group.started_alone >= SCOUTS)

    def origin(self, job: Job) -> str:
        """The context of which the readings of a prelude's headers hold for a job in another one; empty for none."""
        group = self._groups.get(job.context)
        is_shared = group and job.prelude and job.prelude == group.pch and group.origin != job.context
        return group.origin if group and is_shared else ""

    def holds(self, job: Job, path: str) -> bool:
        """Whether a file is in the prelude of a job."""
        return path in self._groups[job.context].held

    def read_since_ns(self, job: Job, done: UnitDone, started_ns: int) -> int:
        """The earliest time at which something that a unit depends on was read."""
        group = self._groups.get(job.context)
        return min(started_ns, group.built_ns) if group and job.prelude and not done.unfit else started_ns

    # What has been done

    async def ended(self, job: Job, done: UnitDone) -> list[tuple[int, str]]:
        """A unit has been read. Returns units that have to be read once more (ids and contexts)."""
        group = self._groups.get(job.context)
        if group is None:
            return []
        group.scouting.discard(job.unit)
        again: list[tuple[int, str]] = []
        if job.prelude and done.unfit:
            log.info("%s: read without its prelude: %s", job.path, done.unfit)
        if job.prelude and job.prelude == group.pch:
            await self._note_use(group, job, done)
        elif job.prelude and not done.unfit and not group.pch:
            again.append((job.unit, job.context))  # it was found to be of no use meanwhile
            group.left += 1
        elif not job.prelude and done.state == UnitState.INDEXED:
            group.alone.append(job.unit)
        if done.state == UnitState.INDEXED:
            group.known += 1
        if group.known >= group.look_at:
            await self._consider(group)
        return again

    async def _note_use(self, group: _Group, job: Job, done: UnitDone) -> None:
        if done.unfit:
            group.unfit += 1
        else:
            group.under.append((job.unit, job.context))
        tried = group.unfit + len(group.under)
        if tried >= LEAST_UNITS and group.unfit > tried * _MOST_UNFIT:
            await self._go_without(
                group, f"too many units do not fit it: {done.unfit or 'see their reasons'}"
            )

    async def _consider(self, group: _Group) -> None:
        """Have a prelude built if one pays, with what is known by now."""
        if group.is_building or not group.contexts or group.left < LEAST_UNITS - SCOUTS:
            return
        group.look_at = _LOOK_AGAIN * group.known
        declined = b"" if group.row.name else group.row.choice
        group.is_deciding = True
        try:
            plan = await self._do(
                self._planner.plan, group.contexts, group.total, group.left, group.held, declined
            )
        finally:
            group.is_deciding = False
        if plan and not group.is_building:
            group.is_building = True
            self._plans.append(plan)

    async def built(self, job: Job, done: UnitDone) -> None:
        """A prelude was built, or could not be."""
        plan = self._building.pop(job.unit)
        group = self._groups[plan.context]
        group.is_building = False
        if done.state in (UnitState.INDEXED, UnitState.ERRORS):
            row = PreludeRow(
                plan.context,
                plan.name,
                f"left out, as they do not compile by themselves: {done.error}" if done.error else "",
                plan.choice,
                maker=self._maker,
                headers=len(done.dependencies),
                bytes=await asyncio.to_thread(self._shelf.size_bytes, plan.name),
                cpu_s=done.cpu_s,
                known=plan.known,
            )
            await self._do(self._keep, group, row)
        if group.row.name != plan.name:
            await self._not_built(group, f"it could not be built: {done.error}", plan)
            return
        log.info(
            "a prelude of %d files was built in %.1f s for %d units",
            group.row.headers,
            done.cpu_s,
            group.total,
        )
        group.under, group.unfit = [], 0
        group.samples = len(group.alone[:_SAMPLE])
        self._samples.extend((unit, group) for unit in group.alone[:_SAMPLE])

    async def _not_built(self, group: _Group, reason: str, plan: Plan) -> None:
        if group.pch:
            log.warning("the prelude that there is stays in use, another one is not there: %s", reason)
        else:
            await self._go_without(group, reason, plan.choice)

    def _keep(self, group: _Group, row: PreludeRow) -> None:
        """Note a prelude that was built. Contexts go without whose own macros it mentions: it was read without them."""
        manifest = self._shelf.find(row.name)
        if manifest is None:
            return
        own = differing(group.contexts)
        paths = (header.version.path for header in manifest.headers)
        found = mentioned(Mentions(set().union(*own.values())), paths)
        for context, names in own.items():
            if named := found & names:
                reason = f"its headers mention {min(named)}, of which units are compiled in several ways"
                put_prelude(self._index, replace(row, context=context, name="", reason=reason))
                del group.contexts[context]
        if group.contexts:
            self._put_row(group, row)
            self._take_up(group, row)
            group.origin = row.context

    def _put_row(self, group: _Group, row: PreludeRow) -> None:
        group.row = row
        for context in group.contexts:
            put_prelude(self._index, replace(row, context=context))

    async def _go_without(self, group: _Group, reason: str, choice: bytes | None = None) -> None:
        log.warning("units are read without a prelude: %s", reason)
        group.pch, group.held = "", frozenset()
        row = PreludeRow("", "", reason, choice or group.row.choice, maker=self._maker)
        await self._do(self._put_row, group, row)

    async def compare(self, job: Job, facts: FileFacts) -> None:
        """The facts of a unit that was read under the prelude only to be compared."""
        stored = await self._do(main_facts, self._index, job.unit)
        group = self._groups[job.context]
        if stored is None or stored.content != facts.content:
            return
        if stored.digest == facts.digest:
            found = Agreement(len(facts.declarations) + len(facts.occurrences))
        else:
            found = compare(stored, facts)
        group.agreement += found

    async def compared(self, job: Job, done: UnitDone) -> list[tuple[int, str]]:
        """A comparison has ended. Returns units to be read once more, alone."""
        group = self._groups[job.context]
        group.samples -= 1
        if done.unfit:
            log.info("%s does not fit its prelude: %s", job.path, done.unfit)
        if group.samples or not group.pch:
            return []
        agreement = group.agreement
        row = replace(group.row, facts=agreement.facts, lost=agreement.lost, gained=agreement.gained)
        if agreement.differing <= MOST_DIFFERING:
            await self._do(self._put_row, group, row)
            return []
        again = list(group.under)
        group.left += len(again)
        await self._go_without(
            group,
            f"of {agreement.facts} facts of a sample {agreement.lost} were lost and {agreement.gained} gained under it",
        )
        return again

    async def lost(self, job: Job, reason: str, *, is_momentary: bool = False) -> None:
        """The worker went away while it built a prelude, or compared.

        ``is_momentary``: it may succeed another time. Then units are read as they are until that comes.
        """
        if job.headers:
            plan = self._building.pop(job.unit)
            group = self._groups[plan.context]
            group.is_building = False
            self._shelf.drop_unfinished(plan.name)
            if is_momentary:
                log.warning("a prelude was not built: %s; it is tried again later", reason)
            else:
                await self._not_built(group, f"building it failed: {reason}", plan)
        else:
            self._groups[job.context].samples -= 1


def tidy(index: Index) -> int:
    """Delete the preludes that are not used, and the oldest beyond what they may take; how many can be used."""
    wanted = {row.name for row in preludes(index) if row.name}
    shelf = Shelf(index.path)
    left = shelf.tidy(wanted)
    drop_preludes(index, sorted(wanted.difference(left)))
    return sum(shelf.find(name) is not None for name in left)
