"""Indexing beside the conversation: when it runs, what stops it, and what the person is told."""

import asyncio

import pytest
from lsprotocol import types
from support.idle import Idle

from cpplsp.lsp import background
from cpplsp.lsp.background import Background
from cpplsp.lsp.indexstate import IndexState
from cpplsp.paths import Roots
from cpplsp.project.project import ProjectError
from cpplsp.store.connection import CacheError, LockedError, ReadOnlyError

ROOTS = Roots("/project", resource="/resource")


class FakeClient:
    def __init__(self) -> None:
        self.shown: list[str] = []
        self.has_shown = asyncio.Event()
        self.refreshed = 0
        self.has_refreshed = asyncio.Event()
        self.reported: list[str | None] = []
        self.takes_index_state = True
        self.states: list[IndexState] = []

    async def create_progress(self, _token: str) -> bool:
        return True

    def report(self, _token: str, value: types.WorkDoneProgressBegin) -> None:
        self.reported.append(value.message)

    def tell(self, _method: str, state: IndexState) -> None:
        self.states.append(state)

    async def refresh_tokens(self) -> None:
        self.refreshed += 1
        self.has_refreshed.set()

    def show_error(self, text: str) -> None:
        self.shown.append(text)
        self.has_shown.set()

    def show_warning(self, text: str) -> None:
        self.show_error(f"warning: {text}")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TAKE_OVER_EVERY_S", 0)
    monkeypatch.setattr(background, "SETTLE_S", 0)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


def begin(idle: Idle, client: FakeClient) -> Background:
    return Background("/project", idle, client)  # type: ignore[arg-type]


