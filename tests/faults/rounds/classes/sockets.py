"""Sockets: foreign pages, messages that are too long, clients that never read."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site

DEAF = 20
ANSWERS_WITHIN = 5.0  # seconds, on a busy machine: what waits for such a client waits for 20


def _url(site: Site) -> str:
    ticket = site.patient("POST", "realtime/ticket/")["ticket"]
    return f"ws://127.0.0.1:{site.stack.port}/ws/downloads/?ticket={ticket}"


def come_from_elsewhere(site: Site, download: str) -> None:
    address = f"ws://127.0.0.1:{site.stack.port}/ws/downloads/"
    for url, origin in ((address, "http://elsewhere.example"), (address + "?ticket=x", None)):
        try:
            connect(url, origin=origin, open_timeout=30).close()  # type: ignore[arg-type]
        except InvalidStatus:
            continue
        raise AssertionError(f"accepted: {url} from {origin}")


def say_too_much(site: Site, download: str) -> None:
    with connect(_url(site), open_timeout=30) as talker:
        talker.recv(timeout=30)
        with contextlib.suppress(ConnectionClosed):
            talker.send("x" * 2 * 2**20)
            while True:
                talker.recv(timeout=30)
        assert talker.close_code == 1009, talker.close_code


def never_read(site: Site, download: str) -> None:
    with _deaf(site):
        for _ in range(10):
            began = time.monotonic()
            assert requests.get(f"{site.stack.url}/healthz", timeout=30).status_code == 200
            took = time.monotonic() - began
            assert took < ANSWERS_WITHIN, f"/healthz took {took:.1f} s"
            time.sleep(0.3)


@contextmanager
def _deaf(site: Site) -> Iterator[list[ClientConnection]]:
    with ExitStack() as ends:
        yield [ends.enter_context(_one(site)) for _ in range(DEAF)]


@contextmanager
def _one(site: Site) -> Iterator[ClientConnection]:
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", site.stack.port))
    # It reads into a queue of one message, and then no more.
    url, quiet = _url(site), {"ping_interval": None, "close_timeout": 0.1}
    with connect(url, sock=raw, max_queue=1, open_timeout=30, **quiet) as one:  # type: ignore[arg-type]
        yield one


FAULTS = (
    Fault("a foreign page, no ticket", come_from_elsewhere),
    Fault("a message of 2 MB", say_too_much),
    Fault("20 that never read", never_read),
)
