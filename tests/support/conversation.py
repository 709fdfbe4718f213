"""The protocol by hand: messages as a client has them on the wire, for what no library would let a client do."""

import json
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from support.editor import Project, command

ANSWER_WITHIN_S = 30.0


class AnswerError(Exception):
    """An error that the server answered with. ``code``: the protocol's."""

    def __init__(self, error: Mapping[str, Any]):
        super().__init__(error["message"])
        self.code = int(error["code"])


class Conversation:
    """A server, and what is said to it. ``log``: what it writes to its standard error."""

    def __init__(self, project: Project, capabilities: Mapping[str, Any], folders: list[Path] | None = None):
        self._log_path = project.folder.parent / "server.log"
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [command()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=project.environment,
                cwd=project.folder,
            )
        self._number = 0
        self._messages: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._answers: dict[int, dict[str, Any]] = {}
        self._begun: set[str | int] = set()
        self.notes: deque[dict[str, Any]] = deque(maxlen=1000)
        """Notifications that came, the last ones."""
        self.slowest_s = 0.0
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        every = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders or [project.folder]]
        self.initialized = self.ask(
            "initialize", {"processId": None, "capabilities": capabilities, "workspaceFolders": every}
        )
        self.tell("initialized", {})

    @property
    def log(self) -> str:
        return self._log_path.read_text("utf-8", "replace")

    @property
    def encoding(self) -> str:
        found: str = self.initialized["capabilities"].get("positionEncoding", "utf-16")
        return found

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def start(self, method: str, params: Any) -> int:
        """Send a request; its id."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        return self._number

    def answer(self, number: int) -> Any:
        """Wait for the answer to a request. Raises AnswerError; TimeoutError where none comes in time."""
        until = time.monotonic() + ANSWER_WITHIN_S
        while number not in self._answers:
            self._take(until)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise AnswerError(answer["error"])
        return answer["result"]

    def ask(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer."""
        number = self.start(method, params)
        begin = time.monotonic()
        try:
            return self.answer(number)
        finally:
            self.slowest_s = max(self.slowest_s, time.monotonic() - begin)

    def until_idle(self) -> None:
        """Wait until no work is shown to be under way."""
        until = time.monotonic() + ANSWER_WITHIN_S
        while self._begun:
            self._take(until)

    def listen(self) -> None:
        """Wait for something to be said, for a moment at most."""
        with suppress(TimeoutError):
            self._take(time.monotonic() + 0.05)

    def end(self) -> int:
        """Shut it down; the exit code."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self._process.wait(ANSWER_WITHIN_S)

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        # Characters that are no text are sent as escapes, as editors in JavaScript do.
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _take(self, until: float) -> None:
        """Take the next message. Raises TimeoutError."""
        try:
            message = self._messages.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            raise TimeoutError from None
        assert message is not None, f"the server is gone: {self.log}"
        if "method" not in message:
            self._answers[message["id"]] = message
        elif "id" in message:
            items = message["params"].get("items") if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": None if items is None else [None] * len(items)})
        else:
            self.notes.append(message)
            self._note(message)

    def _note(self, message: Mapping[str, Any]) -> None:
        if message["method"] == "$/progress":
            token, value = message["params"]["token"], message["params"]["value"]
            kind = value.get("kind") if isinstance(value, dict) else None
            if kind == "begin":
                self._begun.add(token)
            elif kind == "end":
                self._begun.discard(token)

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
                header = stream.readline()
            self._messages.put(json.loads(stream.read(length)))
        self._messages.put(None)
