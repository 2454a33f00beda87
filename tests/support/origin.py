"""A real HTTP origin on loopback that misbehaves on demand and remembers what it was asked.

Content is random by seed, so that a splice of two versions or of two places shows in the hash.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import random
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

MIB = 1024 * 1024
BLOCK = 64 * 1024
STEP = 0.05  # seconds that a block of a paced file takes at most
UNREAD = 256 * 1024  # bytes of a paced file that may be on their way: sent, but not read


@functools.lru_cache(maxsize=8)
def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Asked:
    """One request in the log. ``start``/``end`` as asked for; ``sent`` are body bytes."""

    path: str
    start: int | None
    end: int | None
    if_range: str | None
    headers: dict[str, str]
    status: int = 0
    sent: int = 0


@dataclass
class File:
    """The content of a path and its faults. Every knob is the number of a request or of bytes.

    ``cut_after``: body bytes after which the connection is reset; ``cuts``: how many times.
    ``rate``: bytes per second of each connection. ``hold_at``: an offset in the file; nothing
    beyond it is sent until this is None again. ``answers``: (status, headers) that come before
    anything else does. ``connections``: beyond so many at once, 503.
    """

    data: bytes
    etag: str | None = '"v1"'
    last_modified: str | None = None
    ranges: bool = True
    cut_after: int | None = None
    cuts: int = 0
    clean_cut: bool = False
    rate: float | None = None
    hold_at: int | None = None
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
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
    ranges_from_request: int = 0
    redirect: str | None = None
    max_range: int | None = None
    hangs_up: bool = False  # after each answer, and without a word
    on_request: Callable[[File, Asked], None] | None = None


class Origin:
    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.log: list[Asked] = []
        self.busy = 0  # connections now, also those that are kept for a next request
        self.answering = 0  # requests now
        self.accepted = 0  # connections so far
        self._lock = threading.Lock()
        self._listener = _listener()
        self._open: dict[socket.socket, float] = {}  # until when its last block takes
        self._closing = threading.Event()
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, data: bytes, **knobs: object) -> File:
        self.files[path] = File(data, **knobs)  # type: ignore[arg-type]
        return self.files[path]

    @property
    def sent(self) -> int:
        return sum(asked.sent for asked in self.log)

    def sent_of(self, path: str, ranges: Iterable[tuple[int, int]], since: int = 0) -> int:
        """Return the requested bytes of these ranges, from the log's entry ``since`` on."""
        total = 0
        for asked in self.log[since:]:
            if asked.path == path:
                start, end = asked.start or 0, (asked.start or 0) + asked.sent
                total += sum(max(0, min(end, b) - max(start, a)) for a, b in ranges)
        return total

    def settle(self) -> None:
        """Wait until no answer is under way any more, so that the log is whole."""
        idle = 0
        for _ in range(500):
            idle = 0 if self.answering else idle + 1
            if idle == 3:
                return
            time.sleep(0.01)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def wrap(self, connection: socket.socket) -> socket.socket:
        return connection

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError), self.wrap(raw) as connection:
            with self._lock:
                self._open[connection] = 0.0
                self.busy += 1
                self.accepted += 1
            try:
                while (head := _read_head(connection)) is not None:
                    with self._counted():
                        goes_on = self._answer(connection, head)
                    if not goes_on:
                        return
            finally:
                with self._lock:
                    self._open.pop(connection, None)
                    self.busy -= 1

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self.answering += 1
        try:
            yield
        finally:
            with self._lock:
                self.answering -= 1

    def _answer(self, connection: socket.socket, head: str) -> bool:
        asked = _parse(head)
        with self._lock:
            self.log.append(asked)
        file = self.files.get(asked.path)
        if file is None:
            return _reply(connection, asked, 404, {})
        if file.on_request is not None:
            file.on_request(file, asked)
        if file.redirect is not None:
            return _reply(connection, asked, 302, {"Location": file.redirect})
        with self._lock:
            if file.most_connections is not None and self.busy > file.most_connections:
                return _reply(connection, asked, 503, {"Retry-After": "1"})
            answer = file.answers.pop(0) if file.answers else None
        if answer is not None:
            return _reply(connection, asked, *answer)
        return self._send_file(connection, asked, file)

    def _send_file(self, connection: socket.socket, asked: Asked, file: File) -> bool:
        size = len(file.data)
        headers = {}
        if file.etag:
            headers["ETag"] = file.etag
        if file.last_modified:
            headers["Last-Modified"] = file.last_modified
        partial = asked.start is not None and file.ranges and self._still_current(asked, file)
        if not partial:
            return self._send(connection, asked, file, 200, headers, file.data)
        start = (asked.start or 0) + (file.range_shift if asked.start else 0)
        if start >= size:
            headers["Content-Range"] = f"bytes */{size}"
            return _reply(connection, asked, 416, headers)
        end = min(size, asked.end if asked.end is not None else size)
        if file.max_range is not None:
            end = min(end, start + file.max_range)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size + file.wrong_total}"
        return self._send(connection, asked, file, 206, headers, file.data[start:end])

    def _still_current(self, asked: Asked, file: File) -> bool:
        if asked.if_range is None or file.ignores_if_range:
            return True
        return asked.if_range in (file.etag, file.last_modified)

    def _send(
        self,
        connection: socket.socket,
        asked: Asked,
        file: File,
        status: int,
        headers: dict[str, str],
        body: bytes,
    ) -> bool:
        if file.encoding == "gzip":
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        if file.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif not file.no_length:
            headers["Content-Length"] = str(len(body) if file.length is None else file.length)
        if file.no_length or file.length is not None:
            headers["Connection"] = "close"
        _send_head(connection, asked, status, headers)
        complete = self._send_body(connection, asked, file, body)
        kept = not (file.no_length or file.hangs_up) and file.length is None
        return complete and kept

    def _send_body(self, connection: socket.socket, asked: Asked, file: File, body: bytes) -> bool:
        self._open[connection] = max(self._open[connection], time.monotonic())
        room = 256 * 1024 if file.rate is None else 16 * 1024
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
        limit = self._limit(file)
        size = BLOCK if file.rate is None else max(1, min(BLOCK, int(file.rate * STEP)))
        blocks = _endless(body, size) if file.endless else _blocks(body, limit, size)
        for block in blocks:
            if self._closed_before(connection, asked, file, len(block)):
                return False
            connection.sendall(_chunk(block) if file.chunked else block)
            asked.sent += len(block)
        if limit is None or asked.sent >= len(body):
            if file.chunked:
                connection.sendall(b"0\r\n\r\n")
            return True
        if file.silent_after is not None:
            self._say_nothing(connection)
        if not file.clean_cut:
            _reset(connection)
        return False

    def _say_nothing(self, connection: socket.socket) -> None:
        """Until the other side has had enough of it."""
        until = time.monotonic() + 60
        while time.monotonic() < until and not self._closing.is_set():
            if select.select([connection], [], [], 0.05)[0]:
                return

    def _closed_before(
        self, connection: socket.socket, asked: Asked, file: File, count: int
    ) -> bool:
        """Wait until so many more bytes may have come; True where the end comes first.

        A connection is a line of its own that each block takes its time on, also where one
        request follows the other: many small ones are no quicker than a large one.
        """
        reached = (asked.start or 0 if asked.status == 206 else 0) + asked.sent + count
        while file.hold_at is not None and reached > file.hold_at:
            if self._closing.wait(0.01):
                return True
        if file.rate is None:
            return False
        self._open[connection] += count / file.rate
        return self._closing.wait(max(0.0, self._open[connection] - time.monotonic()))

    def _limit(self, file: File) -> int | None:
        """After how many bytes this response breaks off; each time counts."""
        with self._lock:
            if file.silent_after is not None and file.silences > 0:
                file.silences -= 1
                return file.silent_after
            if file.cut_after is not None and file.cuts > 0:
                file.cuts -= 1
                return file.cut_after
        return None


