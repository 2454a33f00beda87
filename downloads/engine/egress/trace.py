"""A record of requests, answers, and the decisions made on them, for `fetch -v` and `explain`.

Nothing in it is a secret: URLs have no credentials and no values in their query, and of the headers
only those appear that say how an answer must be read.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_MOST: Final = 5_000  # exchanges: a film of many fragments must not fill the memory
_VALUE: Final = re.compile(r"(?<==)[^&;]+")
# Headers whose values say how an answer is framed, named, coded, versioned and limited.
_RESPONSE_HEADERS: Final = (
    "accept-ranges",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "retry-after",
    "server",
    "transfer-encoding",
    "via",
)
_REQUEST_HEADERS: Final = (
    "Range",
    "If-Range",
    "Referer",
    "Accept",
    "Accept-Encoding",
    "User-Agent",
)


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """One request and its answer. ``at`` and ``seconds`` in seconds, from the record's beginning
    and until the head had come. ``status`` 0: there was no answer, for the reason ``error``."""

    at: float
    url: str
    request_headers: tuple[str, ...]
    address: str
    status: int
    response_headers: tuple[str, ...]
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A sentence about a decision made on the answers."""

    at: float
    text: str


class Trace:
    """A record of exchanges and decisions, in order. Thread-safe; ``listener`` gets each as it
    comes."""

    def __init__(
        self,
        listener: Callable[[HttpExchange | Decision], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._began = clock()
        self._entries: list[HttpExchange | Decision] = []
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[HttpExchange | Decision, ...]:
        with self._lock:
            return tuple(self._entries)

    def now(self) -> float:
        """Return seconds since the record began."""
        return self._clock() - self._began

    def exchange(
        self,
        began: float,
        url: str,
        sent: Iterable[tuple[str, str]],
        *,
        address: str = "",
        status: int = 0,
        headers: Mapping[str, str] | None = None,
        error: str = "",
    ) -> None:
        """Record a request that was sent at ``began`` (of :meth:`now`) and its answer."""
        now = self.now()
        self._add(
            HttpExchange(
                began,
                without_values(url),
                tuple(_request_lines(sent)),
                address,
                status,
                tuple(_response_lines(headers or {})),
                now - began,
                error,
            )
        )

    def decide(self, text: str) -> None:
        """Record a sentence about a decision made on the answers."""
        self._add(Decision(self.now(), text))

    def _add(self, entry: HttpExchange | Decision) -> None:
        with self._lock:
            if len(self._entries) < _MOST:
                self._entries.append(entry)
        if self._listener is not None:
            self._listener(entry)


def _safe_value(name: str, value: str) -> str:
    return without_values(value) if name == "Referer" else value[:500]


def _request_lines(sent: Iterable[tuple[str, str]]) -> Iterator[str]:
    fields = {name.lower(): value for name, value in sent}
    for name in _REQUEST_HEADERS:
        if name.lower() in fields:
            yield f"{name}: {_safe_value(name, fields[name.lower()])}"


def _response_lines(answered: Mapping[str, str]) -> Iterator[str]:
    for name in _RESPONSE_HEADERS:
        if name in answered:
            yield f"{name}: {answered[name]}"[:500]
    if "location" in answered:
        yield f"location: {without_values(answered['location'])}"[:500]
    if "set-cookie" in answered:
        yield "set-cookie: (its value is left out)"


def without_values(url: str) -> str:
    """Return ``url`` without credentials and fragment, each value of its query as ``...``: the
    names alone show which signature or token it carries."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    host = parts.netloc.rpartition("@")[2]
    query = _VALUE.sub("...", parts.query) if "=" in parts.query else "..." * bool(parts.query)
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def line_of(entry: HttpExchange | Decision) -> str:
    """Return one entry as lines for a terminal: ``>`` request, ``<`` answer, ``*`` decision."""
    if isinstance(entry, Decision):
        return f"[{entry.at:7.3f}] * {entry.text}"
    head = f"[{entry.at:7.3f}] > GET {entry.url}"
    lines = [head, *(f"{'':9} > {line}" for line in entry.request_headers)]
    answer = f"{entry.status}" if entry.status else f"no answer: {entry.error}"
    origin = f" from {entry.address}" if entry.address else ""
    lines.append(f"{'':9} < {answer}{origin} after {entry.seconds * 1000:.0f} ms")
    lines += [f"{'':9} < {line}" for line in entry.response_headers]
    return "\n".join(lines)
