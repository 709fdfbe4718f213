"""What units cost, memory and time: learnt while they are read, estimated before. Values in, values out.

A unit that was read before costs what it did then. Another one is taken to cost what the units of its group do, by the
size of its main file: measured on rocksdb, leveldb and fmt, that explains 5 to 23 % of the spread of peaks and a third
to a half of that of CPU time; counting its ``#include`` lines as well, hardly more.
"""

import math
from dataclasses import dataclass, field

from cpplsp.scheduler.capacity import MIB

FIRST_UNIT_BYTES = 400 * MIB
"""Taken for a unit's memory until units of the project have been seen: a heavy C++ unit takes 300 MiB."""
_KNOWN_MARGIN = 1.15
"""How much more than last time a unit may take."""
_DEVIATIONS = 2.0
"""An estimate of memory is this many standard deviations above what is expected: one unit in twenty takes more."""
_FEW = 4
"""With fewer units of a group, the heaviest of them counts."""
_FEW_MARGIN = 1.3
_WORKING_BYTES = 32 * MIB
"""What even the smallest unit may need more than was seen."""

_TIMES_EXPECTED = 20.0
_LEAST_LIMIT_S = 60.0
_FIRST_LIMIT_S = 300.0
MOST_CPU_S = 600.0
"""No unit gets more CPU time: the slowest that people report take some minutes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading a unit takes: unshared memory at its highest, and user + system time."""

    peak_bytes: int
    cpu_s: float


@dataclass(slots=True)
class _Line:
    """A straight line through points, and how far they are from it: sums are all that is kept."""

    count: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0

    def add(self, x: float, y: float) -> None:
        self.count += 1
        across, up = x - self.x, y - self.y
        self.x += across / self.count
        self.y += up / self.count
        self.xx += across * (x - self.x)
        self.xy += across * (y - self.y)
        self.yy += up * (y - self.y)

    def at(self, x: float) -> tuple[float, float]:
        """The line's height at ``x``, and the standard deviation of points from it. What is larger costs no less."""
        slope = max(self.xy / self.xx, 0.0) if self.xx else 0.0
        spread = max(self.yy - slope * self.xy, 0.0) / max(self.count - 1, 1)
        return self.y + slope * (x - self.x), math.sqrt(spread)


@dataclass(slots=True)
class _Group:
    peaks: _Line = field(default_factory=_Line)
    times: _Line = field(default_factory=_Line)
    highest_bytes: int = 0


class Costs:
    """What has been learnt. A group: units that are read in one way (context), alone or under a prelude."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self.highest_bytes = 0
        """The most unshared memory that a unit took."""

    def add(self, group: str, size_bytes: int, cost: Cost) -> None:
        """A unit, whose main file is of this size, took so much."""
        known = self._groups.setdefault(group, _Group())
        known.peaks.add(size_bytes, cost.peak_bytes)
        known.times.add(size_bytes, cost.cpu_s)
        known.highest_bytes = max(known.highest_bytes, cost.peak_bytes)
        self.highest_bytes = max(self.highest_bytes, cost.peak_bytes)

    def memory_bytes(self, group: str, size_bytes: int, known: Cost | None = None) -> int:
        """What a unit needs, most likely. ``known``: what it took before."""
        if known is not None:
            return int(known.peak_bytes * _KNOWN_MARGIN) + _WORKING_BYTES
        found = self._groups.get(group)
        if found is None:
            return max(FIRST_UNIT_BYTES, self.highest_bytes)
        if found.peaks.count < _FEW:
            return int(found.highest_bytes * _FEW_MARGIN) + _WORKING_BYTES
        expected, deviation = found.peaks.at(size_bytes)
        return int(expected + _DEVIATIONS * deviation) + _WORKING_BYTES

    def cpu_s(self, group: str, size_bytes: int, known: Cost | None = None) -> float | None:
        """The time that a unit takes, most likely; None where nothing like it has been seen."""
        if known is not None:
            return known.cpu_s
        found = self._groups.get(group)
        return max(found.times.at(size_bytes)[0], 0.0) if found else None

    def limit_s(self, group: str, size_bytes: int, known: Cost | None = None) -> float:
        """The CPU time after which a unit does not end, most likely."""
        expected = self.cpu_s(group, size_bytes, known)
        if expected is None:
            return _FIRST_LIMIT_S
        return min(max(_TIMES_EXPECTED * expected, _LEAST_LIMIT_S), MOST_CPU_S)
