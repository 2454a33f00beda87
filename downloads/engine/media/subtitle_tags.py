"""Tags of subtitles, which distinguish them in file names and addresses. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Final

from downloads.engine.media.inputs import SubtitleFile

_UNDETERMINED: Final = "und"  # BCP 47, section 4.1
_LONGEST: Final = 35  # characters (RFC 5646, section 4.4.1)
_NO_TAG: Final = re.compile(r"[^A-Za-z0-9]+")


def subtitle_tags(files: Iterable[SubtitleFile]) -> list[str]:
    """Return a safe, distinct tag for each: a second one of a language gets a private subtag
    (``en-x-sdh``, ``en-x-forced``, ``en-x-auto``, ``en-x-2``)."""
    taken: dict[str, str] = {}
    for file in files:
        tag = _free(_safe(file.language), _kind(file), taken)
        taken[tag.lower()] = tag
    return list(taken.values())


def _kind(file: SubtitleFile) -> str:
    if file.forced:
        return "forced"
    return "sdh" if file.described else "auto" if file.automatic else ""


def _safe(language: str) -> str:
    """Return the source's tag in a form that is valid in file names and addresses."""
    return _NO_TAG.sub("-", language)[:_LONGEST].strip("-") or _UNDETERMINED


def _free(language: str, kind: str, taken: Container[str]) -> str:
    plain = f"{language}-x-{kind}" if kind else language
    if language.lower() not in taken and kind != "forced":
        return language
    number, tried = 1, plain
    while tried.lower() in taken:
        number += 1
        tried = f"{plain}-{number}" if kind else f"{language}-x-{number}"
    return tried
