"""Sources that break and sources that abuse, on the whole engine: exact bytes or the code of
the contract, in bounded time, memory, requests and disk.

Beside tests/engine/transfer (behaviours of a file server) these are answers that no server gives.
"""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client, Limits
from downloads.engine.transfer.config import DEFAULTS
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.monitor import TransferMonitor
from downloads.engine.transfer.request import TransferRequest
from tests.engine.transfer.harness import LOOPBACK, Fetcher
from tests.support.answers import forever, redirect, respond
from tests.support.content import MIB, content, sha256
from tests.support.file import File
from tests.support.origin import Origin
from tests.support.request import Reply, Request

OK = b'HTTP/1.1 200 OK\r\nETag: "v1"\r\n'
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CAP = 2 * MIB
MEMORY = 12 * MIB  # the reactor's and the hash's buffers are in it


@pytest.fixture
def hostile(fetcher: Fetcher) -> Fetcher:
    """With the usual limits in time, which nothing reaches that does too much or lies."""
    fetcher.limit(max_bytes=CAP, stall_timeout=DEFAULTS.stall_timeout)
    return fetcher


def hurry(fetcher: Fetcher) -> None:
    """Limits in time that a test can wait for."""
    fetcher.client = Client(LOOPBACK, limits=Limits(read_timeout=0.4), stop=fetcher.stop)
    fetcher.limit(min_rate_window=1.0, min_rate=50_000, stall_timeout=0.5)


def fetch(fetcher: Fetcher, url: str) -> TransferOutcome:
    return fetcher.run(Stream(url))


def drip(first: bytes, drop: bytes, pause: float = 0.05) -> Reply:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(drop)
            time.sleep(pause)

    return reply


def after(pause: float, answer: bytes) -> Reply:
    """``answer`` and the end of the connection."""

    def reply(request: Request, sock: socket.socket) -> None:
        time.sleep(pause)
        sock.sendall(answer)
        sock.shutdown(socket.SHUT_WR)

    return reply


def partial(content_range: str, body: bytes = b"x" * 100, **headers: str) -> bytes:
    return respond(
        body, status="206 Partial Content", Content_Range=content_range, ETag='"v1"', **headers
    )


