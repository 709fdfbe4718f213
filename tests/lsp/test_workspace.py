"""A workspace folder: found, set up, asked."""

import asyncio
from pathlib import Path

import pytest
from support.idle import Idle

from cpplsp.config import Settings
from cpplsp.content import content_hash
from cpplsp.facts import FileFacts
from cpplsp.lsp import workspace
from cpplsp.lsp.buffers import Buffer
from cpplsp.lsp.workspace import Workspace, find_root, settings_for
from cpplsp.paths import Roots, real_path
from cpplsp.store.connection import index_path
from cpplsp.store.index import Index


class FakeClient:
    takes_index_state = False

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show_error(self, text: str) -> None:
        self.shown.append(text)


@pytest.mark.parametrize(
    ("files", "root"),
    [
        (["a/compile_commands.json", "a/b/c/x.cc"], "a"),
        (["a/build/compile_commands.json", "a/b/c/x.cc"], "a"),
        (["a/compile_flags.txt", "a/b/c/x.cc"], "a"),
        (["a/.git/HEAD", "a/b/c/x.cc"], "a"),
        (["a/.git/HEAD", "a/b/compile_commands.json", "a/b/c/x.cc"], "a/b"),
        (["a/b/c/x.cc"], None),
    ],
)
def test_the_root_of_a_file_is_the_nearest_with_a_database_or_git(
    tmp_path: Path, files: list[str], root: str | None
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find_root(str(tmp_path / "a/b/c/x.cc")) == (root and str(tmp_path / root))


def test_settings_that_cannot_be_used_are_shown_and_left_out(tmp_path: Path) -> None:
    client = FakeClient()
    settings = settings_for(str(tmp_path), {"jobs": "many"}, {"memory_budget": "2G"}, client)  # type: ignore[arg-type]
    assert (settings.jobs, settings.memory_budget) == (None, "2G")
    assert client.shown == ["the editor's settings: `jobs`: 'many' is not a whole number from 1 up"]


def test_with_nothing_that_can_be_used_the_defaults_hold(tmp_path: Path) -> None:
    client = FakeClient()
    (tmp_path / ".cpplsp.toml").write_text("jobs = [")
    assert settings_for(str(tmp_path), {}, {}, client) == Settings()  # type: ignore[arg-type]
    assert "not valid TOML" in client.shown[0]


def put(settings: Settings, root: str, path: str) -> None:
    index = Index(index_path(root, settings.cache_dir), Roots(root))
    index.put_file(FileFacts(path, content_hash(b"content"), b"digest", b"", False, [], [], [], []), "c++")
    index.close()


SCREEN = Buffer("/nowhere", "content", ["content"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=str(tmp_path / "cache"))


async def test_there_is_no_answer_without_an_index(settings: Settings, tmp_path: Path) -> None:
    root = str(tmp_path)
    idle = Idle(Roots(root))
    opened = Workspace(root, settings, FakeClient(), idle)  # type: ignore[arg-type]
    assert await opened.ask(lambda _db, _roots: ["answer"]) == []
    assert await opened.ask_about(root + "/a.cc", lambda _db, _roots: ["answer"], SCREEN) == []
    await opened.close()


async def test_a_question_about_an_open_file_waits_for_it(settings: Settings, tmp_path: Path) -> None:
    root = real_path(str(tmp_path))
    path = root + "/a.cc"
    put(settings, root, root + "/other.cc")
    has_come = asyncio.Event()

    class Slow(Idle):
        async def wait_for(self, path: str) -> None:
            self.calls.append(path)
            await has_come.wait()

    idle = Slow(Roots(root))
    opened = Workspace(root, settings, FakeClient(), idle)  # type: ignore[arg-type]
    asked = asyncio.create_task(opened.ask_about(path, lambda _db, _roots: ["answer"], SCREEN))
    await idle.until(path, 1)
    # Others are answered meanwhile: a file that is there, one that nobody has open, and the workspace.
    assert await opened.ask_about(root + "/other.cc", lambda _db, _roots: [1], SCREEN) == [1]
    assert await opened.ask_about(path, lambda _db, _roots: [2], None) == [2]
    # So is one that is not known to have been on the screen.
    other = Buffer("/nowhere", "another", ["another"])
    put(settings, root, root + "/other.cc")
    asked_too = asyncio.create_task(opened.ask_about(root + "/other.cc", lambda _db, _roots: [4], other))
    await idle.until(root + "/other.cc", 1)
    assert not asked_too.done()
    assert await opened.ask(lambda _db, _roots: [3]) == [3]
    assert not asked.done()
    put(settings, root, path)
    has_come.set()
    assert await asked == ["answer"]
    assert await asked_too == [4]
    await opened.close()


async def test_a_file_that_does_not_come_in_time_is_answered_with_what_there_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "PARK_S", 0.001)
    root = real_path(str(tmp_path))
    put(settings, root, root + "/other.cc")
    idle = Idle(Roots(root))
    idle.is_pending = True
    opened = Workspace(root, settings, FakeClient(), idle)  # type: ignore[arg-type]
    assert await opened.ask_about(root + "/a.cc", lambda _db, _roots: ["some"], SCREEN) == ["some"]
    await opened.close()
