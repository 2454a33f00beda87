"""The time that a thread spends at work."""

from __future__ import annotations

from collections.abc import Callable


class WorkClock:
    """The seconds that one thread has been at work, readable by any."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # the seconds of the past, and since when it works: one tuple, so that a reader never
        # sees the one without the other
        self._state: tuple[float, float | None] = (0.0, None)

    @property
    def seconds(self) -> float:
        past, since = self._state
        return past if since is None else past + self._clock() - since

    def begin(self) -> None:
        self._state = (self.seconds, self._clock())

    def end(self) -> None:
        self._state = (self.seconds, None)
