"""The same bytes over TLS, drained by the reactor."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.engine.transfer.harness import Fetcher
from tests.support.content import MIB, content
from tests.support.origin import Origin


@pytest.mark.parametrize(
    "knobs",
    [{}, {"chunked": True}, {"cut_after": 300_000, "cuts": 3}, {"silent_after": 1, "silences": 1}],
    ids=["plain", "chunked", "resets", "silent"],
)
def test_the_bytes_are_exact(
    secure_origin: Origin, tmp_path: Path, knobs: dict[str, object]
) -> None:
    secure_origin.serve("/a", content(6 * MIB), **knobs)
    fetcher = Fetcher(secure_origin, tmp_path / "work")
    fetcher.exact("/a")


def dribble(port: int) -> int:
    """A port that leads to ``port``, but lets only small pieces through: no record comes whole."""
    listener = socket.create_server(("127.0.0.1", 0))

    def forward(source: socket.socket, target: socket.socket, pause: float) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(5000):
                target.sendall(block)
                time.sleep(pause)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        outside, _ = listener.accept()
        listener.close()
        inside = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=forward, args=(outside, inside, 0.0), daemon=True).start()
        forward(inside, outside, 0.002)

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def test_half_a_record_is_waited_for(secure_origin: Origin, tmp_path: Path) -> None:
    secure_origin.serve("/a", content(MIB))
    fetcher = Fetcher(secure_origin, tmp_path / "work")
    fetcher.limit(connections=1)
    secure_origin.port = dribble(secure_origin.port)
    fetcher.exact("/a")
    assert len(secure_origin.log) == 1
