"""A project on disk that is indexed as a whole, in this process and real workers."""

import asyncio
import json
from pathlib import Path
from typing import Any

from cpplsp.config import Settings
from cpplsp.facts import UnitState
from cpplsp.indexer import Indexer
from cpplsp.project.project import Project
from cpplsp.runstate import Progress, Summary
from cpplsp.store.connection import index_path, open_reader


class Sources:
    """A project in a folder, with its cache beside it."""

    def __init__(self, folder: Path, **settings: Any):
        self.root = folder / "project"
        self.root.mkdir()
        self.settings = Settings(cache_dir=str(folder / "cache"), **({"jobs": 2} | settings))
        self.progress: list[Progress] = []
        self.on_progress = self.progress.append

    def write(self, **files: str) -> None:
        """``a_cc="…"`` writes ``a.cc``."""
        for name, text in files.items():
            (self.root / name.replace("_", ".")).write_text(text)

    def commands(self, *names: str, flags: str = "") -> None:
        entries = [
            {
                "directory": str(self.root),
                "file": name,
                "command": f"{'gcc' if name.endswith('.c') else 'g++'} {flags} -c {name}",
            }
            for name in names
        ]
        (self.root / "compile_commands.json").write_text(json.dumps(entries))

    def run(self, unit_within_s: float = 600.0, *, retry_failed: bool = False) -> Summary:
        indexer = Indexer(
            Project.open(str(self.root), self.settings),
            self.settings,
            self.on_progress,
            retry_failed=retry_failed,
            unit_within_s=unit_within_s,
        )
        try:
            return asyncio.run(indexer.run())
        finally:
            indexer.close()

    @property
    def path(self) -> str:
        return index_path(str(self.root), self.settings.cache_dir, self.settings.compile_commands_dir)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        reader = open_reader(self.path)
        try:
            return reader.execute(statement).fetchall()
        finally:
            reader.close()

    def names(self) -> list[str]:
        """Base name of the file and name of each declaration."""
        rows = self.rows(
            "SELECT DISTINCT f.path, d.name FROM declaration d JOIN shard s ON s.id = d.shard"
            " JOIN file f ON f.id = s.file WHERE f.root = 'project' AND d.local = 0 ORDER BY 1, 2"
        )
        return [f"{path} {name}" for path, name in rows]

    def states(self) -> dict[str, UnitState]:
        rows = self.rows("SELECT f.path, u.state FROM unit u JOIN file f ON f.id = u.file")
        return {str(path): UnitState(state) for path, state in rows}
