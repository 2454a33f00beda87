"""Inside the jail: a SegmentTimeline (ISO/IEC 23009-1, 5.3.9.6) as runs of equal segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_SEGMENTS
from downloads.engine.resolver.manifests.numbers import number, whole

Ticks = int | Fraction
_GAP = Fraction(1, 15)  # seconds that players bridge without a word
_BEFORE = Fraction(1, 200)  # seconds: a segment reaching less far in belongs to the period before
_BEYOND = 1  # seconds after the end of the last period that a rounded length may have lost


@dataclass(frozen=True, slots=True)
class SegmentRun:
    """A run of ``count`` segments. Times in ticks of the media's own clock.

    ``numbered``: the number of the first, if it is given (S@n). ``pieces``: the files of each
    (S@k), 0 if it is one without a number of its own. ``tail``: the length of the last by the
    timeline's own arithmetic, in ticks, if a repeat without a number was cut by an end. ``beyond``:
    it begins after the end of the period, so players do not request it.
    """

    start: Ticks
    length: Ticks
    count: int = 1
    numbered: int | None = None
    pieces: int = 0
    tail: Ticks | None = None
    beyond: bool = False

    @property
    def end(self) -> Ticks:
        return self.start + self.length * self.count


@dataclass(frozen=True, slots=True)
class TimelineWindow:
    """The part of the media's clock that a period shows, in ticks; ``end`` None: not known."""

    timescale: Ticks
    start: Ticks = 0
    end: Ticks | None = None
    is_last: bool = True


@lru_cache(maxsize=2)  # many representations share one
def runs_of(timeline: Node, window: TimelineWindow) -> tuple[tuple[SegmentRun, ...], int]:
    """Return the runs inside the window, and how many segments come before the first of them.

    Raises ManifestError, ManifestTooLarge.
    """
    lines = list(timeline.all("S"))
    found: list[SegmentRun] = []
    now: Ticks = 0
    for place, line in enumerate(lines):
        start = number(line.get("t"))
        now = now if start is None else start
        run = _run(line, now, lines[place + 1] if place + 1 < len(lines) else None, window, found)
        if run is not None:
            found.append(run)
            now = run.end
    if not found:
        raise ManifestError("a timeline without a segment")
    fitted, before = _fit(found, window)
    if sum(run.count * max(1, run.pieces) for run in fitted) > MAX_SEGMENTS:
        raise ManifestTooLarge(f"more than {MAX_SEGMENTS} segments")
    return tuple(fitted), before


def gaps_of(runs: Sequence[SegmentRun], window: TimelineWindow) -> list[tuple[Ticks, Ticks]]:
    """Return start and length of the gaps between segments, in ticks."""
    least = math.ceil(_GAP * window.timescale)
    return [
        (before.end, after.start - before.end)
        for before, after in pairwise(runs)
        if after.start - before.end >= least
    ]


def _run(
    line: Node, now: Ticks, after: Node | None, window: TimelineWindow, before: list[SegmentRun]
) -> SegmentRun | None:
    """Return the run of one ``S``; None for one without a length, which stands for no segment
    (shaka-project/shaka-player#5649)."""
    until = number(after.get("t")) if after is not None else _end(now, window, before)
    length = number(line.get("d")) or 0
    if not length:  # then it lasts until the next begins
        length = until - now if until is not None else 0
    if length <= 0:
        return None
    numbered, pieces = whole(line.get("n")), whole(line.get("k")) or 0
    repeats = (line.get("r") or "0").strip()
    if not repeats.startswith("-"):
        return SegmentRun(now, length, 1 + (whole(repeats) or 0), numbered, pieces)
    if until is None:
        raise ManifestError("a repeat without an end")
    count = max(1, math.ceil(Fraction(until - now) / length))
    return SegmentRun(now, length, count, numbered, pieces, until - now - (count - 1) * length)


def _end(now: Ticks, window: TimelineWindow, before: list[SegmentRun]) -> Ticks | None:
    """Return the end of the period on the clock of this timeline."""
    if window.end is None:
        return None
    first = before[0].start if before else now
    if first >= window.end:  # the MPD lacks this clock's offset
        return first + window.end - window.start
    return window.end


def _fit(runs: list[SegmentRun], window: TimelineWindow) -> tuple[list[SegmentRun], int]:
    """Leave out segments before and after the period, as players do."""
    end = _trusted_end(runs, window)
    if end is not None:
        runs = _until(runs, end, window)
    start = math.floor(window.start + _BEFORE * window.timescale)
    if all(run.end <= start for run in runs):
        return runs, 0  # the offset is none of this clock
    before = 0
    kept: list[SegmentRun] = []
    for run in runs:
        passed = 0
        if not kept and run.start + run.length <= start:
            passed = min(run.count, math.floor(Fraction(start - run.start) / run.length))
        before += passed
        if passed < run.count:
            kept.append(_from(run, passed))
    return kept, before


def _from(run: SegmentRun, passed: int) -> SegmentRun:
    if not passed:
        return run
    numbered = None if run.numbered is None else run.numbered + passed
    return replace(
        run, start=run.start + passed * run.length, count=run.count - passed, numbered=numbered
    )


def _trusted_end(runs: list[SegmentRun], window: TimelineWindow) -> Ticks | None:
    """Return the end of the period on the clock of these runs; None if it may be another clock: if
    segments begin late and are together no longer than the period, its offset is missing."""
    if window.end is None:
        return None
    first, length = runs[0].start, window.end - window.start
    is_late = first - window.start > runs[0].length
    if not is_late:
        return window.end
    if runs[-1].end <= window.end or runs[-1].end - first <= length + runs[0].length:
        return None
    return first + length


def _until(runs: list[SegmentRun], end: Ticks, window: TimelineWindow) -> list[SegmentRun]:
    """Cut off segments that begin after ``end``; in the last period one that begins just after it
    stays, as optional: the length of a presentation is often rounded."""
    reach = end + _BEYOND * window.timescale if window.is_last else end
    surely = math.floor(end)  # whole numbers are compared much faster
    kept: list[SegmentRun] = []
    for run in runs:
        if run.end <= surely:
            kept.append(run)
            continue
        inside = _begun(run, end)
        if inside:
            kept.append(run if inside == run.count else replace(run, count=inside, tail=None))
        beyond = min(_begun(run, reach), run.count) - inside
        if beyond > 0:
            kept.append(replace(_from(run, inside), count=beyond, tail=None, beyond=True))
    return kept or runs[:1]


def _begun(run: SegmentRun, end: Ticks) -> int:
    """Return the number of segments of the run that begin before ``end``."""
    if run.start >= end:
        return 0
    return min(run.count, max(0, math.ceil(Fraction(end - run.start) / run.length)))
