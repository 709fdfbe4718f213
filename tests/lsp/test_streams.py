"""Bytes to and from a client."""

import asyncio
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpplsp.lsp.streams import FramingError, PipeWriter, read_message, read_pipe


def stream_of(*parts: bytes) -> asyncio.StreamReader:
    stream = asyncio.StreamReader(limit=1 << 12)
    for part in parts:
        stream.feed_data(part)
    stream.feed_eof()
    return stream


async def messages(stream: asyncio.StreamReader) -> list[bytes]:
    found = []
    while (body := await read_message(stream)) is not None:
        found.append(body)
    return found


@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(1, 7))
def test_messages_come_as_they_were_sent_however_they_are_cut(bodies: list[bytes], size: int) -> None:
    sent = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)

    async def read() -> list[bytes]:
        return await messages(stream_of(*(sent[at : at + size] for at in range(0, len(sent), size))))

    assert asyncio.run(read()) == bodies


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"Content-Length: 2\n\n",
    ],
)
async def test_headers_may_be_written_in_several_ways(header: bytes) -> None:
    assert await messages(stream_of(header + b"{}")) == [b"{}"]


@pytest.mark.parametrize(
    "sent", [b"", b"Content-Le", b"Content-Length: 5\r\n\r\n{}", b"Content-Length: 5\r\n"]
)
async def test_the_end_is_no_message_also_within_one(sent: bytes) -> None:
    assert await messages(stream_of(sent)) == []


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "without Content-Length"),
        (b"Content-Length: 99999999999\r\n\r\n", "99999999999 bytes"),
        (b"x" * 10_000, "does not end"),
    ],
)
async def test_what_is_no_message_is_told(sent: bytes, message: str) -> None:
    with pytest.raises(FramingError, match=message):
        await messages(stream_of(sent))


async def test_a_pipe_is_read_to_its_end() -> None:
    ours, theirs = os.pipe()
    stream = read_pipe(ours)
    os.write(theirs, b"Content-Length: 2\r\n\r\n{}")
    assert await read_message(stream) == b"{}"
    os.close(theirs)
    assert await read_message(stream) is None
    os.close(ours)


def test_a_writer_keeps_the_order_and_sends_all_before_it_closes() -> None:
    theirs, ours = os.pipe()
    writer = PipeWriter(ours, on_broken=lambda: None)
    for number in range(1000):
        writer.write(b"%4d" % number)
    writer.close()
    os.close(ours)
    with open(theirs, "rb") as stream:
        assert stream.read() == b"".join(b"%4d" % number for number in range(1000))


def test_a_writer_does_not_wait_for_a_client_that_does_not_read() -> None:
    theirs, ours = os.pipe()
    is_broken = threading.Event()
    writer = PipeWriter(ours, on_broken=is_broken.set)
    writer.write(b"x" * (1 << 20))  # more than a pipe holds
    writer.write(b"y")
    os.close(theirs)
    assert is_broken.wait(10)
    writer.close()
    os.close(ours)
