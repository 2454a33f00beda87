"""Inside the jail: an xs:duration as seconds."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,20})?)S)?)?"
)
_IN_SECONDS = {
    "years": 31_536_000, "months": 2_592_000, "days": 86_400, "hours": 3600, "minutes": 60,
    "seconds": 1,
}  # fmt: skip


def seconds(said: str) -> float | None:
    """None for what is no duration, or is not said."""
    match = _DURATION.fullmatch(said.strip())
    if match is None or said.strip() in ("P", "PT"):
        return None
    parts = match.groupdict(default="0")
    return sum(float(parts[unit]) * length for unit, length in _IN_SECONDS.items())
