"""One connection at work on one segment of a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from downloads.engine.egress.client import Response
from downloads.engine.transfer import http
from downloads.engine.transfer.connection import Connection
from downloads.engine.transfer.delivery import Delivery
from downloads.engine.transfer.job import FileJob
from downloads.engine.transfer.plan import cut
from downloads.engine.transfer.segments import Segment, SegmentMap

SILENT = 0.5  # seconds


class SegmentConnection(Connection[Delivery]):
    """A connection that owns a segment, which ``close()`` takes away at once."""

    def __init__(
        self,
        job: FileJob,
        segments: SegmentMap,
        segment: Segment,
        on_end: Callable[[Any, Exception | None], None],
    ) -> None:
        super().__init__(job, on_end)
        self._job = job
        self._segments = segments
        self.segment = segment
        self._requested = False
        self._answered_at: float | None = None

    @property
    def delivers(self) -> bool:
        """Return if body bytes have come already."""
        return self.segment.delivered

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
        self._start(lambda: self._closed or self._begin(opening(), waits=True))

    def go_on_with(self, response: Response) -> None:
        """Drain a response that is there already."""
        self._run(lambda: self._begin(response, waits=False))

    def retire(self, most: int, alignment: int) -> Segment | None:
        """End after about ``most`` bytes. Return the rest of the segment; None if it is no longer.

        What has come already is not thrown away.
        """
        segment = self.segment
        if self._receiver is not None:
            self._receiver.absorbs = False  # before the cut, or it would take the rest back
        if segment.end is None:
            return None
        at = cut(segment.position + most, segment.end, alignment, 0.0)
        return self._segments.split(segment, at)

    def close(self) -> None:
        self._segments.release(self.segment)
        self._drop()

    def _begin(self, response: Response, *, waits: bool) -> bool:
        def receiver() -> Delivery:
            self._answered_at = self._job.clock()
            return Delivery(
                self._segments,
                self.segment,
                self._job.target,
                reach=http.reach(response),
                max_bytes=self._job.config.max_bytes,
                clock=self._job.clock,
            )

        return self._receive(response, receiver, waits=waits)
