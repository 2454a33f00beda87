"""The range of a part outside the period that shows it (ISO/IEC 23009-1, 5.3.2.1). Pure.

Segments may cross a border; players show nothing beyond it (the append window of Media Source
Extensions), else the next period would come too late.
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
    """A cut of a part: ``skipped`` seconds are removed from its beginning; then it is shown
    ``until`` so many seconds after that."""

    skipped: float = 0.0
    until: float | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the options for each output; the picture begins with a key frame."""
        return ("-ss", f"{self.skipped:.6f}") if self.skipped else ()

    @property
    def filters(self) -> tuple[str, ...]:
        """Return the bitstream filters."""
        if self.until is None:
            return ()
        return (f"noise=drop='gte(pts*tb,{self.until - _ROUNDED:.6f})'",)

    def later(self, seconds: float) -> Clip:
        """Return the same clip for a part whose media begin so many seconds after the skipped
        range."""
        until = None if self.until is None else self.until - seconds
        return Clip(self.skipped + seconds, until)


WHOLE: Final = Clip()


def clip_of(window: Window | None, start: float) -> Clip:
    """Return the clip of a part that begins at ``start`` on the film's clock; ``WHOLE`` if its own
    clock contradicts its list."""
    begin, end = window or (None, None)
    skipped = begin - start if begin is not None and start < begin - _LEAST else 0.0
    until = None if end is None else end - start - skipped
    if skipped > _MOST or (until is not None and until <= 0):
        return WHOLE
    return Clip(skipped, until)
