"""Whether, and when, a failed attempt is made again. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable

from downloads import conf
from downloads.engine.core.errors import DownloadError


def delay_before_retry(
    error: DownloadError, attempts: int, *, jitter: Callable[[], float] = random.random
) -> float | None:
    """Seconds until the next attempt; None: do not try again.

    ``attempts`` counts the one that just failed. The delay doubles, with up to half of it
    as jitter on top, and is never shorter than what the source asked for (``Retry-After``).
    """
    if error.permanent or attempts >= conf.MAX_ATTEMPTS:
        return None
    backoff = min(conf.BACKOFF_FIRST * 2 ** max(attempts - 1, 0), conf.BACKOFF_LONGEST)
    return max(backoff * (1 + jitter() / 2), error.retry_after or 0.0)


def lost_for_good(reclaims: int) -> bool:
    """Whether work whose worker died this often, without getting further, is poison."""
    return reclaims >= conf.MAX_RECLAIMS


def runs_alone(reclaims: int) -> bool:
    """Whether work is so suspect that nothing else should die with its worker."""
    return reclaims >= conf.SOLO_FROM_RECLAIM
