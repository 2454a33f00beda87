"""One detached socket in the reactor: plain or TLS."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from downloads.engine.core.errors import ConnectionLost
from downloads.engine.egress.client import DetachedSocket
from downloads.engine.egress.tls import TlsSocket
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.block import Block, most_at_once
from downloads.engine.transfer.pipe import Pipes
from downloads.engine.transfer.reactor import AGAIN, DONE, PARKED, WAIT, Reactor
from downloads.engine.transfer.receiver import Accepted, Receiver
from downloads.engine.transfer.writer import Writer

HELD_UP = 0.01  # seconds until the sink is checked for room again


@dataclass(frozen=True, slots=True)
class Machinery:
    """The shared parts that a drain works with."""

    reactor: Reactor
    writer: Writer
    limiter: TokenBucket


class SocketDrain:
    """A socket drained by the reactor.

    ``on_end`` is called once, after the socket is closed or given back and all received bytes are
    written; with the error, or None if the body or the segment came to its end. It is not called
    any more once the writer is closed.
    """

    def __init__(
        self,
        body: DetachedSocket,
        receiver: Receiver,
        machinery: Machinery,
        on_end: Callable[[Exception | None], None],
    ) -> None:
        body.sock.setblocking(False)
        self._body = body
        self._buffered = body.buffered
        self._remaining = body.remaining
        self.receiver = receiver
        self._machinery = machinery
        self._writer = machinery.writer
        self._limiter = machinery.limiter
        self._on_end = on_end
        self._by_pipe = receiver.takes_pipes and not isinstance(body.sock, TlsSocket)
        self._most = most_at_once(body.sock, self._by_pipe)
        self.failure: Exception | None = None  # of a write
        self.held_seconds = 0.0  # by the rate limit, or because the sink had no room

    @property
    def sock(self) -> socket.socket:
        return self._body.sock

    def start(self) -> None:
        self._machinery.reactor.add(self)

    def turn(self) -> float:
        if self.failure is not None:
            raise self.failure
        if self._buffered:
            return self._pass_buffered()
        if self._wanted(1) == 0:
            return DONE
        block = self._writer.take(self._resume)
        if block is None:
            self.receiver.waits()
            return PARKED
        passed_on = False
        try:
            count, verdict = self._fill(block)
            if count:
                accepted = self.receiver.accept(count)
                self._writer.submit(_Write(self, accepted, block.data, block))
                passed_on = True
                verdict = verdict if self._wanted(1) else DONE
        finally:
            if not passed_on:
                self._writer.give_back(block)
        return verdict

    def closed(self, error: Exception | None) -> None:
        """Close the socket; one whose body was drained to its last byte goes back to the client."""
        self._writer.leave(self._resume)
        try:
            if error is None and self._remaining == 0 and not self._buffered:
                self._body.give_back()
            else:
                self._body.close()
        finally:
            self._writer.submit(_End(self, error))

    def _fill(self, block: Block) -> tuple[int, float]:
        """Return how many bytes came, and the next step."""
        wanted = self.receiver.grant(self._wanted(self._most))
        if wanted == 0:
            return 0, self._hold(HELD_UP)
        granted = self._limiter.take(wanted)
        if granted == 0:
            self.receiver.waits()
            return 0, self._hold(max(0.001, self._limiter.delay()))
        count, ended = 0, False
        try:
            with _network_faults():
                count, ended = block.fill(self._body, granted, by_pipe=self._by_pipe)
        finally:
            self._limiter.give_back(granted - count)
        self._remaining -= count
        if ended or self._remaining == 0:
            return count, DONE
        return count, AGAIN if count == granted else WAIT

    def _hold(self, seconds: float) -> float:
        self.held_seconds += seconds
        return seconds

    def _wanted(self, most: int) -> int:
        return min(self._remaining, self.receiver.room(most))

    def _pass_buffered(self) -> float:
        """Pass on the bytes that the HTTP parser had read beyond the head."""
        room = self.receiver.room(len(self._buffered))
        if room == 0:
            self._buffered = b""
            return AGAIN
        granted = self.receiver.grant(room)
        if granted == 0:
            return HELD_UP
        data, self._buffered = self._buffered[:granted], self._buffered[granted:]
        accepted = self.receiver.accept(len(data))
        self._writer.submit(_Write(self, accepted, memoryview(data)))
        return AGAIN

    def _resume(self) -> None:
        self._machinery.reactor.resume(self)

    # --- the writer's jobs ------------------------------------------------------------------

    def fail(self, error: Exception) -> None:
        """End the drain at its next turn, or with its end, by an error of the writer's thread."""
        self.failure = error
        self._resume()

    def give_back(self, block: Block) -> None:
        self._writer.give_back(block)

    def end(self, error: Exception | None) -> None:
        """Report the end: all received bytes are written, or never will be."""
        if error is None and self.failure is None:
            try:
                self.receiver.end_of_body()
            except Exception as refused:  # noqa: BLE001 - as in _Write
                self.fail(refused)
        self._on_end(self.failure or error)


@dataclass(frozen=True, slots=True)
class _Write:
    """A job that writes. ``block`` holds the data, unless the HTTP parser had read it."""

    drain: SocketDrain
    accepted: Accepted
    data: memoryview | Pipes
    block: Block | None = None

    def run(self) -> None:
        if self.drain.failure is None:
            try:
                self._write(self.drain.receiver)
            except Exception as error:  # noqa: BLE001
                # It crosses to the transfer's thread, which raises or retries it.
                self.drain.fail(error)
        self.drop()

    def drop(self) -> None:
        if self.block is not None:
            self.drain.give_back(self.block)

    def _write(self, receiver: Receiver) -> None:
        if isinstance(self.data, Pipes):
            receiver.write_from(self.accepted, self.data)
        else:
            receiver.write(self.accepted, self.data)


@dataclass(frozen=True, slots=True)
class _End:
    drain: SocketDrain
    error: Exception | None

    def run(self) -> None:
        self.drain.end(self.error)

    def drop(self) -> None:
        pass


@contextlib.contextmanager
def _network_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConnectionLost(f"{type(error).__name__}: {error.strerror}") from error
