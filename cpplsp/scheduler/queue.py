"""The order in which units are read."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

_LOOK_AHEAD = 64
"""So many units of a context are looked at for one that fits."""


def _always(_one: "QueuedUnit") -> bool:
    return True


@dataclass(frozen=True, slots=True)
class QueuedUnit:
    """A unit that is to be read, and the way of reading it (``protocol.Job.context``)."""

    unit: int
    context: str
    is_alone: bool = False
    """It was lost beside others, and is to be read while nothing else is."""


class UnitQueue:
    """Units to be read: wanted ones first, then in the order of the compile database, those to be retried last.

    A worker's session holds what it knows of headers for one context, so a worker stays in its context while there is
    work in it.
    """

    def __init__(self, units: Iterable[QueuedUnit] = ()):
        self._by_context: dict[str, deque[int]] = defaultdict(deque)
        self._retries: deque[QueuedUnit] = deque()
        self._waiting: dict[int, QueuedUnit] = {}
        self._wanted: list[int] = []
        for one in units:
            self.add(one)

    def __len__(self) -> int:
        """How many units wait."""
        return len(self._waiting)

    def __contains__(self, unit: int) -> bool:
        """Whether a unit waits."""
        return unit in self._waiting

    def add(self, one: QueuedUnit) -> None:
        """Put a unit behind those of its context."""
        self._waiting[one.unit] = one
        self._by_context[one.context].append(one.unit)

    def prioritise(self, units: Sequence[int]) -> None:
        """Let these come next, in this order, in place of those wanted before; others are not affected."""
        self._wanted = list(units)

    def wants(self, unit: int) -> bool:
        """Whether a unit is one of those that are to come next."""
        return unit in self._wanted

    def wanted(self) -> Iterator[QueuedUnit]:
        """Those of the units that are to come next that wait, in their order."""
        return (self._waiting[unit] for unit in self._wanted if unit in self._waiting)

    def wanted_before(self, unit: int) -> Iterator[QueuedUnit]:
        """Those of them that are to come before this one, whether it is to come next or not."""
        before = set(self._wanted[: self._wanted.index(unit)] if unit in self._wanted else self._wanted)
        return (one for one in self.wanted() if one.unit in before)

    def is_wanted(self) -> bool:
        """Whether one that is to come next waits."""
        return any(True for _ in self.wanted())

    def retry(self, one: QueuedUnit) -> None:
        """Put a unit back, to be read when all others have been, and while no other is but what comes to be wanted."""
        alone = QueuedUnit(one.unit, one.context, is_alone=True)
        self._waiting[one.unit] = alone
        self._retries.append(alone)

    def upcoming(self) -> Iterator[QueuedUnit]:
        """Units that wait, about in the order in which they come."""
        yield from self.wanted()
        for units in list(self._by_context.values()):
            for unit in islice(units, _LOOK_AHEAD):
                if unit in self._waiting:
                    yield self._waiting[unit]

    def take(
        self,
        context: str | None = None,
        fits: Callable[[QueuedUnit], bool] = _always,
        longest: Callable[[QueuedUnit], float] | None = None,
    ) -> QueuedUnit | None:
        """The next unit that ``fits``, for a worker whose session is in ``context``; None when none does.

        ``longest``: how long a unit takes, when the end is near: the longest then comes first.
        """
        for unit in self._wanted:
            if unit in self._waiting and fits(self._waiting[unit]):
                return self._waiting.pop(unit)
        if longest is not None:
            left = [one for one in self._waiting.values() if not one.is_alone and fits(one)]
            if left:
                chosen = max(left, key=lambda one: (longest(one), one.context == context))
                return self._waiting.pop(chosen.unit)
        if context is not None and (found := self._first(context, fits)):
            return found
        for other in list(self._by_context):
            if found := self._first(other, fits):
                return found
        while self._retries and (one := self._retries[0]):
            if self._waiting.get(one.unit) != one:
                self._retries.popleft()
            elif not self._by_context and fits(one):
                self._retries.popleft()
                return self._waiting.pop(one.unit)
            else:
                break
        return None

    def _first(self, context: str, fits: Callable[[QueuedUnit], bool]) -> QueuedUnit | None:
        units = self._by_context.get(context)
        while units and not self._is_waiting(units[0]):
            units.popleft()
        if not units:
            self._by_context.pop(context, None)
            return None
        for at, unit in enumerate(islice(units, _LOOK_AHEAD)):
            if self._is_waiting(unit) and fits(self._waiting[unit]):
                del units[at]
                return self._waiting.pop(unit)
        return None

    def _is_waiting(self, unit: int) -> bool:
        return unit in self._waiting and not self._waiting[unit].is_alone
