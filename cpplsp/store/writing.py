"""What has been read of a unit, written: files as they come, and its end."""

from collections.abc import Sequence, Set
from contextlib import ExitStack

from cpplsp.store.freshness import note_version
from cpplsp.store.held import HeldFile
from cpplsp.store.index import Index
from cpplsp.store.units import Outcome, Unit, finish_unit


class UnitWriter:
    """Writes the units of one run. To be used where its index is."""

    def __init__(self, index: Index):
        self._index = index
        self._versions: dict[tuple[str, bytes], int] = {}
        """Ids of contents that units of this run have read, by path and hash."""

    def write_files(self, files: Sequence[HeldFile], context: str, teller: int) -> None:
        """One transaction: each file is there as a whole, or not at all. They are closed.

        ``teller``: the unit (id) that told them, 0 for the build of a prelude.
        """
        with self._index.transaction():
            self._write_each(files, context, teller)

    def _write_each(self, files: Sequence[HeldFile], context: str, teller: int) -> None:
        with ExitStack() as stack:
            for held in files:
                stack.enter_context(held)
            for held in files:
                self._index.write_file(held.facts, context, held.more or (), teller=teller)

    def write_end(
        self,
        unit: Unit,
        files: Sequence[HeldFile],
        outcome: Outcome,
        silent: Set[tuple[str, bytes]],
        started_ns: int,
    ) -> None:
        """One transaction: the files that are left, what the unit was made from, and its row. The files are closed.

        ``silent``: files (and shapes) that it read and nobody has facts of: they count as read. ``started_ns``: since
        when it read, in nanoseconds since 1970.
        """
        with self._index.transaction():
            self._write_each(files, unit.context, unit.id)
            versions = []
            shapes = []
            for one in outcome.dependencies:
                version = self._versions.get((one.path, one.content))
                is_silent = (one.path, one.skipped) in silent
                if version is None or is_silent:
                    file, version = note_version(self._index, one, started_ns)
                    if is_silent:
                        shape = self._index.shape_id(version, one.skipped)
                        self._index.put_empty_reading(file, version, unit.context, shape)
                versions.append(version)
                if one.skipped:
                    shapes.append(self._index.shape_id(version, one.skipped))
            finish_unit(self._index, unit, outcome, versions, shapes)
        self._versions.update(
            ((one.path, one.content), version)
            for one, version in zip(outcome.dependencies, versions, strict=True)
        )
