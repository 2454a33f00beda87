"""Sizes, speeds and times for people. Pure; decimal units, as sources quote them."""

from __future__ import annotations

from typing import Final

# unit, bytes, decimals; the largest first
UNITS: Final = (("TB", 10**12, 2), ("GB", 10**9, 2), ("MB", 10**6, 1), ("kB", 10**3, 0))

_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd"}

_CODECS: Final = {
    "avc": "H.264", "h264": "H.264", "hvc": "H.265", "hev": "H.265", "vp09": "VP9", "vp9": "VP9",
    "av01": "AV1", "mp4a": "AAC", "aac": "AAC", "opus": "Opus", "mp3": "MP3", "vorbis": "Vorbis",
    "flac": "FLAC",
}  # fmt: skip


def _unit_of(size: float) -> tuple[str, int, int]:
    for unit, factor, decimals in UNITS:
        if size / factor >= 0.9995:  # would read as 1000 of the smaller unit
            return unit, factor, decimals
    return ("byte" if size == 1 else "bytes"), 1, 0


def size_in_words(size: float) -> str:
    """Return a size: ``5910000000`` -> ``5.91 GB``, ``48000000`` -> ``48 MB``."""
    unit, factor, decimals = _unit_of(size)
    number = f"{size / factor:.{decimals}f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number} {unit}"


def amount_in_words(done: int, total: int | None) -> str:
    """Return both in the total's unit: ``1.55 of 5.91 GB``; ``12.3 MB so far`` without a total."""
    if total is None:
        return f"{size_in_words(done)} so far"
    unit, factor, decimals = _unit_of(total)
    return f"{done / factor:.{decimals}f} of {total / factor:.{decimals}f} {unit}"


def speed_in_words(bytes_per_second: float) -> str:
    """Return a rate: ``12.4 MB/s``, ``0 B/s``."""
    number, _, unit = size_in_words(bytes_per_second).partition(" ")
    return f"{number} {'B' if unit.startswith('byte') else unit}/s"


def wait_in_words(seconds: float) -> str:
    """Return a rough time: ``8 s``, ``6 min``, ``2 h 5 min``, ``3 days``."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    return f"{round(hours / 24)} days"


def ordinal(number: int) -> str:
    """Return ``1st``, ``2nd``, ``3rd``, ``11th``."""
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else _SUFFIXES.get(number % 10, 'th')}"


def clock(seconds: float) -> str:
    """Return a running time: ``3:25``, ``1:02:07``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def codec_in_words(codec: str) -> str:
    """Return ``H.264`` for ``avc1.640028``; an unknown codec by its name, without its profile."""
    known = (words for start, words in _CODECS.items() if codec.lower().startswith(start))
    return next(known, codec.partition(".")[0])


def shortened(text: str, length: int = 80) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
