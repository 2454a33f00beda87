"""Chunks as servers write them, read off a real socket however it cuts them.

Public sources: iipc/jwarc#33, python-hyper/h11#143, dart-lang/http#988, SerenityOS/serenity#2312,
me-no-dev/ESPAsyncWebServer#1301, xroche/httrack#840; Chromium's http_chunked_decoder_unittest.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable

import pytest

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.chunked import ChunkedBody
from downloads.engine.egress.socket_reader import SocketReader


def read(blocks: Iterable[bytes], size: int = 65536) -> tuple[bytes, bool]:
    """The body, and whether it ended cleanly."""
    ours, theirs = socket.socketpair()

    def send() -> None:
        with theirs:
            for block in blocks:
                theirs.sendall(block)

    threading.Thread(target=send, daemon=True).start()
    with ours:
        reader = SocketReader(ours, None)
        reader.arm(10)
        body, view, found = ChunkedBody(reader), memoryview(bytearray(size)), b""
        while count := body.read_into(view):
            found += view[:count]
        assert body.read_into(view) == 0
        return found, body.clean


@pytest.mark.parametrize(
    "body",
    [
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"3   \r\nabc\r\n2\t \r\nde\r\n0  \r\n\r\n",
        b"0003\r\nabc\r\n" + b"0" * 500 + b"2\r\nde\r\n0000\r\n\r\n",
        b'3;a=b\r\nabc\r\n2 ; c="d e"\r\nde\r\n0;last\r\n\r\n',
        b"3\nabc\n2\nde\n0\n\n",
        b"3\r\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n folded\r\n\r\n",
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n" + b"X: " + b"y" * 40_000 + b"\r\n\r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 4, 65536])
def test_what_is_taken(body: bytes, size: int) -> None:
    assert read([body], size) == (b"abcde", True)


@pytest.mark.parametrize("size", [1, 3, 100_000])
def test_a_large_body_cut_anywhere(size: int) -> None:
    data = bytes(range(256)) * 64
    chunks = [data[:10], data[10:9000], data[9000:]]
    wire = b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert read([wire[at : at + 7] for at in range(0, len(wire), 7)], size) == (data, True)


def test_many_small_chunks_come_at_once() -> None:
    assert read([b"1\r\nx\r\n" * 3000 + b"0\r\n\r\n"]) == (b"x" * 3000, True)


@pytest.mark.parametrize("end", [b"0\r\n", b"0\n", b"0\r\nX: y", b"0\r\nX: y\r\n"])
def test_a_source_that_closes_behind_the_last_chunk_has_sent_all(end: bytes) -> None:
    assert read([b"5\r\nabcde\r\n", end]) == (b"abcde", False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5",
        b"5\r\n",
        b"5\r\nabc",
        b"5\r\nabcde",
        b"5\r\nabcde\r\n",
        b"5\r\nabcde\r\n0",
        b"5\r\nabcde\r\n\r\n",
        b"5\r\nabcdef\r\n0\r\n\r\n",
        b"5\r\nabcde0\r\n\r\n",
        b" 5\r\nabcde\r\n0\r\n\r\n",
        b"-5\r\nabcde\r\n0\r\n\r\n",
        b"+5\r\nabcde\r\n0\r\n\r\n",
        b"0x5\r\nabcde\r\n0\r\n\r\n",
        b"5_0\r\nabcde\r\n0\r\n\r\n",
        b"5 5\r\nabcde\r\n0\r\n\r\n",
        b"5\0\r\nabcde\r\n0\r\n\r\n",
        b"5\rabcde\r\n0\r\n\r\n",
        b";x\r\nabcde\r\n0\r\n\r\n",
        b"\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"8000000000000000\r\nabcde",
        b"10000000000000005\r\nabcde\r\n0\r\n\r\n",
        b"5;" + b"x" * 20_000 + b"\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_what_is_refused(body: bytes) -> None:
    with pytest.raises(BadResponse):
        read([body])
