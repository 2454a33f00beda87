"""The age of the oldest yt-dlp that a worker uses: sites change, and it follows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from django.db import DatabaseError

from downloads.doctor.finding import Finding, ok, warn
from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.queue.figures import ytdlp_versions

OLD_AFTER: Final = 60  # days


def probe() -> Iterator[Finding]:
    try:
        oldest = ytdlp_versions()[0]
    except DatabaseError:
        oldest = version_in_use()
    yield judge(oldest, datetime.now(UTC).date())


def judge(found: str, today: date) -> Finding:
    """Return the finding of a version, which is a date such as 2026.10.26. Pure."""
    try:
        released = date(*map(int, found.split(".")[:3]))
    except (TypeError, ValueError):
        return ok("ytdlp", f"yt-dlp is {found}.")
    age = (today - released).days
    text = f"yt-dlp is {found}, {max(age, 0)} days old"
    if age > OLD_AFTER:
        return warn(
            "ytdlp",
            f"{text}: sites that changed since may fail.",
            "Run on each worker's host: manage.py ytdlp update. Or set YTDLP_UPDATES=stable.",
        )
    return ok("ytdlp", f"{text}.")
