"""Whether what was made is what was to be made. Pure."""

from __future__ import annotations

from typing import Final

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.command import Tracks
from downloads.engine.media.inspect import MediaFacts

# What sources say of their length is rounded, up to a second a fragment.
_SLACK: Final = 3.0  # seconds
_SHORTER: Final = 0.05
_LONGER: Final = 0.25

_INCOMPLETE: Final = (
    "The finished file is not as long as it should be: the source's video is damaged. "
    "Try another quality."
)


def verify(made: MediaFacts, tracks: Tracks, duration: float | None) -> None:
    """Raises ProcessingFailed."""
    if tracks.video is not None and made.video_codec is None:
        raise ProcessingFailed("the picture is missing from the file")
    if tracks.audio is not None and made.audio_codec is None:
        raise ProcessingFailed("the sound is missing from the file")
    if duration is None or made.duration is None:
        return
    shorter, longer = duration - made.duration, made.duration - duration
    if shorter > _SLACK + duration * _SHORTER or longer > _SLACK + duration * _LONGER:
        raise ProcessingFailed(
            f"{made.duration:.2f} s instead of {duration:.2f} s", message=_INCOMPLETE
        )
