"""Answers to later ranges that are not what they should be: never a wrong byte, and no loop."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Unavailable
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client
from downloads.engine.transfer import engine
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.request import FileRequest
from downloads.engine.transfer.sinks.local import LocalSink
from tests.engine.transfer.harness import LOOPBACK, QUICK
from tests.support.answers import respond
from tests.support.content import MIB, content, sha256
from tests.support.memory import MemoryCheckpointStore
from tests.support.origin import Origin
from tests.support.request import Reply, Request

DATA = content(3 * MIB)
SEVERAL = replace(QUICK, initial_connections=4)
Later = Callable[[int, int], bytes]
TAG = 'ETag: "v1"\r\n'


def part(first: int, end: int, body: bytes, span: str = "", more: str = "") -> bytes:
    span = span or f"bytes {first}-{end - 1}/{len(DATA)}"
    length = "" if "Content-Length" in more else f"Content-Length: {len(body)}\r\n"
    head = f"HTTP/1.1 206 Partial\r\n{TAG}Content-Range: {span}\r\n{length}{more}\r\n"
    return head.encode() + body


def serving(later: Later) -> Reply:
    """The first request is answered well and slowly; ``later`` answers those that begin later."""

    def reply(request: Request, sock: socket.socket) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if asked is None:
            return slowly(sock, respond(DATA, ETag='"v1"'))
        first, end = int(asked[1]), int(asked[2]) + 1 if asked[2] else len(DATA)
        if first == 0:
            return slowly(sock, part(0, len(DATA), DATA))
        sock.sendall(later(first, end))
        return None

    return reply


def slowly(sock: socket.socket, answer: bytes) -> None:
    for start in range(0, len(answer), 64 * 1024):
        sock.sendall(answer[start : start + 64 * 1024])
        time.sleep(0.01)


def fetch(origin: Origin, directory: Path, **options: object) -> TransferOutcome:
    stop = StopToken()
    sink = LocalSink(directory, 1, stop)
    with Client(LOOPBACK, stop=stop) as client:
        request = FileRequest(
            client=client,
            stop=stop,
            config=SEVERAL,
            stream=Stream(origin.url("/f")),
            **options,  # type: ignore[arg-type]
        )
        outcome = engine.run(request, sink, MemoryCheckpointStore())
    assert outcome.sha256 == sha256(sink.path.read_bytes())
    return outcome


WHOLE = f"Content-Length: {len(DATA)}\r\nConnection: close\r\n"
ODD: dict[str, Later] = {
    # DaveRandom/Resume#3: which of the two it is, none can tell
    "the whole length": lambda first, end: part(first, end, DATA[first:end], more=WHOLE),
    "no Content-Range": lambda first, end: part(first, end, DATA[first:end], span="none"),
    "from zero": lambda first, end: part(0, end - first, DATA[: end - first]),
    "earlier": lambda first, end: part(first - 9, end, DATA[first - 9 : end]),
    "later": lambda first, end: part(first + 9, end, DATA[first + 9 : end]),
    "compressed": lambda first, end: part(
        first, end, gzip.compress(DATA[first:end], 1), more="Content-Encoding: gzip\r\n"
    ),
    "all of it": lambda first, end: respond(DATA, ETag='"v1"'),
    "416": lambda first, end: respond(status="416 No", Content_Range=f"bytes */{len(DATA)}"),
    "to the end": lambda first, end: part(first, len(DATA), DATA[first:]),
    "many parts": lambda first, end: part(
        first, end, b"--x\r\n", span="", more="Content-Type: multipart/byteranges; boundary=x\r\n"
    ).replace(b"Content-Range", b"X-Range"),
}


@pytest.mark.parametrize("kind", ODD)
def test_the_bytes_are_exact(kind: str, origin: Origin, tmp_path: Path) -> None:
    origin.answers["/f"] = serving(ODD[kind])
    assert fetch(origin, tmp_path).sha256 == sha256(DATA)
    assert len(origin.log) < 30


@pytest.mark.parametrize("kind", ["no Content-Range", "from zero", "all of it"])
def test_ranges_that_are_not_kept_are_asked_for_no_more(
    kind: str, origin: Origin, tmp_path: Path
) -> None:
    """The first connection breaks: what comes then comes over one connection, from zero."""
    broken: list[bool] = []
    well = serving(ODD[kind])

    def reply(request: Request, sock: socket.socket) -> None:
        if request.headers.get("range") == "bytes=0-" and not broken:
            broken.append(True)
            sock.sendall(part(0, len(DATA), DATA)[:100_000])
            time.sleep(0.5)
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            return
        well(request, sock)

    origin.answers["/f"] = reply
    assert fetch(origin, tmp_path).sha256 == sha256(DATA)
    last = [request.headers.get("range") for request in origin.log][-1]
    assert last is None


def test_a_link_is_renewed_as_often_as_it_takes(origin: Origin, tmp_path: Path) -> None:
    """Each signature is good for two requests; ``refreshes`` counts those in a row."""
    given: list[int] = []
    uses: dict[str, int] = {}

    def fresh() -> Stream:
        given.append(len(given) + 1)
        return Stream(origin.url(f"/s{given[-1]}"))

    def reply(request: Request, sock: socket.socket) -> None:
        uses[request.path] = uses.get(request.path, 0) + 1
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if uses[request.path] > 2 or asked is None:
            sock.sendall(respond(status="403 Forbidden"))
            return
        first, end = int(asked[1]), int(asked[2]) + 1 if asked[2] else len(DATA)
        sock.sendall(part(first, end, DATA[first:end])[:150_000])
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    origin.answers = {f"/s{number}": reply for number in range(200)} | {"/f": reply}
    assert fetch(origin, tmp_path, refresh=fresh).sha256 == sha256(DATA)
    assert len(given) > SEVERAL.refreshes


def test_a_link_that_works_no_more_is_given_up(origin: Origin, tmp_path: Path) -> None:
    asked: list[bool] = []

    def fresh() -> Stream:
        asked.append(True)
        return Stream(origin.url("/f"))

    begun: list[bool] = []

    def reply(request: Request, sock: socket.socket) -> None:
        if begun:
            sock.sendall(respond(status="403 Forbidden"))
            return
        begun.append(True)
        sock.sendall(part(0, len(DATA), DATA)[:100_000])
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    origin.answers["/f"] = reply
    with pytest.raises(Unavailable):
        fetch(origin, tmp_path, refresh=fresh)
    assert len(asked) <= 4 * (SEVERAL.refreshes + 1)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "416 No"])
def test_later_ranges_are_refused_and_the_first_answer_breaks(
    status: str, origin: Origin, tmp_path: Path
) -> None:
    broken: list[bool] = []
    well = serving(lambda first, end: respond(status=status))

    def reply(request: Request, sock: socket.socket) -> None:
        if request.headers.get("range") == "bytes=0-" and not broken:
            broken.append(True)
            sock.sendall(part(0, len(DATA), DATA)[:100_000])
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            return
        well(request, sock)

    origin.answers["/f"] = reply
    assert fetch(origin, tmp_path).sha256 == sha256(DATA)
    assert len(origin.log) < 12
