"""One detached socket in the reactor: plain or TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

from downloads.egress.client import DetachedSocket
from downloads.exceptions import NetworkError
from downloads.transfer.bandwidth import TokenBucket
from downloads.transfer.delivery import Delivery
from downloads.transfer.reactor import AGAIN, DONE, WAIT


class SocketDrain:
    """``on_end`` is called once, from the reactor's thread, after the socket is closed; with
    the error, or None where the body or the segment came to its end."""

    def __init__(
        self,
        body: DetachedSocket,
        delivery: Delivery,
        limiter: TokenBucket,
        on_end: Callable[[Exception | None], None],
    ) -> None:
        body.sock.setblocking(False)
        self._body = body
        self._buffered = memoryview(body.buffered)
        self._remaining = body.remaining
        self._delivery = delivery
        self._limiter = limiter
        self._on_end = on_end
        self._read = _read_tls if isinstance(body.sock, ssl.SSLSocket) else _read_plain

    @property
    def sock(self) -> socket.socket:
        return self._body.sock

    def turn(self, buffer: memoryview) -> float:
        if self._buffered:
            self._put_buffered()
            return AGAIN
        wanted = self._wanted(len(buffer))
        if wanted == 0:
            return self._end()
        granted = self._limiter.take(wanted)
        if granted == 0:
            self._delivery.waits()
            return max(0.001, self._limiter.delay())
        return self._receive(buffer[:granted])

    def closed(self, error: Exception | None) -> None:
        try:
            self._body.close()
        finally:
            self._on_end(error)

    def _receive(self, view: memoryview) -> float:
        try:
            count, ended = self._read(self._body.sock, view)
        except OSError as error:
            raise NetworkError(f"{type(error).__name__}: {error.strerror}") from error
        self._limiter.give_back(len(view) - count)
        if count:
            self._remaining -= count
            self._delivery.put(view[:count])
        if ended or self._wanted(1) == 0:
            return self._end()
        return AGAIN if count == len(view) else WAIT

    def _wanted(self, most: int) -> int:
        return min(self._remaining, self._delivery.room(most))

    def _end(self) -> float:
        self._delivery.end_of_body()
        return DONE

    def _put_buffered(self) -> None:
        """What the HTTP parser had read beyond the head."""
        buffered, self._buffered = self._buffered, memoryview(b"")
        if room := self._delivery.room(len(buffered)):
            self._delivery.put(buffered[:room])


def _read_plain(sock: socket.socket, view: memoryview) -> tuple[int, bool]:
    """How many bytes came, and whether the connection has ended."""
    try:
        count = sock.recv_into(view)
    except BlockingIOError:
        return 0, False
    return count, count == 0


def _read_tls(sock: socket.socket, view: memoryview) -> tuple[int, bool]:
    """One ``recv_into`` brings one record of 16 KiB: go on until nothing is left, for what
    TLS has decrypted already wakes no selector."""
    filled = 0
    while filled < len(view):
        try:
            count = sock.recv_into(view[filled:])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return filled, False
        if count == 0:
            return filled, True
        filled += count
    return filled, False
