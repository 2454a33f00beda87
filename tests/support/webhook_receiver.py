"""A real receiver on loopback: it remembers what it got, and answers as a test wants."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

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


class Receiver:
    """``answer``: bytes that are sent as they are, or what acts on the socket. ``reads`` false:
    nothing that is asked is read."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.answer: bytes | Act = OK
        self.reads = True
        self.got: list[Got] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/hook") -> str:
        site = "https://localhost" if self._tls else "http://127.0.0.1"
        return f"{site}:{self.port}{path}"

    def of(self, type: str) -> list[Got]:
        return [each for each in list(self.got) if each.type == type]

    @property
    def types(self) -> list[str]:
        return [each.type for each in list(self.got)]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._open.append(sock)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), self._secured(sock) as sock:
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

    def _secured(self, sock: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(sock, server_side=True) if self._tls else sock


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
