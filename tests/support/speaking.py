"""A server spoken to by hand, in a few words: what it announces, and whether a command starts one that answers."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from support.editor import Project, command


async def announced(project: Project) -> dict[str, Any]:
    """The capabilities of a server for a project."""
    _, capabilities = await spoken_to(project, [command()], None)
    return capabilities


async def spoken_to(
    project: Project,
    argv: Sequence[str],
    settings: Mapping[str, object] | None = None,
    *,
    until: str = "",
    heard: list[Any] | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Start a server as an editor does that knows nothing but the protocol, and ask for the definition at the cursor.

    The answer, and the server's capabilities. ``until``: a notification that is waited for before the end. ``heard``:
    gets all that the server says by itself.
    """
    heard = [] if heard is None else heard
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=project.environment, cwd="/"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    reader, writer = process.stdout, process.stdin

    def send(**message: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def receive() -> Any:
        length = 0
        while (line := await reader.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(await reader.readexactly(length))
        if "method" in message:
            heard.append(message)
        return message

    async def ask(number: int, method: str, params: object) -> Any:
        send(id=number, method=method, params=params)
        while True:
            message = await receive()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    try:
        async with asyncio.timeout(30):
            root = project.folder.as_uri()
            params = {
                "processId": None,
                "rootUri": root,
                "capabilities": {},
                "initializationOptions": settings,
            }
            result = await ask(1, "initialize", params)
            send(method="initialized", params={})
            answer = None
            if project.marked.cursors:
                item = project.item()
                document = {"uri": item.uri, "languageId": "cpp", "version": 1, "text": item.text}
                send(method="textDocument/didOpen", params={"textDocument": document})
                _, position = project.cursor()
                at = {"line": position.line, "character": position.character}
                params = {"textDocument": {"uri": item.uri}, "position": at}
                answer = await ask(2, "textDocument/definition", params)
            while until and not any(message["method"] == until for message in heard):
                await receive()
            await ask(3, "shutdown", None)
            send(method="exit")
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return answer, result["capabilities"]
