"""The client: what it can do, and what the server asks of it or tells it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from cpplsp.lsp.jsonrpc import Protocol

log = logging.getLogger(__name__)

SECTION = "cpplsp"
"""Name of the server's settings in an editor's."""

_ANSWER_WITHIN_S = 2.0
_FIRST_SYMBOL_KINDS = frozenset(types.SymbolKind(number) for number in range(1, 19))
"""What every client knows (LSP 3.17, ``symbolKind.valueSet``)."""


class Client:
    """The other side of a conversation. Before ``initialize`` it can do nothing."""

    def __init__(self, protocol: Protocol):
        self._protocol = protocol
        self._shown: set[str] = set()

    @property
    def encoding(self) -> str:
        """In what it counts characters."""
        return self._protocol.encoding

    @property
    def _capabilities(self) -> types.ClientCapabilities:
        found: types.ClientCapabilities = getattr(
            self._protocol, "client_capabilities", types.ClientCapabilities()
        )
        return found

    def takes_links(
        self, feature: Literal["definition", "declaration", "type_definition", "implementation"]
    ) -> bool:
        """Whether it takes location links in answers to this feature."""
        document = self._capabilities.text_document
        about = getattr(document, feature) if document is not None else None
        return bool(about and about.link_support)

    @property
    def takes_markdown(self) -> bool:
        """Whether it would rather have Markdown than plain text on a hover."""
        document = self._capabilities.text_document
        about = document.hover if document is not None else None
        formats = (about and about.content_format) or ()
        return next(iter(formats), None) == types.MarkupKind.Markdown

    @property
    def takes_outlines(self) -> bool:
        """Whether it takes a document's symbols as a tree."""
        document = self._capabilities.text_document
        about = document.document_symbol if document is not None else None
        return bool(about and about.hierarchical_document_symbol_support)

    @property
    def symbol_kinds(self) -> frozenset[int]:
        """The kinds of symbols that it knows in the answers of both symbol features."""
        workspace, document = self._capabilities.workspace, self._capabilities.text_document
        known = _FIRST_SYMBOL_KINDS
        for about in (workspace and workspace.symbol, document and document.document_symbol):
            values = about.symbol_kind.value_set if about and about.symbol_kind else None
            known = known | frozenset(values or ())
        return known

    @property
    def takes_symbol_tags(self) -> bool:
        """Whether it takes tags in answers to workspace/symbol."""
        workspace = self._capabilities.workspace
        about = workspace.symbol if workspace is not None else None
        values = about.tag_support.value_set if about and about.tag_support else ()
        return types.SymbolTag.Deprecated in values

    @property
    def resolves_symbols(self) -> bool:
        """Whether it asks again for the range of a symbol that it shows."""
        workspace = self._capabilities.workspace
        about = workspace.symbol if workspace is not None else None
        properties = about.resolve_support.properties if about and about.resolve_support else ()
        return "location.range" in properties

    @property
    def can_watch(self) -> bool:
        """Whether it tells of changed files when asked to."""
        workspace = self._capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        return bool(watching and watching.dynamic_registration)

    @property
    def can_watch_settings(self) -> bool:
        """Whether it tells of changed settings when asked to."""
        workspace = self._capabilities.workspace
        watching = workspace.did_change_configuration if workspace is not None else None
        return bool(watching and watching.dynamic_registration)

    @property
    def takes_index_state(self) -> bool:
        """Whether it wants to be told how far indexing is (``indexstate``): an extension of the protocol."""
        experimental = self._capabilities.experimental
        about = experimental.get(SECTION) if isinstance(experimental, Mapping) else None
        return isinstance(about, Mapping) and about.get("indexState") is True

    @property
    def _can_show_progress(self) -> bool:
        window = self._capabilities.window
        return bool(window and window.work_done_progress)

    @property
    def _can_be_asked_for_settings(self) -> bool:
        workspace = self._capabilities.workspace
        return bool(workspace and workspace.configuration)

    def show_error(self, text: str) -> None:
        """Show a message, once, and log it."""
        log.error("%s", text)
        if text not in self._shown:
            self._shown.add(text)
            message = types.ShowMessageParams(types.MessageType.Error, f"cpplsp: {text}")
            self._protocol.notify(types.WINDOW_SHOW_MESSAGE, message)

    def show_warning(self, text: str) -> None:
        """Show what costs something and keeps nothing from working, and log it: once."""
        if text not in self._shown:
            self._shown.add(text)
            log.warning("%s", text)
            message = types.ShowMessageParams(types.MessageType.Warning, f"cpplsp: {text}")
            self._protocol.notify(types.WINDOW_SHOW_MESSAGE, message)

    async def settings(self, scope: str | None) -> Mapping[str, object]:
        """The settings for a folder (URI); empty where the client cannot be asked, does not answer, or has none."""
        if not self._can_be_asked_for_settings:
            return {}
        params = types.ConfigurationParams([types.ConfigurationItem(scope, SECTION)])
        answer = await self._ask(types.WORKSPACE_CONFIGURATION, params)
        found = answer[0] if isinstance(answer, list | tuple) and answer else None
        return found if isinstance(found, Mapping) else {}

    async def register(self, registrations: Sequence[types.Registration]) -> None:
        """Ask for notifications. That a client declines costs nothing but these."""
        await self._ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(list(registrations)))

    async def refresh_tokens(self) -> None:
        """Have it ask for the semantic tokens of its documents anew, if it can be told to."""
        workspace = self._capabilities.workspace
        about = workspace.semantic_tokens if workspace is not None else None
        if about and about.refresh_support:
            await self._ask(types.WORKSPACE_SEMANTIC_TOKENS_REFRESH, None)

    async def create_progress(self, token: str) -> bool:
        """Whether the client can show progress and made a place for it."""
        if not self._can_show_progress:
            return False
        params = types.WorkDoneProgressCreateParams(token)
        return await self._ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params) is not _FAILED

    def tell(self, method: str, params: msgspec.Struct) -> None:
        """Send a notification that the protocol does not know."""
        self._protocol.send_json({"jsonrpc": "2.0", "method": method, "params": params})

    def report(self, token: str | int, value: object) -> None:
        """Send ``$/progress``: a value of lsprotocol's, or JSON."""
        if isinstance(value, msgspec.Raw):
            params = {"token": token, "value": value}
            self._protocol.send_json({"jsonrpc": "2.0", "method": types.PROGRESS, "params": params})
        else:
            self._protocol.notify(types.PROGRESS, types.ProgressParams(token, value))

    async def _ask(self, method: str, params: object) -> object:
        try:
            return await asyncio.wait_for(self._protocol.send_request_async(method, params), _ANSWER_WITHIN_S)
        except JsonRpcException as error:
            log.warning("the client declines %s: %s", method, error)
        except TimeoutError:
            log.warning("the client does not answer %s", method)
        return _FAILED


_FAILED = object()
