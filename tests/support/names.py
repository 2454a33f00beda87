"""Addresses that names lead to, by a double of ``getaddrinfo``.

The resolver is the machine's, and no test can tell it what to answer. All behind it is real.
(``tests/engine/resolver/ytdlp/stand_in.py`` has one more, for sites that cannot be reached.)
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest


class Names:
    """``getaddrinfo`` that gives one tuple of addresses after the other, the last for ever.

    An empty one is a name that does not exist, and so is each of ``absent``. ``asked``: how many
    times it was. ``hang`` says nothing more until the test is over.
    """

    def __init__(self, *rounds: tuple[str, ...]) -> None:
        self.rounds = list(rounds)
        self.absent: set[str] = set()
        self.asked = 0
        self.goes_on = threading.Event()
        self.goes_on.set()

    def hang(self) -> None:
        self.goes_on.clear()

    def __call__(self, host: str, port: int, **options: object) -> list[object]:
        self.goes_on.wait(30)
        addresses = self.rounds[min(self.asked, len(self.rounds) - 1)]
        self.asked += 1
        if not addresses or host in self.absent:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Names]]:
    made: list[Names] = []

    def install(*rounds: tuple[str, ...]) -> Names:
        made.append(Names(*rounds))
        monkeypatch.setattr(socket, "getaddrinfo", made[-1])
        return made[-1]

    yield install
    for each in made:
        each.goes_on.set()
