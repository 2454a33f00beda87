"""One progress bar over all the work of an attempt. Pure.

Every phase is weighed in bytes: those to be fetched, and for later phases the bytes that would have
come meanwhile at the measured speed. Each piece of work done moves the bar by its share of what is
left *by the newest estimate*, so a wrong estimate makes the bar slower or faster from there on, and
never makes it jump or fall back.
"""

from __future__ import annotations

from dataclasses import replace

from downloads.engine.core.progress import Phase, Progress

NOT_QUITE_DONE = 99.9  # percent: the last step is the ledger's
USUAL_SPEED = 8 * 1024 * 1024  # bytes a second, if nothing has been measured
_SHORT = 0.05  # seconds: a phase shorter than this gets no part of the bar


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

    def fetched(self, now: Progress) -> Progress:
        """Return ``now`` of the fetching, weighed; its total may be an estimate, and may move."""
        if now.speed > 0:
            self._speed = now.speed
        if now.bytes_total is None:
            return replace(now, phase=Phase.DOWNLOADING, percent=self._percent, eta=None)
        left = max(now.bytes_total - now.bytes_done, 0)
        after = self._processing + self._storing
        self._move(now.bytes_done, left + after * self._speed)
        eta = left / now.speed + after if now.speed > 0 else None
        return replace(now, phase=Phase.DOWNLOADING, percent=self._percent, eta=eta)

    def processed(self, now: Progress, fraction: float) -> Progress:
        """Return ``now``, weighed: this part, from 0 to 1, of the processing is done."""
        eta = self._after(self._processing, self._storing, fraction)
        return replace(now, phase=Phase.PROCESSING, percent=self._percent, eta=eta)

    def stored(self, now: Progress, fraction: float) -> Progress:
        """Return ``now``, weighed: this part, from 0 to 1, of the storing is done."""
        eta = self._after(self._storing, 0.0, fraction)
        return replace(now, phase=Phase.STORING, percent=self._percent, eta=eta)

    def begin(self) -> None:
        """Begin another phase, which counts its own work from nothing."""
        self._done = 0.0

    def _after(self, phase: float, later: float, fraction: float) -> float:
        fraction = min(max(fraction, 0.0), 1.0)
        left = phase * (1 - fraction) + later
        self._move(phase * fraction * self._speed, left * self._speed)
        return left

    def _move(self, done: float, left: float) -> None:
        step = max(done - self._done, 0.0)
        self._done = done
        if step > 0:
            self._shown += (1 - self._shown) * step / (step + left)

    @property
    def _percent(self) -> float:
        return min(100 * self._shown, NOT_QUITE_DONE)
