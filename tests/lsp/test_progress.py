"""Progress of indexing, as the client gets it."""

import asyncio
from dataclasses import dataclass, field

import pytest
from lsprotocol import types

from cpplsp.lsp.progress import ProgressReport
from cpplsp.runstate import Phase, ProcessUse, Progress


@dataclass
class FakeClient:
    """A client that makes places for progress when it is let to."""

    can: bool = True
    sent: list[tuple[str, object]] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def create_progress(self, token: str) -> bool:
        await self.may_answer.wait()
        return self.can

    def report(self, token: str, value: object) -> None:
        self.sent.append((token, value))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def at(
    done: int, total: int = 10, current: str | None = None, phase: Phase = "indexing", failed: int = 0
) -> Progress:
    return Progress(phase, done, total, current, failed)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_one_begin_reports_and_one_end(client: FakeClient, clock: Clock) -> None:
    client.may_answer.set()
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    report.show(at(0, current="a.cc"))
    await settle()
    clock.now = 1
    report.show(at(3, current="src/b.cc"))
    clock.now = 2
    report.show(at(10, failed=1))
    report.end()
    report.end()
    assert len({token for token, _ in client.sent}) == 1
    assert [value for _, value in client.sent] == [
        types.WorkDoneProgressBegin("indexing", cancellable=False, message="0/10 a.cc", percentage=0),
        types.WorkDoneProgressReport(cancellable=False, message="3/10 src/b.cc", percentage=30),
        types.WorkDoneProgressReport(cancellable=False, message="10/10", percentage=100),
        types.WorkDoneProgressEnd(message="10/10, 1 failed"),
    ]


async def test_nothing_is_shown_while_there_is_nothing_to_index(client: FakeClient, clock: Clock) -> None:
    client.may_answer.set()
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    for phase in ("reading", "checking", "finishing"):
        report.show(at(10, phase=phase))
    await settle()
    report.end()
    assert client.sent == []


async def test_nothing_is_sent_before_the_client_has_made_a_place(client: FakeClient, clock: Clock) -> None:
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    report.show(at(0))
    await settle()
    clock.now = 1
    report.show(at(4))
    assert client.sent == []
    client.may_answer.set()
    await settle()
    assert [value.message for _, value in client.sent] == ["4/10"]  # type: ignore[attr-defined]


async def test_a_run_that_is_over_before_the_client_answers_shows_nothing(
    client: FakeClient, clock: Clock
) -> None:
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    report.show(at(0))
    await settle()
    report.end()
    client.may_answer.set()
    await settle()
    assert client.sent == []


async def test_a_client_that_declines_is_told_nothing(client: FakeClient, clock: Clock) -> None:
    client.can = False
    client.may_answer.set()
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    report.show(at(0))
    await settle()
    clock.now = 1
    report.show(at(1))
    report.end()
    assert client.sent == []


async def test_percentages_rise_and_reports_are_not_many(client: FakeClient, clock: Clock) -> None:
    client.may_answer.set()
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    report.show(at(50, 100))
    await settle()
    for done, total in [(51, 100), (52, 100), (40, 100), (60, 200), (90, 100)]:
        clock.now += 0.06
        report.show(at(done, total))
    percentages = [value.percentage for _, value in client.sent]  # type: ignore[attr-defined]
    assert percentages == sorted(percentages)
    assert len(percentages) == 3  # the beginning, and one in a tenth of a second


async def test_what_a_run_waits_for_is_said_until_it_begins(client: FakeClient, clock: Clock) -> None:
    client.may_answer.set()
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    report.wait("process 7 is indexing")
    await settle()
    clock.now = 1
    report.show(at(4))
    report.end()
    assert [value for _, value in client.sent] == [
        types.WorkDoneProgressBegin(
            "indexing", cancellable=False, message="process 7 is indexing", percentage=0
        ),
        types.WorkDoneProgressReport(cancellable=False, message="4/10", percentage=40),
        types.WorkDoneProgressEnd(message="4/10"),
    ]


@pytest.mark.parametrize(
    ("sizes_mib", "message"),
    [
        ([], "3/10 a.cc · 0 workers, 80 MiB of 2.0 GiB"),
        ([120], "3/10 a.cc · 1 worker (120 MiB), 200 MiB of 2.0 GiB"),
        ([120, 96, 88, 90], "3/10 a.cc · 4 workers (120+96+88+90 MiB), 474 MiB of 2.0 GiB"),
        ([120, 0], "3/10 a.cc · 2 workers (120 MiB), 200 MiB of 2.0 GiB"),
        ([90, *[100] * 8, 120], "3/10 a.cc · 10 workers (90–120 MiB), 1.1 GiB of 2.0 GiB"),
    ],
)
async def test_memory_is_told_by_process_and_in_all(
    client: FakeClient, clock: Clock, sizes_mib: list[int], message: str
) -> None:
    client.may_answer.set()
    report = ProgressReport(client, clock)  # type: ignore[arg-type]
    uses = [ProcessUse(1, "server", 60 << 20), ProcessUse(2, "nursery", 20 << 20)]
    uses += [ProcessUse(3 + at, "worker", size << 20) for at, size in enumerate(sizes_mib)]
    report.show(
        Progress(
            "indexing",
            3,
            10,
            "a.cc",
            memory_bytes=sum(use.memory_bytes for use in uses),
            budget_bytes=2 << 30,
            processes=tuple(uses),
        )
    )
    await settle()
    assert [value.message for _, value in client.sent] == [message]  # type: ignore[attr-defined]
