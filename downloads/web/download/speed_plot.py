"""The SVG plot of an attempt's speed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from downloads.engine.core import humanize

WIDTH: Final = 600
HEIGHT: Final = 120
HEADROOM: Final = 1.1  # the highest point stays off the edge


@dataclass(frozen=True, slots=True)
class SpeedPlot:
    """The geometry and texts of a plot.

    ``line`` and ``area`` are path data in a box of WIDTH by HEIGHT; ``mean_at`` is the mean's y in
    it. The rest is text.
    """

    line: str
    area: str
    mean_at: float
    mean: str
    highest: str
    top: str
    lasted: str
    spoken: str
    width: int = WIDTH
    height: int = HEIGHT


def speed_plot(samples: Sequence[Sequence[float]]) -> SpeedPlot | None:
    """Return the plot of ``samples``, [[seconds, bytes per second], ...]; None below two."""
    if len(samples) < 2 or samples[-1][0] <= 0:
        return None
    lasted, highest = samples[-1][0], max(speed for _, speed in samples)
    if highest <= 0:
        return None
    top = highest * HEADROOM
    points = [(WIDTH * at / lasted, _height(speed, top)) for at, speed in samples]
    points.insert(0, (0.0, points[0][1]))
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    mean = _mean(samples)
    return SpeedPlot(
        line=line,
        area=f"{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z",
        mean_at=round(_height(mean, top), 1),
        mean=humanize.speed_in_words(mean),
        highest=humanize.speed_in_words(highest),
        top=humanize.speed_in_words(top),
        lasted=humanize.wait_in_words(lasted),
        spoken=(
            f"Speed over {humanize.wait_in_words(lasted)}: average "
            f"{humanize.speed_in_words(mean)}, peak {humanize.speed_in_words(highest)}"
        ),
    )


def _height(speed: float, top: float) -> float:
    return HEIGHT * (1 - speed / top)


def _mean(samples: Sequence[Sequence[float]]) -> float:
    """Return the mean speed, weighted by the time of each sample: thinned ones cover more."""
    moved = before = 0.0
    for at, speed in samples:
        moved += (at - before) * speed
        before = at
    return moved / before
