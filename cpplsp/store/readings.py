"""Which readings of files a unit would give today, what no reading tells, and which are not needed.

A unit has read a file of the project whole, or it has skipped some of it: then its row names the shape.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from cpplsp.shapes import is_told, tells_all_of
from cpplsp.store.units import unpack_versions


class Given:
    """How units have read files, by context."""

    def __init__(self, db: sqlite3.Connection):
        self._db = db
        rows = db.execute("SELECT id, version, skipped FROM shape")
        self._shapes: dict[int, tuple[int, bytes]] = {shape: (of, skipped) for shape, of, skipped in rows}
        self._partly: dict[str, set[int]] = defaultdict(set)
        """Shapes that units have."""
        for context, packed in db.execute("SELECT context, shapes FROM unit WHERE dependencies IS NOT NULL"):
            self._partly[context].update(self.shapes(packed))
        self._skipped_of = {version for version, _ in self._shapes.values()}
        """Contents of which some unit has skipped something."""

    @cached_property
    def versions(self) -> dict[str, set[int]]:
        """All contents that units were made from."""
        found: dict[str, set[int]] = defaultdict(set)
        units = self._db.execute("SELECT context, dependencies FROM unit WHERE dependencies IS NOT NULL")
        for context, packed in units:
            found[context].update(unpack_versions(packed))
        return found

    @cached_property
    def _whole(self) -> dict[str, set[int]]:
        """Contents that a unit has read whole, among those that not every unit did."""
        found: dict[str, set[int]] = defaultdict(set)
        units = self._db.execute(
            "SELECT context, dependencies, shapes FROM unit WHERE dependencies IS NOT NULL"
        )
        for context, packed, packed_shapes in units:
            versions = self._skipped_of.intersection(unpack_versions(packed))
            found[context].update(versions.difference(self.versions_of(self.shapes(packed_shapes))))
        return found

    def shapes(self, packed: bytes | None) -> Sequence[int]:
        """The shapes that a unit's row names."""
        return unpack_versions(packed) if packed else ()

    def versions_of(self, shapes: Sequence[int]) -> list[int]:
        """The contents that these are shapes of."""
        return [self._shapes[shape][0] for shape in shapes]

    def skipped(self, shape: int) -> bytes:
        """What is skipped in a shape."""
        return self._shapes[shape][1] if shape else b""

    def has(self, context: str, version: int, shape: int) -> bool:
        """Whether a unit has read a content so; taken for granted of one that all have read whole."""
        if shape:
            return shape in self._partly[context]
        return version not in self._skipped_of or version in self._whole[context]

    def used(self) -> set[int]:
        """All shapes that units have."""
        return set().union(*self._partly.values())


class Told:
    """What the readings in one context tell."""

    def __init__(self, given: Given):
        self._given = given
        self._readings: dict[int, list[bytes]] = defaultdict(list)
        self._whole: set[int] = set()
        """Contents of which all is told."""
        self._partly: set[int] = set()
        """Shapes of which all is known to be told."""

    def add(self, version: int, shape: int) -> None:
        """There is, or will be, a reading of a content in a shape."""
        self._readings[version].append(self._given.skipped(shape))
        if is_told(b"", self._readings[version]):
            self._whole.add(version)

    def lacks(self, versions: set[int], shapes: Sequence[int]) -> list[tuple[int, int]]:
        """What no reading tells of these contents, read in these shapes and else whole: versions and shapes."""
        lacking: list[tuple[int, int]] = []
        if not self._partly.issuperset(shapes):
            for shape, version in zip(shapes, self._given.versions_of(shapes), strict=True):
                if is_told(self._given.skipped(shape), self._readings[version]):
                    self._partly.add(shape)
                else:
                    lacking.append((version, shape))
        if not self._whole.issuperset(versions):
            whole = versions.difference(self._whole, self._given.versions_of(shapes))
            lacking += ((version, 0) for version in sorted(whole))
        return lacking


def left_over(db: sqlite3.Connection, given: Given) -> list[tuple[int, str, int]]:
    """Readings (file, context, shape) that no unit stands for, or that tell nothing beside another one.

    What is not given any longer is kept as long as nothing is given in its place.
    """
    file_of = dict(db.execute("SELECT id, file FROM version"))
    files = {
        context: {file_of[version] for version in versions} for context, versions in given.versions.items()
    }
    files[""] = set().union(*files.values())
    rows = db.execute(
        "SELECT r.file, r.context, r.shape, s.version FROM reading r JOIN shard s ON s.id = r.shard"
        " ORDER BY r.file, r.context, r.shape"
    )
    found: list[tuple[int, str, int]] = []
    for (file, context), same in groupby(rows, itemgetter(0, 1)):
        readings = [(shape, version) for _, _, shape, version in same]
        if file not in files.get(context, ()):
            found += ((file, context, shape) for shape, _ in readings)
        elif len(readings) > 1:
            found += ((file, context, shape) for shape in _needless(given, context, readings))
    return found


def _needless(given: Given, context: str, readings: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Of a file's readings (shape, version) in a context, the shapes that are not needed."""
    needed = [shape for shape, version in readings if given.has(context, version, shape)]
    for shape, _ in readings:
        if shape not in needed:
            if needed:
                yield shape
        elif any(
            tells_all_of(given.skipped(other), given.skipped(shape)) for other in needed if other != shape
        ):
            yield shape
