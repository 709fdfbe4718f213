"""A session: which folder a file belongs to, what is told to whom, and settings that change."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from cpplsp.config import Settings
from cpplsp.lsp.documents import Document, uri_of
from cpplsp.lsp.session import Session


class FakeClient:
    encoding = "utf-8"
    can_watch = False
    can_watch_settings = False

    def __init__(self) -> None:
        self.pulled: Mapping[str, object] = {}
        self.scopes: list[str | None] = []
        self.registered: list[types.Registration] = []
        self.has_registered = asyncio.Event()
        self.shown: list[str] = []

    async def settings(self, scope: str | None) -> Mapping[str, object]:
        self.scopes.append(scope)
        return self.pulled

    async def register(self, registrations: list[types.Registration]) -> None:
        self.registered += registrations
        self.has_registered.set()

    def show_error(self, text: str) -> None:
        self.shown.append(text)


class FakeWorkspace:
    """A folder that answers every question with its name."""

    def __init__(self, root: str, settings: Settings, client: object):
        self.root, self.settings = root, settings
        self.background = self
        self.unsaved = self
        self.documents: list[str] = []
        self.open_files: list[str] = []
        self.runs = 0
        self.hurried: list[bool] = []
        self.is_closed = False
        self.is_silent = False

    def prioritise(self, paths: list[str]) -> None:
        self.open_files = paths

    def run_again(self) -> None:
        self.runs += 1

    def look(self) -> None:
        pass

    def opened(self, document: Document) -> None:
        self.documents.append(f"opened {Path(document.path).name}")

    def edited(self, document: Document) -> None:
        self.documents.append(f"edited {Path(document.path).name}")

    def saved(self, document: Document) -> None:
        self.documents.append(f"saved {Path(document.path).name}")

    def closed(self, document: Document) -> None:
        self.documents.append(f"closed {Path(document.path).name}")

    async def wait_for(
        self, _path: str | None, _at_most_s: float, *, hurries: bool = False, is_whole: bool = False
    ) -> bool:
        self.hurried.append(hurries)
        return False

    async def ask(self, _question: object) -> list[str]:
        return [Path(self.root).name]

    async def ask_about(self, path: str, _question: object, buffer: object) -> list[Any]:
        return [] if self.is_silent else [(Path(self.root).name, path, buffer is not None)]

    async def close(self) -> None:
        self.is_closed = True


class Fixture:
    def __init__(self, folder: Path):
        self.folder = folder
        self.client = FakeClient()
        self.opened: list[FakeWorkspace] = []
        self.session = Session(self.client, {}, self._open)  # type: ignore[arg-type]

    def _open(self, root: str, settings: Settings, client: object) -> Any:
        self.opened.append(FakeWorkspace(root, settings, client))
        return self.opened[-1]

    def uri(self, name: str) -> str:
        return uri_of(str(self.folder / name))

    def make(self, *names: str) -> None:
        for name in names:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).touch()

    async def begin(self, *folders: str, options: object = None, **params: Any) -> None:
        found = [types.WorkspaceFolder(self.uri(name), name) for name in folders]
        self.session.initialize(
            types.InitializeParams(
                types.ClientCapabilities(),
                workspace_folders=found or None,
                initialization_options=options,
                **params,
            )
        )
        self.session.begin()
        await self.session.ready()

    def open(self, name: str, text: str = "") -> None:
        self.session.open(types.TextDocumentItem(self.uri(name), "cpp", 1, text))

    async def asked(self, name: str) -> list[Any]:
        return list(await self.session.ask_about(self.uri(name), lambda _db, _roots: []))


@pytest.fixture
def made(tmp_path: Path) -> Fixture:
    return Fixture(tmp_path.resolve())


async def test_a_file_belongs_to_the_innermost_folder(made: Fixture) -> None:
    await made.begin("outer", "outer/inner", "other")
    for name, home in [("outer/a.cc", "outer"), ("outer/inner/b.cc", "inner"), ("other/c.cc", "other")]:
        assert await made.asked(name) == [(home, str(made.folder / name), False)]
    assert await made.session.ask_all(lambda _db, _roots: []) == ["outer", "inner", "other"]


async def test_what_is_typed_is_read_at_once_for_a_person_only(made: Fixture) -> None:
    await made.begin("one", "two")
    await made.session.settled()
    await made.session.settled(made.uri("one/a.cc"))
    assert [one.hurried for one in made.opened] == [[True, False], [True]]


async def test_a_file_outside_is_asked_about_in_each_folder(made: Fixture) -> None:
    await made.begin("one", "two")
    made.opened[0].is_silent = True
    [(home, path, _)] = await made.asked("system/vector")
    assert (home, path) == ("two", str(made.folder / "system/vector"))


async def test_the_root_comes_from_older_ways_of_naming_it(made: Fixture) -> None:
    await made.begin(root_uri=made.uri("by-uri"), root_path=str(made.folder / "by-path"))
    assert [one.root for one in made.opened] == [str(made.folder / "by-uri")]
    older = Fixture(made.folder)
    await older.begin(root_path=str(made.folder / "by-path"))
    assert [one.root for one in older.opened] == [str(made.folder / "by-path")]


async def test_without_a_root_the_first_file_tells(made: Fixture) -> None:
    made.make("a/.git/HEAD", "a/src/x.cc", "a/src/y.cc", "b/compile_flags.txt", "b/z.cc")
    await made.begin()
    made.open("a/src/x.cc")
    assert await made.asked("a/src/x.cc") == [("a", str(made.folder / "a/src/x.cc"), True)]
    made.open("a/src/y.cc")
    made.open("b/z.cc")
    await made.session.ready()
    assert [one.root for one in made.opened] == [str(made.folder / "a"), str(made.folder / "b")]
    assert await made.asked("b/z.cc") == [("b", str(made.folder / "b/z.cc"), True)]


async def test_a_file_of_no_project_is_worked_on_in_its_folder_if_it_is_the_first(made: Fixture) -> None:
    made.make("x/a.cc", "system/vector")
    await made.begin()
    made.open("x/a.cc")
    made.open("system/vector")
    assert await made.asked("system/vector") == [("x", str(made.folder / "system/vector"), True)]
    assert len(made.opened) == 1


async def test_with_a_root_other_files_open_no_other(made: Fixture) -> None:
    made.make("b/compile_flags.txt", "b/z.cc")
    await made.begin("a")
    made.open("b/z.cc")
    assert await made.asked("b/z.cc") == [("a", str(made.folder / "b/z.cc"), True)]
    assert len(made.opened) == 1


async def test_open_files_come_first_in_their_own_folder(made: Fixture) -> None:
    await made.begin("a", "b")
    for name in ("a/1.cc", "b/2.cc", "a/3.cc", "outside/4.h"):
        made.open(name)
    a, b = made.opened
    outside = str(made.folder / "outside/4.h")
    assert a.open_files == [outside, str(made.folder / "a/3.cc"), str(made.folder / "a/1.cc")]
    assert b.open_files == [outside, str(made.folder / "b/2.cc")]
    made.session.close_document(made.uri("a/3.cc"))
    assert a.open_files == [outside, str(made.folder / "a/1.cc")]


async def test_changes_on_disk_run_the_folders_that_they_are_in(made: Fixture) -> None:
    await made.begin("a", "b")
    made.session.changed_on_disk([made.uri("a/1.cc"), made.uri("a/2.cc"), "untitled:1"])
    assert [one.runs for one in made.opened] == [1, 0]
    made.open("b/1.cc", "int x;")
    made.session.save(made.uri("b/1.cc"))
    assert [one.runs for one in made.opened] == [1, 1]


async def test_settings_are_those_of_the_editor_asked_for_or_sent_along(made: Fixture) -> None:
    made.client.pulled = {"jobs": 3, "memoryBudget": None}
    await made.begin("a", options={"cpplsp": {"jobs": 2, "memoryBudget": "2G"}})
    assert (made.opened[0].settings.jobs, made.opened[0].settings.memory_budget) == (3, "2G")
    assert made.client.scopes == [made.uri("a")]


async def test_changed_settings_open_the_folder_anew_and_others_do_not(made: Fixture) -> None:
    await made.begin("a")
    made.open("a/1.cc")
    made.session.change_settings({"cpplsp": {}})
    made.session.change_settings({"another": {"jobs": 7}, "jobs": 7})
    made.session.change_settings(None)
    await made.session.ready()
    assert len(made.opened) == 1
    made.session.change_settings({"cpplsp": {"jobs": 5}})
    await made.session.ready()
    assert [one.is_closed for one in made.opened] == [True, False]
    assert made.opened[1].settings.jobs == 5
    assert made.opened[1].open_files == [str(made.folder / "a/1.cc")]


async def test_settings_that_cannot_be_used_are_shown(made: Fixture) -> None:
    await made.begin("a", options={"jobs": -1})
    assert made.client.shown == ["the editor's settings: `jobs`: -1 is not a whole number from 1 up"]
    assert made.opened[0].settings.jobs is None


async def test_folders_come_and_go(made: Fixture) -> None:
    await made.begin("a")
    made.session.change_folders([made.uri("b")], [made.uri("a"), made.uri("never")])
    await made.session.ready()
    assert [(Path(one.root).name, one.is_closed) for one in made.opened] == [("a", True), ("b", False)]
    await made.session.close()
    assert all(one.is_closed for one in made.opened)


async def test_a_linked_folder_is_one_real_folder_and_is_told_as_the_client_spells_it(made: Fixture) -> None:
    made.make("real/src/a.cc")
    (made.folder / "link").symlink_to("real")
    await made.begin("link")
    assert made.opened[0].root == str(made.folder / "real")
    assert await made.asked("link/src/a.cc") == [("real", str(made.folder / "real/src/a.cc"), False)]
    outward = made.session.outward()
    assert outward.paths.uri(str(made.folder / "real/src/b.cc")) == made.uri("link/src/b.cc")


async def test_watching_is_asked_for_where_the_client_can(made: Fixture) -> None:
    made.client.can_watch = True
    made.client.can_watch_settings = True
    await made.begin("a")
    while len(made.client.registered) < 2:
        await made.client.has_registered.wait()
        made.client.has_registered.clear()
    methods = [one.method for one in made.client.registered]
    assert methods == ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"]