_ports: set[int] = set()


def _listener() -> socket.socket:
    """On a port that no other origin of this process ever had: one address, one content."""
    unfit = []
    while (fit := socket.create_server(("127.0.0.1", 0), backlog=64)).getsockname()[1] in _ports:
        unfit.append(fit)
    _ports.add(fit.getsockname()[1])
    for each in unfit:
        each.close()
    return fit


def _blocks(body: bytes, limit: int | None, size: int) -> Iterator[bytes]:
    end = len(body) if limit is None else min(limit, len(body))
    for start in range(0, end, size):
        yield body[start : min(start + size, end)]


def _endless(body: bytes, size: int) -> Iterator[bytes]:
    while True:
        yield body[:size]


def _chunk(block: bytes) -> bytes:
    return f"{len(block):x}\r\n".encode() + block + b"\r\n"


def _reset(connection: socket.socket) -> None:
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _read_head(connection: socket.socket) -> str | None:
    head = b""
    while b"\r\n\r\n" not in head:
        block = connection.recv(8192)
        if not block:
            return None
        head += block
    return head.decode("latin-1")


def _parse(head: str) -> Asked:
    request, *lines = head.split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines if line)
    }
    start = end = None
    if match := re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("range", "")):
        start = int(match[1])
        end = int(match[2]) + 1 if match[2] else None
    return Asked(request.split(" ")[1], start, end, headers.get("if-range"), headers)


def _send_head(
    connection: socket.socket, asked: Asked, status: int, headers: dict[str, str]
) -> None:
    asked.status = status
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))


def _reply(connection: socket.socket, asked: Asked, status: int, headers: dict[str, str]) -> bool:
    _send_head(connection, asked, status, {**headers, "Content-Length": "0"})
    return True


class SecureOrigin(Origin):
    """The same over TLS, as ``localhost``."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def url(self, path: str) -> str:
        return f"https://localhost:{self.port}{path}"

    def wrap(self, connection: socket.socket) -> socket.socket:
        return self._context.wrap_socket(connection, server_side=True)
