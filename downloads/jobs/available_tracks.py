"""The subtitles and sounds on offer at a source, as a user may request them. Pure.

The source is untrusted: invalid tags are left out, and all of it is bounded.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from downloads.engine.core.languages import NO_LANGUAGE
from downloads.engine.core.media import Source, StreamKind
from downloads.engine.core.options import Options
from downloads.schemas import SubtitleOffer

MOST: Final = 100  # of each: automatic translations alone can be more
_LONGEST_NAME: Final = 100  # characters


def subtitles_of(source: Source) -> list[SubtitleOffer]:
    """Return each language once, as ``options.subtitles`` would get it: those made by people before
    those made by a machine. Subtitles of foreign speech alone come with ``all``."""
    found: dict[str, SubtitleOffer] = {}
    for each in sorted(source.subtitles, key=lambda one: (one.automatic, one.described)):
        if _can_be_requested(each.language) and not each.forced:
            offer = SubtitleOffer(
                language=each.language, name=_clean(each.name), automatic=each.automatic
            )
            found.setdefault(each.language.lower(), offer)
    return list(found.values())[:MOST]


def languages_of(source: Source) -> list[str]:
    """Return the languages of the sound, the original first; empty if the source gives none."""
    spoken = [each for each in source.formats if each.stream.kind is not StreamKind.VIDEO]
    spoken.sort(key=lambda sound: -sound.preference)
    found: dict[str, str] = {}
    for sound in spoken:
        key = sound.language.lower()
        if _can_be_requested(sound.language) and key not in NO_LANGUAGE:
            found.setdefault(key, sound.language)
    return list(found.values())[:MOST]


def _can_be_requested(language: str) -> bool:
    try:
        return Options(language=language).language != ""
    except ValueError:
        return False


def _clean(name: str) -> str:
    """Return the name without control and direction characters."""
    kept = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    return " ".join(kept.split())[:_LONGEST_NAME]
