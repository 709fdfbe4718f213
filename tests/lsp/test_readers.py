"""Where queries run: on an index that may come, go and be replaced, and with a way to stop them."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cpplsp.lsp.readers import NoIndexError, Readers
from cpplsp.paths import Roots
from cpplsp.store.connection import remove
from cpplsp.store.index import Index

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def make_index(path: str, value: str) -> None:
    index = Index(path, Roots("/project"))
    index.set_meta("value", value)
    index.close()


def write(path: str, content: bytes) -> None:
    os.mkdir(os.path.dirname(path))
    Path(path).write_bytes(content)


def value(db: sqlite3.Connection) -> str:
    return str(db.execute("SELECT value FROM meta WHERE key = 'value'").fetchone()[0])


@pytest.fixture
async def readers(tmp_path: Path) -> AsyncIterator[Readers]:
    readers = Readers(str(tmp_path / "cache" / "index.sqlite"))
    yield readers
    await readers.close()


async def test_a_question_is_answered_on_another_thread(readers: Readers) -> None:
    make_index(readers.path, "first")
    assert await readers.ask(value) == "first"
    assert await readers.ask(lambda _db: threading.current_thread()) is not threading.main_thread()


async def test_an_index_cannot_be_written_by_a_question(readers: Readers) -> None:
    make_index(readers.path, "first")
    with pytest.raises(NoIndexError, match="readonly"):
        await readers.ask(lambda db: db.execute("DELETE FROM meta").rowcount)
    assert await readers.ask(value) == "first"


async def test_an_index_may_come_later_and_be_replaced(readers: Readers) -> None:
    with pytest.raises(NoIndexError):
        await readers.ask(value)
    make_index(readers.path, "first")
    assert await readers.ask(value) == "first"
    remove(readers.path)
    with pytest.raises(NoIndexError):
        await readers.ask(value)
    make_index(readers.path, "second")
    assert [await readers.ask(value) for _ in range(4)] == ["second"] * 4


async def test_as_long_as_there_is_none_another_one_does(tmp_path: Path) -> None:
    other, asked = str(tmp_path / "other" / "index.sqlite"), list[str]()

    def elsewhere() -> str:
        asked.append(other)
        return other

    make_index(other, "elsewhere")
    readers = Readers(str(tmp_path / "cache" / "index.sqlite"), elsewhere)
    assert [await readers.ask(value) for _ in range(4)] == ["elsewhere"] * 4
    assert len(asked) <= 2, "once, or by both threads at the same time"
    make_index(readers.path, "own")
    assert [await readers.ask(value) for _ in range(4)] == ["own"] * 4
    await readers.close()


async def test_an_index_that_cannot_be_read_is_told_once_and_then_tried_again(
    readers: Readers, caplog: pytest.LogCaptureFixture
) -> None:
    write(readers.path, b"no database, but long enough to be looked at" * 100)
    for _ in range(3):
        with pytest.raises(NoIndexError, match="not a database"):
            await readers.ask(value)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"the index {readers.path} is damaged"
    ]
    os.remove(readers.path)
    make_index(readers.path, "good")
    assert await readers.ask(value) == "good"


async def test_an_index_of_another_schema_is_none(readers: Readers) -> None:
    make_index(readers.path, "old")
    with sqlite3.connect(readers.path) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    with pytest.raises(NoIndexError, match="schema version 9999"):
        await readers.ask(value)


def started(
    then: Callable[[sqlite3.Connection], object],
) -> tuple[Callable[[sqlite3.Connection], object], asyncio.Event]:
    """A question, and an event that is set once a thread has begun on it."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def question(db: sqlite3.Connection) -> object:
        loop.call_soon_threadsafe(event.set)
        return then(db)

    return question, event


async def test_a_query_is_interrupted_when_nobody_waits_for_it_any_more(readers: Readers) -> None:
    make_index(readers.path, "there")
    endless = [started(lambda db: db.execute(ENDLESS).fetchone()) for _ in range(2)]
    tasks = [asyncio.create_task(readers.ask(question)) for question, _ in endless]
    for _, has_begun in endless:
        await has_begun.wait()
    waiting = asyncio.create_task(readers.ask(value))  # both threads are taken
    for task in tasks:
        task.cancel()
    assert await waiting == "there"
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)


async def test_a_question_of_many_queries_ends_too(readers: Readers) -> None:
    make_index(readers.path, "there")

    def many(db: sqlite3.Connection) -> None:
        while True:
            db.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT sum(i) FROM n"
            )

    question, has_begun = started(many)
    task = asyncio.create_task(readers.ask(question))
    await has_begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_question_that_is_given_up_before_its_turn_is_never_asked(readers: Readers) -> None:
    make_index(readers.path, "there")
    endless = [started(lambda db: db.execute(ENDLESS).fetchone()) for _ in range(2)]
    tasks = [asyncio.create_task(readers.ask(question)) for question, _ in endless]
    for _, has_begun in endless:
        await has_begun.wait()
    asked: list[sqlite3.Connection] = []
    third = asyncio.create_task(readers.ask(asked.append))
    await asyncio.sleep(0)
    third.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.wait([third, *tasks])
    assert await readers.ask(value) == "there"
    assert asked == []


async def test_closing_ends_what_is_asked(tmp_path: Path) -> None:
    readers = Readers(str(tmp_path / "cache" / "index.sqlite"))
    make_index(readers.path, "there")
    question, has_begun = started(lambda db: db.execute(ENDLESS).fetchone())
    task = asyncio.create_task(readers.ask(question))
    await has_begun.wait()
    await readers.close()
    await asyncio.wait([task])
    assert task.cancelled()
