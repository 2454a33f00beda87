"""A TCP relay that holds every connection to a rate, in the direction from client to server.

    python -m benchmarks.pace HOST:PORT --rate BYTES

Stands in front of a bucket, as a far one is. Prints its port.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

SLICE = 64 * 1024


class Relay(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        with contextlib.suppress(OSError), socket.create_connection(self.server.target) as far:
            threading.Thread(target=_copy, args=(far, self.request, 0.0), daemon=True).start()
            _copy(self.request, far, self.server.rate)


def _copy(source: socket.socket, target: socket.socket, rate: float) -> None:
    began, sent = time.monotonic(), 0
    with contextlib.suppress(OSError):
        while block := source.recv(SLICE):
            target.sendall(block)
            if rate:
                # A pause between two requests earns no burst.
                began = max(began, time.monotonic() - sent / rate - 0.1)
                sent += len(block)
                time.sleep(max(0.0, began + sent / rate - time.monotonic()))
        target.shutdown(socket.SHUT_WR)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, target: str, rate: float) -> None:
        super().__init__(("127.0.0.1", 0), Relay)
        host, port = target.split(":")
        self.target = (host, int(port))
        self.rate = rate


@contextlib.contextmanager
def paced(target: str, rate: float) -> Iterator[int]:
    """Yield the port of a relay while it runs in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pace", target, "--rate", str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--rate", type=float, required=True)
    options = parser.parse_args()
    with Server(options.target, options.rate) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever(poll_interval=0.5)


if __name__ == "__main__":
    main()
