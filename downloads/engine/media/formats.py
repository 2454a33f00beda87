"""Containers: what the first bytes of a file are, what reads each and what writes it. Pure.

ffmpeg is never left to guess: told what a file is, it cannot take it for a playlist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from downloads.engine.core.errors import ProcessingFailed

HEAD: Final = 64 * 1024  # bytes that are enough to tell, whatever tags stand in front
PACKET: Final = 188  # bytes of MPEG-TS

# What reads a container that was recognised; nothing else is ever started on a source's bytes.
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

_BOXES = (b"ftyp", b"styp", b"moov", b"moof", b"sidx", b"mdat", b"free", b"skip", b"wide", b"emsg")
_MAGIC = (
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"FLV\x01", "flv"),
    (b"\x0b\x77", "ac3"),
    (b"\x00\x00\x01\xba", "mpg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
)
_BY_NAME = {
    "m4a": "mp4", "m4v": "mp4", "m4s": "mp4", "mov": "mp4", "3gp": "mp4", "mka": "mkv",
    "weba": "webm", "m2ts": "ts", "opus": "ogg", "oga": "ogg", "wmv": "asf", "wma": "asf",
    "mpeg": "mpg", "eac3": "ac3",
}  # fmt: skip


def recognise(head: bytes, said: str = "") -> str:
    """The container, a key of ``DEMUXERS``, by its first bytes. ``said`` is the source's word.

    The word alone counts only for what has no mark of its own: where nothing that can be told
    fits, and it is no text either. Raises ProcessingFailed for what is no media.
    """
    found = _by_magic(head)
    if found:
        return found
    named = _BY_NAME.get(said.lower(), said.lower())
    if named in DEMUXERS and named in ("mp3", "aac", "mpg") and not _is_text(head):
        return named
    raise ProcessingFailed(
        f"said to be {said or 'media'}, begins with {head[:16]!r}",
        message="What the source sent is no video or sound that Ferry knows. Try another quality.",
    )


def _by_magic(head: bytes) -> str:
    if head[4:8] in _BOXES:
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else "mkv"
    if head.startswith(b"RIFF"):
        return {b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12], "")
    if head[:1] == b"G" and head[PACKET : PACKET + 1] in (b"G", b""):
        return "ts"
    for magic, container in _MAGIC:
        if head.startswith(magic):
            return container
    return _sound(_after_id3(head))


def _after_id3(head: bytes) -> bytes:
    """Past the tags in front of MP3, and of the packed audio of HLS (RFC 8216, 3.4)."""
    while head.startswith(b"ID3") and len(head) >= 10:
        size = 0
        for septet in head[6:10]:
            size = size << 7 | septet & 0x7F
        head = head[10 + size :]
    return head


def _sound(head: bytes) -> str:
    """By the sync word: 12 bits set, then the version and the layer (0 is ADTS)."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return ""
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    return "mp3" if head[1] & 0x06 else ""


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head[:512] and not head.startswith(b"ID3")
