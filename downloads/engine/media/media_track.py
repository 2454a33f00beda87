"""One track of a file, as ffmpeg reports it, and the choice among several sounds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from downloads.engine.core.languages import is_same_language, speaks


@dataclass(frozen=True, slots=True)
class MediaTrack:
    """One track. ``start`` in seconds on the input's own clock. ``tag``: the codec's name in an
    MP4. ``place`` among the input's tracks of its kind, ``number`` by the container, if it has one.
    ``is_default``: marked so by the source; ``is_described``: with audio description."""

    codec: str
    profile: str = ""
    tag: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    hertz: int | None = None
    channels: int | None = None
    start: float = 0.0
    place: int = 0
    number: int | None = None
    language: str = ""
    is_default: bool = False
    is_described: bool = False


def preferred(sounds: Sequence[MediaTrack], language: str) -> MediaTrack | None:
    """Return the sound to use among those of one input: in the language, if available; then one
    without audio description, the source's default, and the first, as in players."""

    def rank(sound: MediaTrack) -> tuple[bool, bool, bool, bool, int]:
        spoken = speaks(sound.language, language)
        related = bool(language) and is_same_language(sound.language, language)
        return spoken, related, not sound.is_described, sound.is_default, -sound.place

    return max(sounds, key=rank, default=None)
