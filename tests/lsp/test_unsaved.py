"""When what is typed is read, and when it is dropped again."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
from lsprotocol import types

from cpplsp.lsp import unsaved
from cpplsp.lsp.documents import Documents, uri_of
from cpplsp.lsp.unsaved import Unsaved


class FakeLive:
    """Reads at once, or when it may; tells of what it was given."""

    def __init__(self) -> None:
        self.files: frozenset[str] = frozenset()
        self.reads: list[tuple[str, list[str]]] = []
        self.dropped: list[str] = []
        self.includers: dict[str, set[str]] = {}
        self.indexed: dict[str, bytes] = {}
        self.skims: list[tuple[str, list[str]]] = []
        self.can_skim = False
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.has_read = asyncio.Event()
        self.is_closed = False

    async def read(
        self, path: str, texts: Mapping[str, bytes], open_texts: Mapping[str, bytes]
    ) -> frozenset[str]:
        self.reads.append((Path(path).name, sorted(Path(one).name for one in texts)))
        assert texts.items() <= open_texts.items()
        await self.may_read.wait()
        self.files |= {path}
        self.has_read.set()
        return frozenset((path,))

    async def skim(self, path: str, texts: Mapping[str, bytes]) -> frozenset[str]:
        if not self.can_skim:
            return frozenset()
        self.skims.append((Path(path).name, sorted(Path(one).name for one in texts)))
        self.files |= {path}
        return frozenset((path,))

    async def affected(self, paths: Collection[str], open_files: Collection[str]) -> frozenset[str]:
        found = set().union(*(self.includers.get(path, set()) for path in paths))
        return frozenset(found & set(open_files) - set(paths))

    async def drop(self, paths: Collection[str]) -> None:
        self.files -= set(paths)
        self.dropped += paths

    async def is_indexed(self, path: str, text: bytes) -> bool:
        return self.indexed.get(path) == text

    async def close(self) -> None:
        self.is_closed = True


class FakeClient:
    encoding = "utf-8"

    def __init__(self) -> None:
        self.refreshed = 0

    async def refresh_tokens(self) -> None:
        self.refreshed += 1


class Desk:
    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.live = FakeLive()
        self.client = FakeClient()
        self.documents = Documents()
        self.unsaved = Unsaved(self._make, self.client)  # type: ignore[arg-type]

    async def _make(self) -> FakeLive:
        return self.live

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def open(self, name: str, text: str = "int x;\n", on_disk: str | None = None) -> None:
        Path(self.path(name)).write_text(text if on_disk is None else on_disk)
        self.live.indexed[self.path(name)] = Path(self.path(name)).read_bytes()
        document = self.documents.open(types.TextDocumentItem(uri_of(self.path(name)), "cpp", 1, text))
        assert document is not None
        self.unsaved.opened(document)

    def type(self, name: str, text: str) -> None:
        document = self.documents.get(uri_of(self.path(name)))
        assert document is not None
        document.change(types.TextDocumentContentChangeWholeDocument(text), "utf-8")
        self.unsaved.edited(document)

    def save(self, name: str) -> None:
        document = self.documents.get(uri_of(self.path(name)))
        assert document is not None
        document.save()
        self.unsaved.saved(document)

    def close(self, name: str) -> None:
        document = self.documents.close(uri_of(self.path(name)))
        assert document is not None
        self.unsaved.closed(document)

    async def read(self) -> None:
        assert await self.unsaved.wait_for(None, 10)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not is_so():  # noqa: ASYNC110  # some of it happens in threads
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsaved, "_LEAST_PAUSE_S", 0.0)


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_what_is_typed_is_read_with_all_that_is_unsaved(desk: Desk) -> None:
    desk.open("a.cc")
    desk.open("b.cc")
    desk.open("c.cc")
    desk.type("a.cc", "int y;\n")
    desk.type("b.cc", "int z;\n")
    await desk.read()
    assert sorted(desk.live.reads) == [("a.cc", ["a.cc", "b.cc"]), ("b.cc", ["a.cc", "b.cc"])]
    await desk.until(lambda: desk.client.refreshed > 0)


async def test_who_types_while_it_is_read_is_read_again(desk: Desk) -> None:
    desk.open("a.cc")
    desk.live.may_read.clear()
    desk.type("a.cc", "int y;\n")
    await desk.until(lambda: len(desk.live.reads) == 1)
    desk.type("a.cc", "int yy;\n")
    desk.live.may_read.set()
    await desk.read()
    assert [name for name, _ in desk.live.reads] == ["a.cc", "a.cc"]


async def test_open_files_that_include_it_are_read_anew(desk: Desk) -> None:
    desk.open("a.cc")
    desk.open("b.cc")
    desk.open("a.h")
    desk.live.includers[desk.path("a.h")] = {desk.path("a.cc"), desk.path("closed.cc")}
    desk.type("a.h", "int y;\n")
    await desk.read()
    assert desk.live.reads == [("a.h", ["a.h"]), ("a.cc", ["a.cc", "a.h"])]


async def test_what_was_undone_is_dropped(desk: Desk) -> None:
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    await desk.read()
    desk.type("a.cc", "int x;\n")
    await desk.read()
    assert desk.live.dropped == [desk.path("a.cc")]
    assert len(desk.live.reads) == 1


async def test_what_is_closed_is_dropped_and_what_it_meant_to_others_is_read_anew(desk: Desk) -> None:
    desk.open("a.cc")
    desk.open("a.h")
    desk.live.includers[desk.path("a.h")] = {desk.path("a.cc")}
    desk.type("a.cc", "int b;\n")
    desk.type("a.h", "int y;\n")
    await desk.read()
    desk.live.reads.clear()
    desk.close("a.h")
    await desk.until(lambda: desk.live.reads == [("a.cc", ["a.cc"])])
    assert desk.live.dropped == [desk.path("a.h")]


async def test_what_is_saved_is_dropped_when_the_index_has_it(desk: Desk) -> None:
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    await desk.read()
    document = desk.documents.get(uri_of(desk.path("a.cc")))
    assert document is not None
    document.save()
    desk.unsaved.settle()
    await desk.until(lambda: not desk.unsaved._tasks)
    assert desk.live.dropped == []
    desk.live.indexed[desk.path("a.cc")] = b"int y;\n"
    desk.unsaved.settle()
    await desk.until(lambda: desk.live.dropped == [desk.path("a.cc")])


async def test_what_is_still_unsaved_is_read_anew_when_the_index_has_changed(desk: Desk) -> None:
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    await desk.read()
    desk.unsaved.settle()
    await desk.until(lambda: len(desk.live.reads) == 2)


async def test_a_text_that_differs_from_the_disk_when_it_is_opened_is_unsaved(desk: Desk) -> None:
    desk.open("a.cc", "int y;\n", on_disk="int x;\n")
    await desk.until(lambda: desk.live.reads == [("a.cc", ["a.cc"])])
    document = desk.documents.get(uri_of(desk.path("a.cc")))
    assert document is not None
    assert document.is_edited


async def test_the_ends_of_lines_do_not_make_it_unsaved(desk: Desk) -> None:
    desk.open("a.cc", "int x;\nint y;\n", on_disk="int x;\r\nint y;\r\n")
    await desk.until(lambda: not desk.unsaved._tasks)
    assert desk.live.reads == []


async def test_nothing_is_read_before_something_is_typed(desk: Desk) -> None:
    desk.open("a.cc")
    await desk.until(lambda: not desk.unsaved._tasks)
    assert not await desk.unsaved.wait_for(desk.path("a.cc"), 10)
    assert desk.live.reads == []


async def test_waiting_has_an_end(desk: Desk) -> None:
    desk.open("a.cc")
    desk.live.may_read.clear()
    desk.type("a.cc", "int y;\n")
    assert not await desk.unsaved.wait_for(desk.path("a.cc"), 0.01)
    await desk.unsaved.close()
    assert desk.live.is_closed or desk.unsaved._live is None


async def test_nobody_waits_where_nothing_can_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> FakeLive:
        raise OSError("no room")

    monkeypatch.setattr(desk.unsaved, "_make_live", fail)
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    assert await desk.unsaved.wait_for(desk.path("a.cc"), 10)


@pytest.mark.parametrize("name", ["a.cc", None])
async def test_what_a_person_waits_for_is_read_without_a_pause(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.setattr(unsaved, "_MOST_PAUSE_S", 3600.0)
    desk.unsaved._pause_s = 3600.0
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    path = desk.path(name) if name else None
    assert not await desk.unsaved.wait_for(path, 0.01)
    assert await desk.unsaved.wait_for(path, 10, hurries=True)
    assert [one for one, _ in desk.live.reads] == ["a.cc"]


async def test_what_was_edited_is_read_first_and_the_whole_when_nobody_types(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 3600.0)
    desk.live.can_skim = True
    desk.open("a.cc")
    for text in ("int y;\n", "int z;\n"):
        desk.type("a.cc", text)
        assert await desk.unsaved.wait_for(desk.path("a.cc"), 10)
    assert desk.live.skims == [("a.cc", ["a.cc"])] * 2
    assert desk.live.reads == []
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 0.0)
    desk.live.may_read.clear()
    desk.type("a.cc", "int zz;\n")
    await desk.until(lambda: bool(desk.live.reads))
    assert desk.live.reads == [("a.cc", ["a.cc"])]
    assert not await desk.unsaved.wait_for(None, 10), "nobody waits for the whole"
    desk.live.may_read.set()
    await desk.until(lambda: not desk.unsaved._skimmed)


async def test_what_cannot_be_skimmed_is_read(desk: Desk) -> None:
    desk.live.can_skim = True
    desk.open("a.cc")
    desk.open("a.h")
    desk.live.includers[desk.path("a.h")] = {desk.path("a.cc")}
    desk.type("a.h", "int y;\n")  # others include it
    await desk.read()
    assert [name for name, _ in desk.live.reads] == ["a.h", "a.cc"]
    desk.type("a.cc", "int y;\n")
    desk.type("a.h", "int z;\n")
    await desk.read()
    assert desk.live.skims == []


async def test_what_may_mean_something_else_is_read_as_a_whole(desk: Desk) -> None:
    desk.live.can_skim = True
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    await desk.read()
    assert len(desk.live.skims) == 1
    desk.unsaved.settle()
    await desk.until(lambda: bool(desk.live.reads))
    await desk.until(lambda: not desk.unsaved._changed_around)
    assert len(desk.live.skims) == 1
    desk.type("a.cc", "int z;\n")
    await desk.read()
    assert len(desk.live.skims) == 2


async def test_what_is_saved_is_skimmed_until_it_is_indexed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 3600.0)
    desk.live.can_skim = True
    desk.open("a.cc")
    for has_indexed in (False, True):
        desk.type("a.cc", f"int y{has_indexed:d};\n")
        desk.save("a.cc")
        if has_indexed:
            desk.live.indexed[desk.path("a.cc")] = b"int y1;\n"
        assert await desk.unsaved.wait_for(desk.path("a.cc"), 10)
    assert (desk.live.skims, desk.live.reads) == ([("a.cc", ["a.cc"])], [])
    assert desk.live.dropped == [desk.path("a.cc")]


async def test_what_changes_texts_waits_for_the_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 3600.0)
    desk.live.can_skim = True
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    assert await desk.unsaved.wait_for(None, 10)
    assert (len(desk.live.skims), desk.live.reads) == (1, [])
    assert await desk.unsaved.wait_for(None, 10, hurries=True, is_whole=True)
    assert (len(desk.live.skims), len(desk.live.reads)) == (1, 1)
    desk.type("a.cc", "int z;\n")
    assert await desk.unsaved.wait_for(None, 10, hurries=True, is_whole=True)
    assert (len(desk.live.skims), len(desk.live.reads)) == (1, 2)
    desk.type("a.cc", "int zz;\n")
    assert await desk.unsaved.wait_for(None, 10)
    assert len(desk.live.skims) == 2


async def test_who_types_on_and_on_is_read_as_a_whole_now_and_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 3600.0)
    desk.live.can_skim = True
    now = 1000.0
    desk.unsaved._clock = lambda: now
    desk.open("a.cc")
    for _ in range(8):
        now += 3
        desk.type("a.cc", f"int y{now:.0f};\n")
        assert await desk.unsaved.wait_for(None, 10, hurries=True)
    assert (len(desk.live.skims), len(desk.live.reads)) == (8, 1)


async def test_what_is_closed_while_it_is_skimmed_is_not_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 0.0)
    may_skim = asyncio.Event()

    async def skim(path: str, _texts: Mapping[str, bytes]) -> frozenset[str]:
        desk.live.skims.append((path, []))
        await may_skim.wait()
        return frozenset((path,))

    monkeypatch.setattr(desk.live, "skim", skim)
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    await desk.until(lambda: bool(desk.live.skims))
    desk.close("a.cc")
    may_skim.set()
    await desk.until(lambda: desk.unsaved._work is not None and desk.unsaved._work.done())
    assert desk.live.reads == []


async def test_what_is_closed_while_it_is_read_is_dropped(desk: Desk) -> None:
    desk.open("a.cc")
    desk.live.may_read.clear()
    desk.type("a.cc", "int y;\n")
    await desk.until(lambda: bool(desk.live.reads))
    desk.close("a.cc")
    desk.live.may_read.set()
    await desk.until(lambda: desk.unsaved._work is not None and desk.unsaved._work.done())
    assert desk.live.files == frozenset()


async def test_what_was_skimmed_and_closed_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsaved, "_WHOLE_AFTER_S", 3600.0)
    desk.live.can_skim = True
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    await desk.read()
    desk.close("a.cc")
    await desk.until(lambda: desk.unsaved._work is not None and desk.unsaved._work.done())
    assert desk.live.reads == []


async def test_what_is_saved_is_read_without_a_pause(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsaved, "_MOST_PAUSE_S", 3600.0)
    desk.unsaved._pause_s = 3600.0
    desk.open("a.cc")
    desk.type("a.cc", "int y;\n")
    assert not await desk.unsaved.wait_for(desk.path("a.cc"), 0.01)
    desk.save("a.cc")
    await desk.read()
    assert [name for name, _ in desk.live.reads] == ["a.cc"]
