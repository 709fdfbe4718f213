"""Servers for tests end to end: the installed ``cpplsp``, with clients of the capabilities of real editors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import default_converter, register_lsp_features
from support.conversation import Conversation
from support.editor import Project, Start, command

_converter = cache(default_converter)
"""One for all clients: it learns each type when it meets it, which takes longer than most tests."""


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Make a project of marked code."""
    return lambda code="": Project(tmp_path, code)


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | bytes], Project]:
    """Make a project of marked code and index it: once for each code, so do not change it."""

    @cache
    def make(code: str | bytes) -> Project:
        made = Project(tmp_path_factory.mktemp("indexed").resolve(), code)
        made.index()
        return made

    return make


@pytest.fixture
def talks() -> Iterator[list[Conversation]]:
    """A list for conversations: each that is put into it is ended."""
    talks: list[Conversation] = []
    yield talks
    for talk in talks:
        talk.kill()


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a server for a project, with an editor's capabilities; all are shut down in the end."""
    clients: list[LanguageClient] = []

    async def start(
        project: Project,
        editor: str = "visual_studio_code",
        *,
        arguments: tuple[str, ...] = (),
        change: Callable[[types.InitializeParams], object] = lambda _params: None,
        configuration: Mapping[str, object] | None = None,
        register: Callable[[Sequence[types.Registration]], object] = lambda _registrations: None,
    ) -> LanguageClient:
        client = LanguageClient(converter_factory=_converter)
        register_lsp_features(client)
        clients.append(client)
        if configuration is not None:
            client.set_configuration({"cpplsp": configuration})

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams) -> None:
            register(params.registrations)

        await client.start_io(command(), *arguments, env=project.environment, cwd=project.folder)
        folder = types.WorkspaceFolder(project.folder.as_uri(), "project")
        params = types.InitializeParams(client_capabilities(editor), workspace_folders=[folder])
        change(params)
        await client.initialize_session(params)
        return client

    yield start
    for client in clients:
        if client._server is not None and client._server.returncode is None:
            await asyncio.wait_for(client.shutdown_session(), 10)
        await client.stop()
