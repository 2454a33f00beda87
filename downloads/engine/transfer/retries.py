"""The retry policy within one transfer. Pure but for its counts."""

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

# Temporary errors of the source or the network: the next attempt may succeed.
PASSING = (NetworkError, BadResponse, Incomplete, Stalled, RateLimited)
# Refusals. Of a further connection while others are served, one means "no more of them".
REFUSALS = (*LINK_REFUSED, GeoBlocked, NotMedia)


class Retries:
    """A count of failures in a row, with nothing delivered in between."""

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
        """Note a failure and the time of the next attempt, or raise it if it was one too many.

        With ``others`` still under way, only an error that no other attempt can fix is raised.
        ``delivered``: the failed one had brought bytes: many that break at once do not count as a
        row.
        """
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
