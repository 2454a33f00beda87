"""Which formats a wanted quality means on a source. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from downloads.exceptions import UnsupportedURL
from downloads.streams import Format, Quality, Selection, StreamKind

# Containers that hold a separate picture and sound without re-encoding; anything else is Matroska.
_PAIRS = {
    ("mp4", "mp4"): ("mp4", "video/mp4"),
    ("mp4", "m4a"): ("mp4", "video/mp4"),
    ("webm", "webm"): ("webm", "video/webm"),
}
_MATROSKA = ("mkv", "video/x-matroska")


def select(formats: Sequence[Format], wanted: Quality) -> Selection:
    """The formats for ``wanted``, by the contract's rule.

    ``auto`` is the best on offer. ``Np`` is the tallest that is no taller than N; where all are
    taller, the shortest. What tells no height (a direct file) takes any. ``audio`` is the best
    sound alone; where there is none, what holds sound and costs least.
    Raises UnsupportedURL where nothing is on offer.
    """
    if not formats:
        raise UnsupportedURL("no formats", message="There is nothing to download behind this link.")
    sounds = [offer for offer in formats if offer.stream.kind is StreamKind.AUDIO]
    pictures = [offer for offer in formats if offer.stream.kind is not StreamKind.AUDIO]
    if not pictures:
        return _alone(max(sounds, key=_rank), Quality.AUDIO)
    if wanted is Quality.AUDIO:
        return _sound(sounds, pictures)
    chosen = _picture(pictures, wanted)
    if chosen.stream.kind is StreamKind.VIDEO and sounds:
        return _pair(chosen, max(sounds, key=_rank))
    return _alone(chosen, chosen.quality)


def _sound(sounds: Sequence[Format], pictures: Sequence[Format]) -> Selection:
    if sounds:
        return _alone(max(sounds, key=_rank), Quality.AUDIO)
    muxed = [offer for offer in pictures if offer.stream.kind is StreamKind.MUXED]
    if not muxed:
        raise UnsupportedURL(
            "no sound", message="This source has no sound. Choose a video quality."
        )
    chosen = _picture(muxed, None)
    return _alone(chosen, chosen.quality if chosen.height is None else Quality.AUDIO)


def _picture(pictures: Sequence[Format], wanted: Quality | None) -> Format:
    """``wanted`` None: the shortest."""
    heights = _heights(pictures)
    if heights:
        limit = 0 if wanted is None else wanted.height
        fitting = [height for height in heights if limit is None or height <= limit]
        height = max(fitting) if fitting else min(heights)
        pictures = [offer for offer in pictures if offer.height == height]
    return max(pictures, key=_rank)


def _heights(formats: Iterable[Format]) -> set[int]:
    return {offer.height for offer in formats if offer.height is not None}


def _rank(format: Format) -> tuple[float, bool, int, str]:
    """Among equals in height: smoother, then whole in one file, then more bytes; then by id."""
    whole = format.stream.kind is StreamKind.MUXED
    return format.fps or 0.0, whole, format.stream.size or 0, format.id


def _alone(format: Format, quality: Quality) -> Selection:
    return Selection((format,), quality, format.ext, format.mime_type)


def _pair(picture: Format, sound: Format) -> Selection:
    ext, mime_type = _PAIRS.get((picture.ext, sound.ext), _MATROSKA)
    return Selection((picture, sound), picture.quality, ext, mime_type)
