"""What is typed in documents that come and go is read, or not, and nobody waits for what is gone."""

import asyncio
from collections.abc import Collection, Mapping

from lsprotocol import types

from cpplsp.lsp.documents import Document, Documents
from cpplsp.lsp.unsaved import Unsaved


class FakeClient:
    async def refresh_tokens(self) -> None:
        pass


class FakeLive:
    """Notes what it was to read."""

    def __init__(self) -> None:
        self.files: frozenset[str] = frozenset()
        self.read_paths: list[str] = []

    async def read(
        self, path: str, _texts: Mapping[str, bytes], _open_texts: Mapping[str, bytes]
    ) -> frozenset[str]:
        self.read_paths.append(path)
        return frozenset([path])

    async def skim(self, _path: str, _texts: Mapping[str, bytes]) -> frozenset[str]:
        return frozenset()

    async def affected(self, _paths: Collection[str], _open_files: Collection[str]) -> frozenset[str]:
        return frozenset()

    async def drop(self, paths: Collection[str]) -> None:
        pass

    async def is_indexed(self, _path: str, _text: bytes) -> bool:
        return False

    async def close(self) -> None:
        pass


def opened(documents: Documents, name: str) -> Document:
    document = documents.open(types.TextDocumentItem(f"file:///project/{name}", "cpp", 1, "int x;\n"))
    assert document is not None
    document.text = "int y;\n"
    return document


async def test_nobody_waits_for_a_document_that_is_closed_before_typing_pauses() -> None:
    live = FakeLive()

    async def make() -> FakeLive:
        return live

    unsaved, documents = Unsaved(make, FakeClient()), Documents()  # type: ignore[arg-type]
    first = opened(documents, "first.cc")
    unsaved.edited(first)
    waiting = asyncio.create_task(unsaved.wait_for(first.path, 60))
    await asyncio.sleep(0)
    unsaved.closed(first)
    assert await waiting
    unsaved.edited(opened(documents, "second.cc"))
    assert await unsaved.wait_for(None, 60)
    assert live.read_paths == ["/project/second.cc"]
    await unsaved.close()


async def test_the_closing_of_the_last_document_ends_the_waiting_for_a_pause() -> None:
    live = FakeLive()

    async def make() -> FakeLive:
        return live

    unsaved, documents = Unsaved(make, FakeClient()), Documents()  # type: ignore[arg-type]
    first = opened(documents, "first.cc")
    unsaved.edited(first)
    work = unsaved._work
    assert work is not None
    await asyncio.sleep(0)
    unsaved.closed(first)
    await work
    assert live.read_paths == []
    await unsaved.close()
