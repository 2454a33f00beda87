"""Time expressions of TTML (https://www.w3.org/TR/ttml2/, section 12.3). Pure; runs in the jail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

_CLOCK = re.compile(r"(\d+):(\d{1,2}):(\d{1,2})(?:[.,](\d+)|[:;](\d+)(?:\.(\d+))?)?")
_OFFSET = re.compile(r"(\d+(?:[.,]\d+)?)(h|ms|m|s|f|t)?")
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_NTSC_MINUTE: Final = {30: 2, 60: 4}  # frames that drop-frame time code leaves out of a minute


@dataclass(frozen=True, slots=True)
class TimeBase:
    """The parameters of time expressions. ``nominal``: the frames that a second of time code
    counts; ``frames``, ``ticks``: those of a real second. ``drops``: for ``dropNTSC`` (SMPTE ST
    12-1)."""

    nominal: float = 30.0
    frames: float = 30.0
    subframes: float = 1.0
    ticks: float = 1.0
    is_time_code: bool = False
    drops: bool = False

    def seconds(self, expression: str) -> float:
        """Return the seconds of a time expression. Raises ValueError for an invalid one."""
        text = expression.strip()
        if match := _CLOCK.fullmatch(text):
            return self._clock(*match.groups())
        if match := _OFFSET.fullmatch(text):
            units = {**_UNITS, "f": 1 / self.frames, "t": 1 / self.ticks}
            return float(match[1].replace(",", ".")) * units[match[2] or "s"]
        raise ValueError("no time")

    def _clock(
        self,
        hours: str,
        minutes: str,
        seconds: str,
        fraction: str | None,
        frames: str | None,
        subframes: str | None,
    ) -> float:
        whole = int(hours[-9:]) * 3600 + int(minutes) * 60 + int(seconds)
        if frames is None and not self.is_time_code:
            return whole + float(f"0.{(fraction or '0')[:9]}")
        counted = int((frames or "0")[-9:]) + int((subframes or "0")[-9:]) / self.subframes
        if not self.is_time_code:
            return whole + counted / self.frames
        if self.drops and (left_out := _NTSC_MINUTE.get(round(self.nominal))):
            counted -= left_out * (whole // 60 - whole // 600)
        return (whole * self.nominal + counted) / self.frames + float(f"0.{(fraction or '0')[:9]}")


def time_base(root: Element) -> TimeBase:
    """Return the parameters of the root element; an invalid number counts as missing."""
    nominal = _number(_parameter(root, "frameRate")) or 30.0
    top, _, bottom = _parameter(root, "frameRateMultiplier").replace(":", " ").partition(" ")
    multiplier = (_number(top) or 1.0) / (_number(bottom) or 1.0)
    subframes = _number(_parameter(root, "subFrameRate")) or 1.0
    frames = nominal * multiplier
    ticks = _number(_parameter(root, "tickRate"))
    if not ticks:
        ticks = frames * subframes if _parameter(root, "frameRate") else 1.0
    return TimeBase(
        nominal,
        frames,
        subframes,
        ticks,
        is_time_code=_parameter(root, "timeBase") == "smpte",
        drops=_parameter(root, "dropMode") == "dropNTSC",
    )


def _parameter(root: Element, name: str) -> str:
    """Return a parameter in the parameters' namespace, of any year; some write it without."""
    found = (value for key, value in root.attrib.items() if key.rpartition("}")[2] == name)
    return next(found, "").strip()


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < 1e12 else None
