"""Progress reports of running work, into the ledger and from there to all viewers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection

from downloads.engine.core.progress import Phase, Progress, Throttle
from downloads.events.announce import announce_progress
from downloads.jobs.speed_samples import SpeedSamples
from downloads.queue import counters
from downloads.queue.lease import Lease, report

log = logging.getLogger(__name__)

_MOST_BYTES = 2**53  # the limit of a browser's numbers


class ProgressReporter:
    """The one throttle between engine and viewers: it may be called at any rate, and tells pages
    four times a second at most.

    The row is written as often, and for each new phase and the last byte: what reads it next
    must find these. Raises Stopped if the lease is lost.
    """

    def __init__(self, lease: Lease, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease = lease
        self._throttle = Throttle(clock)
        self._samples = SpeedSamples()
        self._stage: tuple[Phase, bool] | None = None
        self._counted: int | None = None

    def __call__(self, now: Progress) -> None:
        last = now.bytes_done == now.bytes_total and now.phase is Phase.DOWNLOADING
        stage = (now.phase, last)
        is_due = self._throttle.is_due()
        if not is_due and stage == self._stage:
            return
        self._stage = stage
        self._count(now)
        fields: dict[str, Any] = {
            "phase": now.phase,
            "bytes_done": now.bytes_done,
            "bytes_total": None if now.bytes_total is None else min(now.bytes_total, _MOST_BYTES),
            "speed": now.speed,
            "eta": now.eta,
            "progress": now.percent,
        }
        if now.phase is Phase.DOWNLOADING:
            self._samples.add(now.speed)
            if (drawn := self._samples.due(last=last)) is not None:
                fields["speed_samples"] = drawn
        try:
            report(self._lease, **fields)
            if is_due:
                announce_progress(self._lease.rendition_id)
        except DatabaseError as error:
            # The work continues while the lease is good; the stop token ends it in time.
            pk, name = self._lease.rendition_id, type(error).__name__
            log.warning("database unavailable, progress lost rendition=%s error=%s", pk, name)
            connection.close()

    def _count(self, now: Progress) -> None:
        """Count the bytes that have come since the last report."""
        if now.phase is not Phase.DOWNLOADING:
            return
        if self._counted is None:
            self._counted = now.resumed_bytes
            counters.RESUMED_BYTES.inc(now.resumed_bytes)
        # A changed source is begun again: what comes then comes twice.
        counters.FETCHED_BYTES.inc(now.bytes_done - min(self._counted, now.bytes_done))
        self._counted = now.bytes_done
