"""Inside the jail: numbers of an MPD. An invalid one counts as missing, as in players."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"\+?(\d{1,18})(?:\.(\d{0,18}))?")
_RANGE = re.compile(r"\s*(\d{1,18})\s*-\s*(\d{1,18})\s*")


def number(text: str | None) -> int | Fraction | None:
    """Return a number that is not negative: ``12``, ``12.0`` (12) or ``12.5``; else None."""
    if text and len(text) <= 18 and text.isascii() and text.isdigit():
        return int(text)
    match = _NUMBER.fullmatch(text.strip()) if text else None
    if match is None:
        return None
    if not (match[2] or "").strip("0"):
        return int(match[1])
    return Fraction(f"{match[1]}.{match[2]}")


def positive(text: str | None) -> int | Fraction | None:
    """Return a number above zero, else None."""
    return number(text) or None


def whole(text: str | None) -> int | None:
    """Return a whole number that is not negative, else None."""
    found = number(text)
    return found if isinstance(found, int) else None


def byte_range(text: str) -> tuple[int, int] | None:
    """Return the half-open range that ``first-last`` names, else None."""
    match = _RANGE.fullmatch(text)
    if match is None or int(match[2]) < int(match[1]):
        return None
    return int(match[1]), int(match[2]) + 1
