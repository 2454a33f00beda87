"""What subtitles are told apart by in file names and addresses: their languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_UNDETERMINED: Final = "und"  # BCP 47, section 4.1
_LONGEST: Final = 35  # characters (RFC 5646, section 4.4.1)
_NO_TAG: Final = re.compile(r"[^A-Za-z0-9]+")


def subtitle_tags(languages: Iterable[str]) -> list[str]:
    """A safe tag for each, and each once: a second one gets a private subtag."""
    taken: dict[str, str] = {}
    for language in languages:
        tag = _free(_safe(language), taken)
        taken[tag.lower()] = tag
    return list(taken.values())


def _safe(language: str) -> str:
    """The source's own word, made one that a file name and an address can hold."""
    return _NO_TAG.sub("-", language)[:_LONGEST].strip("-") or _UNDETERMINED


def _free(language: str, taken: Iterable[str]) -> str:
    known, number, tried = set(taken), 1, language
    while tried.lower() in known:
        number += 1
        tried = f"{language}-x-{number}"
    return tried
