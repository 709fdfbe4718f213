"""Which header is reported by which unit: once in each context, and once more where a unit reads it otherwise.

See docs/adr/0003-headers-are-claimed.md and docs/adr/0011-a-header-is-claimed-in-a-shape.md. Files are absolute real
paths; how one was read is a shape (``shapes``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cpplsp.shapes import is_told


@dataclass(slots=True)
class _Context:
    epoch: int = 0
    log: list[str] = field(default_factory=list)
    """Claimed files in the order of claiming: a worker is sent what is behind its own mark."""
    claimed: dict[str, list[bytes]] = field(default_factory=dict)
    """In which shapes."""


@dataclass(frozen=True, slots=True)
class _Mark:
    context: str
    epoch: int
    position: int


class Claims:
    """The claims of one run. Invariant: ``claimed`` of a context and its ``log`` hold the same files."""

    def __init__(self, claimed: Mapping[str, Mapping[str, Iterable[bytes]]]):
        self._contexts: dict[str, _Context] = {}
        self._marks: dict[int, _Mark] = {}
        self._granted: dict[int, set[tuple[str, bytes]]] = {}
        for context, paths in claimed.items():
            shapes = {path: list(shapes) for path, shapes in paths.items()}
            self._contexts[context] = _Context(0, sorted(shapes), shapes)

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

    def shapes(self, context: str, path: str) -> Collection[bytes]:
        """In which shapes a file has been claimed in a context."""
        state = self._contexts.get(context)
        return tuple(state.claimed.get(path, ())) if state else ()

    def grant(self, context: str, unit: int, files: Sequence[tuple[str, bytes]]) -> list[int]:
        """Claim for a unit those files, in the shapes given, that tell more than what is claimed: their indices."""
        granted = []
        for index, (path, shape) in enumerate(files):
            if self.claim(context, path, shape):
                self._granted.setdefault(unit, set()).add((path, shape))
                granted.append(index)
        return granted

    def claim(self, context: str, path: str, shape: bytes) -> bool:
        """Claim a file in a shape for good; False if what is claimed tells all that would."""
        state = self._contexts.setdefault(context, _Context())
        shapes = state.claimed.get(path)
        if shapes is None:
            state.claimed[path] = [shape]
            state.log.append(path)
            return True
        if is_told(shape, shapes):
            return False
        shapes.append(shape)
        return True

    def reported(self, unit: int, path: str, shape: bytes) -> None:
        """A unit's facts of a file are in: its claim is for good."""
        self._granted.get(unit, set()).discard((path, shape))

    def outstanding(self, unit: int) -> set[tuple[str, bytes]]:
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
            for path, shape in void:
                state.claimed[path].remove(shape)
                if not state.claimed[path]:
                    del state.claimed[path]
            state.log = [path for path in state.log if path in state.claimed]
        return len(void)
