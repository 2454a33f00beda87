"""Space reserved at the front of an MP4 for its index (moov), which is known only at the end.

With enough space the file is written in one pass; without, everything is moved back once
(faststart), which for a large file on a slow disk takes as long as writing it.
"""

from __future__ import annotations

from typing import Final

from downloads.engine.media.media_track import MediaTrack

# Bytes for a picture or a frame of sound: its size, time and offset. For films in
# all kinds of codecs, containers and rates ffmpeg wrote 9 to 18.
_ENTRY: Final = 20
_FRAME: Final = 960  # samples of sound: Opus; of nearly any other codec there are more
_FIXED: Final = 64 * 1024
_SHORTEST: Final = 60.0  # seconds: shorter films are moved in no time
_FEWEST_LINES: Final = 720  # below, films are so small that the space would be noticeable
_MOST: Final = 64 * 1024**2


def room(
    video: MediaTrack | None, audio: MediaTrack | None, seconds: float | None, extras: int
) -> int:
    """Return a number of bytes that is enough for nearly every film, and less than 0.5 % of a usual
    one; 0 if it is not known, or not worth it. ``extras``: bytes of the cover and the metadata."""
    if video is None or not video.fps or (video.height or 0) < _FEWEST_LINES:
        return 0
    if not seconds or seconds < _SHORTEST:
        return 0
    frames = (audio.hertz or 0) / _FRAME if audio else 0.0
    found = int(seconds * (video.fps + frames) * _ENTRY) + _FIXED + 2 * extras
    return found if found <= _MOST else 0
