"""What a person does about the index from an editor: see what it holds, make it anew, try again, pause.

What is to be done are commands (``workspace/executeCommand``), which many editors list by themselves; each acts on all
folders.
"""

import re
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from cpplsp.lsp.indexstate import IndexState
from cpplsp.lsp.positions import Outward
from cpplsp.lsp.wire import Location, Position, Range
from cpplsp.lsp.workspace import Workspace
from cpplsp.paths import PROJECT, Roots
from cpplsp.query.status import Status, TroubledUnit, index_status

if TYPE_CHECKING:
    from cpplsp.lsp.server import Server

INDEX_STATUS = "cpplsp/indexStatus"
"""No parameters; result: a :class:`FolderStatus` for each workspace folder."""

REBUILD = "cpplsp.index.rebuild"
"""Throw away what the index holds, and read everything."""
RETRY_FAILED = "cpplsp.index.retryFailed"
"""Try units again that crashed, hung or took too much memory. It ends a pause."""
PAUSE = "cpplsp.index.pause"
"""Stop indexing; what is indexed answers. Until resumed, or until the server ends."""
RESUME = "cpplsp.index.resume"

_PLACE = re.compile(r"(?P<path>[^:\n]+):(?P<line>\d+):(?P<column>\d+): ")


class Trouble(msgspec.Struct, frozen=True, rename="camel"):
    """A unit that could not be read, or has errors. ``path``: as a person writes it.

    ``state``: a ``facts.UnitState`` in lower case. ``error``: the first of so many ``errors``, or why the unit could
    not be read; ``location``: the place that it names.
    """

    uri: str
    path: str
    state: str
    error: str
    errors: int
    location: Location | None


class IndexContents(msgspec.Struct, frozen=True, rename="camel"):
    """What an index holds: ``query.status.Status``, for a client."""

    path: str
    size_bytes: int
    changed_s: float
    units: dict[str, int]
    failed: list[Trouble]
    with_errors: list[Trouble]
    files: int
    symbols: int
    occurrences: int


class FolderStatus(msgspec.Struct, frozen=True, rename="camel"):
    """A workspace folder (real path), how far its indexing is, and what its index holds; None while there is none."""

    folder: str
    state: IndexState
    index: IndexContents | None


def register(server: "Server") -> None:
    """Answer this request, and carry out these commands."""
    session = server.session

    @server.feature(INDEX_STATUS)
    async def status(_params: Any) -> msgspec.Raw:
        await session.ready()
        outward = session.outward()
        return msgspec.Raw(
            msgspec.json.encode([await folder_status(one, outward) for one in session.workspaces])
        )

    @server.command(REBUILD)
    async def rebuild(*_arguments: Any) -> None:
        for one in session.workspaces:
            await one.background.start_over()

    @server.command(RETRY_FAILED)
    async def retry_failed(*_arguments: Any) -> None:
        for one in session.workspaces:
            await one.background.retry_failed()

    @server.command(PAUSE)
    async def pause(*_arguments: Any) -> None:
        for one in session.workspaces:
            await one.background.pause()

    @server.command(RESUME)
    async def resume(*_arguments: Any) -> None:
        for one in session.workspaces:
            one.background.resume()


async def folder_status(workspace: Workspace, outward: Outward) -> FolderStatus:
    """What there is to know of a folder's index."""

    def question(db: sqlite3.Connection, roots: Roots) -> Sequence[IndexContents]:
        return [contents(index_status(db, roots), roots, outward)]

    answers = await workspace.ask(question)
    return FolderStatus(workspace.root, workspace.background.state, next(iter(answers), None))


def contents(status: Status, roots: Roots, outward: Outward) -> IndexContents:
    """What an index holds, with paths as the client has them."""
    return IndexContents(
        status.path,
        status.size_bytes,
        status.changed_s,
        status.units,
        [_trouble(unit, roots, outward) for unit in status.failed],
        [_trouble(unit, roots, outward) for unit in status.with_errors],
        status.files,
        status.symbols,
        status.occurrences,
    )


def _trouble(unit: TroubledUnit, roots: Roots, outward: Outward) -> Trouble:
    return Trouble(
        outward.paths.uri(_absolute(unit.path, roots)),
        unit.path,
        unit.state,
        unit.error,
        unit.errors,
        _named(unit.error, roots, outward),
    )


def _named(error: str, roots: Roots, outward: Outward) -> Location | None:
    """The place at the beginning of a compiler's message: in bytes, near enough for a click."""
    match = _PLACE.match(error)
    if match is None:
        return None
    place = Position(max(int(match["line"]) - 1, 0), max(int(match["column"]) - 1, 0))
    return Location(outward.paths.uri(_absolute(match["path"], roots)), Range(place, place))


def _absolute(path: str, roots: Roots) -> str:
    """A path as ``Roots.display`` writes it, in full."""
    return path if path.startswith("/") else roots.join(PROJECT, path)
