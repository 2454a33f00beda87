"""A source on loopback in a process of its own: fast, or paced and delayed as a far one is.

    python -m benchmarks.origin FOLDER [--rate BYTES] [--connect-delay S] [--request-delay S]
        [--certificate PEM] [--tally FILE]

Serves the folder's files over HTTP/1.1 with keep-alive, ranges and ETags. ``--rate`` holds for
each connection from its first byte on (nginx lets the first second through). Prints its port.

It sends under Linux's own default congestion control wherever it runs. On a host that is set to
BBR, loopback would be paced by timers, to a rate guessed from how the reader took the last bytes:
curl then takes 0.95 s for a GiB instead of 0.85, aria2c 1.2 instead of 1.3.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.listener import Listener
from tests.support.request import read_head

SLICE = 128 * 1024
CONGESTION = b"cubic"
_RANGE = re.compile(rb"(?im)^range:\s*bytes=(\d+)-(\d*)")


class Source(Listener):
    """Serves a folder at the rate and with the delays of ``options``."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self._sent = 0
        tls = None
        if options.certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(options.certificate)
        super().__init__(port=options.port, tls=tls)

    def greet(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, CONGESTION)
        time.sleep(self.options.connect_delay)

    def converse(self, connection: socket.socket) -> None:
        buffered = b""
        while (read := read_head(connection, buffered)) is not None:
            request, buffered = read
            time.sleep(self.options.request_delay)
            self._answer(connection, request)

    def _answer(self, sock: socket.socket, request: bytes) -> None:
        method, path, _ = request.split(b" ", 2)
        name = path.partition(b"?")[0].decode().lstrip("/")
        file = self.options.folder / name
        if ".." in name or not file.is_file():
            sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            start, end, matched = 0, size, _RANGE.search(request)
            if matched:
                start = int(matched[1])
                end = min(int(matched[2] or size - 1) + 1, size)
            lines = [
                "HTTP/1.1 206 Partial Content" if matched else "HTTP/1.1 200 OK",
                f"Content-Length: {end - start}",
                'ETag: "one"',
                "Accept-Ranges: bytes",
                "Content-Type: application/octet-stream",
            ]
            if matched:
                lines.append(f"Content-Range: bytes {start}-{end - 1}/{size}")
            sock.sendall("\r\n".join([*lines, "", ""]).encode())
            if method == b"GET":
                self._send(sock, opened.fileno(), start, end)

    def _send(self, sock: socket.socket, fd: int, start: int, end: int) -> None:
        rate = self.options.rate
        began, first = time.monotonic(), start
        while start < end:
            before = start
            most = min(end - start, SLICE if rate else 1024 * 1024)
            if isinstance(sock, ssl.SSLSocket):
                block = os.pread(fd, most, start)
                sock.sendall(block)
                start += len(block)
            else:
                start += os.sendfile(sock.fileno(), fd, start, most)
            self._count(start - before)
            if rate:
                time.sleep(max(0.0, began + (start - first) / rate - time.monotonic()))

    def _count(self, sent: int) -> None:
        """Add to the tally file the number of bytes sent, if one is used."""
        if self.options.tally is None:
            return
        with self.lock:
            self._sent += sent
            self.options.tally.write_text(str(self._sent))


@contextlib.contextmanager
def origin(folder: Path, *options: str) -> Iterator[int]:
    """Yield the port of an origin while it runs."""
    command = [sys.executable, "-m", "benchmarks.origin", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--connect-delay", type=float, default=0.0)
    parser.add_argument("--request-delay", type=float, default=0.0)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--tally", type=Path)
    threading.stack_size(256 * 1024)
    with Source(parser.parse_args()) as source:
        sys.stdout.write(f"{source.port}\n")
        sys.stdout.flush()
        source.closing.wait()


if __name__ == "__main__":
    main()
