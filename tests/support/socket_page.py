"""A page's end of the socket."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from django.conf import settings
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.daphne import Daphne

NOTHING_COMES = 1.0  # seconds in which what must not come would have come


def cookie_of(user: Any) -> str:
    """Of a session in which this user is signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def cookie_header(cookie: str) -> dict[str, str]:
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}


class Page:
    """Opened with ``with``. ``origin`` None: as the server's own page."""

    def __init__(
        self,
        server: Daphne,
        user: Any = None,
        *,
        cookie: str = "",
        ticket: str = "",
        origin: str | None = None,
    ) -> None:
        self._url = f"{server.url}?ticket={ticket}" if ticket else server.url
        if user is not None:
            cookie = cookie_of(user)
        self._headers = cookie_header(cookie) if cookie else {}
        self._origin = origin if origin is not None else server.origin
        self._open = ExitStack()
        self.socket: ClientConnection

    def next(self, patience: float = 10.0) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(patience))
        assert message.keys() == {"event", "data", "seq"}
        return message

    def until(self, event: str, patience: float = 30.0) -> dict[str, Any]:
        """The next message of this kind; what comes before it is passed over."""
        deadline = time.monotonic() + patience
        while True:
            message = self.next(max(deadline - time.monotonic(), 0.01))
            if message["event"] == event:
                return message

    def all(self, during: float = NOTHING_COMES) -> list[dict[str, Any]]:
        """Return the messages that arrive in this time."""
        found = []
        deadline = time.monotonic() + during
        while (left := deadline - time.monotonic()) > 0:
            try:
                found.append(self.next(left))
            except TimeoutError:
                break
        return found

    def closed_with(self, patience: float = 30.0) -> int | None:
        """The code with which the server closes, None without one; what comes before it is
        passed over.
        """
        try:
            while True:
                self.socket.recv(patience)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else None

    def say(self, *texts: str | list[str]) -> None:
        """Send these, or as many of them as the server listens to."""
        try:
            for text in texts:
                self.socket.send(text)
        except ConnectionClosed:
            return

    def __enter__(self) -> Page:
        connection = connect(
            self._url,
            origin=self._origin or None,  # type: ignore[arg-type]
            additional_headers=self._headers,
            max_size=None,
            compression=None,
        )
        self.socket = self._open.enter_context(connection)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()
