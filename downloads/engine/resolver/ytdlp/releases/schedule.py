"""The schedule of checks for a newer release. Pure."""

from __future__ import annotations

import random
from typing import Final

DAY: Final = 86_400.0  # seconds
_SOON: Final = 7_200.0  # seconds, after a check that failed
_JITTER: Final = 0.25  # of that, so that hosts do not ask the index at one moment
_FIRST: Final = 600.0  # seconds after a start, at most


def next_check(
    checked_at: float | None, *, began: float, now: float, host: str, failed: bool = False
) -> float:
    """Return the Unix time of the next check: about a day after the last one, ``checked_at``, or
    about two hours if that ``failed``. Some minutes after this process ``began`` if there was
    none, or it lies in the future. The jitter is the host's own, and new for each check."""
    if checked_at is None or checked_at > now:
        return began + random.Random(host).uniform(0, _FIRST)
    jitter = random.Random(f"{host} {checked_at}").uniform(-_JITTER, _JITTER)
    return checked_at + (_SOON if failed else DAY) * (1 + jitter)
