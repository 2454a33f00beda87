"""The metadata of the file, in ffmpeg's own format. Pure.

Everything from outside is in this file; nothing of it in ffmpeg's arguments. Source:
https://ffmpeg.org/ffmpeg-formats.html#Metadata-2
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from downloads.engine.core.languages import THREE_LETTERS
from downloads.engine.core.media import Chapter, Source

_LONGEST: Final = 1000  # characters of a name
_LONGEST_TEXT: Final = 5000
_MOST_CHAPTERS: Final = 1000
_LAST_MOMENT: Final = 30 * 24 * 3600.0  # seconds
_SPECIAL = re.compile(r"([=;#\\\n])")
# Surrogates cannot be encoded; the others end a text early, or are not text.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def ffmetadata(facts: Source) -> str:
    date = re.match(r"\d{4}(-\d\d(-\d\d)?)?", facts.published)
    tags = {
        "title": _text(facts.title, _LONGEST),
        "artist": _text(facts.uploader, _LONGEST),
        "date": date[0] if date else "",
        "comment": _text(facts.page_url, _LONGEST),
        "description": _text(facts.description, _LONGEST_TEXT),
    }
    lines = [f"{key}={_escaped(value)}" for key, value in tags.items() if value]
    return "\n".join([";FFMETADATA1", *lines, *_chapters(facts.chapters), ""])


def _chapters(chapters: Iterable[Chapter]) -> list[str]:
    """Return the chapters, in milliseconds, without those that end before they begin."""
    lines = []
    for chapter in list(chapters)[:_MOST_CHAPTERS]:
        if not (math.isfinite(chapter.start) and math.isfinite(chapter.end)):
            continue
        start, end = (
            max(0.0, min(moment, _LAST_MOMENT)) for moment in (chapter.start, chapter.end)
        )
        if start < end:
            lines += ["[CHAPTER]", "TIMEBASE=1/1000"]
            lines += [f"START={round(start * 1000)}", f"END={round(end * 1000)}"]
            lines += [f"title={_escaped(_text(chapter.title, _LONGEST))}"]
    return lines


def _text(value: str, longest: int) -> str:
    text = _NO_TEXT.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    # ffmpeg takes a backslash at the end, though escaped, for one that escapes the line's end.
    return text[:longest].rstrip("\\")


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value)


def iso_language(tag: str) -> str:
    """Return the three-letter language of a BCP 47 tag, as MP4 takes it; ``und`` without one.
    ffmpeg silently drops what MP4 cannot hold."""
    found = re.match(r"[A-Za-z]{2,3}(?=-|$)", tag)
    code = found[0].lower() if found else ""
    return code if len(code) == 3 else THREE_LETTERS.get(code, "und")
