"""The conversation by the book: what is refused, what is answered, how it ends."""

import asyncio
import json
import sqlite3
from typing import Any

import pytest
from support.cpp import indexed
from support.idle import Idle

from cpplsp.lsp.server import Server
from cpplsp.lsp.workspace import Workspace

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
INITIALIZE = {
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


class Talk:
    """A server, and what it has sent."""

    def __init__(self) -> None:
        self.server = Server({})
        self.sent: list[dict[str, Any]] = []
        self._has_sent = asyncio.Event()
        self.server.protocol.set_writer(self)  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        header, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in header.split(b"\r\n") if line.startswith(b"Content-Length: ")]
        assert lengths == [b"Content-Length: %d" % len(body)]
        self.sent.append(json.loads(body))
        self._has_sent.set()

    def say(self, message: object) -> None:
        if isinstance(message, dict) and "jsonrpc" not in message:
            message = {"jsonrpc": "2.0", **message}
        self.server.protocol.receive(message if isinstance(message, bytes) else json.dumps(message).encode())

    async def answer(self, request: object) -> dict[str, Any]:
        """What is answered to a request."""
        while True:
            for message in self.sent:
                if "method" not in message and message["id"] == request:
                    return message
            self._has_sent.clear()
            await self._has_sent.wait()

    async def error(self, request: object) -> tuple[int, str]:
        error = (await self.answer(request))["error"]
        return error["code"], error["message"]


@pytest.fixture
async def talk() -> Talk:
    return Talk()


async def test_a_request_before_initialize_is_refused(talk: Talk) -> None:
    talk.say({"id": "early", "method": "workspace/symbol", "params": {"query": ""}})
    assert await talk.error("early") == (-32002, "initialize comes first")
    talk.say({"method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///a"}}})
    assert len(talk.sent) == 1


async def test_initialize_is_answered_once(talk: Talk) -> None:
    talk.say(INITIALIZE)
    result = (await talk.answer(1))["result"]
    assert result["serverInfo"]["name"] == "cpplsp"
    assert result["capabilities"]["positionEncoding"] == "utf-16"
    talk.say({**INITIALIZE, "id": 2})
    assert await talk.error(2) == (-32600, "initialized already")


async def test_after_shutdown_only_exit_counts(talk: Talk) -> None:
    talk.say(INITIALIZE)
    talk.say({"id": 2, "method": "shutdown"})
    assert (await talk.answer(2))["result"] is None
    talk.say({"id": 3, "method": "workspace/symbol", "params": {"query": ""}})
    assert await talk.error(3) == (-32600, "the server is shut down")
    talk.say({"id": 4, "method": "initialize", "params": {}})
    assert await talk.error(4) == (-32600, "the server is shut down")


@pytest.mark.parametrize(("says_shutdown", "code"), [(True, 0), (False, 1)])
async def test_exit_ends_the_conversation(talk: Talk, says_shutdown: bool, code: int) -> None:
    stream = asyncio.StreamReader()
    conversation = asyncio.create_task(talk.server.protocol.converse(stream))
    for message in (
        INITIALIZE,
        *([{"id": 2, "method": "shutdown"}] if says_shutdown else []),
        {"method": "exit"},
    ):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream.feed_data(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert await conversation == code


async def test_exit_counts_before_initialize_too(talk: Talk) -> None:
    stream = asyncio.StreamReader()
    conversation = asyncio.create_task(talk.server.protocol.converse(stream))
    talk.say({"method": "exit"})
    assert await conversation == 1


@pytest.mark.parametrize(
    ("message", "request_id", "code"),
    [
        (b"{", None, -32700),
        (b"\xff", None, -32700),
        ([], None, -32600),
        ({"jsonrpc": "1.0", "id": 7, "method": "shutdown"}, None, -32600),
        ({"id": [], "method": "shutdown"}, None, -32600),
        ({"id": 7, "method": 7}, None, -32600),
        ({"id": 8, "method": "no/such"}, 8, -32601),
        ({"id": 9, "method": "workspace/symbol", "params": {}}, 9, -32602),
        ({"id": 10, "method": "textDocument/definition", "params": []}, 10, -32602),
    ],
)
async def test_a_message_that_cannot_be_followed_is_answered(
    talk: Talk, message: object, request_id: object, code: int
) -> None:
    talk.say(INITIALIZE)
    await talk.answer(1)
    talk.say(message)
    assert (await talk.error(request_id))[0] == code


@pytest.mark.parametrize(
    "message",
    [
        {"method": "no/such"},
        {"method": "$/no/such"},
        {"method": "textDocument/didOpen", "params": {"textDocument": 1}},
        {"method": "$/cancelRequest", "params": {"id": 99}},
        {"id": 99, "result": None},
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": "file:///x", "version": 1}, "contentChanges": []},
        },
    ],
)
async def test_a_notification_that_cannot_be_followed_is_ignored(talk: Talk, message: object) -> None:
    talk.say(INITIALIZE)
    await talk.answer(1)
    talk.say(message)
    talk.say({"id": 2, "method": "shutdown"})
    assert (await talk.answer(2))["result"] is None
    assert len(talk.sent) == 2


async def test_a_cancelled_request_is_answered_and_its_query_interrupted(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with indexed("int x;") as space:
        loop, has_begun = asyncio.get_running_loop(), asyncio.Event()

        def endless(db: sqlite3.Connection, *_rest: object) -> list[object]:
            loop.call_soon_threadsafe(has_begun.set)
            return db.execute(ENDLESS).fetchall()

        monkeypatch.setattr("cpplsp.lsp.symbols.search_symbols", endless)
        monkeypatch.setattr("cpplsp.lsp.workspace.index_path", lambda *_: space.index.path)
        monkeypatch.setattr(
            talk.server.session,
            "_opens",
            lambda root, settings, client: Workspace(root, settings, client, Idle(space.roots)),
        )
        root = (space.folder / "project").as_uri()
        talk.say({**INITIALIZE, "params": {**INITIALIZE["params"], "rootUri": root}})
        talk.say({"method": "initialized", "params": {}})
        talk.say({"id": 5, "method": "workspace/symbol", "params": {"query": "x"}})
        await has_begun.wait()
        talk.say({"method": "$/cancelRequest", "params": {"id": 5}})
        assert (await talk.error(5))[0] == -32800
        # All threads are free again: another question gets its answer.
        monkeypatch.undo()
        talk.say(
            {
                "id": 6,
                "method": "textDocument/documentSymbol",
                "params": {"textDocument": {"uri": root + "/main.cc"}},
            }
        )
        assert [symbol["name"] for symbol in (await talk.answer(6))["result"]] == ["x"]
        await talk.server.session.close()


async def test_a_message_nested_too_deeply_is_refused_and_the_conversation_goes_on(talk: Talk) -> None:
    talk.say(b"[" * 100_000)
    code, _ = await talk.error(None)
    assert code == -32700
    talk.say(INITIALIZE)
    assert "result" in await talk.answer(1)
