"""A project on disk whose units are "read" by a test, at once and without libclang."""

import os
import time
from pathlib import Path

import msgspec

from cpplsp.content import content_hash
from cpplsp.facts import Declaration, FileFacts, FileVersion, Kind, UnitState
from cpplsp.paths import Roots
from cpplsp.store.freshness import Stale, find_stale, note_version, refresh_files
from cpplsp.store.history import remember
from cpplsp.store.index import Index
from cpplsp.store.revival import Revived, put_back_known
from cpplsp.store.units import Outcome, WantedUnit, finish_unit, load_unit, sync_units, units_of

HOUR_NS = 3600 * 10**9


class Project:
    """A folder with an index, and "workers" that read a unit at once: every file has one declaration."""

    def __init__(self, folder: Path):
        self.folder = folder / "project"
        self.folder.mkdir()
        self.index = Index(str(folder / "cache" / "index.sqlite"), Roots(str(self.folder)))

    def path(self, name: str) -> str:
        return os.path.realpath(self.folder / name)

    def write(self, name: str, text: str, *, age_s: float = 3600) -> None:
        path = self.folder / name
        path.write_text(text)
        os.utime(path, ns=(time.time_ns(), time.time_ns() - int(age_s * 1e9)))

    def want(self, *names: str, context: str = "c++") -> None:
        units = [WantedUnit(self.path(name), "/", (), name.encode(), context) for name in names]
        sync_units(self.index, units, lambda: True)

    def read(
        self,
        name: str,
        *headers: str,
        silent: str = "",
        state: UnitState = UnitState.INDEXED,
        error: str = "",
        says: str = "",
    ) -> None:
        """A unit is read: its facts and those of these headers are written, but for ``silent``.

        ``says``: what they declare, if not their names, as what else it reads may have it.
        Of files outside the project (``../outside.h``) that unit adds what it names: itself.
        """
        unit = load_unit(self.index, units_of(self.index, self.path(name))[0])
        remember(self.index, [unit.id])
        for path in map(self.path, (name, *headers)):
            if os.path.basename(path) != silent:
                facts = facts_of(path)
                if says:
                    facts = msgspec.structs.replace(
                        facts, digest=says.encode() + facts.digest, declarations=[declaration(says)]
                    )
                if not self.index.roots.is_project(path):
                    facts = msgspec.structs.replace(
                        facts, digest=b"", partial=True, declarations=[declaration(name)]
                    )
                self.index.put_file(facts, unit.context, teller=unit.id)
        with self.index.transaction():
            versions = []
            for path in map(self.path, (name, *headers)):
                content = content_hash(Path(path).read_bytes())
                # as if the unit had been begun just now: every file is older
                versions.append(
                    note_version(self.index, FileVersion(path, content), time.time_ns() + HOUR_NS)[1]
                )
            finish_unit(self.index, unit, Outcome(state, error, 0, []), versions)

    def stale(self) -> Stale:
        refresh_files(self.index)
        return find_stale(self.index)

    def revive(self) -> Revived:
        return put_back_known(self.index, self.stale())

    def stale_names(self) -> list[str]:
        return [os.path.basename(load_unit(self.index, unit).path) for unit, _ in self.stale().units]

    def held(self) -> list[str]:
        rows = self.index.db.execute(
            "SELECT DISTINCT f.path FROM declaration d JOIN shard s ON s.id = d.shard JOIN file f ON f.id = s.file"
            " ORDER BY 1"
        )
        return [row[0] for row in rows]


def facts_of(path: str) -> FileFacts:
    text = Path(path).read_bytes()
    return FileFacts(
        path,
        content_hash(text),
        content_hash(text),
        b"",
        False,
        [declaration(os.path.basename(path))],
        [],
        [],
        [],
    )


def declaration(name: str) -> Declaration:
    symbol = int.from_bytes(name.encode()[:6], "big")
    return Declaration(0, 0, symbol, name, Kind.VARIABLE, True, 0, 0, 0, 1, "", 0, False)
