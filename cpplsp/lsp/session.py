"""A session with one client: its documents, its workspace folders, and which of these a file belongs to."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import TypeVar

from lsprotocol import types

from cpplsp.config import Settings
from cpplsp.lsp.client import SECTION, Client
from cpplsp.lsp.disk import Disk
from cpplsp.lsp.documents import Documents, path_of, uri_of
from cpplsp.lsp.positions import Cursor, Outward, Pointer
from cpplsp.lsp.watching import changes_settings, file_watcher, settings_watcher
from cpplsp.lsp.workspace import PARK_S, Question, Workspace, find_root, settings_for
from cpplsp.paths import Roots, real_path
from cpplsp.query.files import wide_map
from cpplsp.runstate import ProcessUse

log = logging.getLogger(__name__)

T = TypeVar("T")

Opens = Callable[[str, Settings, Client], Workspace]


class Session:
    """What the server knows of one client's work. Everything is called on the event loop."""

    def __init__(self, client: Client, flags: Mapping[str, object], opens: Opens = Workspace):
        self.client = client
        self.documents = Documents()
        self._flags = flags
        self._opens = opens
        self._editor: Mapping[str, object] = {}
        self._spelled: dict[str, str] = {}
        """The workspace folders, as the client spells them, by real path."""
        self._is_rootless = False
        self._workspaces: dict[str, Workspace] = {}
        self._is_begun = False
        self._changing = asyncio.Lock()
        self._changes: set[asyncio.Task[None]] = set()
        """Folders and settings that come and go: questions wait for these."""
        self._noticed: set[str] = set()
        """Files that an answer found changed on disk (real paths)."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None

    def initialize(self, params: types.InitializeParams) -> None:
        """Take the folders and settings that come with ``initialize``."""
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        if not folders and params.root_path:
            folders = [uri_of(params.root_path)]
        for folder in folders:
            self._note_folder(folder)
        self._is_rootless = not self._spelled
        self._editor = _section(params.initialization_options)

    def begin(self) -> None:
        """Open the workspace, once: on ``initialized``, or when a client that does not send it goes on."""
        if not self._is_begun:
            self._is_begun = True
            self._change(self._begin)

    async def ready(self) -> None:
        """Return when all folders are open that are known of."""
        self.begin()
        while self._changes:
            await asyncio.wait(self._changes)

    def change_folders(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Folders (URIs) came and went."""
        self.begin()
        self._change(lambda: self._change_folders(added, removed))

    def change_settings(self, pushed: object) -> None:
        """Settings changed. ``pushed``: what came with the news, for clients that cannot be asked."""
        self.begin()
        self._change(lambda: self._change_settings(pushed))

    def _change(self, change: Callable[[], Coroutine[object, object, None]]) -> None:
        """Make a change, after those that are going on."""

        async def in_turn() -> None:
            async with self._changing:
                await change()

        task = asyncio.create_task(in_turn())
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        task.add_done_callback(_log_failure)

    async def _begin(self) -> None:
        await asyncio.gather(*(self._open(root) for root in list(self._spelled)))
        self.start(self._register())

    async def _register(self) -> None:
        if self.client.can_watch:
            await self.client.register([file_watcher()])
        if self.client.can_watch_settings:
            await self.client.register([settings_watcher()])

    async def _change_folders(self, added: Sequence[str], removed: Sequence[str]) -> None:
        for uri in removed:
            root = self._forget_folder(uri)
            if root is not None and (workspace := self._workspaces.pop(root, None)) is not None:
                await workspace.close()
        for uri in added:
            if (root := self._note_folder(uri)) is not None:
                await self._open(root)
        self._prioritise()

    async def _change_settings(self, pushed: object) -> None:
        if isinstance(pushed, Mapping) and isinstance(pushed.get(SECTION), Mapping):
            self._editor = {**self._editor, **_section(pushed)}
        for root, workspace in list(self._workspaces.items()):
            settings = await self._settings(root)
            if settings != workspace.settings and self._workspaces.get(root) is workspace:
                await workspace.close()
                self._begin_work(root, settings)
        self._prioritise()

    def open(self, item: types.TextDocumentItem) -> None:
        """A document was opened."""
        self.begin()
        document = self.documents.open(item)
        if document is None:
            return
        if self._is_rootless and self._home(document.path) is None:
            self._adopt(document.path, path_of(document.uri) or document.path)
        self._prioritise()
        for workspace in self._asked_about(document.path):
            workspace.unsaved.opened(document)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document was edited."""
        document = self.documents.get(params.text_document.uri)
        if document is not None:
            for change in params.content_changes:
                document.change(change, self.client.encoding)
            document.version = params.text_document.version
            for workspace in self._asked_about(document.path):
                workspace.unsaved.edited(document)

    def save(self, uri: str) -> None:
        """A document was saved: what is on disk is what is on the screen."""
        document = self.documents.get(uri)
        if document is not None:
            document.save()
            for workspace in self._asked_about(document.path):
                workspace.unsaved.saved(document)
        self.changed_on_disk([uri])

    def close_document(self, uri: str) -> None:
        """A document was closed."""
        document = self.documents.close(uri)
        if document is not None:
            for workspace in self._asked_about(document.path):
                workspace.unsaved.closed(document)
        self._prioritise()

    def changed_on_disk(self, uris: Sequence[str]) -> None:
        """Files (URIs) changed: their workspaces look at what is to be done."""
        paths = [real_path(path) for uri in uris if (path := path_of(uri)) is not None]
        for workspace in {id(one): one for path in paths for one in self._asked_about(path)}.values():
            workspace.background.run_again()
        if any(changes_settings(path) for path in paths):
            self.change_settings(None)

    def real_path(self, uri: str) -> str | None:
        """The real path of a document that is a local file."""
        document = self.documents.get(uri)
        if document is not None:
            return document.path
        path = path_of(uri)
        return real_path(path) if path is not None else None

    async def ask_at(
        self,
        uri: str,
        position: types.Position,
        question: Callable[[Cursor], Question[T]],
        *,
        may_ask_again: bool = True,
        hurries: bool = True,
    ) -> Sequence[T]:
        """Ask about a position in a document.

        Once more when that was typed just now, or files have changed on disk that the answer tells of, as soon as they
        have been read: unless the first answer is out already. ``hurries``: a person asks, not the editor by itself, so
        what was typed is read at once.
        """
        path = self.real_path(uri)
        if path is None:
            return []
        document = self.documents.get(uri)
        pointer = Pointer.of(path, position, self.client.encoding, document)
        is_new = False

        def ask(db: sqlite3.Connection, roots: Roots) -> Sequence[T]:
            nonlocal is_new
            wide = wide_map(db, roots, path)
            if not self.client.can_watch and not (document and document.is_edited):
                Disk(self._noticed.add).is_as_indexed(path, wide)
            cursor = pointer.in_index(wide)
            is_new = cursor is None
            return question(cursor)(db, roots) if cursor is not None else []

        answer = await self.ask_about(uri, ask)
        is_better_now = await self._is_read_now(path, hurries=hurries) if is_new else await self._look_again()
        if is_better_now and may_ask_again:
            answer = await self.ask_about(uri, ask)
        return answer

    async def _look_again(self) -> bool:
        """Have files read that have changed on disk, and wait a while for it; whether there were any."""
        noticed, self._noticed = self._noticed, set()
        waits = []
        for path in noticed:
            for workspace in self._asked_about(path):
                workspace.background.run_again()
                waits.append(workspace.background.wait_for(path, PARK_S))
        await asyncio.gather(*waits)
        return bool(waits)

    async def settled(self, uri: str | None = None, *, is_whole: bool = False) -> None:
        """Return when what was typed in a document (None: in any) is known, or when it has been long enough.

        For answers that are to be whole: a place can be told at once, a list of all places cannot. Of a document the
        editor asks by itself while somebody types; for all of them a person waits, so they are read at once.
        ``is_whole``: also what unedited text means now (``Unsaved.wait_for``), for what changes texts.
        """
        await self.ready()
        path = self.real_path(uri) if uri is not None else None
        asked = self._workspaces.values() if path is None else self._asked_about(path)
        waits = (
            one.unsaved.wait_for(path, PARK_S, hurries=uri is None, is_whole=is_whole) for one in list(asked)
        )
        await asyncio.gather(*waits)

    async def _is_read_now(self, path: str, *, hurries: bool) -> bool:
        """Wait until what was typed in a file is known; whether it is now, and was not before."""
        asked = self._asked_about(path)
        waited = [await one.unsaved.wait_for(path, PARK_S, hurries=hurries) for one in asked]
        return any(waited)

    async def ask_about(self, uri: str, question: Question[T]) -> Sequence[T]:
        """Ask about a document: its innermost workspace, or one after another for a file outside of all.

        An open one is waited for, if its turn to be indexed is still to come.
        """
        path = self.real_path(uri)
        await self.ready()
        if path is not None:
            if not self.client.can_watch:
                for workspace in self._asked_about(path):
                    workspace.background.look()
            document = self.documents.get(uri)
            buffer = document.buffer() if document is not None else None
            for workspace in self._asked_about(path):
                answer = await workspace.ask_about(path, question, buffer)
                if answer:
                    return answer
        return []

    async def ask_all(self, question: Question[T]) -> list[T]:
        """Ask every workspace, and put the answers behind one another."""
        await self.ready()
        answers = await asyncio.gather(*(workspace.ask(question) for workspace in self._workspaces.values()))
        return [one for answer in answers for one in answer]

    @property
    def workspaces(self) -> list[Workspace]:
        """The folders that are open."""
        return list(self._workspaces.values())

    def processes(self) -> list[ProcessUse]:
        """All processes that index something for this client, this one included: none when nothing is indexed."""
        return [one for workspace in self._workspaces.values() for one in workspace.background.processes]

    def unsaved_pids(self) -> list[int]:
        """The processes that read unsaved texts for this client."""
        return [pid for workspace in self._workspaces.values() for pid in workspace.unsaved.pids]

    def outward(self) -> Outward:
        """Converts places for this client, as things are now."""
        return Outward(
            self.client.encoding,
            self.documents.client_paths(),
            self.documents.buffers(),
            Disk(self._noticed.add),
        )

    def close(self) -> "asyncio.Task[None]":
        """Stop all that goes on, workers included; once, however often it is called."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        return self._closing

    async def _close(self) -> None:
        tasks = [*self._tasks, *self._changes]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        workspaces = list(self._workspaces.values())
        self._workspaces.clear()
        await asyncio.gather(*(workspace.close() for workspace in workspaces))

    def start(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        """Do something beside the conversation, and no longer than it lasts."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_failure)
        return task

    async def _open(self, root: str) -> None:
        settings = await self._settings(root)
        if root not in self._workspaces:
            self._begin_work(root, settings)
            self._prioritise()

    def _begin_work(self, root: str, settings: Settings) -> None:
        """Work in a folder, with what is open of it."""
        workspace = self._workspaces[root] = self._opens(root, settings, self.client)
        for document in self.documents:
            if self._home(document.path) in (root, None):
                workspace.unsaved.opened(document)

    async def _settings(self, root: str) -> Settings:
        pulled = await self.client.settings(uri_of(self._spelled[root]) if root in self._spelled else None)
        given = {name: value for name, value in pulled.items() if value is not None}
        return settings_for(root, {**self._editor, **given}, self._flags, self.client)

    def _adopt(self, path: str, spelled: str) -> None:
        """Work in the project that a file is found to be of; in its folder, where it is of none and is the first."""
        root = find_root(path) or (os.path.dirname(path) if not self._spelled else None)
        if root is None:
            return  # a system header, most likely
        above = path[len(root) :]
        self._spelled[root] = spelled.removesuffix(above) if spelled.endswith(above) else root
        self.documents.set_folders(list(self._spelled.items()))
        self._change(lambda: self._open(root))

    def _note_folder(self, uri: str) -> str | None:
        spelled = path_of(uri)
        if spelled is None:
            log.warning("%s is no folder on this machine: it is left out", uri)
            return None
        root = real_path(spelled)
        self._spelled[root] = spelled
        self.documents.set_folders(list(self._spelled.items()))
        return root

    def _forget_folder(self, uri: str) -> str | None:
        spelled = path_of(uri)
        root = next((root for root, known in self._spelled.items() if known == spelled), None)
        if root is not None:
            del self._spelled[root]
            self.documents.set_folders(list(self._spelled.items()))
        return root

    def _home(self, path: str) -> str | None:
        """The innermost folder (real path) that holds a file."""
        holding = [root for root in self._spelled if path == root or path.startswith(root.rstrip("/") + "/")]
        return max(holding, key=len, default=None)

    def _asked_about(self, path: str) -> Iterator[Workspace]:
        home = self._home(path)
        if home is not None and home in self._workspaces:
            yield self._workspaces[home]
        elif home is None:
            yield from self._workspaces.values()

    def _prioritise(self) -> None:
        """Tell each workspace which of its files are open, the last one first."""
        paths = [document.path for document in self.documents]
        for root, workspace in self._workspaces.items():
            workspace.background.prioritise([path for path in paths if self._home(path) in (root, None)])


def _section(settings: object) -> dict[str, object]:
    """The options in what an editor sends: bare, or under the server's name. Null means unset."""
    if not isinstance(settings, Mapping):
        return {}
    inner = settings.get(SECTION)
    chosen = inner if isinstance(inner, Mapping) else settings
    return {name: value for name, value in chosen.items() if value is not None}


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a part of the session failed", exc_info=error)
