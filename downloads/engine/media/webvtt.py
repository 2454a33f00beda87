"""WebVTT, as browsers read it. Pure; runs in the jail.

The parser algorithm of https://www.w3.org/TR/webvtt1/ (section 6.1), with the extensions of hls.js
and ffmpeg: times with a comma, without hours, or with any number of decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.media.cues import Cue

TICKS: Final = 90_000  # a second of MPEG-TS

_SIGNATURE = re.compile(r"WEBVTT(?=[ \t\n]|$)")
_TIME: Final = r"(?:(\d+):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d+))?"
_TIMING = re.compile(rf"[ \t\f]*{_TIME}[ \t\f]*-->[ \t\f]*{_TIME}(?![\d:])(.*)")
_LOCAL = re.compile(rf"LOCAL:\s*{_TIME}", re.IGNORECASE)
_MPEGTS = re.compile(r"MPEGTS:\s*(-?\d{1,20})", re.IGNORECASE)
_MAP: Final = "X-TIMESTAMP-MAP"
_SETTING = re.compile(r"(?:vertical|line|position|size|align|region):[^\s:]\S*")
_REGION_ID = re.compile(r"(?:^|\s)id[:=](\S+)")


@dataclass(frozen=True, slots=True)
class TimestampMap:
    """A mapping of clocks: ``local``, a cue time in seconds, is the moment ``ticks`` of the
    picture's clock at 90 kHz (RFC 8216, section 3.5)."""

    ticks: int
    local: float


@dataclass(slots=True)
class WebVtt:
    """One file. ``regions``: the bodies of its REGION blocks, by id."""

    cues: list[Cue] = field(default_factory=list)
    map: TimestampMap | None = None
    regions: dict[str, str] = field(default_factory=dict)


def is_webvtt(text: str) -> bool:
    return _SIGNATURE.match(text.lstrip("\ufeff \t\n")) is not None


def read(text: str) -> Iterator[WebVtt]:
    """Yield the file; each of them if several follow one another. Lines end with LF."""
    lines = text.lstrip("\ufeff \t\n").replace("\x00", "\ufffd").split("\n")
    begins = [place for place in range(len(lines)) if _begins_file(lines, place)]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        yield _File(lines[begin + 1 : end]).read()


def _begins_file(lines: list[str], place: int) -> bool:
    """Return if a file's signature is here: some sources put all segments' files into one."""
    if not _SIGNATURE.match(lines[place]):
        return False
    follows = lines[place + 1] if place + 1 < len(lines) else ""
    return not place or (not lines[place - 1] and "-->" not in follows)


class _File:
    """One file, from the line after the signature on."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._found = WebVtt()

    def read(self) -> WebVtt:
        if self._lines and self._lines[0]:
            self._header()
        while self._at < len(self._lines):
            if self._lines[self._at]:
                self._block()
            else:
                self._at += 1
        return self._found

    def _header(self) -> None:
        while self._at < len(self._lines) and self._lines[self._at]:
            line = self._lines[self._at]
            if "-->" in line:
                return
            self._take_map(line)
            self._at += 1

    def _take_map(self, line: str) -> None:
        """Take a timestamp map; one without a time on the picture's clock is ignored."""
        if self._found.map is not None or not line.upper().startswith(_MAP):
            return
        if ticks := _MPEGTS.search(line):
            local = _LOCAL.search(line)
            seconds = _seconds(local.groups()) if local else 0.0
            self._found.map = TimestampMap(int(ticks[1]), seconds)

    def _block(self) -> None:
        """Take one block. A line with an arrow ends it, unless it is the first or, behind an
        identifier, the second."""
        timing: tuple[float, float, str] | None = None
        has_arrow = False
        kept: list[str] = []
        count = 0
        while self._at < len(self._lines) and (line := self._lines[self._at]):
            count += 1
            if "-->" in line:
                if has_arrow or count > 2:
                    break
                has_arrow = True
                timing = _timing(line)
                if timing is not None:
                    kept = []
            else:
                kept.append(line)
            self._at += 1
        if timing is not None:
            self._found.cues.append(Cue(timing[0], timing[1], "\n".join(kept), timing[2]))
        elif kept and not has_arrow:
            self._take_definition(kept)

    def _take_definition(self, lines: list[str]) -> None:
        for line in lines:
            self._take_map(line)
        if self._found.cues or lines[0].rstrip(" \t") != "REGION":
            return
        body = "\n".join(lines[1:])
        if name := _REGION_ID.search(body):
            self._found.regions.setdefault(name[1], body)


def _timing(line: str) -> tuple[float, float, str] | None:
    """Return start, end, and the settings that a browser knows; None if it is no timing."""
    match = _TIMING.match(line)
    if match is None:
        return None
    settings = [word for word in match[9].split() if _SETTING.fullmatch(word)]
    groups = match.groups()
    return _seconds(groups[:4]), _seconds(groups[4:8]), " ".join(settings)


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in clock[:4])
    whole = int(hours[-9:]) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + float(f"0.{fraction[:9]}")
