"""What a prelude is to be made of: from what the index knows that units read to headers and arguments, or to none."""

import logging
import os
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cpplsp.content import content_hash, read_content
from cpplsp.manifest import VERSION
from cpplsp.prelude.arguments import merged, search_path
from cpplsp.prelude.choosing import Seen, Source, entries, pays, shared, spelling
from cpplsp.prelude.grouping import Manner, Mentions, differing, without
from cpplsp.prelude.shelf import Shelf
from cpplsp.store.index import Index
from cpplsp.store.preludes import reads_of, some_units

log = logging.getLogger(__name__)

_LIKE_THE_FIRST = 12
"""Of so many units the include paths go into a prelude."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A prelude to be built, with the arguments of a unit, include paths of others added.

    ``lines``: its headers as an ``#include`` names them. ``choice``: what identifies them. ``known``: of how many units
    it was known what they read.
    """

    context: str
    name: str
    lines: tuple[str, ...]
    choice: bytes
    directory: str
    arguments: list[str]
    known: int


class Planner:
    """Plans preludes from what the index knows: call it where the index is written.

    ``maker``: part of each choice. ``only_system``: of no headers of the project.
    """

    def __init__(self, index: Index, shelf: Shelf, maker: str, *, only_system: bool):
        self._index = index
        self._shelf = shelf
        self._maker = maker
        self._only_system = only_system

    def plan(
        self,
        contexts: Mapping[str, Manner],
        total: int,
        left: int,
        held: Collection[str],
        declined: bytes,
    ) -> Plan | None:
        """A prelude for the units of these contexts, if one pays.

        ``total``: how many units there are, ``left``: how many are to be read. ``held``: files (absolute) of the
        prelude that there is. ``declined``: the choice with which these units came to go without.
        """
        own = set().union(*differing(contexts).values())
        seen = self._seen(contexts, total, own)
        chosen = shared(seen, only_system=self._only_system)
        if not pays(seen, chosen, {file for file, one in seen.sources.items() if one.path in held}, left):
            return None
        each = max(_LIKE_THE_FIRST // len(contexts), 1)
        first, *others = (unit for context in contexts for unit in some_units(self._index, context, each))
        folders = search_path(first.arguments, first.directory)
        sources = [seen.sources[file] for file in entries(seen, chosen)]
        spelled = (spelling(one.path, folders, is_project=one.is_project) for one in sources)
        lines = tuple(line for line in spelled if line)
        parts = "\n".join((str(VERSION), self._maker, *lines))
        choice = content_hash(parts.encode("utf-8", "surrogateescape"))
        if not lines or choice == declined:
            return None
        arguments = merged(
            without(first.arguments, own),
            first.directory,
            ((unit.arguments, unit.directory) for unit in others),
        )
        try:
            name = self._shelf.new(first.context, choice.hex(), str(time.time_ns()))
        except OSError as error:
            log.warning("no prelude can be kept: %s", error)
            return None
        return Plan(first.context, name, lines, choice, first.directory, arguments, len(seen.units))

    def _seen(self, contexts: Mapping[str, Manner], total: int, own: Collection[str]) -> Seen:
        """What units read. What mentions a macro that contexts have of their own is read in several ways."""
        reads = reads_of(self._index, list(contexts))
        mentions = Mentions(own)
        sources = {
            file: Source(
                one.path,
                _size(one.path),
                one.is_project,
                one.is_guarded,
                one.is_varied or bool(mentioned(mentions, (one.path,))),
            )
            for file, one in reads.files.items()
        }
        return Seen(reads.units, total, sources, reads.includes)


def mentioned(mentions: Mentions, paths: Iterable[str]) -> set[str]:
    """Which names files mention, of those looked for."""
    return set().union(*(mentions.find(_text(path)) for path in paths)) if mentions else set()


def _text(path: str) -> bytes:
    try:
        return read_content(path)[0]
    except OSError:
        return b""


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
