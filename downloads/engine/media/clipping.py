"""What of a part lies outside the period that shows it (ISO/IEC 23009-1, 5.3.2.1). Pure.

Segments may reach over a border; players show nothing of what lies beyond it (the append window of
Media Source Extensions), else the next period would come too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from downloads.engine.core.media import Window

_LEAST: Final = 0.03  # seconds: less is rounding, or the half of a frame of sound
_MOST: Final = 30.0  # seconds that the first segment of a period may begin before it
_ROUNDED: Final = 0.001  # seconds


@dataclass(frozen=True, slots=True)
class Clip:
    """``skipped`` seconds go from the beginning of a part; then what is shown ``until`` a moment
    stays, in seconds behind that."""

    skipped: float = 0.0
    until: float | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of each output; the picture begins with one that can be shown alone."""
        return ("-ss", f"{self.skipped:.6f}") if self.skipped else ()

    @property
    def filters(self) -> tuple[str, ...]:
        """For bitstreams."""
        if self.until is None:
            return ()
        return (f"noise=drop='gte(pts*tb,{self.until - _ROUNDED:.6f})'",)

    def later(self, seconds: float) -> Clip:
        """The same, where nothing is there for so long behind what is skipped."""
        until = None if self.until is None else self.until - seconds
        return Clip(self.skipped + seconds, until)


WHOLE: Final = Clip()


def clip_of(window: Window | None, start: float) -> Clip:
    """Return what is to go of a part that begins at ``start`` on the film's clock. Nothing, where
    its own clock contradicts what its list tells."""
    begin, end = window or (None, None)
    skipped = begin - start if begin is not None and start < begin - _LEAST else 0.0
    until = None if end is None else end - start - skipped
    if skipped > _MOST or (until is not None and until <= 0):
        return WHOLE
    return Clip(skipped, until)
