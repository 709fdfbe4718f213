"""Several processes on one project: one writes at a time, the others read what it has, and say so."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient
from support.editor import Project, Start, command, until_indexed

Make = Callable[..., Project]

CODE = "".join(f"// file: u{number}.cc\nint u{number};\n" for number in range(3))


async def names(client: LanguageClient, project: Project, name: str) -> list[str]:
    """Open a file and ask what it declares."""
    client.text_document_did_open(types.DidOpenTextDocumentParams(project.item(name)))
    params = types.DocumentSymbolParams(project.document(name))
    answer: Any = await client.text_document_document_symbol_async(params)
    return [one.name for one in answer or []]


async def found(client: LanguageClient, name: str) -> list[str]:
    answer: Any = await client.workspace_symbol_async(types.WorkspaceSymbolParams(name))
    return [one.name for one in answer or []]


@pytest.fixture
def held(project: Make, tmp_path: Path) -> Iterator[tuple[Project, "subprocess.Popen[str]"]]:
    """A project and a process that is indexing it: the first unit is done, the second one takes for ever."""
    made = project(CODE)
    reached = tmp_path / "reached"
    environment = made.environment | {"CPPLSP_FAULT": f"hang@start:u1.cc:{reached}"}
    arguments = ["--index-only", str(made.folder), "-j1"]
    with subprocess.Popen(
        [command(), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as holder:
        while not reached.exists():
            assert holder.poll() is None, holder.communicate()
        yield made, holder
        holder.kill()


def wait_beside(project: Project, holder: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    """Start ``--index-only`` and see it wait."""
    waiter = subprocess.Popen(
        [command(), "--index-only", str(project.folder), "--json"],
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiter.stderr is not None
    line = waiter.stderr.readline()
    assert line == f"cpplsp: process {holder.pid} is indexing this project: waiting for it\n"
    return waiter


async def test_beside_a_server_at_rest_a_project_is_indexed_at_once(project: Make, start: Start) -> None:
    made = project(CODE)
    client = await start(made)
    await until_indexed(client)
    (made.folder / "u1.cc").write_text("int changed;\n")
    done = await asyncio.to_thread(made.run, "--index-only", str(made.folder), "--json")
    assert "waiting" not in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["indexed"] == 1
    assert await found(client, "changed") == ["changed"]
    assert await names(client, made, "u1.cc") == ["changed"]


async def test_each_of_two_servers_indexes_what_is_opened_in_it(project: Make, start: Start) -> None:
    made = project(CODE)
    for name in ("one", "other"):
        (made.folder / f"{name}.h").write_text(f"int {name};\n")
    clients = [await start(made), await start(made)]
    for client, name in zip(clients, ("one", "other"), strict=True):
        assert await names(client, made, f"{name}.h") == [name]
    for client in clients:
        assert await found(client, "one") == ["one"]
        assert await found(client, "other") == ["other"]


def test_indexing_waits_for_another_that_is_indexing_and_goes_on_when_it_is_killed(
    held: tuple[Project, "subprocess.Popen[str]"],
) -> None:
    made, holder = held
    waiter = wait_beside(made, holder)
    holder.kill()
    output, errors = waiter.communicate()
    assert waiter.returncode == 0
    assert "waiting" not in errors, "that is said once"
    summary = json.loads(output.splitlines()[-1])
    assert (summary["units"], summary["skipped_fresh"], summary["failed"]) == (3, 1, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_indexing_that_waits_ends_when_it_is_told_to(
    held: tuple[Project, "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    waiter = wait_beside(*held)
    waiter.send_signal(number)
    _, errors = waiter.communicate()
    assert waiter.returncode == 128 + number
    assert "Traceback" not in errors
    assert held[1].poll() is None


async def test_a_server_reads_what_another_process_indexes_and_takes_over_when_it_is_killed(
    held: tuple[Project, "subprocess.Popen[str]"], start: Start
) -> None:
    made, holder = held
    client = await start(made)
    assert await names(client, made, "u0.cc") == ["u0"]
    while not any(client.progress_reports.values()):
        await client.wait_for_notification(types.PROGRESS)
        await asyncio.sleep(0)
    [[begin]] = client.progress_reports.values()
    told = f"process {holder.pid} is indexing this project: its results are used as they come"
    assert (begin.title, begin.message) == ("indexing", told)
    holder.kill()
    end = (await until_indexed(client))[-1]
    assert end.message == "3/3"
    assert await names(client, made, "u1.cc") == ["u1"]
