"""All connections of one file: opened, replaced and retired by the plan."""

from __future__ import annotations

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import LINK_REFUSED, DownloadError, NotMedia, Stalled
from downloads.engine.egress.client import Response
from downloads.engine.transfer import http, plan
from downloads.engine.transfer.connection_pool import ConnectionPool
from downloads.engine.transfer.http import RangeIgnored, Version
from downloads.engine.transfer.job import FileJob
from downloads.engine.transfer.measuring import Counters
from downloads.engine.transfer.pace import MOST_PIECES, ConnectionPace
from downloads.engine.transfer.plan import SplitSegment
from downloads.engine.transfer.ramp import Ramp
from downloads.engine.transfer.retries import REFUSALS, Retries
from downloads.engine.transfer.segment_connection import SegmentConnection
from downloads.engine.transfer.segments import Segment, SegmentMap
from downloads.engine.transfer.source import TransferSource

_REFUSED = (*LINK_REFUSED, NotMedia)
IMPATIENT = 3.0  # seconds of silence, if others have nothing left to do
LATEST = 0.25  # weight of the latest opening
GLANCE = 0.2  # of a window: enough to recognise a slow source
STEADY = 1.0  # seconds, and at least
OPENINGS = 10  # times as long as a connection takes to open: slow starts are over then


class BeginAgain(Exception):
    """The source can only be fetched from zero after a break. ``error``: the cause."""

    def __init__(self, error: DownloadError) -> None:
        self.error = error
        super().__init__(str(error))


