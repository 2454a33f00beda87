"""The number of connections worth having, decided by what was measured. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

RISE = 1.25
IN_FULL = 0.8  # of a proportional rise
FAST = 200_000_000  # bytes per second: about what a disk takes
FULL = 0.6  # of the time: beyond it a second connection would mostly wait for this side


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement, made while all the allowed connections delivered.

    ``rate``: bytes per second of all of them. ``load``: the share of the time in which this side
    was the limit: reading and decrypting, writing, or holding the connections back. ``steady``:
    the number of connections has been the same for so long that each has reached its pace.
    """

    rate: float
    load: float = 0.0
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Ramp:
    """The number of connections: more while the total rate rises by a quarter, and fewer again if
    it did not.

    As many as make it ``FAST`` if the last step paid in full, so that a source which limits each
    connection is soon met with all of them; else twice as many. Not one more if it is ``FAST``
    already, or if this side is the limit: there they only compete. ``before``: the connections
    before the last step, ``rate``: their bytes per second, ``grown``: the factor of the step.
    ``surplus``: the connections that were too many; they come back if the rate falls without them.
    """

    allowed: int
    limit: int
    before: int = 0
    rate: float = 0.0
    grown: float = 1.0
    surplus: int = 0
    settled: bool = False
    doubtful: bool = False  # restarted once

    @classmethod
    def begin(cls, initial: int, limit: int) -> Ramp:
        allowed = max(1, min(initial, limit))
        return cls(allowed, max(1, limit), before=allowed, settled=allowed >= limit)

    def observe(self, measured: Measurement) -> Ramp:
        """Return the ramp after a measurement."""
        if self.settled:
            return self
        if self.surplus:
            return self._judge_retreat(measured)
        rose = measured.rate >= self.rate * RISE
        full = measured.load >= FULL
        if rose and measured.rate >= FAST:
            return replace(self, settled=True)
        if rose and not full:
            return self._grow(measured.rate)
        if measured.rate < self.rate * IN_FULL and not full and not self.doubtful:
            # Bytes that had gathered unread were taken for speed: measure again from here.
            return replace(self, rate=0.0, grown=1.0, doubtful=True)
        # A busy moment, or connections that begin slowly, prove nothing.
        return self._stop(measured.rate, rose) if measured.steady else self

    def leaps(self, measured: Measurement) -> bool:
        """Return if a first glance is enough: alone, far from ``FAST``, and not held back here."""
        rate = measured.rate
        return self.rate == 0 and rate > 0 and leap(rate) > 4 and measured.load < FULL

    def cap(self, connections: int) -> Ramp:
        """Return the ramp capped at ``connections``: the source refused one more."""
        allowed = max(1, min(self.allowed, connections))
        return replace(self, allowed=allowed, limit=allowed, settled=True)

    def _grow(self, rate: float) -> Ramp:
        if self.allowed >= self.limit:
            return replace(self, settled=True)
        in_full = rate >= self.rate * self.grown * IN_FULL
        allowed = min(self.allowed * (leap(rate) if in_full else 2), self.limit)
        grown = allowed / self.allowed
        return replace(self, allowed=allowed, before=self.allowed, rate=rate, grown=grown)

    def _stop(self, rate: float, rose: bool) -> Ramp:
        if rose or self.before >= self.allowed:
            return replace(self, settled=True)
        return replace(self, allowed=self.before, surplus=self.allowed, rate=rate)

    def _judge_retreat(self, measured: Measurement) -> Ramp:
        """Keep the fewer connections, unless the rate fell: then the first one was mismeasured."""
        if not measured.steady:
            return self
        fell = measured.rate < self.rate * IN_FULL
        return replace(self, allowed=self.surplus if fell else self.allowed, settled=True)


def leap(rate: float) -> int:
    """Return the factor for the connections to reach ``FAST``: a power of two."""
    return 2 ** max(1, math.ceil(math.log2(FAST / max(1.0, min(rate, FAST)))))
