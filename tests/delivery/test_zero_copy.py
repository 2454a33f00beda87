"""One turn of a client: what the kernel sends, and what it cannot."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.server.zero_copy import _Turn
from downloads.delivery.streaming import Truncated

CONTENT = os.urandom(100_000)


@pytest.fixture
def client() -> Iterator[tuple[socket.socket, int]]:
    """Yield a client, and the descriptor of the other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield theirs, os.dup(ours.fileno())


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    with path.open("rb") as opened:
        yield opened.fileno()


def received(client: socket.socket, size: int) -> bytes:
    client.settimeout(30)
    return client.recv(size, socket.MSG_WAITALL)


def test_a_part(client: tuple[socket.socket, int], file: int) -> None:
    theirs, descriptor = client
    assert _Turn(descriptor, file, 7, 50_007).run() == 50_007
    assert received(theirs, 50_000) == CONTENT[7:50_007]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_client_that_reads_nothing_ends_the_turn(
    client: tuple[socket.socket, int], tmp_path: Path
) -> None:
    theirs, descriptor = client
    with (tmp_path / "sparse").open("wb+") as sparse:
        sparse.truncate(2**30)
        turn = _Turn(descriptor, sparse.fileno(), 0, 2**30)
        sent = turn.run()
        assert 0 < sent < 2**30
        assert not turn.is_over
        assert received(theirs, sent) == bytes(sent)


def test_a_file_that_ends_too_early(client: tuple[socket.socket, int], file: int) -> None:
    with pytest.raises(Truncated):
        _Turn(client[1], file, 0, len(CONTENT) + 1).run()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such files in /proc")
def test_a_file_that_the_kernel_cannot_send(client: tuple[socket.socket, int]) -> None:
    theirs, descriptor = client
    with Path("/proc/self/smaps").open("rb", buffering=0) as refused:
        with pytest.raises(OSError, match="Invalid argument"):
            os.sendfile(descriptor, refused.fileno(), 0, 10)
        assert _Turn(descriptor, refused.fileno(), 0, 10).run() == 10
    assert len(received(theirs, 10)) == 10
