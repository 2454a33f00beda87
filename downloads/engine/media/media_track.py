"""One track of a file, as ffmpeg tells of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaTrack:
    """``start`` in seconds on the input's own clock. ``tag``: the codec's name in an MP4."""

    codec: str
    profile: str = ""
    tag: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    hertz: int | None = None
    channels: int | None = None
    start: float = 0.0
