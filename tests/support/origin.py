"""A real HTTP origin on loopback that misbehaves on demand and remembers what it was asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.support.answers import missing
from tests.support.file import File, Line
from tests.support.listener import Listener, readable
from tests.support.request import CONTINUE, Answer, Handler, Request, parse_head, read_head

PATIENCE = 30.0  # seconds


class Origin(Listener):
    """Answers each request by the first of three that knows its target.

    ``files``, with their knobs (see File); ``answers``: bytes that are sent as they are, or what
    acts on the connection, or None, which closes it without a word; ``handle``, which is asked
    for all the rest. ``keep_alive`` False: one request is answered on each connection.
    ``reads`` False: no request is read. ``log``: the requests so far; ``answering``: those that
    are being answered now, ``most_answering`` at the most.
    """

    def __init__(
        self,
        answers: dict[str, Answer] | None = None,
        *,
        handle: Handler = lambda request: missing(),
        host: str = "",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        keep_alive: bool = True,
    ) -> None:
        self.files: dict[str, File] = {}
        self.answers: dict[str, Answer] = {} if answers is None else answers
        self.handle = handle
        self.keep_alive = keep_alive
        self.reads = True
        self.log: list[Request] = []
        self.answering = 0
        self.most_answering = 0
        self._targets: Counter[str] = Counter()
        self._waiting: set[socket.socket] = set()  # for a next request
        self._quiet = threading.Condition()
        super().__init__(host=host or ("localhost" if tls else "127.0.0.1"), port=port, tls=tls)

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
        """Wait until no request is under way any more, so that the log is whole."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_quiet():
            assert time.monotonic() < deadline, "it is still answering"
            with self._quiet:
                self._quiet.wait(0.01)

    def converse(self, connection: socket.socket) -> None:
        line, buffered = Line(connection, self), b""
        if not self.reads:
            self.closing.wait(60)
            return
        while True:
            self._wait_for_request(connection, buffered)
            if (read := self._read(connection, buffered)) is None:
                return
            request, buffered = read
            with self._counted(request):
                goes_on = self.answer(request, line)
            if not (goes_on and self.keep_alive):
                return

    def answer(self, request: Request, line: Line) -> bool:
        """Return False if the connection ends with this answer."""
        if (file := self.find(request)) is not None:
            return file.answer(request, line)
        known = request.target in self.answers
        answer = self.answers[request.target] if known else self.handle(request)
        if isinstance(answer, bytes):
            if request.method == "HEAD":
                answer = answer[: answer.find(b"\r\n\r\n") + 4]
            request.status = _status(answer)
            line.connection.sendall(answer)
        elif answer is not None:
            answer(request, line.connection)
        return answer is not None

    def find(self, request: Request) -> File | None:
        return self.files.get(request.target)

    def _wait_for_request(self, connection: socket.socket, buffered: bytes) -> None:
        """Return when there is something to read, and no sooner: until then nothing is asked."""
        if buffered or (isinstance(connection, ssl.SSLSocket) and connection.pending()):
            return
        with self._quiet:
            self._waiting.add(connection)
            self._quiet.notify_all()
        try:
            readable([connection], None)
        finally:
            with self._quiet:
                self._waiting.discard(connection)

    def _is_quiet(self) -> bool:
        """Return True if every connection waits for a request and none has come."""
        with self.lock, self._quiet:
            idle = self._open <= self._waiting
            return idle and not readable([self._listener, *self._open], 0)

    def _read(self, connection: socket.socket, buffered: bytes) -> tuple[Request, bytes] | None:
        if (read := read_head(connection, buffered)) is None:
            return None
        head, rest = read
        try:
            method, target, headers = parse_head(head)
            length = int(headers.get("content-length", 0))
        except ValueError:  # no HTTP
            return None
        raw = head + rest
        if "expect" in headers and len(rest) < length:
            connection.sendall(CONTINUE)
        while len(rest) < length:
            if not (block := connection.recv(65536)):
                return None
            rest += block
        return Request(method, target, headers, raw, rest[:length]), rest[length:]

    @contextlib.contextmanager
    def _counted(self, request: Request) -> Iterator[None]:
        with self.lock:
            self._targets[request.target] += 1
            request.nth = self._targets[request.target]
            self.log.append(request)
            self.answering += 1
            self.most_answering = max(self.most_answering, self.answering)
        try:
            yield
        finally:
            with self.lock:
                self.answering -= 1


def _status(answer: bytes) -> int:
    code = answer[9:12]
    return int(code) if answer.startswith(b"HTTP/1.") and code.isdigit() else 0
