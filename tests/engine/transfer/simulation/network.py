"""The source and the sockets: cut, stalled, late, short, refused, changed, as a script says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    NetworkError,
    RateLimited,
)
from downloads.engine.core.media import Validators
from downloads.engine.egress.http_fields import ContentRange
from downloads.engine.egress.parked import ParkedResponses
from downloads.engine.egress.source_memory import SourceMemory
from tests.engine.transfer.simulation.threads import Scheduler

FAILURES: dict[str, Callable[[], DownloadError]] = {
    "reset": lambda: NetworkError("reset"),
    "429": lambda: RateLimited("429", retry_after=0.2),
}
# "other range": a 206 whose Content-Range makes no sense
STATUSES = {"500": 500, "403": 403, "other range": 206}
PIECES = (30, 300, 1000)
PACKET = 100
DELIVERIES = ("well", "cut", "short body", "silent", "short range", "whole", "changed")


@dataclass(frozen=True, slots=True)
class Answer:
    """To one request. ``after``: how many bytes later it breaks; ``delay``: seconds before it."""

    kind: str = "well"
    after: int = 0
    delay: float = 0.0


@lru_cache(maxsize=256)
def content(size: int, version: int) -> bytes:
    return random.Random(f"{size} {version}").randbytes(size)


@dataclass
class Site:
    """The state that outlives the process: the source, its versions and the rest of the script.

    ``line``: bytes per second of all connections together, None if nothing limits them.
    """

    size: int
    answers: Iterator[Answer]
    lacks: str = ""
    line: int | None = None
    busy_until: float = 0.0
    version: int = 1
    asked: list[tuple[int | None, int | None]] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        return self.of(self.version)

    def of(self, version: int) -> bytes:
        return content(self.size + version, version) if self.size else b""

    def served(self, etag: str | None) -> list[bytes]:
        """Return the versions it may be of; without an ETag, any from its first byte on."""
        versions = range(1, self.version + 1)
        return [self.of(each) for each in versions if etag in (None, f'"{each}"')]

    @property
    def etag(self) -> str | None:
        return f'"{self.version}"' if self.lacks != "validators" else None

    def carry(self, count: int, now: float) -> float:
        """Carry bytes over the line. Return when it is free again."""
        if self.line is not None:
            self.busy_until = max(now, self.busy_until) + count / self.line
        return self.busy_until

    def hear(self, kind: str) -> None:
        """Change as the script says."""
        self.version += kind == "changed"

    def body(self, url: str) -> bytes | int:
        """The bytes at this address, or the status that refuses them."""
        return self.data


class Network:
    """Stands in for the egress client: one request, one answer."""

    def __init__(self, site: Site, scheduler: Scheduler) -> None:
        self._site = site
        self._scheduler = scheduler
        self.memory = SourceMemory()
        self.parked = ParkedResponses()

    def ask(
        self,
        url: str,
        *,
        headers: object = (),
        start: int | None = None,
        end: int | None = None,
        if_range: str | None = None,
        as_file: bool = False,
    ) -> SimulatedResponse:
        site = self._site
        answer = next(site.answers, Answer())
        site.asked.append((start, end))
        self._scheduler.sleep(answer.delay)
        if answer.kind in FAILURES:
            raise FAILURES[answer.kind]()
        if answer.kind in STATUSES:
            return self._refusal(STATUSES[answer.kind])
        site.hear(answer.kind)
        data = site.body(url)
        if isinstance(data, int):
            return self._refusal(data)
        whole = start is None or site.lacks == "ranges" or answer.kind == "whole"
        if start is None or whole or if_range not in (None, site.etag):
            return self._response(200, data, 0, len(data), answer)
        if start >= len(data):
            return self._response(416, data, 0, 0, answer)
        last = len(data) if end is None else min(end, len(data))
        if answer.kind == "short range":
            last = min(last, start + 1 + answer.after)
        return self._response(206, data, start, last, answer)

    def _refusal(self, status: int) -> SimulatedResponse:
        wire = Wire(self._scheduler, b"", Answer(), self._site)
        return SimulatedResponse(status, None, 0, Validators(), wire, plain=True)

    def _response(
        self, status: int, data: bytes, start: int, end: int, answer: Answer
    ) -> SimulatedResponse:
        site = self._site
        plain = site.lacks != "length"
        wire = Wire(self._scheduler, data[start:end], answer, site)
        total = len(data)
        content_range = ContentRange(start, end, total) if status == 206 else None
        length = end - start if plain else None
        known = total if plain or status == 206 else None
        validators = Validators(site.etag, None, known)
        return SimulatedResponse(status, content_range, length, validators, wire, plain)


@dataclass
class SimulatedResponse:
    """A stand-in for ``egress.response.Response``."""

    status: int
    content_range: ContentRange | None
    length: int | None
    validators: Validators
    wire: Wire
    plain: bool
    url: str = "http://source/file"
    sent_headers: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    coded: bool = False

    @property
    def accepts_ranges(self) -> bool:
        return self.content_range is not None

    def detach(self) -> Any:
        if not self.plain:
            return None
        early = self.wire.read_ahead()
        return Body(self.wire, early, len(self.wire.body) - len(early))

    def read_into(self, view: memoryview) -> int:
        """For bodies of unknown length; a silent one runs into the read timeout."""
        wire = self.wire
        if not wire.scheduler.wait(lambda: wire.readable, 3.0):
            raise NetworkError("read timeout")
        try:
            count = wire.recv_into(view)
        except ConnectionResetError as error:
            raise NetworkError("reset") from error
        if count == 0 and wire.position < len(wire.body):
            raise BadResponse("body ended early")
        return count

    def close(self) -> None:
        self.wire.close()

    def __enter__(self) -> SimulatedResponse:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@dataclass
class Body:
    """A stand-in for ``egress.response.DetachedSocket``."""

    sock: Wire
    buffered: bytes
    remaining: int

    def close(self) -> None:
        self.sock.close()

    def give_back(self) -> None:
        assert self.sock.position == len(self.sock.body), "given back with a body in it"
        self.sock.close()


class Wire:
    """A socket that brings ``body`` in pieces, at moments of its own choice."""

    def __init__(self, scheduler: Scheduler, body: bytes, answer: Answer, site: Site) -> None:
        self.scheduler = scheduler
        self._site = site
        self.body = body
        self.position = 0
        self._kind = answer.kind
        breaks = answer.kind in ("cut", "short body", "silent")
        self._limit = min(answer.after, len(body)) if breaks else len(body)
        self._next = scheduler.now
        self.is_closed = False

    @property
    def readable(self) -> bool:
        silent = self._kind == "silent" and self.position >= self._limit
        return not self.is_closed and not silent and self.scheduler.now >= self._next

    def read_ahead(self) -> bytes:
        self.position = self.scheduler.chance.randint(0, min(self._limit, 40))
        return self.body[: self.position]

    def recv_into(self, view: memoryview) -> int:
        self.scheduler.pause()
        if self.is_closed:
            raise ConnectionAbortedError("closed by us")
        if not self.readable:
            raise BlockingIOError
        if self.position >= self._limit:
            if self._kind == "cut":
                raise ConnectionResetError("cut")
            return 0
        chance, line = self.scheduler.chance, self._site.line
        most = min(len(view), self._limit - self.position, chance.choice(PIECES))
        count = min(most, PACKET) if line else chance.randint(1, most)
        view[:count] = self.body[self.position : self.position + count]
        self.position += count
        now = self.scheduler.now
        pause = chance.choice((0.0, 0.0, 0.01, 0.1))
        self._next = self._site.carry(count, now) if line else now + pause
        self.scheduler.wake_at(self._next)
        self.scheduler.pause()
        return count

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        self.is_closed = True


class Selectors:
    """Stands in for the module."""

    EVENT_READ = 1

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def DefaultSelector(self) -> Selector:  # noqa: N802
        return Selector(self._scheduler)


class Selector:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._watched: dict[Any, Any] = {}

    def register(self, sock: Any, events: int, data: Any) -> None:
        if sock in self._watched or getattr(sock, "is_closed", False):
            raise ValueError("registered already, or closed")
        self._watched[sock] = data

    def unregister(self, sock: Any) -> None:
        del self._watched[sock]

    def select(self, timeout: float | None) -> list[tuple[Any, int]]:
        self._scheduler.wait(lambda: any(sock.readable for sock in self._watched), timeout)
        ready = [sock for sock in self._watched if sock.readable]
        self._scheduler.chance.shuffle(ready)
        return [(SimpleNamespace(data=self._watched[sock]), 1) for sock in ready]


class Sockets:
    """Stands in for the module: the reactor wakes itself with a pair of them."""

    @staticmethod
    def socketpair() -> tuple[Wakeup, Wakeup]:
        ends = Wakeup()
        return ends, ends


class Wakeup:
    readable = False

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def send(self, data: bytes) -> None:
        self.readable = True

    def recv(self, size: int) -> bytes:
        if not self.readable:
            raise BlockingIOError
        self.readable = False
        return b"\0"
