"""A language server on stdio, as an editor has it: for the scripts that compare and measure servers."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlparse

ANSWER_WITHIN_S = 120
INDEX_WITHIN_S = 3600
QUIET_S = 3.0

Place = tuple[str, int, int]

_TOKEN_TYPES = (
    "namespace type class enum interface struct typeParameter parameter variable property enumMember event function"
    " method macro keyword modifier comment string number regexp operator decorator concept bracket label unknown"
)
_TOKEN_MODIFIERS = (
    "declaration definition readonly static deprecated abstract async modification documentation defaultLibrary"
    " deduced virtual dependentName usedAsMutableReference usedAsMutablePointer constructorOrDestructor userDefined"
    " functionScope classScope fileScope globalScope"
)
_WATCHES = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {"symbol": {"symbolKind": {"valueSet": list(range(1, 27))}}},
    "textDocument": {
        "documentSymbol": {
            "hierarchicalDocumentSymbolSupport": True,
            "symbolKind": {"valueSet": list(range(1, 27))},
        },
        "hover": {"contentFormat": ["markdown"]},
        "foldingRange": {"lineFoldingOnly": False},
        "semanticTokens": {
            "requests": {"full": True},
            "formats": ["relative"],
            "tokenTypes": _TOKEN_TYPES.split(),
            "tokenModifiers": _TOKEN_MODIFIERS.split(),
        },
    },
}


class AnswerError(RuntimeError):
    """A server has answered a request with an error."""


class Server:
    """A server that has been initialized.

    ``root``: the project's folder. ``watches``: say that changed files will be told of (:meth:`changed_on_disk`).
    ``capabilities``: what the server says that it can.
    """

    def __init__(self, command: list[str], root: Path, *, watches: bool = False):
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root
        )
        self._next = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._begun: set[str] = set()
        self.index_seen = False
        threading.Thread(target=self._read, daemon=True).start()
        self.root = root
        client = {
            **_CAPABILITIES,
            "workspace": {**_CAPABILITIES["workspace"], **(_WATCHES if watches else {})},
        }
        parameters = {"processId": os.getpid(), "rootUri": root.as_uri(), "capabilities": client}
        self.capabilities: dict[str, Any] = self.ask("initialize", parameters)["capabilities"]
        self._send({"method": "initialized", "params": {}})

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def __enter__(self) -> "Server":
        """Go on."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it as an editor does."""
        if kind is None:
            self.end()
            self._process.wait(timeout=60)
        else:
            self._process.kill()

    def wait(self) -> int:
        """Wait until it has ended: its exit code."""
        return self._process.wait(timeout=60)

    def end(self) -> None:
        """Ask it to end; whoever started it waits for it."""
        self.ask("shutdown", None)
        self._send({"method": "exit"})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while True:
            length = 0
            while (line := self._process.stdout.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                break
            self._take(json.loads(self._process.stdout.read(length)))
        with self._changed:
            self._answers[-1] = {}
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method and "id" in message:
            wanted = message["params"].get("items", []) if method == "workspace/configuration" else None
            self._send({"id": message["id"], "result": None if wanted is None else [None] * len(wanted)})
        with self._changed:
            if method == "$/progress":
                token, kind = str(message["params"]["token"]), message["params"]["value"]["kind"]
                (self._begun.discard if kind == "end" else self._begun.add)(token)
                self.index_seen = True
            elif not method and "id" in message:
                self._answers[message["id"]] = message
            self._changed.notify_all()

    def ask(self, method: str, parameters: object) -> Any:
        """One request's result."""
        self._next += 1
        number = self._next
        self._send({"id": number, "method": method, "params": parameters})
        with self._changed:
            self._changed.wait_for(lambda: number in self._answers or -1 in self._answers, ANSWER_WITHIN_S)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise RuntimeError(f"no answer to {method} from {self._process.args!r}")
        if "error" in answer:
            raise AnswerError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def open(self, path: str) -> None:
        """Show a file to the server."""
        text = Path(path).read_text("utf-8", "replace")
        language = "c" if path.endswith(".c") else "cpp"
        item = {"uri": Path(path).as_uri(), "languageId": language, "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": item}})

    def change(self, path: str, version: int, text: str) -> None:
        """Show another text of an open file."""
        document = {"uri": Path(path).as_uri(), "version": version}
        changes = [{"text": text}]
        self._send(
            {
                "method": "textDocument/didChange",
                "params": {"textDocument": document, "contentChanges": changes},
            }
        )

    def save(self, path: str) -> None:
        """Say that what is shown of a file is what is on disk."""
        self._send(
            {"method": "textDocument/didSave", "params": {"textDocument": {"uri": Path(path).as_uri()}}}
        )

    def close(self, path: str) -> None:
        """Take a file away again."""
        item = {"uri": Path(path).as_uri()}
        self._send({"method": "textDocument/didClose", "params": {"textDocument": item}})

    def changed_on_disk(self, changes: Mapping[str, int]) -> None:
        """Tell of files that were created (1), changed (2) or deleted (3) on disk, by their paths."""
        told = [{"uri": Path(path).as_uri(), "type": kind} for path, kind in changes.items()]
        self._send({"method": "workspace/didChangeWatchedFiles", "params": {"changes": told}})

    def listen(self, at_most_s: float) -> None:
        """Wait until it says something."""
        with self._changed:
            self._changed.wait(at_most_s)

    @property
    def is_working(self) -> bool:
        """Whether work is shown to be under way."""
        return bool(self._begun)

    def wait_for_index(self) -> None:
        """Wait until an index has been announced and for QUIET_S none was under way."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.index_seen, INDEX_WITHIN_S):
                raise RuntimeError("the server has not begun to index")
            while True:
                if not self._changed.wait_for(lambda: not self._begun, INDEX_WITHIN_S):
                    raise RuntimeError("the server has not finished its index")
                if not self._changed.wait_for(lambda: bool(self._begun), QUIET_S):
                    return

    def at(self, method: str, place: Place) -> set[Place]:
        """Where a request at a place leads."""
        parameters = position_in(place)
        if method == "references":
            parameters["context"] = {"includeDeclaration": True}
        result = self.ask(f"textDocument/{method}", parameters) or []
        return {_location(one) for one in (result if isinstance(result, list) else [result])}


def position_in(place: Place) -> dict[str, object]:
    """The parameters of a request at a place."""
    path, line, column = place
    return {"textDocument": {"uri": Path(path).as_uri()}, "position": {"line": line, "character": column}}


def _location(one: dict[str, Any]) -> Place:
    uri = one.get("targetUri") or one["uri"]
    start = (one.get("targetSelectionRange") or one["range"])["start"]
    return os.path.realpath(unquote(urlparse(uri).path)), start["line"], start["character"]
