"""All connections of one transfer: opened, replaced and retired by the plan."""

from __future__ import annotations

import queue

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import LINK_REFUSED, DownloadError, NotMedia, Stalled
from downloads.engine.egress.client import Response
from downloads.engine.transfer import http, plan
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.connection import Connection, ConnectionContext
from downloads.engine.transfer.http import RangeIgnored, Version
from downloads.engine.transfer.pace import MOST_PIECES, ConnectionPace
from downloads.engine.transfer.plan import Ramp, SplitSegment
from downloads.engine.transfer.retries import REFUSALS, Retries
from downloads.engine.transfer.segments import Segment
from downloads.engine.transfer.source import TransferSource

_REFUSED = (*LINK_REFUSED, NotMedia)
IMPATIENT = 3.0  # seconds of silence, if others have nothing left to do
LATEST = 0.25  # weight of the latest opening
GLANCE = 0.3  # of a window: enough to recognise a slow source


class BeginAgain(Exception):
    """The source can only be fetched from zero after a break. ``error``: the cause."""

    def __init__(self, error: DownloadError) -> None:
        self.error = error
        super().__init__(str(error))


class Connections:
    """The connections of one transfer, used by its own thread alone. ``limit``: connections at
    once."""

    def __init__(
        self,
        source: TransferSource,
        version: Version,
        wiring: ConnectionContext,
        config: TransferConfig,
        limit: int,
    ) -> None:
        self._source = source
        self._version = version
        self._wiring = wiring
        self._segments = wiring.segments
        self._config = config
        self._divisible = version.divisible
        self._ramp = Ramp.begin(config.initial_connections, limit if self._divisible else 1)
        self._retries = Retries(config)
        self._live: set[Connection] = set()
        self._ended: queue.SimpleQueue[tuple[Connection, Exception | None]] = queue.SimpleQueue()
        self._window: tuple[float, int] | None = None
        self._last_error: DownloadError = Stalled("no connection was opened")
        self._found = self._segments.done
        self._opening = source.opening

    @property
    def received(self) -> int:
        """Return the bytes that these connections have brought."""
        return self._segments.done - self._found

    @property
    def count(self) -> int:
        return len(self._live)

    @property
    def is_writing(self) -> bool:
        return any(connection.is_writing for connection in self._live)

    def adopt(self, response: Response) -> None:
        """Drain a first response that is there already and begins at zero."""
        reach, size = http.reach(response), self._wiring.sink.segment_size
        if reach is not None and size is not None and self._divisible:
            reach = min(reach, size // MOST_PIECES)
        connection = self._add(self._segments.claim(0, reach))
        connection.go_on_with(response)

    def wait(self, timeout: float) -> None:
        """Wait until a connection ends, but no longer than ``timeout`` seconds."""
        if not self._ramp.settled:
            timeout = min(timeout, self._config.ramp_window / 10)
        try:
            self._retire(*self._ended.get(timeout=timeout))
        except queue.Empty:
            return

    def tick(self) -> None:
        """Do the work that is due. Raises the error that ends the transfer, or BeginAgain."""
        now = self._wiring.clock()
        while not self._ended.empty():
            self._retire(*self._ended.get())
        self._replace_stalled(now)
        if self._segments.complete:
            return
        self._observe(now)
        self._open_more(now)
        if not self._live and not self._divisible:
            raise BeginAgain(self._last_error)

    def close(self) -> None:
        for connection in self._live:
            connection.close()
        self._live.clear()

    def _add(self, segment: Segment) -> Connection:
        connection = Connection(
            segment, self._wiring, lambda ended, error: self._ended.put((ended, error))
        )
        self._live.add(connection)
        return connection

    def _retire(self, connection: Connection, error: Exception | None) -> None:
        if connection not in self._live:
            return
        self._live.discard(connection)
        if connection.opening is not None:
            self._opening += (connection.opening - self._opening) * LATEST
        connection.close()
        if error is not None:
            self._failed(connection, error)

    def _failed(self, connection: Connection, error: Exception) -> None:
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
                self._wiring.clock(),
                self.received,
                others=bool(self._live),
                delivered=connection.delivers,
            )
        elif not isinstance(error, RangeIgnored):
            self._raise_if_final(error)

    def _raise_if_final(self, error: DownloadError) -> None:
        """Raise an error for which beginning again is no remedy."""
        Retries(self._config).failed(error, 0.0, 0)

    def _replace_stalled(self, now: float) -> None:
        for connection in tuple(self._live):
            if connection.segment.released:
                self._retire(connection, None)
            elif now - connection.moved_at > self._patience(connection):
                self._retire(connection, Stalled("a connection brought nothing for too long"))

    def _patience(self, connection: Connection) -> float:
        """Return the seconds of silence that are allowed: fewer if idle connections could take
        over."""
        spare = self._divisible and len(self._live) < self._ramp.allowed
        limit = self._config.stall_timeout
        return min(IMPATIENT, limit) if spare and connection.delivers else limit

    def _observe(self, now: float) -> None:
        """Measure the total rate once all connections deliver, and let the ramp decide."""
        ready = len(self._live) >= self._ramp.allowed and all(c.delivers for c in self._live)
        if self._ramp.settled or not ready:
            self._window = None
        elif self._window is None:
            self._window = (now, self.received)
        else:
            self._judge(now, *self._window)

    def _judge(self, now: float, began: float, before: int) -> None:
        lasted, window = now - began, self._config.ramp_window
        if lasted < window * GLANCE:
            return
        rate = (self.received - before) / lasted
        if lasted >= window or self._ramp.leaps(rate):
            self._ramp = self._ramp.observe(rate)
            self._window = None

    def _open_more(self, now: float) -> None:
        if not self._divisible or now < self._retries.not_before:
            return
        while len(self._live) < self._ramp.allowed:
            segment = self._next_segment(now)
            if segment is None:
                return
            self._open(segment)

    def _next_segment(self, now: float) -> Segment | None:
        segments, sink, pace = self._segments, self._wiring.sink, self._pace(now)
        while True:
            step = plan.next_step(
                segments.free(),
                segments.segments,
                self._config.min_segment,
                sink.alignment,
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
        sink, most = self._wiring.sink, self._source.chunk_size
        if sink.segment_size is None:
            return most
        run = pace.run(sink.segment_size, sink.most_connections // self._ramp.allowed)
        return run if most is None else min(run, most)

    def _pace(self, now: float) -> ConnectionPace:
        rates = {c.segment: rate for c in self._live if (rate := c.rate(now)) is not None}
        return ConnectionPace(rates, self._opening)

    def _open(self, segment: Segment) -> None:
        assert segment.end is not None
        wanted = ByteRange(segment.start, segment.end)
        self._add(segment).open(lambda: self._source.open_range(wanted, self._version))
