"""The age of yt-dlp: sites change, and it follows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from downloads.doctor.finding import Finding, fail, ok, warn

OLD_AFTER: Final = 60  # days


def probe() -> Iterator[Finding]:
    try:
        found = version("yt-dlp")
    except PackageNotFoundError:
        yield fail("ytdlp", "yt-dlp is not installed.", "Install Ferry's requirements again.")
        return
    yield judge(found, datetime.now(UTC).date())


def judge(found: str, today: date) -> Finding:
    """Return the finding of a version, which is a date such as 2026.10.26. Pure."""
    try:
        released = date(*map(int, found.split(".")[:3]))
    except (TypeError, ValueError):
        return ok("ytdlp", f"yt-dlp is {found}.")
    age = (today - released).days
    text = f"yt-dlp is {found}, {max(age, 0)} days old"
    if age > OLD_AFTER:
        return warn("ytdlp", f"{text}: sites that changed since may fail.", "Update it, or Ferry.")
    return ok("ytdlp", f"{text}.")
