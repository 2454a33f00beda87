"""Inside the jail: an xs:duration and an xs:dateTime as seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction

_SECONDS = r"\d{1,12}(?:[.,]\d{0,20})?|[.,]\d{1,20}"
_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<days>\d{1,6})D)?"
    rf"(?:T(?:(?P<hours>\d{{1,9}})H)?(?:(?P<minutes>\d{{1,9}})M)?(?:(?P<seconds>{_SECONDS})S)?)?"
)
_IN_SECONDS = {
    "years": 31_536_000, "months": 2_592_000, "days": 86_400, "hours": 3600, "minutes": 60,
    "seconds": 1,
}  # fmt: skip


def seconds(text: str | None) -> Fraction | None:
    """Return the exact number of seconds; None if it is no duration, or missing."""
    match = _DURATION.fullmatch(text.strip()) if text else None
    if match is None or not any(match.groups()):
        return None
    parts = match.groupdict(default="0")
    return sum((_fraction(parts[unit]) * each for unit, each in _IN_SECONDS.items()), Fraction())


def moment(text: str | None) -> float | None:
    """Return the seconds since 1970 of a dateTime, UTC if it names no zone; else None."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _fraction(digits: str) -> Fraction:
    before, _, after = digits.replace(",", ".").partition(".")
    return Fraction(f"{before or 0}.{after or 0}")
