"""Progress reports of running work, into the ledger and from there to all viewers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection

from downloads import conf
from downloads.engine.core.media import Phase
from downloads.engine.core.progress import Progress
from downloads.jobs.speed_samples import SpeedSamples
from downloads.queue.lease import Lease, report

log = logging.getLogger(__name__)

_MOST_BYTES = 2**53  # the limit of a browser's numbers


class ProgressReporter:
    """A reporter that may be called at any rate: it writes four times a second at most.

    Raises Stopped if the lease is lost.
    """

    def __init__(self, lease: Lease, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease = lease
        self._clock = clock
        self._samples = SpeedSamples()
        self._reported_at = float("-inf")
        self._phase: Phase | None = None

    def __call__(self, now: Progress) -> None:
        last = now.bytes_done == now.bytes_total and now.phase is Phase.DOWNLOADING
        if now.phase is self._phase and not last and not self._is_due:
            return
        self._reported_at, self._phase = self._clock(), now.phase
        self._report(now, last)

    @property
    def _is_due(self) -> bool:
        waited = self._clock() - self._reported_at
        return waited >= conf.PROGRESS_INTERVAL * 0.9  # ticks are not exact

    def _report(self, now: Progress, last: bool) -> None:
        samples: dict[str, Any] = {}
        total = None if now.bytes_total is None else min(now.bytes_total, _MOST_BYTES)
        if now.phase is Phase.DOWNLOADING:
            self._samples.add(now.speed)
            if (drawn := self._samples.due(last=last)) is not None:
                samples["speed_samples"] = drawn
        try:
            report(
                self._lease,
                phase=now.phase,
                bytes_done=now.bytes_done,
                bytes_total=total,
                speed=now.speed,
                eta=now.eta,
                progress=now.percent,
                **samples,
            )
        except DatabaseError as error:
            # The work continues while the lease is good; the stop token ends it in time.
            pk, name = self._lease.rendition_id, type(error).__name__
            log.warning("database unavailable, progress lost rendition=%s error=%s", pk, name)
            connection.close()