class Connections(ConnectionPool[SegmentConnection]):
    """The connections that fetch one version of a file. ``limit``: connections at once."""

    def __init__(
        self,
        job: FileJob,
        source: TransferSource,
        version: Version,
        segments: SegmentMap,
        limit: int,
    ) -> None:
        super().__init__(job.clock)
        self._job = job
        self._sink = job.target
        self._source = source
        self._version = version
        self._segments = segments
        config = self._config = job.config
        self._divisible = version.divisible
        self._ramp = Ramp.begin(config.initial_connections, limit if self._divisible else 1)
        self._retries = Retries(config)
        self._ramped_at = job.clock()
        self._window: Counters | None = None
        self._last_error: DownloadError = Stalled("no connection was opened")
        self._found = self._segments.done
        self._opening = source.opening

    @property
    def received(self) -> int:
        """Return the bytes that these connections have brought."""
        return self._segments.done - self._found

    def adopt(self, response: Response) -> None:
        """Drain a first response that is there already and begins at zero."""
        reach, size = http.reach(response), self._sink.segment_size
        if reach is not None and size is not None and self._divisible:
            reach = min(reach, size // MOST_PIECES)
        connection = self._add(self._segments.claim(0, reach))
        connection.go_on_with(response)

    def wait(self, timeout: float) -> None:
        if not self._ramp.settled and not self._is_steady(self._clock()):
            timeout = min(timeout, self._config.ramp_window / 20)
        super().wait(timeout)

    def _advance(self, now: float) -> None:
        """Raises also BeginAgain."""
        for connection in tuple(self._live):
            if connection.segment.released:
                self._settle(connection, None)
        self._replace_stalled(now)
        if self._segments.complete:
            return
        self._observe(now)
        self._retire_surplus()
        self._open_more(now)
        if not self._live and not self._divisible:
            raise BeginAgain(self._last_error)

    def _add(self, segment: Segment) -> SegmentConnection:
        connection = SegmentConnection(self._job, self._segments, segment, self._note_end)
        self._live.add(connection)
        return connection

    def _settle(self, connection: SegmentConnection, error: Exception | None) -> None:
        if connection not in self._live:
            return
        self._live.discard(connection)
        if connection.opening is not None:
            self._opening += (connection.opening - self._opening) * LATEST
        connection.close()
        if error is not None:
            self._failed(connection, error)

    def _failed(self, connection: SegmentConnection, error: Exception) -> None:
        if isinstance(error, _REFUSED) and self._divisible and not self._live:
            # A first answer came, so it may be the range: try once more, for all of the file.
            error = RangeIgnored(f"{error.detail} to a range")
        if isinstance(error, RangeIgnored):
            self._divisible = False
            self._source.note_no_ranges()
        if not isinstance(error, DownloadError):
            raise error
        self._last_error = error
        if self._live and not connection.delivers:
            self._ramp = self._ramp.cap(len(self._live))
            if isinstance(error, REFUSALS):
                return
        if self._divisible:
            self._retries.failed(
                error,
                self._clock(),
                self.received,
                others=bool(self._live),
                delivered=connection.delivers,
            )
        elif not isinstance(error, RangeIgnored):
            self._raise_if_final(error)

    def _raise_if_final(self, error: DownloadError) -> None:
        """Raise an error for which beginning again is no remedy."""
        Retries(self._config).failed(error, 0.0, 0)

    def _patience(self, connection: SegmentConnection) -> float:
        """Return the seconds of silence that are allowed: fewer if idle connections could take
        over."""
        spare = self._divisible and len(self._live) < self._ramp.allowed
        limit = self._config.stall_timeout
        return min(IMPATIENT, limit) if spare and connection.delivers else limit

    def _observe(self, now: float) -> None:
        """Measure once all connections deliver, and let the ramp decide."""
        ready = len(self._live) == self._ramp.allowed and all(c.delivers for c in self._live)
        if self._ramp.settled or not ready:
            self._window = None
        elif self._window is None:
            self._window = self._count(now)
        else:
            self._judge(now, self._window)

    def _judge(self, now: float, before: Counters) -> None:
        lasted, window = now - before.now, self._config.ramp_window
        if lasted < window * GLANCE:
            return
        steady = self._is_steady(before.now)
        measured = self._count(now).since(before, len(self._live), steady=steady)
        if measured.rate == 0 and not steady:
            return  # a longer window says more
        if lasted >= window or self._ramp.leaps(measured):
            ramp = self._ramp.observe(measured)
            if ramp.allowed != self._ramp.allowed:
                self._ramped_at = now
            self._ramp, self._window = ramp, None

    def _is_steady(self, now: float) -> bool:
        return now - self._ramped_at >= max(STEADY, OPENINGS * self._opening)

    def _count(self, now: float) -> Counters:
        machinery = self._job.machinery
        return Counters(
            now,
            self.received,
            machinery.reactor.work.seconds,
            machinery.writer.work.seconds,
            sum(connection.held_seconds for connection in self._live),
        )

    def _retire_surplus(self) -> None:
        """Let the connections that did not pay end soon; the others take over what they leave."""
        if not self._ramp.surplus or self._sink.segment_size is not None:
            return  # those of a sink that needs order end soon anyway
        first = sorted(self._live, key=lambda connection: connection.segment.start)
        for connection in first[self._ramp.allowed :]:
            left = connection.retire(self._config.min_segment, self._sink.alignment)
            if left is not None:
                self._segments.release(left)

    def _open_more(self, now: float) -> None:
        if not self._divisible or now < self._retries.not_before:
            return
        while len(self._live) < self._ramp.allowed:
            segment = self._next_segment(now)
            if segment is None:
                return
            self._open(segment)

    def _next_segment(self, now: float) -> Segment | None:
        segments, pace = self._segments, self._pace(now)
        while True:
            step = plan.next_step(
                segments.free(),
                segments.segments,
                self._config.min_segment,
                self._sink.alignment,
                run=self._run(pace),
                pace=pace,
            )
            if step is None:
                return None
            if isinstance(step, SplitSegment):
                return segments.split(step.segment, step.at)
            try:
                return segments.claim(*step.range)
            except ValueError:
                continue  # a connection that reached its end has absorbed it meanwhile

    def _run(self, pace: ConnectionPace) -> int | None:
        """Return how much of a gap one connection takes: at most the source's largest range; if the
        sink needs segments in order, as many as it has room to reorder at this rate."""
        sink, most = self._sink, self._source.chunk_size
        if sink.segment_size is None:
            return most
        run = pace.run(sink.segment_size, sink.most_connections // self._ramp.allowed)
        return run if most is None else min(run, most)

    def _pace(self, now: float) -> ConnectionPace:
        rates = {c.segment: rate for c in self._live if (rate := c.rate(now)) is not None}
        return ConnectionPace(rates, self._opening)

    def _open(self, segment: Segment) -> None:
        assert segment.end is not None
        byte_range = ByteRange(segment.start, segment.end)
        self._add(segment).open(lambda: self._source.open_range(byte_range, self._version))
