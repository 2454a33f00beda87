"""A real receiver on loopback: it remembers what it got, and answers as a test wants."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.raw_origin import RawOrigin

Act = Callable[[socket.socket], None]
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    named = {"Content-Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


@dataclass
class Got:
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def type(self) -> str:
        return str(self.message["type"])

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver(RawOrigin):
    """``answer``: bytes that are sent as they are, or what acts on the socket. ``reads`` false:
    nothing that is asked is read. One request is answered on each connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(host="localhost" if tls else "127.0.0.1", tls=tls)
        self.answer: bytes | Act = OK
        self.reads = True
        self.got: list[Got] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def url(self, path: str = "/hook") -> str:
        return super().url(path)

    def of(self, type: str) -> list[Got]:
        return [each for each in list(self.got) if each.type == type]

    @property
    def types(self) -> list[str]:
        return [each.type for each in list(self.got)]

    def _exchange(self, sock: socket.socket) -> None:
        if not self.reads:
            time.sleep(60)
        got = _read(sock)
        act = self.answer
        with self._lock:
            self.got.append(got)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if isinstance(act, bytes):
                sock.sendall(act)
            else:
                act(sock)
        finally:
            with self._lock:
                self._at_once -= 1


def _read(sock: socket.socket) -> Got:
    raw = b""
    while b"\r\n\r\n" not in raw:
        if not (block := sock.recv(65536)):
            raise ValueError("nothing was asked")
        raw += block
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += sock.recv(65536)
    return Got(first.split(" ")[1], headers, body)


def hang(sock: socket.socket) -> None:
    sock.recv(1)  # until the sender goes


def slow(seconds: float) -> Act:
    def act(sock: socket.socket) -> None:
        time.sleep(seconds)
        sock.sendall(OK)

    return act


def forever(first: bytes, block: bytes, pause: float = 0.0) -> Act:
    def act(sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(block)
            time.sleep(pause)

    return act
