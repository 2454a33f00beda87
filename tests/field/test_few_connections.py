"""An origin that lets one address have so many connections at a time, and turns the others away.

bezzad/Downloader.Desktop#9 #14 (403 at four, fine at one), firedm/FireDM#126,
lingochamp/FileDownloader#700, amir1376/ab-download-manager#570, aria2/aria2#577.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, paced, page, redirect, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Reply, Request

BODY = content(8_000_000)
REFUSALS = ("503", "429", "403", "401", "509", "hang-up", "a page", "a redirect")
LIMITS = (1, 3)


class Turnstile:
    """Counts who is inside; ``enter`` yields False when all places are taken."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = threading.Lock()

    @contextmanager
    def enter(self) -> Iterator[bool]:
        with self._lock:
            inside = self._free > 0
            self._free -= inside
        try:
            yield inside
        finally:
            with self._lock:
                self._free += inside


def site(_: Clips) -> Handler:
    gates = {f"/{limit}/{how}/big.bin": Turnstile(limit) for limit in LIMITS for how in REFUSALS}

    def handle(request: Request) -> Answer:
        if request.path == "/limit.html":
            return page("too many connections")
        how = unquote(request.path.split("/")[2])

        def send(asked: Request, sock: socket.socket) -> None:
            with gates[unquote(request.path)].enter() as inside:
                if inside:
                    _body(request)(asked, sock)
                elif how == "hang-up":
                    sock.shutdown(socket.SHUT_RDWR)
                elif how == "a page":
                    sock.sendall(page("too many connections"))
                elif how == "a redirect":
                    sock.sendall(redirect("/limit.html"))
                else:
                    sock.sendall(page("too many connections", int(how)))

        return send

    return handle


def _body(request: Request) -> Reply:
    first, last = request.range or (0, None)
    end = len(BODY) if last is None else min(last + 1, len(BODY))
    headers = [("ETag", '"one"'), ("Accept-Ranges", "bytes")]
    if request.range:
        headers.append(("Content-Range", f"bytes {first}-{end - 1}/{len(BODY)}"))
    status = 206 if request.range else 200
    head = reply(kind=BYTES, status=status, headers=headers, length=end - first)
    return paced(head, BODY[first:end], step=131_072)


KIND = Kind(
    "http",
    site,
    {
        f"{limit}, then {how}": Form(f"/{limit}/{quote(how)}/big.bin", Body(BODY))
        for limit in LIMITS
        for how in REFUSALS
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
