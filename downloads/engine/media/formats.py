"""Containers: recognised by the first bytes of a file, with their demuxers and muxers. Pure.

ffmpeg never guesses: given a file's format, it cannot take the file for a playlist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from downloads.engine.core.containers import container_of, is_text
from downloads.engine.core.errors import ProcessingFailed

HEAD: Final = 64 * 1024  # bytes that are enough, whatever tags come first

# The demuxer of each recognised container; no other is ever started on a source's bytes.
DEMUXERS: Final[Mapping[str, str]] = {
    "mp4": "mov",
    "webm": "matroska",
    "mkv": "matroska",
    "ts": "mpegts",
    "aac": "aac",
    "mp3": "mp3",
    "ogg": "ogg",
    "flac": "flac",
    "wav": "wav",
    "ac3": "ac3",
    "flv": "flv",
    "avi": "avi",
    "asf": "asf",
    "mpg": "mpeg",
}

MUXERS: Final[Mapping[str, tuple[str, ...]]] = {
    "mp4": ("-f", "mp4"),
    "m4v": ("-f", "mp4"),
    "m4a": ("-brand", "M4A ", "-f", "mp4"),
    "mov": ("-f", "mov"),
    "webm": ("-f", "webm"),
    "weba": ("-f", "webm"),
    "mkv": ("-f", "matroska"),
    "mka": ("-f", "matroska"),
    "mp3": ("-id3v2_version", "3", "-f", "mp3"),
    "opus": ("-f", "opus"),
    "ogg": ("-f", "ogg"),
    "oga": ("-f", "ogg"),
    "flac": ("-f", "flac"),
    "aac": ("-f", "adts"),
    "wav": ("-f", "wav"),
    "ts": ("-f", "mpegts"),
}
MP4_FAMILY: Final = frozenset({"mp4", "m4v", "m4a", "mov"})
HOLDS_COVER: Final = frozenset({"mp4", "m4v", "m4a", "mkv", "mka", "mp3", "flac"})
SUBTITLE_CODECS: Final[Mapping[str, str]] = {
    "mp4": "mov_text",
    "m4v": "mov_text",
    "mov": "mov_text",
    "mkv": "srt",
    "webm": "webvtt",
}

_BY_NAME = {
    "m4a": "mp4", "m4v": "mp4", "m4s": "mp4", "mov": "mp4", "3gp": "mp4", "mka": "mkv",
    "weba": "webm", "m2ts": "ts", "opus": "ogg", "oga": "ogg", "wmv": "asf", "wma": "asf",
    "mpeg": "mpg", "eac3": "ac3",
}  # fmt: skip


def recognise(head: bytes, declared: str = "") -> str:
    """Return the container, a key of ``DEMUXERS``, by the first bytes. ``declared``: the
    expected one.

    The declaration decides only for formats without a signature: if nothing recognisable matches,
    and it is no text either. Raises ProcessingFailed if it is no media.
    """
    if found := container_of(head):
        return found
    named = _BY_NAME.get(declared.lower(), declared.lower())
    if named in DEMUXERS and named in ("mp3", "aac", "mpg") and not is_text(head):
        return named
    raise ProcessingFailed(
        f"declared as {declared or 'media'}, begins with {head[:16]!r}",
        message="The site sent a format that Ferry does not know. Try another quality.",
    )
