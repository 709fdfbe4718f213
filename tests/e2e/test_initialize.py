"""A server's life: what it says it can do, and every way in which it ends, with nothing left behind."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import psutil
import pytest
from lsprotocol import types
from support.editor import Project, Start, command, until_indexed

Make = Callable[..., Project]


class Raw:
    """A server spoken to by hand."""

    def __init__(self, process: asyncio.subprocess.Process):
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def read(self) -> Any:
        length = 0
        while (line := await self._out.readline()).strip():
            if line.startswith(b"Content-Length: "):
                length = int(line.split(b":")[1])
        return json.loads(await self._out.readexactly(length))

    async def answer(self, request: object) -> Any:
        while True:
            message = await self.read()
            if message.get("id") == request and "method" not in message:
                return message

    async def initialize(self, project: Project, process_id: int | None = None) -> None:
        params = {"processId": process_id, "rootUri": project.folder.as_uri(), "capabilities": {}}
        self.send(id=1, method="initialize", params=params)
        assert "result" in await self.answer(1)
        self.send(method="initialized", params={})

    def close_input(self) -> None:
        self._in.close()

    async def end(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 10)


Serve = Callable[..., Any]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server for a project, to be spoken to by hand."""
    started: list[asyncio.subprocess.Process] = []

    async def serve(project: Project, *arguments: str, fault: str = "") -> Raw:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            command(),
            *arguments,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={**project.environment, "CPPLSP_FAULT": fault},
            cwd=project.folder,
        )
        started.append(process)
        return Raw(process)

    yield serve
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def slow(project: Make, units: int = 20) -> Project:
    """A project that takes long enough to be caught at work."""
    includes = (
        "#include <algorithm>\n#include <functional>\n#include <map>\n#include <string>\n#include <vector>\n"
    )
    return project("".join(f"// file: u{number}.cc\n{includes}int u{number};\n" for number in range(units)))


async def workers(server: Raw) -> list[psutil.Process]:
    """The processes of a server, once there are workers."""
    process = psutil.Process(server.process.pid)
    async with asyncio.timeout(20):
        while len(found := process.children(recursive=True)) < 2:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)
    return found


async def test_it_says_what_it_can_do(project: Make, serve: Serve) -> None:
    server = await serve(project("int x;"), "--stdio")
    server.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    result = (await server.answer(1))["result"]
    assert result["serverInfo"]["name"] == "cpplsp"
    can = result["capabilities"]
    for name in (
        *("definition", "declaration", "typeDefinition", "implementation", "references", "hover"),
        *("documentSymbol", "documentHighlight", "documentLink", "foldingRange", "selectionRange"),
        *("workspaceSymbol", "callHierarchy", "typeHierarchy", "rename", "semanticTokens"),
    ):
        assert can[f"{name}Provider"] not in (None, False), name
    assert can["positionEncoding"] == "utf-16"
    assert can["textDocumentSync"]["openClose"] is True
    assert can["textDocumentSync"]["change"] == types.TextDocumentSyncKind.Incremental
    assert can["textDocumentSync"]["save"]
    assert "completionProvider" not in can


async def test_shutdown_and_exit_end_with_0(project: Make, serve: Serve) -> None:
    made = project("int x;")
    server = await serve(made)
    await server.initialize(made)
    server.send(id=2, method="shutdown")
    assert (await server.answer(2))["result"] is None
    server.send(method="exit")
    assert await server.end() == 0


async def test_exit_alone_ends_with_1(project: Make, serve: Serve) -> None:
    made = project("int x;")
    server = await serve(made)
    await server.initialize(made)
    server.send(method="exit")
    assert await server.end() == 1


async def test_the_end_of_input_ends_it(project: Make, serve: Serve) -> None:
    made = project("int x;")
    server = await serve(made)
    await server.initialize(made)
    server.close_input()
    assert await server.end() == 1


async def test_what_is_no_message_ends_it_with_a_reason(project: Make, serve: Serve) -> None:
    server = await serve(project("int x;"))
    server.process.stdin.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await server.end() == 1
    told = (await server.process.stderr.read()).decode()
    assert "no message of the protocol: a header without Content-Length" in told
    assert "Traceback" not in told


async def test_it_ends_with_its_client(project: Make, serve: Serve) -> None:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    made = project("int x;")
    server = await serve(made)
    await server.initialize(made, client.pid)
    client.kill()
    await client.communicate()
    assert await server.end() == 1


@pytest.mark.parametrize(
    ("ends", "code"),
    [("SIGTERM", 128 + signal.SIGTERM), ("SIGINT", 128 + signal.SIGINT), ("input", 1), ("shutdown", 0)],
)
async def test_no_worker_is_left_and_what_was_indexed_is_kept(
    project: Make, serve: Serve, ends: str, code: int
) -> None:
    made = slow(project)
    server = await serve(made)
    await server.initialize(made)
    processes = await workers(server)
    if ends == "input":
        server.close_input()
    elif ends == "shutdown":
        # As eglot and lsp-mode do: the server is killed when it has answered.
        server.send(id=2, method="shutdown")
        await server.answer(2)
        server.process.send_signal(signal.SIGTERM)
    else:
        server.process.send_signal(getattr(signal, ends))
    assert await server.end() == code
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, 5)
    assert alive == []
    assert "Traceback" not in (await server.process.stderr.read()).decode()
    assert made.index()["units"] == 20


async def test_it_serves_one_client_on_a_socket(project: Make, serve: Serve) -> None:
    made = project("int x;")
    server = await serve(made, "--tcp", "0")
    line = (await server.process.stderr.readline()).decode()
    assert "listening on 127.0.0.1:" in line
    address = ("127.0.0.1", int(line.rpartition(":")[2]))
    reader, writer = await asyncio.open_connection(*address)
    params = {"processId": None, "rootUri": made.folder.as_uri(), "capabilities": {}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()
    writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert (await reader.readline()).startswith(b"Content-Length: ")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)
    writer.close()
    await writer.wait_closed()
    assert await server.end() == 1


async def test_a_port_that_is_taken_is_told(project: Make, serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = await serve(project("int x;"), "--tcp", str(taken.getsockname()[1]))
        assert await server.end() == 1
        told = (await server.process.stderr.read()).decode()
    assert "address already in use" in told
    assert "Traceback" not in told


async def test_nothing_but_the_protocol_is_written_to_stdout(project: Make, serve: Serve) -> None:
    made = slow(project, units=3)
    server = await serve(made, "--log-level", "debug")
    await server.initialize(made)
    await workers(server)
    server.send(id=2, method="shutdown")
    await server.answer(2)  # reads every byte up to it as messages
    server.send(method="exit")
    assert await server.end() == 0
    assert await server.process.stdout.read() == b""


async def test_a_second_server_reads_and_takes_over_when_the_first_goes(
    project: Make, start: Start, serve: Serve
) -> None:
    made = slow(project, units=6)
    first = await serve(made, fault="hang@start:u5.cc")
    await first.initialize(made)
    await workers(first)
    second = await start(made)
    first.close_input()
    await first.end()
    await until_indexed(second)
    answer: Any = await second.workspace_symbol_async(types.WorkspaceSymbolParams("u5"))
    assert [one.name for one in answer] == ["u5"]
