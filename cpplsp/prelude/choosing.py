"""Which headers go into a prelude, and whether it pays: pure functions of what units were seen to read.

Files are numbers here (ids of the store, say). What counts is what units really read, not what their text says.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

_SHARED_BY = 2
_FACTOR = 3.0
"""What building a prelude costs, as a multiple of reading its headers once in a unit: all bodies are parsed, the facts
of the headers come with it, it is written to disk, and a few units are read twice to compare."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that units read. ``path``: absolute. ``is_guarded``: including it twice means nothing.

    ``is_varied``: units read it in several ways (``shapes``).
    """

    path: str
    bytes: int
    is_project: bool
    is_guarded: bool
    is_varied: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a group of units that are read in one way.

    ``units``: the main file of each, and all that it read, itself included; ``total``: how many units the group has.
    ``includes``: of the project's files, what they include, in the order of their lines.
    """

    units: Sequence[tuple[int, Collection[int]]]
    total: int
    sources: Mapping[int, Source]
    includes: Mapping[int, Sequence[int]]


def shared(seen: Seen, *, only_system: bool = False) -> set[int]:
    """The files that a prelude may hold: those that two units are likely to read, in one way.

    ``only_system``: none of the project's own.
    """
    uses = Counter(file for main, files in seen.units for file in files if file != main)
    enough = _SHARED_BY * len(seen.units) / max(seen.total, len(seen.units), 1)
    mains = {main for main, _ in seen.units}
    found = {file for file, count in uses.items() if count >= enough and file not in mains}
    found -= _tainted(seen)
    return {file for file in found if not seen.sources[file].is_project} if only_system else found


def _tainted(seen: Seen) -> set[int]:
    """Files of which the meaning varies, and all that include them."""
    includers: dict[int, list[int]] = {}
    for file, targets in seen.includes.items():
        for target in targets:
            includers.setdefault(target, []).append(file)
    found: set[int] = set()
    coming = [file for file, source in seen.sources.items() if source.is_varied]
    while coming:
        file = coming.pop()
        if file not in found:
            found.add(file)
            coming += includers.get(file, ())
    return found


def entries(seen: Seen, chosen: Collection[int]) -> list[int]:
    """What a prelude has to include to hold these files, in an order in which units include them.

    Only what a file of the project includes, and a guard protects: a file without one is read again wherever it is
    included.
    """
    passed: set[int] = set()
    return [file for main, _ in seen.units for file in _outermost(seen, chosen, main, passed)]


def _outermost(seen: Seen, chosen: Collection[int], file: int, passed: set[int]) -> Iterator[int]:
    coming = [iter(seen.includes.get(file, ()))]
    while coming:
        target = next(coming[-1], None)
        if target is None:
            coming.pop()
        elif target not in passed:
            passed.add(target)
            if target in chosen and seen.sources[target].is_guarded:
                yield target
            else:
                coming.append(iter(seen.includes.get(target, ())))


def pays(seen: Seen, chosen: Collection[int], held: Collection[int], left: int) -> bool:
    """Whether a prelude of these files spares more than it costs, with so many units to be read.

    ``held``: what the prelude that there is holds, if there is one: nothing is spared by that.
    """
    sizes = {file: seen.sources[file].bytes for file in chosen}
    cost = _FACTOR * sum(sizes.values())
    spared = sum(
        sizes[file] for main, files in seen.units for file in files if file in sizes and file not in held
    )
    return bool(seen.units) and spared / len(seen.units) * left > cost


def spelling(path: str, folders: Sequence[str], *, is_project: bool) -> str | None:
    """How an ``#include`` names a file: by its path, or as it is found in one of these folders; None for neither.

    A system's header may go on to the next of its name (``#include_next``), which works only if it was searched for.
    """
    if any(character in path for character in '"\n\r\\'):
        return None
    if not is_project:
        for folder in folders:
            name = os.path.relpath(path, folder) if path.startswith(folder.rstrip("/") + "/") else ""
            if name and not any(
                os.path.exists(os.path.join(other, name)) for other in _before(folders, folder)
            ):
                return f"<{name}>"
    return f'"{path}"'


def _before(folders: Sequence[str], folder: str) -> Iterator[str]:
    return islice(folders, folders.index(folder))
