"""How far indexing is, as a client is told of it."""

from dataclasses import dataclass, field

import msgspec

from cpplsp.lsp.indexstate import INDEX_STATE, IndexNews, IndexState
from cpplsp.runstate import Phase, ProcessUse, Progress


@dataclass
class FakeClient:
    takes_index_state: bool = True
    told: list[tuple[str, object]] = field(default_factory=list)

    def tell(self, method: str, params: msgspec.Struct) -> None:
        self.told.append((method, params))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def at(done: int, phase: Phase = "indexing") -> Progress:
    workers = tuple(ProcessUse(pid, "worker", 0) for pid in (1, 2))
    return Progress(phase, done, 10, "a.cc", 1, 300, 0, 600, workers, 4.0, 5.0)


def test_a_new_phase_is_told_at_once_and_progress_a_few_times_a_second() -> None:
    client, clock = FakeClient(), Clock()
    news = IndexNews(client, "/project", clock)
    news.show(at(0, "reading"))
    news.show(at(0))
    news.show(at(1))
    clock.now += 0.3
    news.show(at(2))
    news.show(at(3))
    told = [state for _, state in client.told]
    assert [(state.phase, state.done) for state in told if isinstance(state, IndexState)] == [
        ("reading", 0),
        ("indexing", 0),
        ("indexing", 2),
    ]
    assert {method for method, _ in client.told} == {INDEX_STATE}
    assert news.state.done == 3


def test_a_state_on_the_wire() -> None:
    news = IndexNews(FakeClient(), "/project")
    news.show(at(4))
    assert msgspec.to_builtins(news.state) == {
        "folder": "/project",
        "phase": "indexing",
        "done": 4,
        "total": 10,
        "failed": 1,
        "withErrors": 0,
        "current": "a.cc",
        "workers": 2,
        "memoryBytes": 300,
        "budgetBytes": 600,
        "remainingS": 5.0,
        "message": "",
        "database": None,
    }


def test_the_compile_database_is_told_once_it_is_known() -> None:
    news = IndexNews(FakeClient(), "/project")
    news.tell("failed")
    assert news.state.database is None
    news.opened("")
    for tell in (lambda: news.show(at(4)), lambda: news.ended(10, 1, 2), lambda: news.tell("paused")):
        tell()
        assert news.state.database == ""


def test_what_is_known_of_the_index_stays_while_there_is_no_run() -> None:
    client = FakeClient()
    news = IndexNews(client, "/project")
    news.ended(10, 1, 2)
    news.tell("waiting", "process 7 is indexing this project")
    assert news.state == IndexState(
        "/project", "waiting", 10, 10, 1, 2, message="process 7 is indexing this project"
    )


def test_a_client_that_does_not_want_it_is_told_nothing() -> None:
    client = FakeClient(takes_index_state=False)
    news = IndexNews(client, "/project")
    news.ended(10, 0, 0)
    assert client.told == []
    assert news.state.phase == "idle"
