"""Whether what was made is what was to be made. Pure."""

from __future__ import annotations

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.command import Tracks
from downloads.engine.media.inspect import MediaFacts


def verify(made: MediaFacts, tracks: Tracks) -> None:
    """Raises ProcessingFailed."""
    if tracks.video is not None and made.video_codec is None:
        raise ProcessingFailed("the picture is missing from the file")
    if tracks.audio is not None and made.audio_codec is None:
        raise ProcessingFailed("the sound is missing from the file")
