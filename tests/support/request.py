"""Requests to an origin, and the forms that an answer may have."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, unquote, urlsplit

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass
class Request:
    """One request in an origin's log.

    ``target`` as it was sent; ``headers`` by lower-case name; ``raw``: the head, and what came
    with it. ``nth``: how many requests for this target there were, this one included.
    ``status`` and ``sent`` (bytes of the body) of its answer are set as it is given.
    """

    method: str
    target: str
    headers: dict[str, str]
    raw: bytes = b""
    body: bytes = b""
    nth: int = 1
    status: int = 0
    sent: int = 0

    @property
    def host(self) -> str:
        """The name that was asked, without its port."""
        return self.headers.get("host", "").partition(":")[0]

    @property
    def path(self) -> str:
        """The target without its query, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    @property
    def query(self) -> dict[str, str]:
        parsed = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in parsed.items()}

    @cached_property
    def range(self) -> tuple[int, int | None] | None:
        """(first, last or None) of ``Range: bytes=first-last``."""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        return (int(found[1]), int(found[2]) if found[2] else None) if found else None

    @property
    def start(self) -> int | None:
        """The first byte asked for."""
        return self.range[0] if self.range else None

    @property
    def end(self) -> int | None:
        """The byte behind the last one asked for."""
        last = self.range[1] if self.range else None
        return None if last is None else last + 1

    @property
    def if_range(self) -> str | None:
        return self.headers.get("if-range")

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (pair.strip().partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name: value for name, equals, value in pairs if equals}


Reply = Callable[[Request, socket.socket], None]  # acts on the connection
Answer = bytes | Reply | None  # sent as they are; None: the connection is closed without a word
Handler = Callable[[Request], Answer]


def read_head(connection: socket.socket, buffered: bytes = b"") -> tuple[bytes, bytes] | None:
    """Return a request's head with its last blank line, and what came behind it.

    None if the client goes before the head is whole.
    """
    while b"\r\n\r\n" not in buffered:
        block = connection.recv(65536)
        if not block:
            return None
        buffered += block
    end = buffered.index(b"\r\n\r\n") + 4
    return buffered[:end], buffered[end:]


def parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Return method, target and headers (by lower-case name). ValueError if it is no request."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, *_ = first.split(" ")
    pairs = (line.partition(":") for line in lines if line)
    return method, target, {name.strip().lower(): value.strip() for name, _, value in pairs}
