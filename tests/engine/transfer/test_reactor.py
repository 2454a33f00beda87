"""One thread for all; what one drain does hurts no other."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from downloads.engine.transfer.reactor import AGAIN, DONE, WAIT, Reactor, shared_reactor


class Collector:
    """A drain that keeps what it reads."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.data = b""
        self.turns = 0
        self.error: Exception | None = None
        self.over = threading.Event()

    def turn(self) -> float:
        self.turns += 1
        try:
            block = self.sock.recv(100)
        except BlockingIOError:
            return WAIT
        self.data += block
        if not block:
            return DONE
        return AGAIN if len(block) == 100 else WAIT

    def closed(self, error: Exception | None) -> None:
        self.error = error
        self.sock.close()
        self.over.set()


class Broken(Collector):
    def turn(self) -> float:
        raise OSError("no space left")


class Throttled(Collector):
    """Watched at first, held back from the first byte on."""

    def turn(self) -> float:
        return 0.1 if super().turn() != WAIT or self.data else WAIT


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_it_drains_to_the_end(pair: tuple[socket.socket, socket.socket]) -> None:
    drain = Collector(pair[0])
    Reactor().add(drain)
    pair[1].sendall(b"x" * 1234)
    pair[1].close()
    assert drain.over.wait(60)
    assert (len(drain.data), drain.error) == (1234, None)


def test_an_error_in_one_drain_is_told_to_it_and_the_others_go_on(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    reactor = Reactor()
    broken, good = Broken(socket.socketpair()[0]), Collector(pair[0])
    reactor.add(broken)
    reactor.add(good)
    assert broken.over.wait(60)
    assert isinstance(broken.error, OSError)
    pair[1].sendall(b"hello")
    pair[1].close()
    assert good.over.wait(60)
    assert good.data == b"hello"


def test_a_throttled_socket_is_not_watched_meanwhile(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    drain = Throttled(pair[0])
    Reactor().add(drain)
    time.sleep(0.05)
    pair[1].sendall(b"x" * 10_000)
    time.sleep(0.5)
    assert 3 <= drain.turns <= 8


def test_a_dropped_drain_is_closed_even_if_its_socket_never_speaks(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    reactor = Reactor()
    drain = Collector(pair[0])
    reactor.add(drain)
    reactor.drop(drain)
    assert drain.over.wait(60)
    assert drain.sock.fileno() == -1


def test_there_is_one_for_the_process() -> None:
    assert shared_reactor() is shared_reactor()
