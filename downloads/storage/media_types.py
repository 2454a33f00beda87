"""The Content-Type of a stored file: by its extension, never by the origin's header.

Files that a browser could run (HTML, SVG, XML, scripts) and unknown ones are octet-stream.
"""

from __future__ import annotations

from typing import Final

from downloads.engine.core import file_types

UNKNOWN: Final = "application/octet-stream"

# Safe to show in place: no format here can hold a script.
_PLAYABLE: Final = frozenset(
    {"3gp", "aac", "avif", "bmp", "flac", "gif", "jfif", "jpeg", "jpg", "m4a", "m4b", "m4v", "mka",
     "mkv", "mov", "mp3", "mp4", "oga", "ogg", "ogv", "opus", "png", "ts", "wav", "weba", "webm",
     "webp"}
)  # fmt: skip
_PROGRAMS: Final = frozenset({"apk", "jar", "swf"})
_TEXT: Final = {
    "ass": "text/plain; charset=utf-8",
    "srt": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}


def media_type(ext: str) -> str:
    """Return the Content-Type of a file with this extension (without its dot)."""
    ext = ext.lower()
    known = None if ext in _PROGRAMS else file_types.of_ext(ext)
    return known.mime_type if known else _TEXT.get(ext, UNKNOWN)


def plays_inline(ext: str) -> bool:
    """Return True if a browser may show it in place instead of saving it."""
    return ext.lower() in _PLAYABLE
