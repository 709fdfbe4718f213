"""Which header is reported by which unit: once in each context (docs/adr/0003-headers-are-claimed.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Context:
    epoch: int = 0
    log: list[str] = field(default_factory=list)
    """Claimed files in the order of claiming: a worker is sent what is behind its own mark."""
    claimed: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Mark:
    context: str
    epoch: int
    position: int


class Claims:
    """The claims of one run. Invariant: ``claimed`` of a context and its ``log`` hold the same files."""

    def __init__(self, claimed: Mapping[str, Iterable[str]]):
        self._contexts: dict[str, _Context] = {}
        self._marks: dict[int, _Mark] = {}
        self._granted: dict[int, set[str]] = {}
        for context, paths in claimed.items():
            log = sorted(set(paths))
            self._contexts[context] = _Context(0, log, set(log))

    def brief(self, context: str, worker: int) -> tuple[int, list[str]]:
        """What a job in this context tells its worker: the epoch, and the files claimed since its last job.

        A worker that was in another context or epoch has a new session and is told of all.
        """
        state = self._contexts.setdefault(context, _Context())
        mark = self._marks.get(worker)
        known = mark.position if mark and (mark.context, mark.epoch) == (context, state.epoch) else 0
        self._marks[worker] = _Mark(context, state.epoch, len(state.log))
        return state.epoch, state.log[known:]

    def forget(self, worker: int) -> None:
        """A worker is gone."""
        self._marks.pop(worker, None)

    def epoch(self, context: str) -> int:
        """How often claims of a context became void."""
        state = self._contexts.get(context)
        return state.epoch if state else 0

    def is_claimed(self, context: str, path: str) -> bool:
        """Whether a file has been claimed in a context."""
        state = self._contexts.get(context)
        return state is not None and path in state.claimed

    def grant(self, context: str, unit: int, paths: Sequence[str]) -> list[int]:
        """Claim for a unit those that nobody has: their indices in ``paths``."""
        granted = []
        for index, path in enumerate(paths):
            if self.claim(context, path):
                self._granted.setdefault(unit, set()).add(path)
                granted.append(index)
        return granted

    def claim(self, context: str, path: str) -> bool:
        """Claim a file for good; False if it has been claimed."""
        state = self._contexts.setdefault(context, _Context())
        if path in state.claimed:
            return False
        state.claimed.add(path)
        state.log.append(path)
        return True

    def reported(self, unit: int, path: str) -> None:
        """A unit's facts of a file are in: its claim is for good."""
        self._granted.get(unit, set()).discard(path)

    def outstanding(self, unit: int) -> set[str]:
        """What was granted to a unit and has not been reported."""
        return set(self._granted.get(unit, ()))

    def end(self, context: str, unit: int) -> int:
        """A unit has ended. Claims of which it has not reported the facts are void; returns how many.

        Sessions that have passed such a header would keep silent about its bodies: the epoch rises.
        """
        void = self._granted.pop(unit, set())
        if void:
            state = self._contexts[context]
            state.epoch += 1
            state.claimed -= void
            state.log = [path for path in state.log if path not in void]
        return len(void)
