"""Which Content-Type a stored file is sent with: ours, by its extension, never the origin's word.

What a browser could run (HTML, SVG, XML, scripts) and what nobody knows is octet-stream.
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "application/octet-stream"

_PLAYABLE: Final = {
    "3gp": "video/3gpp",
    "aac": "audio/aac",
    "avif": "image/avif",
    "flac": "audio/flac",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "mka": "audio/x-matroska",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "png": "image/png",
    "ts": "video/mp2t",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "webp": "image/webp",
}
_SAVED_ONLY: Final = {
    "7z": "application/x-7z-compressed",
    "avi": "video/x-msvideo",
    "epub": "application/epub+zip",
    "flv": "video/x-flv",
    "gz": "application/gzip",
    "pdf": "application/pdf",
    "srt": "text/plain; charset=utf-8",
    "tar": "application/x-tar",
    "txt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "wmv": "video/x-ms-wmv",
    "zip": "application/zip",
}


def media_type(ext: str) -> str:
    ext = ext.lower()
    return _PLAYABLE.get(ext) or _SAVED_ONLY.get(ext) or UNKNOWN


def plays_inline(ext: str) -> bool:
    """Whether a browser may show it in place instead of saving it."""
    return ext.lower() in _PLAYABLE
