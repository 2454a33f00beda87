"""One detached socket in the reactor: plain or TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Protocol

from downloads.egress.client import DetachedSocket
from downloads.exceptions import NetworkError
from downloads.transfer.bandwidth import TokenBucket
from downloads.transfer.kernel_pipe import KernelPipe
from downloads.transfer.reactor import AGAIN, DONE, WAIT

HELD_UP = 0.01  # seconds until the sink is asked again whether it has room


class Receiver(Protocol):
    """Where a body goes: a segment (``delivery.Delivery``) or a fragment."""

    @property
    def pours(self) -> bool: ...

    def room(self, most: int) -> int: ...

    def grant(self, wanted: int) -> int: ...

    def put(self, data: memoryview) -> None: ...

    def pour(self, pipe: KernelPipe, count: int) -> None: ...

    def waits(self) -> None: ...

    def end_of_body(self) -> None: ...


class SocketDrain:
    """``on_end`` is called once, from the reactor's thread, after the socket is closed or given
    back; with the error, or None where the body or the segment came to its end."""

    def __init__(
        self,
        body: DetachedSocket,
        delivery: Receiver,
        limiter: TokenBucket,
        on_end: Callable[[Exception | None], None],
        pipe: KernelPipe | None = None,
    ) -> None:
        """``pipe``: the reactor's own, for what need not come into this process."""
        body.sock.setblocking(False)
        self._body = body
        self._buffered = memoryview(body.buffered)
        self._remaining = body.remaining
        self._delivery = delivery
        self._limiter = limiter
        self._on_end = on_end
        secured = isinstance(body.sock, ssl.SSLSocket)
        self._read = _read_tls if secured else _read_plain
        self._pipe = pipe if delivery.pours and not secured else None

    @property
    def sock(self) -> socket.socket:
        return self._body.sock

    def turn(self, buffer: memoryview) -> float:
        if self._buffered:
            return self._put_buffered()
        wanted = self._wanted(len(buffer))
        if wanted == 0:
            return self._end()
        wanted = self._delivery.grant(wanted)
        if wanted == 0:
            return HELD_UP
        granted = self._limiter.take(wanted)
        if granted == 0:
            self._delivery.waits()
            return max(0.001, self._limiter.delay())
        if self._pipe is not None:
            return self._pass_on(self._pipe, granted)
        return self._receive(buffer[:granted])

    def closed(self, error: Exception | None) -> None:
        """A connection whose body was drained to its last byte serves the next request."""
        try:
            if error is None and self._remaining == 0 and not self._buffered:
                self._body.give_back()
            else:
                self._body.close()
        finally:
            self._on_end(error)

    def _receive(self, view: memoryview) -> float:
        with _network_faults():
            count, ended = self._read(self._body.sock, view)
        if count:
            self._delivery.put(view[:count])
        return self._account(count, len(view), ended)

    def _pass_on(self, pipe: KernelPipe, granted: int) -> float:
        with _network_faults():
            count, ended = pipe.fill(self._body.sock.fileno(), granted)
        if count:
            try:
                self._delivery.pour(pipe, count)
            except BaseException:
                pipe.empty()  # the next turn is somebody else's
                raise
        return self._account(count, granted, ended)

    def _account(self, count: int, granted: int, ended: bool) -> float:
        self._limiter.give_back(granted - count)
        self._remaining -= count
        if ended or self._wanted(1) == 0:
            return self._end()
        return AGAIN if count == granted else WAIT

    def _wanted(self, most: int) -> int:
        return min(self._remaining, self._delivery.room(most))

    def _end(self) -> float:
        self._delivery.end_of_body()
        return DONE

    def _put_buffered(self) -> float:
        """What the HTTP parser had read beyond the head."""
        room = self._delivery.room(len(self._buffered))
        if room == 0:
            self._buffered = self._buffered[:0]
            return AGAIN
        granted = self._delivery.grant(room)
        if granted == 0:
            return HELD_UP
        self._delivery.put(self._buffered[:granted])
        self._buffered = self._buffered[granted:]
        return AGAIN


@contextlib.contextmanager
def _network_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NetworkError(f"{type(error).__name__}: {error.strerror}") from error


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
