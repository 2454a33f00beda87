"""Cues of a WebVTT file that Ferry wrote."""

from __future__ import annotations

import re

Cue = tuple[float, float, str]  # start and end in seconds to a tenth, text

_TIMING = re.compile(r"([\d:.]+) --> ([\d:.]+)[^\n]*\n(.*)", re.DOTALL)


def read_cues(text: str) -> tuple[Cue, ...]:
    assert text.startswith("WEBVTT"), text[:40]
    found = filter(None, map(_TIMING.search, re.split(r"\n{2,}", text.strip())))
    return tuple((_seconds(cue[1]), _seconds(cue[2]), cue[3].strip()) for cue in found)


def _seconds(clock: str) -> float:
    hours, minutes, seconds = ([0.0, 0.0, *map(float, clock.split(":"))])[-3:]
    return round(hours * 3600 + minutes * 60 + seconds, 1)
