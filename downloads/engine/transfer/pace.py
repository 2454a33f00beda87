"""The pace of connections, and the choice of those worth helping. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from downloads.engine.transfer.segments import Segment

LONG = 1.0  # seconds: a segment that takes longer is shared however few bytes it has
MOST_PIECES = 4
WORTH = 10  # a range should take this many times its opening


@dataclass(frozen=True, slots=True)
class ConnectionPace:
    """The measured pace of the connections: ``rates`` in bytes per second, of the segments whose
    owner delivers; ``opening``: seconds from a request to its first byte."""

    rates: Mapping[Segment, float] = field(default_factory=dict)
    opening: float = 0.0

    @property
    def usual(self) -> float | None:
        """Return the usual rate of one connection; None while none delivers."""
        rates = self.rates.values()
        return max(1.0, sum(rates) / len(rates)) if rates else None

    def seconds(self, segment: Segment) -> float:
        """Return the seconds until the owner alone is done; the bytes left if no rate is known."""
        rate = self.rates.get(segment, self.usual or 1.0)
        return (segment.remaining or 0) / max(1.0, rate)

    def pays(self, segment: Segment, min_segment: int) -> bool:
        """Return if a second connection on it would save time."""
        left = segment.remaining or 0
        if self.usual is None:
            return left >= min_segment
        seconds = self.seconds(segment)
        return seconds > 2 * self.opening and (left >= min_segment or seconds > LONG)

    def run(self, size: int, most: int) -> int:
        """Return the bytes to request at once if segments of ``size`` are needed in order: long
        enough to be worth the round trip, up to ``most`` segments; else down to a piece of one."""
        if self.usual is None:
            return size
        worth = WORTH * self.opening * self.usual
        if worth > size:
            return size * max(1, min(most, math.ceil(worth / size)))
        pieces = MOST_PIECES
        while size / pieces < worth:
            pieces //= 2
        return size // pieces

    def share(self, segment: Segment) -> float:
        """Return the owner's share of the rest, so that both are done at once: at most a half."""
        usual = self.usual
        rate = self.rates.get(segment)
        return 0.5 if usual is None or rate is None else min(0.5, rate / (rate + usual))


UNKNOWN = ConnectionPace()
