"""A client that says exactly what a test wants to the egress proxy."""

from __future__ import annotations

import base64
import socket
from contextlib import closing

from downloads.engine.egress.proxy import EgressProxy, EgressSession


def credentials(session: EgressSession, token: str | None = None) -> str:
    pair = f"{session.name}:{session.token if token is None else token}"
    return "Proxy-Authorization: Basic " + base64.b64encode(pair.encode()).decode() + "\r\n"


def connect_line(authority: str, session: EgressSession) -> bytes:
    head = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{credentials(session)}\r\n"
    return head.encode()


def get_line(url: str, session: EgressSession, extra: str = "", method: str = "GET") -> bytes:
    """``extra``: whole header lines."""
    host = url.split("/")[2] if url.count("/") > 1 else "x"
    head = f"{method} {url} HTTP/1.1\r\nHost: {host}\r\n{credentials(session)}{extra}\r\n"
    return head.encode("latin-1", "replace")


def dial(proxy: EgressProxy) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", proxy.port))
    sock.settimeout(30)
    return sock


def read_head(sock: socket.socket) -> bytes:
    """Up to and with the blank line, byte by byte: what follows stays in the socket."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (byte := sock.recv(1)):
            break
        head += byte
    return head


def read_all(sock: socket.socket) -> bytes:
    parts = []
    try:
        while block := sock.recv(65536):
            parts.append(block)
    except ConnectionResetError:
        pass  # the proxy had enough
    return b"".join(parts)


def ask(proxy: EgressProxy, request: bytes) -> bytes:
    """The whole answer, until the proxy closes."""
    with closing(dial(proxy)) as sock:
        sock.sendall(request)
        return read_all(sock)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def why(answer: bytes) -> str:
    for line in answer.split(b"\r\n\r\n")[0].split(b"\r\n"):
        if line.lower().startswith(b"x-ferry-egress:"):
            return line.partition(b":")[2].strip().decode()
    return ""


def tunnel(proxy: EgressProxy, authority: str, session: EgressSession) -> socket.socket:
    sock = dial(proxy)
    sock.sendall(connect_line(authority, session))
    assert status(read_head(sock)) == 200
    return sock
