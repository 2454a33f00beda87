"""A source that lies, drips or never ends gets an error in bounded time and memory."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    NetworkError,
    Stalled,
    Stopped,
    StopReason,
)
from downloads.engine.egress.client import Client, Limits
from tests.engine.egress.conftest import read_all
from tests.support.answers import forever, redirect, respond, then_close, then_hang
from tests.support.origin import Origin
from tests.support.request import Reply, Request

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = 64 * 1024


def drip(first: bytes, drop: bytes, pause: float = 0.05) -> Reply:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(drop)
            time.sleep(pause)

    return reply


@pytest.mark.parametrize(
    "answer",
    [
        forever(b"X-A: " + b"a" * 1000 + b"\r\n", OK),
        forever(b"X: y\r\n", OK),
        forever(b"a" * ENDLESS, OK + b"X-Long: "),
        forever(b"a" * ENDLESS),
        forever(b"HTTP/1.1 100 Continue\r\n\r\n"),
        forever(b" folded\r\n", OK + b"X: y\r\n"),
    ],
    ids=["wide", "many", "one long line", "no status line", "100 for ever", "folded"],
)
def test_endless_headers(answer: Reply, client: Client, origin: Origin) -> None:
    origin.answers["/"] = answer
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse):
            client.get(origin.url())
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "answer",
    [
        drip(OK, b"X: y\r\n"),
        drip(b"", b"H"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        then_hang(b""),
        then_hang(OK + b"X: "),
    ],
    ids=["headers", "status line", "100", "silence", "half a header"],
)
def test_headers_that_never_get_there(answer: Reply, hasty: Client, origin: Origin) -> None:
    origin.answers["/"] = answer
    with pytest.raises(Stalled):
        hasty.get(origin.url())


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"<html>no status line</html>\r\n\r\n",
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"HTTP/1.1 abc X\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        OK + b"Content-Length: -5\r\n\r\nhello",
        OK + b"Content-Length: +5\r\n\r\nhello, and more",
        OK + b"Content-Length: 5_0\r\n\r\nhello",
        OK + b"Content-Length: " + b"9" * 19 + b"\r\n\r\nhello",
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello",
        OK + b"Transfer-Encoding: rot13, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 302 Found\r\n\r\n",
    ],
)
def test_what_makes_no_sense(answer: bytes, client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(answer)
    with pytest.raises(BadResponse):
        read_all(client.get(origin.url()))


def test_equal_content_lengths_are_one(client: Client, origin: Origin) -> None:
    origin.answers["/"] = OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"
    assert read_all(client.get(origin.url())) == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 100\r\n\r\nshort",
        CHUNKED + b"64\r\nshort",
        CHUNKED + b"5\r\nshort\r\n",
        CHUNKED + b"zz\r\nshort",
        CHUNKED + b"-5\r\nshort",
    ],
)
def test_a_body_shorter_than_promised(answer: bytes, client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(answer)
    with pytest.raises(BadResponse):
        read_all(client.get(origin.url()))


@pytest.mark.parametrize("size", [3, 5])
def test_a_chunked_range_has_the_length_of_its_range(
    size: int, client: Client, origin: Origin
) -> None:
    head = b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-3/9\r\nTransfer-Encoding: chunked\r\n\r\n"
    origin.answers["/"] = head + b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n"
    with pytest.raises(BadResponse):
        read_all(client.get(origin.url(), start=0))


@pytest.mark.parametrize(
    "answer",
    [
        then_hang(OK + b"Content-Length: 100\r\n\r\nhalf"),
        then_hang(CHUNKED + b"64\r\nhalf"),
        drip(CHUNKED, b"0"),
        drip(CHUNKED + b"0\r\n", b"X-Trailer: y\r\n"),
        forever(b"X-Trailer: yyyyyyyy\r\n" * 100, CHUNKED + b"0\r\n"),
    ],
    ids=["sized", "chunked", "a chunk size", "slow trailers", "endless trailers"],
)
def test_a_body_that_stops_coming(answer: Reply, hasty: Client, origin: Origin) -> None:
    origin.answers["/"] = answer
    with pytest.raises(Stalled):
        read_all(hasty.get(origin.url()))


def test_a_reset_while_reading(client: Client, origin: Origin) -> None:
    def reset(request: Request, sock: socket.socket) -> None:
        sock.sendall(OK + b"Content-Length: 100\r\n\r\nhalf")
        sock.recv(1)

    origin.answers["/"] = reset
    response = client.get(origin.url())
    assert response.peek(4) == b"half"
    origin.hang_up(reset=True)
    with pytest.raises((NetworkError, BadResponse)):
        read_all(response)


def test_the_body_of_a_redirect_is_not_read(client: Client, origin: Origin) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n"
    origin.answers["/"] = forever(b"z" * ENDLESS, head)
    origin.answers["/end"] = respond(b"x")
    with client.get(origin.url()) as response:
        assert read_all(response) == b"x"


def test_peek_does_not_wait_for_a_dripping_body(client: Client, origin: Origin) -> None:
    origin.answers["/"] = drip(OK + b"\r\n", b"z", 0.02)
    with client.get(origin.url()) as response:
        assert 1 <= len(response.peek(2048, patience=0.1)) < 2048


def test_waiting_ends_when_told_to(origin: Origin, allow: Callable[..., Client]) -> None:
    origin.answers["/"] = then_hang(b"")
    stop = StopToken()
    threading.Timer(0.2, stop.stop, [StopReason.UNWANTED]).start()
    with pytest.raises(Stopped):
        allow(origin, stop=stop).get(origin.url())


def test_an_answer_is_a_sign_of_life(origin: Origin, allow: Callable[..., Client]) -> None:
    now = [0.0]
    stop = StopToken(clock=lambda: now[0])
    origin.answers["/"] = respond(b"x")
    now[0] = 10.0
    allow(origin, stop=stop).get(origin.url()).close()
    assert stop.idle_seconds == 0


@pytest.mark.parametrize("location", ["http://[", "//", "http://", "http://a b/", "?" + "x" * 9000])
def test_a_redirect_to_nowhere(location: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = redirect(location)
    with pytest.raises(DownloadError):
        client.get(origin.url())


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"])
def test_a_wait_for_the_network_is_no_hang(
    origin: Origin, allow: Callable[..., Client], said: bytes
) -> None:
    """It may last longer than a lease: a silent source would take its worker for dead."""

    def say(request: Request, connection: socket.socket) -> None:
        connection.sendall(said)
        origin.closing.wait(30)

    origin.answers["/silent"] = say
    stop = StopToken()
    client = allow(origin, limits=Limits(connect_timeout=5.0, read_timeout=0.8), stop=stop)
    with pytest.raises(Stalled):
        client.get(origin.url("/silent")).peek(1)
    assert stop.idle_seconds < 0.5
