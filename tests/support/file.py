"""A file of an origin with its faults, and how it is sent: paced, held, cut, silent, endless."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.listener import Listener, readable, reset_at_close
from tests.support.request import Request

BLOCK = 64 * 1024
STEP = 0.05  # seconds that a block of a paced file takes at most
UNREAD = 256 * 1024  # bytes of a paced file that may be on their way: sent, but not read

Headers = dict[str, str]


@dataclass(eq=False)
class Line:
    """A connection, and when its last block will have taken its time (``time.monotonic()``).

    Each block takes its time on it, also if one request follows the other: many small ones are no
    quicker than a large one.
    """

    connection: socket.socket
    listener: Listener
    free_at: float = 0.0

    def start(self) -> None:
        self.free_at = max(self.free_at, time.monotonic())

    def takes(self, seconds: float) -> bool:
        """Wait until a block of so many seconds may go out; True if the end comes first."""
        self.free_at += seconds
        return self.listener.closing.wait(max(0.0, self.free_at - time.monotonic()))

    def head(self, request: Request, status: int, headers: Headers) -> None:
        request.status = status
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def refuse(self, request: Request, status: int, headers: Headers | None = None) -> bool:
        """Answer without a body; the connection goes on."""
        self.head(request, status, {**(headers or {}), "Content-Length": "0"})
        return True

    def say_nothing(self) -> None:
        """Wait until the other side has had enough of it, or for a minute."""
        until = time.monotonic() + 60
        while time.monotonic() < until and not self.listener.closing.is_set():
            if readable([self.connection], 50):
                return


@dataclass
class File:
    """The content of a path and its faults. Every knob is the number of a request or of bytes.

    ``cut_after``: body bytes after which the connection is reset; ``cuts``: how many times.
    ``rate``: bytes per second of each connection. ``hold_at``: an offset in the file; nothing
    beyond it is sent until this is None again. ``answers``: (status, headers) that come before
    anything else does. ``most_connections``: beyond so many at once, 503. ``rewrite``: makes of
    the data what is sent this time.
    """

    data: bytes
    etag: str | None = '"v1"'
    last_modified: str | None = None
    content_type: str | None = None
    rewrite: Callable[[bytes], bytes] | None = None
    ranges: bool = True
    cut_after: int | None = None
    cuts: int = 0
    clean_cut: bool = False
    rate: float | None = None
    hold_at: int | None = None
    answers: list[tuple[int, Headers]] = field(default_factory=list)
    length: int | None = None
    chunked: bool = False
    no_length: bool = False
    encoding: str | None = None
    silent_after: int | None = None
    silences: int = 0
    range_shift: int = 0
    ignores_if_range: bool = False
    wrong_total: int = 0
    endless: bool = False
    most_connections: int | None = None
    redirect: str | None = None
    max_range: int | None = None
    hangs_up: bool = False  # after each answer, and without a word
    on_request: Callable[[File, Request], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def answer(self, request: Request, line: Line) -> bool:
        """Return False if the connection ends with this answer."""
        if self.on_request is not None:
            self.on_request(self, request)
        if self.redirect is not None:
            return line.refuse(request, 302, {"Location": self.redirect})
        if self.most_connections is not None and line.listener.busy > self.most_connections:
            return line.refuse(request, 503, {"Retry-After": "1"})
        with self._lock:
            first = self.answers.pop(0) if self.answers else None
        if first is not None:
            return line.refuse(request, *first)
        status, headers, body = self._part_for(request)
        if status == 416:
            return line.refuse(request, status, headers)
        return self._send(request, line, status, headers, body)

    def _part_for(self, request: Request) -> tuple[int, Headers, bytes]:
        data = self.data if self.rewrite is None else self.rewrite(self.data)
        named = {"ETag": self.etag, "Last-Modified": self.last_modified,
                 "Content-Type": self.content_type}  # fmt: skip
        headers = {name: value for name, value in named.items() if value}
        if request.start is None or not self.ranges or not self._is_current(request):
            return 200, headers, data
        start = request.start + (self.range_shift if request.start else 0)
        if start >= len(data):
            return 416, headers | {"Content-Range": f"bytes */{len(data)}"}, b""
        end = min(len(data), request.end if request.end is not None else len(data))
        if self.max_range is not None:
            end = min(end, start + self.max_range)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data) + self.wrong_total}"
        return 206, headers, data[start:end]

    def _is_current(self, request: Request) -> bool:
        if request.if_range is None or self.ignores_if_range:
            return True
        return request.if_range in (self.etag, self.last_modified)

    def _send(
        self, request: Request, line: Line, status: int, headers: Headers, body: bytes
    ) -> bool:
        if self.encoding == "gzip":
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        if self.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif not self.no_length:
            headers["Content-Length"] = str(len(body) if self.length is None else self.length)
        if self.no_length or self.length is not None:
            headers["Connection"] = "close"
        line.head(request, status, headers)
        complete = self._send_body(request, line, body)
        kept = not (self.no_length or self.hangs_up) and self.length is None
        return complete and kept

    def _send_body(self, request: Request, line: Line, body: bytes) -> bool:
        connection = line.connection
        line.start()
        room = 256 * 1024 if self.rate is None else 16 * 1024
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
        limit = self._limit()
        size = BLOCK if self.rate is None else max(1, min(BLOCK, int(self.rate * STEP)))
        blocks = _endless(body, size) if self.endless else _blocks(body, limit, size)
        for block in blocks:
            if self._ends_before(request, line, len(block)):
                return False
            connection.sendall(_chunk(block) if self.chunked else block)
            request.sent += len(block)
        if limit is None or request.sent >= len(body):
            if self.chunked:
                connection.sendall(b"0\r\n\r\n")
            return True
        if self.silent_after is not None:
            line.say_nothing()
        if not self.clean_cut:
            reset_at_close(connection)
        return False

    def _ends_before(self, request: Request, line: Line, count: int) -> bool:
        """Wait until so many more bytes may go out; True if the end comes first."""
        reached = (request.start or 0 if request.status == 206 else 0) + request.sent + count
        while self.hold_at is not None and reached > self.hold_at:
            # It can be read once the client has left: it asks for no more before this answer ends.
            if readable([line.connection], 10) or line.listener.closing.is_set():
                return True
        return self.rate is not None and line.takes(count / self.rate)

    def _limit(self) -> int | None:
        """Return after how many bytes this answer breaks off; each time counts."""
        with self._lock:
            if self.silent_after is not None and self.silences > 0:
                self.silences -= 1
                return self.silent_after
            if self.cut_after is not None and self.cuts > 0:
                self.cuts -= 1
                return self.cut_after
        return None


def _blocks(body: bytes, limit: int | None, size: int) -> Iterator[bytes]:
    end = len(body) if limit is None else min(limit, len(body))
    for start in range(0, end, size):
        yield body[start : min(start + size, end)]


def _endless(body: bytes, size: int) -> Iterator[bytes]:
    while True:
        yield body[:size]


def _chunk(block: bytes) -> bytes:
    return f"{len(block):x}\r\n".encode() + block + b"\r\n"
