"""C and C++ indexed in this process, into a real index; and one ``check_…`` for each question.

Files named ``outside/…`` lie outside the project and are found as system headers.
"""

import contextlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cpplsp.facts import FileFacts, FileVersion, Kind, Role
from cpplsp.paths import Roots
from cpplsp.protocol import Job, UnitDone
from cpplsp.query import navigation
from cpplsp.query.files import Place
from cpplsp.query.guess import guess_at
from cpplsp.query.outline import OutlineSymbol, outline
from cpplsp.store.connection import open_reader
from cpplsp.store.held import HeldFile
from cpplsp.store.index import Index
from cpplsp.store.overlay import Overlay
from cpplsp.worker.libclang import Libclang, find_library
from cpplsp.worker.session import Session
from support.marked import Marked, Range, unmark

LANGUAGES = {".c": "c", ".cc": "c++", ".cpp": "c++"}


_READS_ALL = re.compile(r"SCAN (main|unsaved)\.(?!candidate)|MATERIALIZE|.*AUTOMATIC")


@cache
def libclang() -> Libclang:
    """The library, loaded once; its callbacks on this thread, as in a worker."""
    os.environ.setdefault("LIBCLANG_NOTHREADS", "1")
    return Libclang(find_library())


@dataclass
class Workspace:
    """A folder with a project, sessions by language, the index, and what the sessions sent."""

    folder: Path
    roots: Roots
    index: Index
    marked: Marked = field(default_factory=Marked)
    facts: list[FileFacts] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    layered: sqlite3.Connection | None = None

    @property
    def db(self) -> sqlite3.Connection:
        """The connection to ask: to the index, or to one that has been layered."""
        return self.layered or self.index.db

    def path(self, name: str) -> str:
        base = self.folder if name.startswith("outside/") else self.folder / "project"
        return str(base / name)

    def name(self, path: str) -> str:
        return os.path.relpath(path, self.folder).removeprefix("project/")

    def write(self, files: dict[str, bytes]) -> None:
        for name, text in files.items():
            path = Path(self.path(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)

    def job(self, name: str, arguments: Sequence[str] = (), **changes: object) -> Job:
        """A job for one file, as the indexer would make it."""
        language = LANGUAGES.get(Path(name).suffix, "c++")
        standard = ["-x", language, "-std=c++20" if language == "c++" else "-std=c17"]
        given = {
            "unit": 1,
            "path": self.path(name),
            "directory": str(self.folder / "project"),
            "arguments": [*standard, "-nostdinc", "-isystem", str(self.folder / "outside"), *arguments],
            "context": language,
            "epoch": 0,
            "claimed": [],
            "roots": (self.roots.project, "", ""),
        }
        return Job(**(given | changes))  # type: ignore[arg-type]

    def run(self, job: Job, *, grants: bool = True, told: Collection[str] = ()) -> UnitDone:
        """Run a job in the session of its context, and store what comes.

        ``grants``: headers are granted, but those told (absolute paths).
        """
        session = self.sessions.get(job.context)
        if session is None:
            session = self.sessions[job.context] = Session(libclang(), job.context, job.epoch)

        def ask(claims: list[FileVersion]) -> list[int]:
            return [at for at, one in enumerate(claims) if grants and one.path not in told]

        def send(facts: FileFacts) -> None:
            self.facts.append(facts)
            self.index.put_file(facts, job.context)

        before = os.getcwd()
        try:
            return session.run(job, ask, send)
        finally:
            os.chdir(before)

    def of(self, name: str) -> FileFacts:
        """The facts that were last sent of a file."""
        return [facts for facts in self.facts if facts.path == self.path(name)][-1]


def layered(space: Workspace) -> sqlite3.Connection:
    """A connection to the index of a workspace under an overlay that has the sources; the index has the headers."""
    overlay = Overlay(space.index.path, space.roots)
    for facts in space.facts:
        if Path(facts.path).suffix in LANGUAGES and not facts.partial:
            text = Path(facts.path).read_bytes()
            overlay.put([HeldFile(facts)], LANGUAGES[Path(facts.path).suffix], {facts.path: text})
    connection = open_reader(space.index.path)
    overlay.attach(connection)
    overlay.close()
    return connection


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    """What SQLite reads from end to end for a statement, of what is big."""
    rows = connection.execute("EXPLAIN QUERY PLAN " + statement).fetchall()
    return [row[3] for row in rows if _READS_ALL.match(row[3])]


@contextlib.contextmanager
def workspace() -> Iterator[Workspace]:
    """An empty project with an index."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.path.realpath(temporary))
        (folder / "project").mkdir()
        roots = Roots(str(folder / "project"))
        index = Index(str(folder / "cache" / "index.sqlite"), roots)
        space = Workspace(folder, roots, index)
        try:
            yield space
        finally:
            for session in space.sessions.values():
                session.close()
            index.close()


@contextlib.contextmanager
def indexed(code: str | bytes, *, errors: int = 0, arguments: Sequence[str] = ()) -> Iterator[Workspace]:
    """A project of these files, each source file indexed in turn. ``errors``: how many they have together."""
    with workspace() as space:
        space.marked = unmark(code)
        space.write(space.marked.files)
        sources = [name for name in space.marked.files if Path(name).suffix in LANGUAGES]
        done = [space.run(space.job(name, arguments)) for name in sources]
        assert sum(unit.errors for unit in done) == errors, [unit.error for unit in done if unit.errors]
        yield space


def check_definition(code: str | bytes, *, errors: int = 0) -> None:
    """From each cursor, the definitions are the ranges marked."""
    with indexed(code, errors=errors) as space:
        _check_targets(space, navigation.definitions)


def check_declaration(code: str | bytes, *, errors: int = 0) -> None:
    """From each cursor, the declarations are the ranges marked."""
    with indexed(code, errors=errors) as space:
        _check_targets(space, navigation.declarations)


def _check_targets(space: Workspace, question) -> None:  # type: ignore[no-untyped-def]
    assert space.marked.cursors, "no cursor is marked"
    for cursor in space.marked.cursors:
        found = question(space.db, space.roots, _hits(space, *cursor) or _guesses(space, *cursor))
        assert _ranges(space, found) == sorted(space.marked.ranges), f"from {cursor}"


def check_references(
    code: str | bytes, *, declarations: bool = True, errors: int = 0, arguments: Sequence[str] = ()
) -> None:
    """From each cursor, the references are the ranges marked, and each comes once."""
    with indexed(code, errors=errors, arguments=arguments) as space:
        assert space.marked.cursors, "no cursor is marked"
        for cursor in space.marked.cursors:
            symbols = [hit.symbol for hit in _hits(space, *cursor)]
            found = navigation.references(space.db, space.roots, symbols, include_declarations=declarations)
            assert _ranges(space, found) == sorted(space.marked.ranges), f"from {cursor}"


def check_outline(code: str | bytes, expected: str, name: str = "main.cc", *, errors: int = 0) -> None:
    """The outline of a file, a line ``kind name`` for each symbol, children indented by two.

    Where ranges are marked, they are what the symbols extend over.
    """
    with indexed(code, errors=errors) as space:
        found = outline(space.db, space.roots, space.path(name))
        assert list(_outlined(found)) == [line for line in expected.splitlines() if line.strip()]
        if space.marked.ranges:
            extents = [(name, symbol.begin, symbol.end) for symbol in _all(found)]
            assert sorted(extents) == sorted(space.marked.ranges)


def _outlined(symbols: Sequence[OutlineSymbol], depth: int = 0) -> Iterator[str]:
    for symbol in symbols:
        yield "  " * depth + f"{Kind(symbol.kind).name.lower()} {symbol.name}"
        yield from _outlined(symbol.children, depth + 1)


def _all(symbols: Sequence[OutlineSymbol]) -> Iterator[OutlineSymbol]:
    for symbol in symbols:
        yield symbol
        yield from _all(symbol.children)


def check_occurrences(
    code: str | bytes, expected: Sequence[str], name: str = "main.cc", *, errors: int = 0
) -> None:
    """What a worker tells of a file, in order: ``line:column token = symbol's name, roles``."""
    with indexed(code, errors=errors) as space:
        assert occurrences(space, name) == list(expected)


def occurrences(space: Workspace, name: str = "main.cc") -> list[str]:
    """The occurrences in a file as text, by place and then by symbol's name."""
    facts = space.of(name)
    names = {one.symbol: one.name for sent in space.facts for one in sent.declarations}
    lines = space.marked.files[name].removeprefix(b"\xef\xbb\xbf").splitlines()
    told = []
    for one in facts.occurrences:
        token = lines[one.line][one.column : one.column + one.length].decode("utf-8", "replace")
        text = f"{one.line}:{one.column} {token} = {names.get(one.symbol, '?')}, {roles_text(one.roles)}"
        told.append((one.line, one.column, text))
    return [text for *_, text in sorted(told)]


def roles_text(roles: int) -> str:
    """Roles in lower case, in the order of their bits."""
    return " ".join(str(role.name).lower() for role in Role if roles & role)


def _hits(space: Workspace, name: str, line: int, column: int) -> list[navigation.Hit]:
    return navigation.symbols_at(space.db, space.roots, space.path(name), line, column)


def _guesses(space: Workspace, name: str, line: int, column: int) -> list[navigation.Hit]:
    return guess_at(space.db, space.roots, space.path(name), line, column)


def _ranges(space: Workspace, places: Iterator[Place] | Sequence[Place]) -> list[Range]:
    return sorted((space.name(one.path), (one.line, one.start), (one.line, one.end)) for one in places)
