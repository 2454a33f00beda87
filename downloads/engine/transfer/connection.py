"""One connection at work on one segment: opened on a thread, drained by the reactor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.egress.client import Response
from downloads.engine.transfer import http
from downloads.engine.transfer.config import KIB
from downloads.engine.transfer.delivery import Delivery
from downloads.engine.transfer.drain import HELD_UP, Machinery, SocketDrain
from downloads.engine.transfer.segments import Segment, SegmentMap
from downloads.engine.transfer.sinks.base import Sink

READ_SIZE = 256 * KIB
SILENT = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """The context that all connections of one transfer share."""

    segments: SegmentMap
    sink: Sink
    machinery: Machinery
    stop: StopToken
    max_bytes: int
    clock: Callable[[], float] = time.monotonic


class Connection:
    """A connection of a transfer. ``on_end(connection, error)`` is called once, from any thread.

    ``close()`` never waits: the segment is taken away at once, so that nothing more is written; the
    socket follows when its thread notices.
    """

    def __init__(
        self,
        segment: Segment,
        wiring: ConnectionContext,
        on_end: Callable[[Connection, Exception | None], None],
    ) -> None:
        self.segment = segment
        self._wiring = wiring
        self._on_end = on_end
        self._began_at = wiring.clock()
        self._lock = threading.Lock()
        self._closed = False
        self._drain: SocketDrain | None = None
        self._delivery: Delivery | None = None
        self._requested = False
        self._answered_at: float | None = None

    @property
    def delivers(self) -> bool:
        """Return if body bytes have come already."""
        return self.segment.delivered

    @property
    def is_writing(self) -> bool:
        return self._delivery is not None and self._delivery.is_writing

    @property
    def moved_at(self) -> float:
        """Return the time of the last progress; before the first byte, that of its start."""
        return self._began_at if self._delivery is None else self._delivery.moved_at

    @property
    def opening(self) -> float | None:
        """Return the seconds from the request to the answer; None before it, and if it was there
        already."""
        if self._answered_at is None or not self._requested:
            return None
        return self._answered_at - self._began_at

    def rate(self, now: float) -> float | None:
        """Return the bytes per second since the answer, None before the first byte.

        A silent connection is expected to stay silent for as long again.
        """
        segment, answered = self.segment, self._answered_at
        if answered is None or not segment.delivered:
            return None
        brought = (segment.position - segment.start) / max(now - answered, 0.001)
        silent = now - self.moved_at
        return min(brought, (segment.remaining or 0) / silent) if silent > SILENT else brought

    def open(self, opening: Callable[[], Response]) -> None:
        """Request a response on a thread of its own and drain it."""
        self._requested = True
        self._start(lambda: self._closed or self._begin(opening()))

    def go_on_with(self, response: Response) -> None:
        """Drain a response that is there already."""
        self._start(lambda: self._begin(response))

    def close(self) -> None:
        self._wiring.segments.release(self.segment)
        with self._lock:
            self._closed = True
            drain = self._drain
        if drain is not None:
            self._wiring.machinery.reactor.drop(drain)

    def _start(self, work: Callable[[], bool]) -> None:
        threading.Thread(
            target=self._run, args=(work,), name="transfer-connection", daemon=True
        ).start()

    def _run(self, work: Callable[[], bool]) -> None:
        try:
            ended = work()
        except Exception as error:  # noqa: BLE001
            # It crosses to the transfer's thread, which raises or retries it.
            self._ended(error)
        else:
            if ended:
                self._ended(None)

    def _ended(self, error: Exception | None) -> None:
        self._on_end(self, error)

    def _begin(self, response: Response) -> bool:
        """Drain the body. Return True if it was read to its end here; False if the reactor drains
        it."""
        wiring = self._wiring
        delivery = Delivery(
            wiring.segments,
            self.segment,
            wiring.sink,
            reach=http.reach(response),
            max_bytes=wiring.max_bytes,
            clock=wiring.clock,
        )
        with self._lock:
            if self._closed:
                response.close()
                return True
            self._delivery = delivery
            self._answered_at = wiring.clock()
            body = response.detach()
            if body is not None:
                self._drain = SocketDrain(body, delivery, wiring.machinery, self._ended)
        if self._drain is not None:
            self._drain.start()
            return False
        with response:
            self._read(response, delivery)
        return True

    def _read(self, response: Response, delivery: Delivery) -> None:
        """Read a body without a plain form of known length here, which is slower."""
        wiring, limiter = self._wiring, self._wiring.machinery.limiter
        buffer = memoryview(bytearray(READ_SIZE))
        while wanted := delivery.room(len(buffer)):
            wanted = delivery.grant(wanted)
            if wanted == 0:
                wiring.stop.wait(HELD_UP)
                wiring.stop.check()
                continue
            granted = limiter.take(wanted)
            if granted == 0:
                delivery.waits()
                wiring.stop.wait(min(0.1, max(0.001, limiter.delay())))
                wiring.stop.check()
                continue
            count = response.read_into(buffer[:granted])
            limiter.give_back(granted - count)
            if count == 0:
                delivery.end_of_body()
                return
            delivery.put(buffer[:count])
