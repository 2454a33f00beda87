"""The memory of one web process over many requests and sockets, on SQLite.

    python -m benchmarks.web_memory [--requests 100000] [--sockets 10000] [--clients 8]

Starts the web process and its Redis as ``manage.py up`` does. Clients ask at once, each over a
connection that it keeps: the API by token, pages and files of the site by session; and open
sockets, which they leave after the snapshot, one half without a word. Prints the resident memory
after each tenth. The goal: at most 160 MiB at the end, and a few MiB more than after the first
tenth.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.compare import Verdict, as_data, print_verdicts
from benchmarks.web import KNOWN, ROWS
from tests.support.stack import Stack

MOST = 160.0  # MiB
GROWTH = 8.0  # MiB
PARTS = 10
GOODBYE = b"\x88\x82\0\0\0\0\x03\xe8"  # a close frame of a client, code 1000


class Client:
    """One that asks for what the site has, in turn."""

    def __init__(self, stack: Stack, token: str, cookie: str, download: str) -> None:
        self._stack = stack
        self._cookie = {"Cookie": f"sessionid={cookie}"}
        bearer = {"Authorization": f"Bearer {token}"}
        sent = {**bearer, "Content-Type": "application/json"}
        known = json.dumps({"url": KNOWN})
        self._kinds = itertools.cycle(
            [
                ("GET", f"/api/v1/downloads/{download}/", bearer, None),
                ("GET", "/api/v1/downloads/?tab=active", bearer, None),
                ("POST", "/api/v1/downloads/", sent, known),
                ("GET", "/api/v1/queue/", self._cookie, None),
                ("GET", "/", self._cookie, None),
                ("GET", "/static/js/feed.js", {}, None),
                ("GET", "/no-such-page/", self._cookie, None),
                ("GET", "/api/v1/downloads/", {"Authorization": "Bearer wrong"}, None),
            ]
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=60)

    def ask(self, count: int) -> None:
        for method, path, headers, body in itertools.islice(self._kinds, count):
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            answer.read()
            assert answer.status in (200, 401, 404), (path, answer.status)

    def open_sockets(self, count: int) -> None:
        lines = [
            "GET /ws/downloads/ HTTP/1.1",
            f"Host: 127.0.0.1:{self._stack.port}",
            f"Origin: {self._stack.url}",
            f"Cookie: {self._cookie['Cookie']}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ]
        handshake = "\r\n".join([*lines, "", ""]).encode()
        for number in range(count):
            with socket.create_connection(("127.0.0.1", self._stack.port), 60) as client:
                client.sendall(handshake)
                received = b""
                while b"download:snapshot" not in received:
                    part = client.recv(2**16)
                    assert part, received
                    received += part
                if number % 2:
                    client.sendall(GOODBYE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--sockets", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--json", type=Path, default=Path("web_memory.json"))
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder,
        Stack(Path(folder), only="redis,web", LOG_LEVEL="warning") as stack,
    ):
        token, cookie = stack.token("alice"), stack.session("alice")
        download = stack.shell(ROWS).strip()
        clients = [Client(stack, token, cookie, download) for _ in range(options.clients)]
        resident = _run(stack, clients, options.requests, options.sockets)
    names = ("after all", "more than after the first tenth")
    reached = (resident[-1], resident[-1] - resident[1])
    verdicts = [
        Verdict(f"memory of the web process, {name}", "-", goal, found, "MiB")
        for name, goal, found in zip(names, (MOST, GROWTH), reached, strict=True)
    ]
    print_verdicts(verdicts)
    data = {"resident_mib": resident, "verdicts": as_data(verdicts)}
    options.json.write_text(json.dumps(data, indent=2) + "\n")


def _run(stack: Stack, clients: list[Client], requests: int, sockets: int) -> list[float]:
    """Return the resident MiB before, and after each tenth."""
    process = stack.one("daphne")
    resident = [process.memory_info().rss / 2**20]
    print(f"at the start: {resident[0]:.0f} MiB")
    each = [count // PARTS // len(clients) for count in (requests, sockets)]

    def work(client: Client) -> None:
        client.ask(each[0])
        client.open_sockets(each[1])

    with ThreadPoolExecutor(len(clients)) as threads:
        for part in range(1, PARTS + 1):
            began = time.monotonic()
            list(threads.map(work, clients))
            resident.append(process.memory_info().rss / 2**20)
            done = [count * part * len(clients) for count in each]
            print(
                f"after {done[0]} requests, {done[1]} sockets: {resident[-1]:.0f} MiB,"
                f" {process.num_threads()} threads, {time.monotonic() - began:.0f} s",
                flush=True,
            )
    return resident


if __name__ == "__main__":
    main()
