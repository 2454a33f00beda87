"""One progress bar over all the work of an attempt. Pure.

Every phase is weighed in bytes: those to be fetched, and for later phases the bytes that would have
come meanwhile at the measured speed. Each piece of work done moves the bar by its share of what is
left *by the newest estimate*, so a wrong estimate makes the bar slower or faster from there on, and
never makes it jump or fall back.
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_QUITE_DONE = 99.9  # percent: the last step is the ledger's
USUAL_SPEED = 8 * 1024 * 1024  # bytes a second, if nothing has been measured
_SHORT = 0.05  # seconds: a phase shorter than this gets no part of the bar


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of the bar. ``progress`` in percent, ``eta`` in seconds; None if the end is
    unknown."""

    progress: float
    eta: float | None


class Bar:
    """The bar of one attempt. ``processing`` and ``storing``: the seconds that these are expected
    to take."""

    def __init__(self, *, processing: float = 0.0, storing: float = 0.0) -> None:
        self.expect(processing)
        self._storing = storing if storing >= _SHORT else 0.0
        self._shown = 0.0
        self._done = 0.0
        self._speed = float(USUAL_SPEED)

    def expect(self, processing: float) -> None:
        """Set the seconds that the processing is now expected to take."""
        self._processing = processing if processing >= _SHORT else 0.0

    def fetched(self, done: int, total: int | None, speed: float) -> Reading:
        """Report ``done`` of ``total`` bytes; ``total`` may be an estimate, and may move."""
        if speed > 0:
            self._speed = speed
        if total is None:
            return Reading(self._percent, None)
        left = max(total - done, 0)
        after = self._processing + self._storing
        self._move(done, left + after * self._speed)
        return Reading(self._percent, left / speed + after if speed > 0 else None)

    def processed(self, fraction: float) -> Reading:
        """Report the part, from 0 to 1, of the processing that is done."""
        return self._after(self._processing, self._storing, fraction)

    def stored(self, fraction: float) -> Reading:
        """Report the part, from 0 to 1, of the storing that is done."""
        return self._after(self._storing, 0.0, fraction)

    def begin(self) -> None:
        """Begin another phase, which counts its own work from nothing."""
        self._done = 0.0

    def _after(self, phase: float, later: float, fraction: float) -> Reading:
        fraction = min(max(fraction, 0.0), 1.0)
        left = phase * (1 - fraction) + later
        self._move(phase * fraction * self._speed, left * self._speed)
        return Reading(self._percent, left)

    def _move(self, done: float, left: float) -> None:
        step = max(done - self._done, 0.0)
        self._done = done
        if step > 0:
            self._shown += (1 - self._shown) * step / (step + left)

    @property
    def _percent(self) -> float:
        return min(100 * self._shown, NOT_QUITE_DONE)
