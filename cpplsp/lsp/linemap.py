"""Where a place of one text is in another one, which was made from it by editing.

Lines are matched first, by what is the same at both ends and by lines that are unique in both texts (patience diff:
braces and empty lines, of which there are many, tell nothing). Lines left over are matched with those that are most
like them, and then by having been moved. In a changed line, columns hold up to the change and behind it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

_MOST_COMPARED = 10_000
"""Pairs of changed lines that are compared with one another in one block."""
_ALIKE = 0.5
_LEAST_MOVED = 4
"""Characters, without indentation, by which a line is known elsewhere."""


class LineMap:
    """Maps lines and columns from ``before`` to ``after`` and back. Columns are indices into the lines."""

    def __init__(self, before: Sequence[str], after: Sequence[str]):
        self._before, self._after = before, after
        forth: dict[int, int] = {}
        for old, new in _changed(before, after, forth):
            forth.update(_alike(before, after, old, new))
        forth.update(_moved(before, after, forth))
        self._forth = forth
        self._back = {new: old for old, new in forth.items()}
        self._ends: dict[int, tuple[int, int] | None] = {}
        """What matched lines have in common, by the line in ``before``."""

    def to_after(self, line: int, column: int, *, is_start: bool = False) -> tuple[int, int] | None:
        """Where a place in ``before`` is in ``after``; None where it is gone.

        ``is_start``: what stands behind the place is meant: it is behind what was inserted right there.
        """
        found = self._forth.get(line)
        if found is None:
            return None
        old, new = self._before[line], self._after[found]
        moved = _map(column, len(old), len(new), self._same_ends(line, found), is_start=is_start)
        return (found, moved) if moved is not None else None

    def to_before(self, line: int, column: int) -> tuple[int, int] | None:
        """Where a place in ``after`` was in ``before``; None where it is new."""
        found = self._back.get(line)
        if found is None:
            return None
        old, new = self._before[found], self._after[line]
        moved = _map(column, len(new), len(old), self._same_ends(found, line), is_start=False)
        return (found, moved) if moved is not None else None

    def _same_ends(self, old: int, new: int) -> tuple[int, int] | None:
        """How many characters two lines have in common at their beginnings, and then at their ends; None for all."""
        if old not in self._ends:
            before, after = self._before[old], self._after[new]
            same = _common_start(before, after)
            behind = min(_common_end(before, after), min(len(before), len(after)) - same)
            self._ends[old] = None if before == after else (same, behind)
        return self._ends[old]

    def has_line(self, line: int) -> bool:
        """Whether a line in ``before`` is one in ``after``."""
        return line in self._forth

    def nearest_after(self, line: int) -> int:
        """The line in ``after`` that a line in ``before`` is, or the next one that is left of what followed it."""
        while line < len(self._before):
            if (found := self._forth.get(line)) is not None:
                return found
            line += 1
        return max(len(self._after) - 1, 0)


def _map(column: int, length: int, other: int, ends: tuple[int, int] | None, *, is_start: bool) -> int | None:
    """A column of a line in another one, by the lengths of both and of what they have in common at their ends."""
    if ends is None:
        return column
    same, behind = ends
    is_behind = column >= length - behind
    if column < same or (column == same and not (is_start and is_behind)):
        return column
    return column + other - length if is_behind else None


def _changed(
    before: Sequence[str], after: Sequence[str], matched: dict[int, int]
) -> Iterator[tuple[range, range]]:
    """Match the lines that are the same; yields the blocks in between, in no order."""
    blocks = [(range(len(before)), range(len(after)))]
    while blocks:
        old, new = blocks.pop()
        old, new = _trim(before, after, old, new, matched)
        anchors = _anchors(before, after, old, new)
        if not anchors:
            if old or new:
                yield old, new
            continue
        reached = old.start, new.start
        for a, b in anchors:
            matched[a] = b
            blocks.append((range(reached[0], a), range(reached[1], b)))
            reached = a + 1, b + 1
        blocks.append((range(reached[0], old.stop), range(reached[1], new.stop)))


def _trim(
    before: Sequence[str], after: Sequence[str], old: range, new: range, matched: dict[int, int]
) -> tuple[range, range]:
    """Match what is the same at both ends of two blocks; what is left of them."""
    start, length = 0, min(len(old), len(new))
    while start < length and before[old[start]] == after[new[start]]:
        matched[old[start]] = new[start]
        start += 1
    end = 0
    while end < length - start and before[old[-1 - end]] == after[new[-1 - end]]:
        matched[old[-1 - end]] = new[-1 - end]
        end += 1
    return range(old.start + start, old.stop - end), range(new.start + start, new.stop - end)


def _anchors(before: Sequence[str], after: Sequence[str], old: range, new: range) -> list[tuple[int, int]]:
    """Lines that are unique in both blocks and in the same order: the longest such sequence."""
    in_old, in_new = Counter(before[at] for at in old), Counter(after[at] for at in new)
    places = {after[at]: at for at in new if in_new[after[at]] == 1}
    pairs = [(at, places[text]) for at in old if in_old[text := before[at]] == 1 and text in places]
    # The longest increasing subsequence, by patience: on each pile the smallest end of a sequence of its length.
    ends: list[int] = []
    piles: list[int] = []
    previous = [-1] * len(pairs)
    for number, (_, b) in enumerate(pairs):
        pile = bisect_left(ends, b)
        previous[number] = piles[pile - 1] if pile else -1
        ends[pile : pile + 1] = [b]
        piles[pile : pile + 1] = [number]
    found = []
    number = piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def _alike(before: Sequence[str], after: Sequence[str], old: range, new: range) -> dict[int, int]:
    """Match the lines of a changed block with those that they were made into, in order."""
    if len(old) * len(new) > _MOST_COMPARED:
        return {}
    # The heaviest alignment: what is alike counts as much as it is alike.
    width = len(new) + 1
    weights = [[0.0] * width for _ in range(len(old) + 1)]
    taken = [[False] * width for _ in range(len(old) + 1)]
    for a in range(len(old) - 1, -1, -1):
        for b in range(len(new) - 1, -1, -1):
            likeness = _likeness(before[old[a]], after[new[b]])
            without = max(weights[a + 1][b], weights[a][b + 1])
            together = weights[a + 1][b + 1] + likeness if likeness >= _ALIKE else -1.0
            taken[a][b] = together > without
            weights[a][b] = max(together, without)
    found = {}
    a = b = 0
    while a < len(old) and b < len(new):
        if taken[a][b]:
            found[old[a]] = new[b]
            a, b = a + 1, b + 1
        elif weights[a + 1][b] >= weights[a][b + 1]:
            a += 1
        else:
            b += 1
    return found


def _likeness(old: str, new: str) -> float:
    """How much of two lines is the same at their ends, without indentation: 0 to 1."""
    old, new = old.strip(), new.strip()
    longest = max(len(old), len(new))
    if not old or not new:
        return 0.0
    start = _common_start(old, new)
    return (start + min(_common_end(old, new), min(len(old), len(new)) - start)) / longest


def _moved(before: Sequence[str], after: Sequence[str], matched: dict[int, int]) -> dict[int, int]:
    """Match the lines that are left with equal ones elsewhere, where there is one only."""
    used = set(matched.values())
    gone = [at for at in range(len(before)) if at not in matched]
    come = [at for at in range(len(after)) if at not in used]
    in_gone, in_come = (
        Counter(before[at].strip() for at in gone),
        Counter(after[at].strip() for at in come),
    )
    places = {after[at].strip(): at for at in come}
    return {
        at: places[text]
        for at in gone
        if len(text := before[at].strip()) >= _LEAST_MOVED and in_gone[text] == in_come[text] == 1
    }


def _common_start(one: str, other: str) -> int:
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(at for at in range(length) if one[at] != other[at])


def _common_end(one: str, other: str) -> int:
    return _common_start(one[::-1], other[::-1])
