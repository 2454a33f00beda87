"""The progress of ffmpeg, by its ``-progress`` output, as one number over all runs of a mux."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.core.progress import Phase, Progress

_LAST: Final = 0.99  # a bar at 100 while there is work would be wrong
_TAIL: Final = 0.1  # of the bar, for moving the index to the front (faststart)
_TAIL_RATE: Final = 150e6  # bytes per second that this may take


@dataclass(frozen=True, slots=True)
class Report:
    """One report of ffmpeg: ``seconds`` of media are in the file, which has ``bytes`` now."""

    seconds: float = 0.0
    bytes: int = 0


@dataclass(slots=True)
class Reports:
    """A parser of ``key=value`` lines, in blocks of any size."""

    latest: Report = Report()
    count: int = 0
    _rest: bytes = b""
    _values: dict[bytes, bytes] = field(default_factory=dict)

    def take(self, block: bytes) -> bool:
        """Parse a block. Return True if it completes a report."""
        *lines, self._rest = (self._rest + block).split(b"\n")
        before = self.count
        for line in lines:
            key, _, value = line.partition(b"=")
            self._values[key.strip()] = value.strip()
            if key == b"progress":  # the last line of each
                self._complete()
        return self.count > before

    def _complete(self) -> None:
        self.count += 1
        seconds = max(_number(self._values.get(b"out_time_us")) / 1e6, self.latest.seconds)
        size = max(int(_number(self._values.get(b"total_size"))), self.latest.bytes)
        self.latest = Report(seconds, size)
        self._values.clear()


def _number(text: bytes | None) -> float:
    """Return the number; 0 for ffmpeg's N/A."""
    try:
        return max(0.0, float(text or 0))
    except ValueError:
        return 0.0


class Course:
    """The progress over all runs of one mux. ``begin`` gives the share of the next one.

    ``percent`` of what it reports is of the mux alone, below 100 as long as there is work, None if
    unknown; ``bytes_done`` and ``speed`` are of the file being written.
    """

    def __init__(
        self, tell: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._began = clock()
        self._base = self._share = 0.0
        self._bytes = 0  # of the earlier runs

    def begin(self, share: float, bytes_before: int = 0) -> None:
        """Begin a run that is ``share`` of the whole; the runs before it are complete."""
        self._base += self._share
        self._share = share
        self._bytes = bytes_before

    def restart(self) -> None:
        """Restart all of the work."""
        self._base = self._share = 0.0
        self._bytes = 0

    def at(self, fraction: float | None, written: int) -> None:
        """Report that ``fraction`` of this run is done."""
        self._bytes = max(self._bytes, written)
        elapsed = self._clock() - self._began
        speed = written / elapsed if elapsed > 0 else 0.0
        percent = None
        if fraction is not None:
            percent = 100 * min(_LAST, self._base + self._share * min(1.0, fraction))
        self._tell(Progress(written, speed=speed, phase=Phase.PROCESSING, percent=percent))


def fraction(seconds: float, duration: float | None, *, ends_with_rewrite: bool) -> float | None:
    """Return the fraction of a run that has written ``seconds`` of ``duration``."""
    if not duration:
        return None
    main = min(1.0, seconds / duration)
    return main * (1 - _TAIL) if ends_with_rewrite else main


def rewriting(seconds: float, size: int) -> float:
    """Return the fraction while ffmpeg has been silent for ``seconds``, moving ``size`` bytes: it
    approaches the end, since the speed of the disk is not known."""
    expected = max(0.2, size / _TAIL_RATE)
    return 1 - _TAIL * math.exp(-seconds / expected)
