"""The order in which units are read."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueuedUnit:
    """A unit that is to be read, and the way of reading it (``protocol.Job.context``)."""

    unit: int
    context: str


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

    def is_wanted(self) -> bool:
        """Whether one that is to come next waits."""
        return any(unit in self._waiting for unit in self._wanted)

    def retry(self, one: QueuedUnit) -> None:
        """Put a unit back, to be read when all others have been."""
        self._waiting[one.unit] = one
        self._retries.append(one)

    def take(self, context: str | None = None) -> QueuedUnit | None:
        """The next unit for a worker whose session is in ``context``; None when none waits."""
        for unit in self._wanted:
            if unit in self._waiting:
                return self._waiting.pop(unit)
        if context is not None and (found := self._first(context)):
            return found
        for other in list(self._by_context):
            if found := self._first(other):
                return found
        while self._retries:
            one = self._retries.popleft()
            if self._waiting.pop(one.unit, None):
                return one
        return None

    def _first(self, context: str) -> QueuedUnit | None:
        units = self._by_context.get(context)
        while units:
            found = self._waiting.pop(units.popleft(), None)
            if found:
                return found
        self._by_context.pop(context, None)
        return None
