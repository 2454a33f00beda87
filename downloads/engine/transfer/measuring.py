"""The measurement of all connections of a transfer, from one moment to another."""

from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.transfer.ramp import Measurement


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters at one moment. ``now`` and the seconds are those of one clock.

    ``received``: bytes in the sink. ``reading``: seconds that the reactor was at work, for any
    transfer; ``writing``: that this one's writer was; ``held``: that the rate limit or the sink
    held its connections back, each of them counted.
    """

    now: float
    received: int
    reading: float
    writing: float
    held: float

    def since(self, before: Counters, connections: int, *, steady: bool) -> Measurement:
        """Return the measurement of the time since ``before``, which is earlier."""
        lasted = self.now - before.now
        held = (self.held - before.held) / max(1, connections)
        busiest = max(self.reading - before.reading, self.writing - before.writing, held)
        return Measurement(
            rate=(self.received - before.received) / lasted,
            load=min(1.0, max(0.0, busiest / lasted)),
            steady=steady,
        )
