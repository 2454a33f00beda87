"""The stock ``daphne`` command in a process of its own, and raw clients that read as told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import psutil

from config.server.supervisor.port import ReservedPort

ROOT = Path(__file__).parents[2]
MEMORY_BOUND = 32  # MiB
MESSAGE = "x" * 64 * 1024  # what its WebSocket says
MESSAGES = 1600  # times: 100 MiB
UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)


def until(question: Callable[[], object], patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not question():
        assert time.monotonic() < deadline, f"not so after {patience} s"
        time.sleep(0.05)


@dataclass(frozen=True)
class Served:
    """An application, a large file in it, and something quick with a word of its answer."""

    application: str
    file: str
    quick: str
    word: bytes


TALKATIVE = Served("tests.delivery.backpressure_app:application", "/file", "/hello", b"hello")


class DaphneProcess:
    """Listens on TCP, or on a Unix socket."""

    def __init__(
        self, served: Served = TALKATIVE, *, unix: Path | None = None, **environment: str
    ) -> None:
        self._served = served
        self._unix = unix
        self._reserved = ReservedPort()
        self._address = ("127.0.0.1", self._reserved.number)
        command = Path(sys.executable).with_name("daphne")
        listen = ["-u", str(unix)] if unix else ["-p", str(self._address[1])]
        self.process = subprocess.Popen(
            [str(command), "-v", "0", *listen, served.application],
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        self.seen = psutil.Process(self.process.pid)

    def __enter__(self) -> DaphneProcess:
        until(self._answers)
        self.base = self.seen.memory_info().rss
        self.idle_fds = min(self._fds_after(0.05) for _ in range(10))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._reserved.release()

    def connect(self, receive_buffer: int | None = None) -> socket.socket:
        family = socket.AF_UNIX if self._unix else socket.AF_INET
        client = socket.socket(family)
        client.settimeout(20)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(str(self._unix) if self._unix else self._address)
        return client

    def ask(
        self, path: str, *headers: str, method: str = "GET", receive_buffer: int | None = None
    ) -> socket.socket:
        """A client that has asked and read nothing yet."""
        client = self.connect(receive_buffer)
        client.sendall(request(path, *headers, method=method))
        return client

    def growth(self) -> float:
        """MiB of memory more than at the start."""
        return float(self.seen.memory_info().rss - self.base) / 2**20

    def assert_stays_small(self, seconds: float = 1.5) -> None:
        """And quick. Without backpressure some 200 MiB a second would be read into memory."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.hello()
            assert self.growth() <= MEMORY_BOUND
            time.sleep(0.1)

    def open_files(self) -> int:
        """Sockets and files in use: two for each client that is being sent a file. Without those
        to the database, of which some are kept."""
        return self._fds() - self.idle_fds

    def database_connections(self) -> int:
        """Connections to a PostgreSQL server."""
        port = urlsplit(os.environ.get("DATABASE_URL", "")).port
        found = self.seen.net_connections("tcp") if port else []
        return sum(bool(one.raddr) and one.raddr.port == port for one in found)

    def _fds(self) -> int:
        return int(self.seen.num_fds()) - self.database_connections()

    def _fds_after(self, pause: float) -> int:
        time.sleep(pause)
        return self._fds()

    def hello(self) -> None:
        with self.ask(self._served.quick, "Connection: close") as client:
            assert self._served.word in read_all(client)

    def _answers(self) -> bool:
        """With a warm-up: threads, buffers and imports are there before memory is counted."""
        try:
            self.hello()
        except OSError:
            return False
        headers = ("Range: bytes=0-4999999", "Connection: close")
        with self.ask(self._served.file, *headers) as client:
            assert len(body(read_all(client))) == 5_000_000
        return True


def request(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode()


def read_all(client: socket.socket, at_once: int = 2**16) -> bytes:
    read = bytearray()
    while data := client.recv(at_once):
        read += data
    return bytes(read)


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]
