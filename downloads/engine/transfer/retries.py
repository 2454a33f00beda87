"""When to try again within one transfer, and when to give up. Pure but for what it counts."""

from __future__ import annotations

from downloads.engine.core.errors import (
    LINK_REFUSED,
    BadResponse,
    DownloadError,
    GeoBlocked,
    Incomplete,
    NetworkError,
    NotMedia,
    RateLimited,
    Stalled,
)
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.plan import backoff

# The source's or the network's mood: the next attempt may go well.
PASSING = (NetworkError, BadResponse, Incomplete, Stalled, RateLimited)
# A refusal. Of a further connection while others are served, it means "no more of them".
REFUSALS = (*LINK_REFUSED, GeoBlocked, NotMedia)


class Retries:
    """Failures in a row, with nothing delivered in between."""

    def __init__(self, config: TransferConfig) -> None:
        self._config = config
        self._failures = 0
        self._received = 0
        self.not_before = 0.0

    def failed(
        self,
        error: DownloadError,
        now: float,
        received: int,
        *,
        others: bool = False,
        delivered: bool = False,
    ) -> None:
        """Note a failure and when to try again, or raise it when it was one too many; with
        ``others`` still under way, only what no other attempt can mend is raised.
        ``delivered``: what failed had brought bytes: many that break at once are no row."""
        if delivered or received > self._received:
            self._failures = 0
        self._received = received
        self._failures += 1
        config = self._config
        wait = backoff(self._failures, config.backoff, config.backoff_limit)
        wait = max(wait, error.retry_after or 0.0)
        hopeless = self._failures >= config.segment_attempts or wait > config.patience
        if not isinstance(error, PASSING) or (hopeless and not others):
            raise error
        self.not_before = max(self.not_before, now + min(wait, config.patience))
