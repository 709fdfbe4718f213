"""The conversation: pygls' protocol, with what the specification asks beyond it.

Before ``initialize`` requests are refused (-32002), after ``shutdown`` too (-32600), a message that is no JSON (-32700)
or has wrong parameters (-32602) is answered, ``exit`` ends the loop and not the process, answers that are JSON already
are sent as they are, and documents are kept by ``documents`` (pygls splits lines at form feeds, as no client does).
"""

import asyncio
import json
import logging
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from cpplsp.lsp.positions import choose_encoding
from cpplsp.lsp.streams import read_message

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


class Protocol(LanguageServerProtocol):
    """One conversation with one client."""

    def __init__(self, server: "LanguageServer", converter: "Converter"):
        super().__init__(server, converter)
        self.is_initialized = False
        self._hung_up = asyncio.Event()
        self.encoding = choose_encoding(None)
        """The position encoding that was agreed on."""
        self.extensions: dict[str, object] = {}
        """Capabilities that the specification does not know, beside those that it does: so clangd tells of its own."""

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for the end."""
        return bool(self._shutdown)

    async def converse(self, stream: asyncio.StreamReader) -> int:
        """Take messages until ``exit`` or the end of the stream; what the process is to end with. Raises FramingError.

        That is 0 if the client has asked for the end by ``shutdown``, else 1.
        """
        listening = asyncio.create_task(self._listen(stream))
        hanging_up = asyncio.create_task(self._hung_up.wait())
        try:
            await asyncio.wait({listening, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
        finally:
            listening.cancel()
            hanging_up.cancel()
        return 0 if self.is_shut_down else 1

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        while not self._hung_up.is_set() and (body := await read_message(stream)) is not None:
            self.receive(body)

    def hang_up(self) -> None:
        """End the conversation."""
        self._hung_up.set()

    def receive(self, body: bytes) -> None:
        """Take one message."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, JsonRpcParseError(f"not JSON: {error}"))
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self._refuse(None, JsonRpcInvalidRequest("no JSON-RPC 2.0 message"))
            return
        method = message.get("method")
        request = message.get("id") if method is not None else None
        if not isinstance(request, str | int | None) or not isinstance(method, str | None):
            self._refuse(None, JsonRpcInvalidRequest("an id is text or a number, a method is text"))
            return
        if request is None and method is not None and self._is_untimely(method):
            return
        refusal = self._refusal(method) if request is not None else None
        if refusal is not None:
            self._refuse(request, refusal)
            return
        if method is not None:
            message.setdefault("params", None)  # they may be left out; pygls wants them
        try:
            structured = self.structure_message(message)
        except JsonRpcException:
            if request is None:
                log.warning("a message with wrong parameters is ignored: %s", method)
            else:
                self._refuse(request, JsonRpcInvalidParams(f"wrong parameters for {method}"))
            return
        self.handle_message(structured)

    def _is_untimely(self, method: str) -> bool:
        """Whether a notification comes before ``initialize`` or after ``shutdown``, where only ``exit`` counts."""
        return method != types.EXIT and (not self.is_initialized or self.is_shut_down)

    def _refusal(self, method: object) -> JsonRpcException | None:
        if self.is_shut_down:
            return JsonRpcInvalidRequest("the server is shut down")
        if method == types.INITIALIZE:
            return JsonRpcInvalidRequest("initialized already") if self.is_initialized else None
        return None if self.is_initialized else JsonRpcServerNotInitialized("initialize comes first")

    def _refuse(self, request: str | int | None, error: JsonRpcException) -> None:
        told = {"code": error.code, "message": error.message}
        self.send_json({"jsonrpc": "2.0", "id": request, "error": told})

    def _send_response(
        self, msg_id: str | int, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        """Send an answer; one that is JSON already as it is."""
        if isinstance(result, types.InitializeResult):
            told = self._converter.unstructure(result)
            told["capabilities"] |= self.extensions
            result = msgspec.Raw(_encode(told))
        if error is None and isinstance(result, msgspec.Raw):
            self._result_types.pop(msg_id, None)
            self.send_json({"jsonrpc": "2.0", "id": msg_id, "result": result})
        else:
            super()._send_response(msg_id, result, error)

    def send_json(self, message: dict[str, object]) -> None:
        """Send a message of which parts may be JSON already (``msgspec.Raw``)."""
        body = _encode(message)
        if self.writer is not None:
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Agree on a position encoding, then as pygls does."""
        self.is_initialized = True
        general = params.capabilities.general
        offered = general.position_encodings if general is not None else None
        self.encoding = choose_encoding(offered)
        if general is not None and offered is not None:
            general.position_encodings = [self.encoding]
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        return result

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_args: object) -> None:  # type: ignore[override]  # pygls calls a user's handler first
        """End the conversation."""
        self.hang_up()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Pass it on."""
        self._pass_on(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Pass it on."""
        self._pass_on(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Pass it on."""
        self._pass_on(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def _pass_on(self, method: str, params: object) -> None:
        handler: Callable[[object], None] | None = self.fm.features.get(method)
        if handler is not None:
            handler(params)
