"""The details of one download, line by line. Pure: payloads in, text out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from downloads.engine.core import humanize
from downloads.engine.core.media import Quality
from downloads.schemas import DownloadPayload, QualityPayload

# RFC 6381 prefixes, as sources and ffmpeg name them
_CODECS: Final = {
    "avc1": "H.264",
    "avc3": "H.264",
    "h264": "H.264",
    "hev1": "H.265",
    "hvc1": "H.265",
    "hevc": "H.265",
    "av01": "AV1",
    "av1": "AV1",
    "vp08": "VP8",
    "vp8": "VP8",
    "vp09": "VP9",
    "vp9": "VP9",
    "mp4a": "AAC",
    "aac": "AAC",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "mp3": "MP3",
    "flac": "FLAC",
    "ac-3": "Dolby Digital",
    "ec-3": "Dolby Digital Plus",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line. ``value`` is text or a time; ``exact``: shown in monospace, to copy."""

    name: str
    value: str | dt.datetime
    exact: bool = False


def facts_of(download: DownloadPayload, qualities: Iterable[QualityPayload]) -> list[Fact]:
    """Return the known details; ``qualities``: the source's qualities, for the format."""
    return [fact for fact in _facts(download, tuple(qualities)) if fact.value]


def _facts(download: DownloadPayload, qualities: tuple[QualityPayload, ...]) -> Iterator[Fact]:
    yield Fact("File", download.filename or "")
    yield Fact("Size", _size(download))
    yield Fact("Type", download.mime_type or "")
    yield Fact("Format", _format(download, qualities))
    yield Fact("Quality", _quality(download))
    yield Fact("Duration", humanize.clock(download.duration) if download.duration else "")
    yield Fact("Attempts", str(download.attempts) if download.attempts > 1 else "")
    yield Fact("Requested", download.created_at)
    if download.started_at is not None:
        yield Fact("Started", download.started_at)
    if download.completed_at is not None:
        yield Fact("Completed", download.completed_at)
    if download.expires_at is not None:
        yield Fact("Expires", download.expires_at)
    yield Fact("SHA-256", download.sha256 or "", exact=True)


def _size(download: DownloadPayload) -> str:
    if download.size is None:
        return ""
    exactly, roughly = f"{download.size:,} bytes", humanize.size_in_words(download.size)
    return exactly if download.size < 1000 else f"{roughly} ({exactly})"


def _quality(download: DownloadPayload) -> str:
    requested = "best" if download.quality is Quality.AUTO else str(download.quality)
    came_to = download.resolved_quality
    if came_to is None or came_to is Quality.AUTO:
        return "" if download.quality is Quality.AUTO else requested
    return str(came_to) if str(came_to) == requested else f"{came_to} (requested: {requested})"


def _format(download: DownloadPayload, qualities: tuple[QualityPayload, ...]) -> str:
    """Return the resolved quality's format: ``1920 x 1080, 30 fps, H.264, AAC``."""
    one = next((each for each in qualities if each.quality is download.resolved_quality), None)
    if one is None:
        return ""
    known = [
        f"{one.width} x {one.height}" if one.width and one.height else "",
        f"{one.fps:g} fps" if one.fps else "",
        codec_name(one.video_codec),
        codec_name(one.audio_codec),
    ]
    return ", ".join(fact for fact in known if fact)


def codec_name(codec: str | None) -> str:
    """Return ``H.264`` for ``avc1.64001f``; an unknown codec unchanged; empty for ``none``."""
    if not codec or codec == "none":
        return ""
    return _CODECS.get(codec.partition(".")[0].lower(), codec)
