"""The language server's process: one client, over stdio or a socket, from its first message to the exit code."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from cpplsp import __version__
from cpplsp.lsp import (
    administration,
    counterpart,
    folding,
    hierarchy,
    highlights,
    hover,
    includers,
    links,
    memory,
    navigation,
    rename,
    selection,
    semantic,
    symbols,
)
from cpplsp.lsp.client import Client
from cpplsp.lsp.jsonrpc import Protocol
from cpplsp.lsp.parent import process_end
from cpplsp.lsp.session import Session
from cpplsp.lsp.streams import FramingError, PipeWriter, read_pipe, take_standard_streams

log = logging.getLogger(__name__)

_STOP_WITHIN_S = 3.0
_LOST_CLIENT = 1


class Server(LanguageServer):
    """Hands messages to the session. Make it on the event loop that it is to live on."""

    protocol: Protocol

    def __init__(self, flags: Mapping[str, object]):
        super().__init__(
            "cpplsp",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self._loop = asyncio.get_running_loop()
        self.session = Session(Client(self.protocol), flags)
        self.token_answers = semantic.Answers()
        _register(self)
        for area in (
            navigation,
            symbols,
            highlights,
            hover,
            hierarchy,
            links,
            includers,
            counterpart,
            administration,
            memory,
            folding,
            rename,
            selection,
            semantic,
        ):
            area.register(self)

    def sender(self, token: str | int) -> Callable[[msgspec.Raw], None]:
        """What sends parts of an answer; any thread may call it, and what is sent precedes the answer."""

        def send(part: msgspec.Raw) -> None:
            self._loop.call_soon_threadsafe(self.session.client.report, token, part)

        return send

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what nobody foresaw (pygls would show it to the person, traceback and all)."""
        if isinstance(error, JsonRpcMethodNotFound | rename.Refusal):
            log.debug("%s", error)  # and answered
            return
        log.error("%s: %s", source.__name__, error, exc_info=error if error.__traceback__ else None)


def _register(server: Server) -> None:
    """The messages that tell of the client's work."""
    session = server.session

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.initialize(params)
        if params.process_id is not None:
            watch = session.start(process_end(params.process_id))
            watch.add_done_callback(lambda done: None if done.cancelled() else server.protocol.hang_up())

    @server.feature(types.INITIALIZED)
    def initialized(_params: types.InitializedParams) -> None:
        session.begin()

    @server.feature(types.SHUTDOWN)
    def shutdown(_params: None) -> None:
        session.close()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        session.open(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        session.change(params)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        session.save(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        session.close_document(params.text_document.uri)
        server.token_answers.forget(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        session.changed_on_disk([change.uri for change in params.changes])

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        session.change_settings(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_workspace_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        event = params.event
        added, removed = [folder.uri for folder in event.added], [folder.uri for folder in event.removed]
        session.change_folders(added, removed)


def run_server(address: tuple[str, int] | None, flags: Mapping[str, object], greeting: str = "") -> int:
    """Serve one client: on stdio, or the first one to connect to ``address``. Returns the exit code.

    ``greeting``: for the person who has started it in a terminal, on stderr.

    That is 0 after ``shutdown`` (however it then ends), 1 after an ``exit`` alone or when the client is lost, 128 and
    the number of a signal; whichever it is, no worker is left.
    """
    # pygls logs each message as information, sources and all, and as errors what is answered as such.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    return asyncio.run(_serve(address, flags, greeting))


async def _serve(address: tuple[str, int] | None, flags: Mapping[str, object], greeting: str) -> int:
    server = Server(flags)
    loop = asyncio.get_running_loop()
    told: asyncio.Future[int] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _tell, told, number)
    if greeting:
        print(greeting, file=sys.stderr, flush=True)
    talk = asyncio.create_task(_talk_on_socket(server, *address) if address else _talk_on_pipes(server))
    await asyncio.wait({talk, told}, return_when=asyncio.FIRST_COMPLETED)
    code = 128 + told.result() if told.done() else _LOST_CLIENT
    if talk.done() and (error := talk.exception()) is not None:
        log.error("%s", error)
    elif talk.done():
        code = talk.result()
    if server.protocol.is_shut_down:
        code = 0
    talk.cancel()
    await asyncio.gather(talk, return_exceptions=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(server.session.close(), _STOP_WITHIN_S)
    return code


def _tell(told: "asyncio.Future[int]", number: int) -> None:
    if told.done():
        os._exit(128 + number)  # told twice: at once (workers end with the socket to this process)
    told.set_result(number)


async def _talk_on_pipes(server: Server) -> int:
    loop = asyncio.get_running_loop()
    client_in, client_out = take_standard_streams()
    stream = read_pipe(client_in)
    writer = PipeWriter(client_out, lambda: _hang_up(server, loop))
    server.protocol.set_writer(writer)
    try:
        return await _talk(server, stream)
    finally:
        writer.close()


def _hang_up(server: Server, loop: asyncio.AbstractEventLoop) -> None:
    """End the conversation, from another thread."""
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(server.protocol.hang_up)


async def _talk_on_socket(server: Server, host: str, port: int) -> int:
    """Wait for a client, and talk to it: the first one only."""
    arrived: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
        asyncio.get_running_loop().create_future()
    )

    def meet(stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if arrived.done():
            writer.close()
        else:
            arrived.set_result((stream, writer))

    async with await asyncio.start_server(meet, host, port) as listening:
        for one in listening.sockets:
            log.warning("listening on %s:%d", *one.getsockname()[:2])
        stream, writer = await arrived
        listening.close()
        server.protocol.set_writer(writer)
        try:
            return await _talk(server, stream)
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()
                await writer.wait_closed()


async def _talk(server: Server, stream: asyncio.StreamReader) -> int:
    """The conversation, to its end: the exit code."""
    try:
        return await server.protocol.converse(stream)
    except FramingError as error:
        log.error("the client sent what is no message of the protocol: %s", error)
        return _LOST_CLIENT
