"""A TCP relay that holds every connection to a rate, in the direction from client to server.

    python -m benchmarks.pace HOST:PORT --rate BYTES

Stands in front of a bucket, as a far one is. Prints its port.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from tests.support.listener import Listener

SLICE = 64 * 1024


class Relay(Listener):
    """Carries each connection to ``target``, (host, port), at ``rate`` bytes a second."""

    def __init__(self, target: tuple[str, int], rate: float) -> None:
        self._target = target
        self._rate = rate
        super().__init__()

    def converse(self, connection: socket.socket) -> None:
        with socket.create_connection(self._target) as far:
            threading.Thread(target=_copy, args=(far, connection, 0.0), daemon=True).start()
            _copy(connection, far, self._rate)


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
    host, port = options.target.split(":")
    with Relay((host, int(port)), options.rate) as relay:
        sys.stdout.write(f"{relay.port}\n")
        sys.stdout.flush()
        relay.closing.wait()


if __name__ == "__main__":
    main()
