"""The retry policy of failed attempts. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable

from downloads import conf
from downloads.engine.core.errors import DownloadError


def delay_before_retry(
    error: DownloadError, attempts: int, *, jitter: Callable[[], float] = random.random
) -> float | None:
    """Return the seconds until the next attempt; None: do not try again.

    ``attempts`` counts the one that just failed. The delay doubles, with up to half of it as jitter
    on top, and is never shorter than the source requested (``Retry-After``).
    """
    if error.permanent or attempts >= conf.MAX_ATTEMPTS:
        return None
    backoff = min(conf.BACKOFF_FIRST * 2 ** max(attempts - 1, 0), conf.BACKOFF_LONGEST)
    return max(backoff * (1 + jitter() / 2), error.retry_after or 0.0)


def lost_for_good(reclaims: int) -> bool:
    """Return if work whose worker died this often, without progress, is poison."""
    return reclaims >= conf.MAX_RECLAIMS


def runs_alone(reclaims: int) -> bool:
    """Return if work is so suspect that nothing else may die with its worker."""
    return reclaims >= conf.SOLO_FROM_RECLAIM
