"""Facts that have come from workers and are not written yet.

Several files are written together, since a transaction costs as much as a small file. A file whose facts come in parts
counts when it is whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType

from msgspec import structs

from cpplsp.facts import FileFacts
from cpplsp.store.spool import Spool

_OF_A_PART = 5_000


@dataclass(slots=True)
class HeldFile:
    """The facts of a file, and those that came in parts."""

    facts: FileFacts
    more: Spool | None = None

    @property
    def occurrences(self) -> int:
        """About how many occurrences it has."""
        return len(self.facts.occurrences) + (self.more.parts * _OF_A_PART if self.more else 0)

    def whole(self) -> FileFacts:
        """All of its facts in one piece."""
        parts = [self.facts, *(self.more or ())]
        return structs.replace(
            self.facts,
            declarations=[one for part in parts for one in part.declarations],
            occurrences=[one for part in parts for one in part.occurrences],
            relations=[one for part in parts for one in part.relations],
            includes=[one for part in parts for one in part.includes],
        )

    def close(self) -> None:
        """Forget what came in parts."""
        if self.more:
            self.more.close()

    def __enter__(self) -> "HeldFile":
        """Go on."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget what came in parts."""
        self.close()


class HeldFiles:
    """Files by unit. ``index``: path of the index beside which big ones are kept."""

    def __init__(self, index: str):
        self._index = index
        self._whole: dict[int, list[HeldFile]] = {}
        self._coming: dict[int, HeldFile] = {}

    @property
    def occurrences(self) -> int:
        """About how many occurrences there are of all files that are whole."""
        return sum(one.occurrences for files in self._whole.values() for one in files)

    def begin(self, unit: int, facts: FileFacts, *, is_kept: bool = True) -> None:
        """Of these facts more will come. Without ``is_kept`` they are passed over."""
        self._coming[unit] = HeldFile(facts, Spool(self._index) if is_kept else None)

    def part(self, unit: int, encoded: bytes | memoryview, *, is_last: bool) -> HeldFile | None:
        """More has come of the file that was begun; the file, when that is whole and was kept. Raises CacheError."""
        held = self._coming[unit]
        if held.more is not None:
            held.more.add(encoded)
        if not is_last:
            return None
        del self._coming[unit]
        return held if held.more is not None else None

    def hold(self, unit: int, held: HeldFile) -> None:
        """Keep a file until it is taken."""
        self._whole.setdefault(unit, []).append(held)

    def of(self, unit: int) -> Iterable[HeldFile]:
        """A unit's files that are whole."""
        return self._whole.get(unit, ())

    def take(self, unit: int) -> list[HeldFile]:
        """They are the caller's now, to be written and closed."""
        return self._whole.pop(unit, [])

    def forget(self, unit: int) -> None:
        """What was sent of a unit's files is void."""
        coming = self._coming.pop(unit, None)
        for one in (*self.take(unit), *((coming,) if coming else ())):
            one.close()

    def close(self) -> None:
        """All of it is void."""
        for unit in {*self._whole, *self._coming}:
            self.forget(unit)
