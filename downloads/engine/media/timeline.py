"""The position of each part of each stream in the film. Pure.

All streams of a presentation are timed on one clock (RFC 8216, section 3; ISO/IEC 23009-1, 7.2.1):
distances on it are distances in the film. At a discontinuity the clock starts again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_NEAR: Final = 1.0  # seconds: beginnings closer than this are surely on one clock
_SHARE: Final = 0.5  # of the shorter one, which overlaps the other if the clock is one
_HOLE: Final = 10.0  # seconds: more between two parts is another clock, not a hole
ROUNDED: Final = 0.05  # seconds: about a frame of sound may last into the next part
_REACH: Final = 10.0  # seconds that a segment of sound may last into it
_OVERLAP: Final = 0.5  # seconds that one track of a part may continue beside the next part


@dataclass(frozen=True, slots=True)
class PartTimes:
    """The times of one part. ``start`` is on the stream's clock (including the offset of its list
    if ``is_declared``), None if it has none; ``length`` in seconds, 0 if it is not known.

    ``mark`` numbers the clocks declared by the list; ``continues``: the part before it. ``tracks``:
    by kind, the begin and end of each within the part.
    """

    start: float | None
    length: float
    mark: int = 0
    continues: bool = False
    is_declared: bool = False
    tracks: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def end(self) -> float:
        return (self.start or 0.0) + self.length


def place(streams: Sequence[Sequence[PartTimes]]) -> list[list[float]]:
    """Return the begin of each part of each stream in the film, in seconds; the earliest at 0.

    The first stream sets the time (the picture's, if there is one); the others are aligned to it.
    """
    if not streams:
        return []
    leading = _in_a_row(streams[0])
    placed = [leading, *(_beside(each, streams[0], leading) for each in streams[1:])]
    first = min((times[0] for times in placed if times), default=0.0)
    return [[each - first for each in times] for times in placed]


def _in_a_row(parts: Sequence[PartTimes]) -> list[float]:
    """Return the begins in sequence: each where the one before it ends, or as much later as a
    common clock says."""
    times: list[float] = []
    for number, part in enumerate(parts):
        if not number:
            times.append(0.0)
            continue
        before, begun = parts[number - 1], times[-1]
        end = begun + _room(before, part)
        hole = _between(before, part)
        is_timed = part.continues or (part.is_declared and before.is_declared)
        if is_timed and hole is not None and -_OVERLAP <= hole <= _HOLE:
            end = begun + before.length + hole
        times.append(end)
    return times


def _room(before: PartTimes, part: PartTimes) -> float:
    """Return the least distance: no track begins before it has ended in the part before."""
    ends = [
        end - part.tracks[kind][0]
        for kind, (_, end) in before.tracks.items()
        if kind in part.tracks
    ]
    return max(ends, default=before.length)


def _between(before: PartTimes, part: PartTimes) -> float | None:
    if before.start is None or part.start is None:
        return None
    return part.start - before.end


def _beside(
    parts: Sequence[PartTimes], leading: Sequence[PartTimes], times: Sequence[float]
) -> list[float]:
    """Return the begins of parts beside the leading ones: as much after the counterpart as their
    clock says; without a common clock, together with it."""
    is_alike = {part.mark for part in parts} == {part.mark for part in leading}
    placed: list[float] = []
    free = 0.0
    for part in parts:
        at = None
        candidates = [
            place for place, other in enumerate(leading) if not is_alike or other.mark == part.mark
        ]
        shared = [place for place in candidates if shares_clock(part, leading[place])]
        if shared and part.start is not None:
            nearest = max(shared, key=lambda place: _overlap(part, leading[place]))
            at = times[nearest] + part.start - (leading[nearest].start or 0.0)
        elif (
            is_alike
            and candidates
            and not any(each.mark == part.mark for each in parts[: len(placed)])
        ):
            at = times[candidates[0]]
        at = free if at is None else at
        if placed and not _reaches_over(parts[len(placed) - 1], free - at):
            at = max(at, free)
        placed.append(at)
        free = at + part.length
    return placed


def _reaches_over(before: PartTimes, by: float) -> bool:
    """Return if ``before`` continues for ``by`` seconds beside a counterpart that has begun again:
    players let the next part replace the rest."""
    return ROUNDED < by <= min(_REACH, before.length / 2)


def shares_clock(one: PartTimes, other: PartTimes) -> bool:
    """Return if both are timed by one clock: declared so, or beginning close to each other, or with
    most of the shorter one playing beside the other. Clocks of their own lie anywhere."""
    if one.start is None or other.start is None:
        return False
    if one.is_declared and other.is_declared:
        return True
    if abs(one.start - other.start) <= _NEAR:
        return True
    shorter = min(one.length, other.length)
    return shorter > 0 and _overlap(one, other) >= _SHARE * shorter


def _overlap(one: PartTimes, other: PartTimes) -> float:
    assert one.start is not None
    assert other.start is not None
    return min(one.end, other.end) - max(one.start, other.start)