async def test_it_runs_once_and_then_for_each_change(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    assert await indexing.roots() == ROOTS
    await idle.until("run", 1)
    indexing.run_again()
    await idle.until("run", 2)
    await indexing.stop()
    assert idle.calls == ["roots", "indexer", "run", "run", "stop", "close"]
    assert client.shown == []


async def test_changes_that_follow_each_other_are_one_run(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    await idle.until("run", 1)
    for _ in range(50):
        indexing.run_again()
        await asyncio.sleep(0)
        assert idle.calls.count("run") == 1
    await idle.until("run", 2)
    await indexing.stop()


async def test_changes_without_end_do_not_keep_it_from_running(
    client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "SETTLE_AT_MOST_S", 0.01)
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    async with asyncio.timeout(10):
        while idle.calls.count("run") < 3:
            indexing.run_again()
            await asyncio.sleep(0)
    await indexing.stop()


async def test_changes_during_a_run_are_one_more_run(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    indexing = begin(idle, client)
    await idle.until("run", 1)
    for _ in range(5):
        indexing.run_again()
    idle.may_end.set()
    await idle.until("run", 2)
    for _ in range(20):
        await asyncio.sleep(0)
    assert idle.calls.count("run") == 2
    await indexing.stop()


async def test_stopping_ends_a_run(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.stop()
    assert idle.calls[-2:] == ["stop", "close"]


async def test_open_files_come_first_also_those_opened_before_the_indexer_was_there(
    client: FakeClient,
) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    indexing = begin(idle, client)
    indexing.prioritise(["/project/a.cc"])
    await idle.until("run", 1)
    assert idle.wanted == ["/project/a.cc"]
    indexing.prioritise(["/project/b.cc", "/project/a.cc"])
    await asyncio.sleep(0)
    assert idle.wanted == ["/project/b.cc", "/project/a.cc"]
    await indexing.stop()


async def test_a_file_that_no_unit_reads_has_a_run_of_its_own_which_is_waited_for(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    await idle.until("run", 1)
    idle.needs_a_run = True
    indexing.prioritise(["/project/alone.h"])
    await indexing.wait_for("/project/alone.h", 10)
    assert idle.calls.count("run") == 2
    await indexing.stop()


async def test_another_writer_is_let_finish_and_then_taken_over_from(
    client: FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    idle = Idle(ROOTS, run=[LockedError("process 7 is indexing this project")] * 2)
    indexing = begin(idle, client)
    await indexing.wait_for("/project/a.cc", 10)  # nothing to wait for while another one writes
    await client.has_refreshed.wait()
    assert idle.calls == ["roots", "indexer", "run", "run", "run"]
    told = "process 7 is indexing this project: its results are used as they come"
    assert caplog.messages.count(told) == 1
    assert (client.shown, client.reported) == ([], [told, None])
    assert client.refreshed == 1, "what is open was indexed by the other one"
    await indexing.stop()


async def test_a_change_while_another_one_writes_is_seen_by_the_run_that_follows(client: FakeClient) -> None:
    idle = Idle(ROOTS, run=[LockedError("process 7 is indexing this project")])
    idle.may_end.clear()
    indexing = begin(idle, client)
    await idle.until("run", 1)
    indexing.run_again()
    await indexing.wait_for("/project/a.cc", 10)
    await idle.until("run", 2)
    idle.may_end.set()
    await client.has_refreshed.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert idle.calls.count("run") == 2
    await indexing.stop()


async def test_waiting_for_another_writer_can_be_stopped(
    client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TAKE_OVER_EVERY_S", 1000)
    idle = Idle(ROOTS, run=[LockedError("process 7 is indexing this project")])
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.stop()
    assert idle.calls == ["roots", "indexer", "run", "stop", "close"]


async def test_a_project_that_cannot_be_opened_is_told_and_tried_again_at_a_change(
    client: FakeClient,
) -> None:
    idle = Idle(ROOTS, roots=[ProjectError("there is nothing to index in /project")])
    indexing = begin(idle, client)
    assert await indexing.roots() == Roots("/project")
    await indexing.wait_for("/project/a.cc", 10)
    assert client.shown == ["there is nothing to index in /project"]
    indexing.run_again()
    await idle.until("run", 1)
    assert await indexing.roots() == ROOTS
    await indexing.stop()


@pytest.mark.parametrize("name", ["indexer", "run"])
async def test_a_cache_that_cannot_be_used_is_told(client: FakeClient, name: str) -> None:
    idle = Idle(ROOTS, **{name: [CacheError("the disk is full: make room")]})
    indexing = begin(idle, client)
    await indexing.wait_for("/project/a.cc", 10)
    await client.has_shown.wait()
    assert client.shown == ["the disk is full: make room"]
    indexing.run_again()
    await idle.until("run", {"indexer": 1, "run": 2}[name])
    await indexing.stop()
    assert idle.calls.count("close") == {"indexer": 1, "run": 2}[name]


async def test_what_nobody_foresaw_is_told_without_its_traceback(
    client: FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    idle = Idle(ROOTS, run=[ZeroDivisionError("oops")])
    indexing = begin(idle, client)
    await client.has_shown.wait()
    [shown] = client.shown
    assert "indexing of project failed: ZeroDivisionError('oops')" in shown
    assert "Traceback" not in shown
    assert "Traceback" in caplog.text
    await indexing.stop()


async def test_waiting_for_a_file_has_an_end(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.is_pending = True
    idle.may_end.clear()
    indexing = begin(idle, client)
    await indexing.wait_for("/project/a.cc", 0)
    await idle.until("run", 1)
    await indexing.wait_for("/project/a.cc", 0.001)
    idle.is_pending = False
    await indexing.wait_for("/project/a.cc", 1000)
    await indexing.stop()


async def test_open_files_are_coloured_anew_when_they_are_read_and_when_all_is(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    idle.is_pending = True
    idle.indexed = 7
    indexing = begin(idle, client)
    indexing.prioritise(["/project/a.cc"])
    await idle.until("run", 1)
    assert client.refreshed == 0
    idle.has_read.set()
    await client.has_refreshed.wait()
    assert client.refreshed == 1
    client.has_refreshed.clear()
    idle.may_end.set()
    await client.has_refreshed.wait()
    assert client.refreshed == 2
    await indexing.stop()


async def test_open_files_are_coloured_anew_after_a_switch_to_what_was_read_before(
    client: FakeClient,
) -> None:
    idle = Idle(ROOTS)
    idle.revived = 7
    indexing = begin(idle, client)
    await client.has_refreshed.wait()
    assert client.refreshed == 1
    await indexing.stop()


async def test_files_that_are_indexed_keep_their_colours(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    indexing.prioritise(["/project/a.cc"])
    await idle.until("run", 1)
    indexing.run_again()
    await idle.until("run", 2)
    assert client.refreshed == 0
    await indexing.stop()


async def test_an_index_that_cannot_be_written_is_a_warning_and_its_roots_are_known(
    client: FakeClient,
) -> None:
    indexing = begin(Idle(ROOTS, run=[ReadOnlyError("it is used as it is")]), client)
    assert await indexing.roots() == ROOTS
    await client.has_shown.wait()
    assert client.shown == ["warning: it is used as it is"]
    await indexing.stop()


async def test_a_project_with_another_database_is_opened_anew(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    await idle.until("run", 1)
    idle.superseded = True
    indexing.run_again()
    await idle.until("run", 2)
    await indexing.stop()
    assert idle.calls == ["roots", "indexer", "run", "close", "roots", "indexer", "run", "stop", "close"]


async def test_changed_commands_are_noticed_by_looking(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.wait_for("/project/a.cc", 10)
    indexing.look()
    await idle.until("has_changed", 1)
    idle.changed = True
    indexing.look()  # too soon
    assert idle.calls.count("has_changed") == 1
    indexing._looked_s -= 10
    indexing.look()
    await idle.until("run", 2)
    await indexing.stop()


def phases(client: FakeClient) -> list[str]:
    return [state.phase for state in client.states]


async def test_the_client_is_told_what_became_of_a_run(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.failed, idle.with_errors = ["bad.cc"], 2
    indexing = begin(idle, client)
    assert indexing.state == IndexState("/project", "opening")
    await idle.until("run", 1)
    await indexing.wait_for("/project/a.cc", 10)
    assert client.states == [IndexState("/project", "idle", 3, 3, 1, 2, database=idle.source)]
    await indexing.stop()


async def test_a_pause_ends_the_run_and_lets_none_begin_until_it_is_over(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.pause()
    await indexing.pause()
    indexing.run_again()
    await indexing.wait_for("/project/a.cc", 10)  # a question does not wait for what will not come
    for _ in range(20):
        await asyncio.sleep(0)
    assert idle.calls == ["roots", "indexer", "run", "stop"]
    assert phases(client) == ["paused"]
    idle.may_end.set()
    indexing.resume()
    await idle.until("run", 2)
    await indexing.wait_for("/project/a.cc", 10)
    assert phases(client) == ["paused", "idle"]
    await indexing.stop()
    assert idle.calls.count("run") == 2
    assert client.shown == []


async def test_a_pause_before_the_first_run(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    indexing = begin(idle, client)
    await indexing.pause()
    await indexing.roots()
    await indexing.wait_for("/project/a.cc", 10)
    assert "run" not in idle.calls
    indexing.resume()
    await idle.until("run", 1)
    await indexing.stop()


async def test_a_pause_ends_the_wait_for_another_writer(client: FakeClient) -> None:
    idle = Idle(ROOTS, run=[LockedError("process 7 is indexing this project")] * 1000)
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.pause()
    count = idle.calls.count("run")
    for _ in range(20):
        await asyncio.sleep(0)
    assert idle.calls.count("run") <= count + 1
    assert phases(client) == ["waiting", "paused"]
    await indexing.stop()


async def test_a_run_that_fails_as_it_is_interrupted_is_none_to_tell_of(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    idle.fails_when_stopped = CacheError("cannot write the index: interrupted")
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.pause()
    indexing.resume()
    await idle.until("run", 2)
    assert client.shown == []
    await indexing.stop()


async def test_failed_units_are_tried_again_in_a_run_after_the_one_that_goes_on(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.retry_failed()
    idle.may_end.set()
    await idle.until("run", 2)
    assert idle.calls == ["roots", "indexer", "run", "retry_failed", "run"]
    await indexing.stop()


async def test_to_start_over_ends_the_run_and_a_pause(client: FakeClient) -> None:
    idle = Idle(ROOTS)
    idle.may_end.clear()
    indexing = begin(idle, client)
    await idle.until("run", 1)
    await indexing.start_over()
    await idle.until("run", 2)
    assert idle.calls == ["roots", "indexer", "run", "start_over", "stop", "run"]
    await indexing.pause()
    await indexing.start_over()
    await idle.until("run", 3)
    await indexing.stop()


async def test_what_keeps_a_project_from_being_indexed_is_its_state(client: FakeClient) -> None:
    idle = Idle(ROOTS, roots=[ProjectError("there is nothing to index in /project")])
    indexing = begin(idle, client)
    await indexing.wait_for("/project/a.cc", 10)
    assert indexing.state == IndexState("/project", "failed", message="there is nothing to index in /project")
    await indexing.stop()
