"""Packets as ffmpeg lists them (``-f framecrc``), and how they lie in time. Pure but for reading.

Source: https://ffmpeg.org/ffmpeg-formats.html#framecrc
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from downloads.engine.core.disk import disk_errors

NONE: Final = -(2**63)  # a missing time
_NEAR: Final = 0.003  # seconds: by the ticks of two containers


@dataclass(slots=True)
class TrackPackets:
    """The packets of one track in the order in which they are stored. Times in ``tick`` seconds."""

    kind: str
    tick: float
    decoded: array[int] = field(default_factory=lambda: array("q"))
    shown: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("q"))

    @property
    def count(self) -> int:
        return len(self.decoded)

    @property
    def begin(self) -> float:
        """The time in seconds at which the first packet is shown."""
        return min(self.shown) * self.tick if self.shown else 0.0

    @property
    def end(self) -> float:
        """The time in seconds at which the last packet has been shown."""
        ends = (at + length for at, length in zip(self.shown, self.lengths, strict=True))
        return max(ends, default=0) * self.tick

    def earlier(self, seconds: float) -> TrackPackets:
        """Return the same packets, with all times earlier by so many seconds."""
        by = round(seconds / self.tick)
        decoded = array("q", (each if each == NONE else each - by for each in self.decoded))
        shown = array("q", (each if each == NONE else each - by for each in self.shown))
        return TrackPackets(self.kind, self.tick, decoded, shown, self.lengths)

    def before(self, time: float) -> TrackPackets:
        """Return those that are decoded before ``time``, in seconds; decoding times only rise."""
        count = bisect_left(self.decoded, math.ceil(time / self.tick))
        return TrackPackets(
            self.kind, self.tick, self.decoded[:count], self.shown[:count], self.lengths[:count]
        )

    def between(self, begin: float, end: float) -> int:
        """Return the number of those decoded from ``begin`` to ``end``, in seconds; decoding times
        only rise."""
        first = bisect_left(self.decoded, math.ceil(begin / self.tick))
        return bisect_right(self.decoded, math.floor(end / self.tick)) - first

    @property
    def usual_length(self) -> int:
        """Return the usual length of a packet, in ticks."""
        return sorted(self.lengths)[self.count // 2] if self.count else 0

    def holes(self, longest: float) -> list[tuple[float, float]]:
        """Return begin and length of each hole, in which nothing new is shown for more than
        ``longest`` seconds. A long packet of the container may fill a hole; most packets have their
        true length."""
        usual = self.usual_length
        found = []
        for place in range(1, self.count):
            length = min(self.lengths[place - 1], usual)
            step = self.decoded[place] - self.decoded[place - 1]
            if (step - length) * self.tick > longest:
                begin = (self.decoded[place - 1] + length) * self.tick
                found.append((begin, (step - length) * self.tick))
        return found

    def hole_before(self, time: float) -> tuple[float, float]:
        """Return the hole, begin and length in seconds, that ends with the first packet since
        ``time``; of length 0 if there is none."""
        place = bisect_left(self.decoded, math.floor((time - _NEAR) / self.tick))
        if not 0 < place < self.count:
            return time, 0.0
        begin = (self.decoded[place - 1] + self.usual_length) * self.tick
        return begin, max(0.0, self.decoded[place] * self.tick - begin)


def read_packets(path: Path) -> dict[str, TrackPackets]:
    """Return the packets by kind (``video``, ``audio``), of the first track of each. Raises
    DiskFull, InternalError."""
    with disk_errors(), path.open("rb") as lines:
        return parse(lines)


def parse(lines: Iterable[bytes]) -> dict[str, TrackPackets]:
    ticks: dict[bytes, float] = {}
    found: dict[str, TrackPackets] = {}
    by_number: dict[bytes, TrackPackets] = {}
    for line in lines:
        if line.startswith(b"#"):
            _head(line, ticks, found, by_number)
            continue
        number, decoded, shown, length, _ = line.split(b",", 4)
        track = by_number.get(number)
        if track is not None:
            track.decoded.append(int(decoded))
            track.shown.append(int(shown))
            track.lengths.append(int(length))
    return found


def _head(
    line: bytes,
    ticks: dict[bytes, float],
    found: dict[str, TrackPackets],
    by_number: dict[bytes, TrackPackets],
) -> None:
    name, _, value = line.partition(b":")
    number = name.rpartition(b" ")[2]
    if name.startswith(b"#tb "):
        top, _, bottom = value.partition(b"/")
        ticks[number] = int(top) / int(bottom)
    elif name.startswith(b"#media_type "):
        kind = value.strip().decode()
        if kind not in found:
            by_number[number] = found[kind] = TrackPackets(kind, ticks[number])