BOMB = gzip.compress(bytes(64 * MIB), 9)
ABUSES: dict[str, tuple[bytes | Reply, str]] = {
    "endless headers": (forever(b"X: y\r\n", OK), "bad_response"),
    "one endless header": (forever(b"a" * 65536, OK + b"X: "), "bad_response"),
    "endless 100 Continue": (forever(b"HTTP/1.1 100 Continue\r\n\r\n"), "bad_response"),
    "no HTTP at all": (forever(b"\0\1\2\3" * 1000), "bad_response"),
    "dripping headers": (drip(OK, b"X: y\r\n"), "stalled"),
    "a dripping body": (drip(OK + b"Content-Length: 1000000\r\n\r\n", b"x"), "stalled"),
    "dripping chunks": (drip(CHUNKED, b"1\r\nx\r\n"), "stalled"),
    "endless chunks": (forever(b"10000\r\n" + b"x" * 65536 + b"\r\n", CHUNKED), "too_large"),
    "an endless body": (forever(b"x" * 65536, OK + b"Connection: close\r\n\r\n"), "too_large"),
    "an endless chunk extension": (forever(b"y" * 65536, CHUNKED + b"5;x="), "bad_response"),
    "endless trailers": (forever(b"X: y\r\n", CHUNKED + b"5\r\nhello\r\n0\r\n"), "stalled"),
    "a chunk of negative size": (after(0, CHUNKED + b"-5\r\nhello"), "bad_response"),
    "an absurd length": (
        after(0, OK + b"Content-Length: 1" + b"0" * 17 + b"\r\n\r\n"),
        "too_large",
    ),
    "a length of 5,000 digits": (
        after(0, OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"),
        "bad_response",
    ),
    "a negative length": (after(0, OK + b"Content-Length: -1\r\n\r\n"), "bad_response"),
    "two lengths": (
        after(0, OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        "bad_response",
    ),
    "an absurd total": (after(0, partial(f"bytes 0-99/{10**18}")), "too_large"),
    "a bomb": (after(0, respond(BOMB, Content_Encoding="gzip")), "too_large"),
    "a bomb in a transfer coding": (
        after(0, respond(BOMB, length=False, Transfer_Encoding="gzip")),
        "too_large",
    ),
    "206 without a range": (
        after(0, respond(b"x" * 100, status="206 Partial Content")),
        "bad_response",
    ),
    "206 in several parts": (
        after(0, partial("", Content_Type="multipart/byteranges; boundary=x")),
        "bad_response",
    ),
    "206 from elsewhere": (after(0, partial("bytes 5-104/1000")), "bad_response"),
    "206 that ends before it begins": (after(0, partial("bytes 0--1/1000")), "bad_response"),
    "206 beyond the end": (after(0, partial("bytes 0-99/50")), "bad_response"),
    "a redirect to itself": (redirect("/"), "too_many_redirects"),
    "416 for ever": (
        after(0, respond(status="416 Range Not Satisfiable", Content_Range="bytes */0")),
        "source_changed",
    ),
    "429 for a year": (
        after(0, respond(status="429 Too Many Requests", Retry_After="31536000")),
        "rate_limited",
    ),
    "503 for ever": (after(0, respond(status="503 Unavailable")), "bad_response"),
    "a body that ends at once": (
        after(0, OK + b"Content-Length: 1000\r\n\r\n"),
        "network bad_response",
    ),
}


@pytest.mark.parametrize(("answer", "codes"), ABUSES.values(), ids=ABUSES)
def test_it_ends_with_the_code_of_the_contract(
    origin: Origin, hostile: Fetcher, answer: bytes | Reply, codes: str
) -> None:
    origin.answers["/"] = answer
    if codes == "stalled":
        hurry(hostile)
    tracemalloc.start()
    try:
        with pytest.raises(DownloadError) as caught:
            fetch(hostile, origin.url())
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert caught.value.code in codes.split(), caught.value.detail
    assert len(origin.log) < 40
    assert on_disk(hostile.directory) <= CAP


def on_disk(folder: Path) -> int:
    """Blocks that are really taken."""
    return sum(path.stat().st_blocks * 512 for path in folder.glob("*"))


@pytest.mark.parametrize(
    "later",
    [
        (404, {}),
        (416, {"Content-Range": "bytes */5"}),
        (429, {"Retry-After": "86400"}),
        (500, {}),
        (503, {}),
        (206, {"Content-Range": "bytes 0-0/99", "ETag": '"v1"'}),
        (206, {"ETag": '"v1"'}),
        (204, {}),
    ],
    ids=str,
)
def test_whatever_further_connections_are_answered_the_first_one_brings_it_all(
    origin: Origin, fetcher: Fetcher, later: tuple[int, dict[str, str]]
) -> None:
    file = origin.serve("/a", content(2 * MIB), rate=4e6)

    def refuse(file: File, asked: Request) -> None:
        if asked.start:
            file.answers.append(later)

    file.on_request = refuse
    fetcher.limit(initial_connections=4, segment_attempts=3)
    outcome = fetcher.fetch("/a")
    assert outcome.sha256 == sha256(file.data)
    assert len(origin.log) < 60


@pytest.mark.parametrize("first_ones", [1, 2, 5])
def test_refused_at_first_and_then_not(origin: Origin, fetcher: Fetcher, first_ones: int) -> None:
    moods = [(503, {}), (429, {"Retry-After": "0"}), (500, {}), (502, {}), (504, {})]
    origin.serve("/a", content(MIB), answers=moods[:first_ones])
    fetcher.limit(segment_attempts=6)
    fetcher.exact("/a")


@pytest.mark.parametrize("framing", [{}, {"chunked": True}, {"no_length": True}])
@pytest.mark.parametrize("ranges", [True, False])
def test_another_version_at_every_moment_is_never_spliced(
    origin: Origin, fetcher: Fetcher, framing: dict[str, bool], ranges: bool
) -> None:
    """Of the same size, the source breaking each time it is asked, twice changed."""
    versions = {f'"v{n}"': content(MIB, seed=n) for n in range(4)}
    file = origin.serve("/a", versions['"v0"'], cut_after=400_000, cuts=4, ranges=ranges, **framing)

    def change(file: File, asked: Request) -> None:
        number = min(3, len(origin.log) // 3)
        file.etag, file.data = f'"v{number}"', versions[f'"v{number}"']

    file.on_request = change
    fetcher.limit(restarts=9, segment_attempts=20)
    outcome = fetcher.fetch("/a")
    assert outcome.validators.etag in versions
    assert outcome.sha256 == sha256(versions[outcome.validators.etag or ""])


@pytest.mark.parametrize(
    ("location", "code"),
    [("/a", "too_many_redirects"), ("http://10.0.0.1/inside", "blocked_address")],
)
def test_a_further_connection_led_astray_is_a_clear_failure(
    origin: Origin, fetcher: Fetcher, location: str, code: str
) -> None:
    file = origin.serve("/a", content(2 * MIB), rate=4e6)

    def mislead(file: File, asked: Request) -> None:
        file.redirect = location if asked.start else None

    file.on_request = mislead
    fetcher.limit(initial_connections=4)
    with pytest.raises(DownloadError) as caught:
        fetcher.fetch("/a")
    assert caught.value.code == code


def test_what_came_before_a_restart_is_no_stall_after_it(origin: Origin, fetcher: Fetcher) -> None:
    """However little of the new version has come, compared with what there was of the old one."""
    now = [0.0]
    request = TransferRequest(client=fetcher.client, stop=fetcher.stop)
    pulse = TransferMonitor(request, lambda: now[0])
    pulse.begin(0)
    pulse.check(50 * MIB)
    pulse.check()  # while the new version is asked for
    pulse.begin(0)
    for second in range(1, 100):
        now[0] = second
        pulse.check(second * 100 * 1024)
