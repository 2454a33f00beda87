"""Source abuses: headers without end, absurd lengths, redirects in circles."""

from __future__ import annotations

import socket

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.request import Request

OK = b"HTTP/1.1 200 OK\r\n"


def endless_headers(site: Site, download: str) -> None:
    def answer(request: Request, connection: socket.socket) -> None:
        connection.sendall(OK)
        while True:  # until the other side has had enough, which is an OSError
            connection.sendall(b"X: y\r\n" * 100)

    site.origin.answers["/headers.bin"] = answer
    site.refused(site.origin.url("/headers.bin"), "bad_response")


def absurd_length(site: Site, download: str) -> None:
    head = OK + b"Content-Length: 1" + b"0" * 17 + b"\r\n\r\n"
    site.origin.answers["/long.bin"] = head + bytes(65536)
    site.refused(site.origin.url("/long.bin"), "too_large")


def say_nothing(site: Site, download: str) -> None:
    """A head, and then no body for longer than a lease."""
    site.origin.answers["/silent.bin"] = OK + b"Content-Length: 1000\r\n\r\n"
    site.refused(site.origin.url("/silent.bin"), "stalled")


def redirect_in_circles(site: Site, download: str) -> None:
    site.origin.answers["/a.bin"] = _redirect("/b.bin")
    site.origin.answers["/b.bin"] = _redirect("/a.bin")
    site.refused(site.origin.url("/a.bin"), "too_many_redirects")


def _redirect(path: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n".encode()


FAULTS = (
    Fault("endless headers", endless_headers),
    Fault("an absurd length", absurd_length),
    Fault("silence after the head", say_nothing, seconds=35),
    Fault("redirects in circles", redirect_in_circles),
)
