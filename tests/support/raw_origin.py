"""A loopback origin that says exactly the bytes that a test wants, and counts who came."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Request:
    path: str
    headers: dict[str, str]  # names in lower case
    raw: bytes


Reply = Callable[[Request, socket.socket], None]


def respond(
    body: bytes = b"", *, status: str = "200 OK", length: bool = True, **headers: str
) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return respond(status=status, Location=location)


@dataclass
class RawOrigin:
    """Answers by path: bytes are sent as they are (and the connection stays), or a callable acts.

    Where ``answers`` has no such path the connection is closed without a word.
    """

    answers: dict[str, bytes | Reply] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    connections: int = 0
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, self.port), family=family)
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close every connection that is open now."""
        opened, self._open = self._open, []
        for sock in opened:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def url(self, path: str = "/") -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self._open.append(sock)
            with sock:
                self._exchange(sock)

    def _exchange(self, sock: socket.socket) -> None:
        """Answer all requests of one connection."""
        while request := self._read(sock):
            self.requests.append(request)
            answer = self._answer(request)
            if answer is None:
                return
            if isinstance(answer, bytes):
                sock.sendall(answer)
            else:
                answer(request, sock)

    def _answer(self, request: Request) -> bytes | Reply | None:
        return self.answers.get(request.path)

    @staticmethod
    def _read(sock: socket.socket) -> Request | None:
        raw = b""
        while b"\r\n\r\n" not in raw:
            if not (block := sock.recv(65536)):
                return None
            raw += block
        first, *lines = raw.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        return Request(first.split(" ")[1], {name.lower(): value for name, _, value in pairs}, raw)


def forever(block: bytes, first: bytes = b"") -> Reply:
    """Sends ``first``, then ``block`` again and again until the client leaves."""

    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(block)

    return reply


def then_close(answer: bytes) -> Reply:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(answer)
        sock.shutdown(socket.SHUT_RDWR)

    return reply


def then_hang(answer: bytes) -> Reply:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.sendall(answer)
        sock.recv(1)  # until the client goes

    return reply
