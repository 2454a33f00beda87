"""The maintenance loop: reap, wake, expire, sweep, deliver.

It is no Celery task: it would starve behind hour-long downloads, and need Redis. Every worker runs
it, in a thread, and so does the scheduler process, where there is one; one of them acts at a time.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.models import Q
from django.db.models.functions import Now

from downloads import conf
from downloads.delivery.upkeep import Upkeep
from downloads.engine.core.errors import DownloadError, StorageUnavailable
from downloads.engine.resolver import prewarm
from downloads.jobs import prober
from downloads.jobs.due_work import DueWork
from downloads.jobs.extractor_updates import ExtractorUpdates
from downloads.jobs.leftovers import sweep_host
from downloads.jobs.lost import expire_unless_all_lost
from downloads.jobs.release import release_unheld, sweep_left_behind
from downloads.line import at_work, heads, turns
from downloads.models import (
    Content,
    Download,
    IdempotencyKey,
    MaintenanceTurn,
    QueueEntry,
    RealtimeTicket,
    SourceHost,
)
from downloads.querysets import over
from downloads.queue import counters, entries, figures, wake
from downloads.queue.clock import StepWatch
from downloads.queue.fairness import limits_of
from downloads.queue.ledger_check import repair_unfinished
from downloads.queue.reaper import forget_dead_workers, reap
from downloads.queue.transitions import mark
from downloads.webhooks.deliverer import Deliverer
from downloads.webhooks.settle import prune

log = logging.getLogger(__name__)

TURN = "maintenance"
SWEEP_INTERVAL = 25.0  # seconds
TAKE_INTERVAL = 3.0  # seconds between two attempts to take the turn of another loop


class Maintenance:
    """The loop. ``run()`` blocks until ``stop()``. Any number may run, anywhere."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._holder = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._clock = clock
        self._stopped = threading.Event()
        self._clock_steps = StepWatch()
        self._next_turn = 0.0
        self._next_reap = 0.0
        self._next_sweep = 0.0
        self._next_host_sweep = 0.0
        self._silent: frozenset[uuid.UUID] = frozenset()
        self._acts = False
        self._due_work = DueWork()
        self._upkeep = Upkeep(self._stopped, expire_unless_all_lost)
        self._deliverer = Deliverer(self._stopped)
        self._extractor_updates = ExtractorUpdates()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.wait(conf.WAKE_INTERVAL):
            try:
                if self._is_needed():
                    self.turn()
            except (DatabaseError, DownloadError) as error:
                log.warning("maintenance failed, retrying error=%s", type(error).__name__)
                connection.close()
            except Exception:
                # The loop must survive any error that one row causes.
                log.exception("maintenance failed: unexpected")
                connection.close()
        self._give_up_turn()
        connection.close()

    def _is_needed(self) -> bool:
        """Return True if a round is due, or some work is, which only the acting loop looks for."""
        return self._clock() >= self._next_turn or (self._acts and self._due_work.exists())

    def turn(self) -> bool:
        """Run one round: of this host always, of the ledger if it is this loop's turn. Return if it
        was."""
        now = self._clock()
        self._acts = False
        self._next_turn = now + TAKE_INTERVAL
        if now >= self._next_host_sweep:
            self._next_host_sweep = now + SWEEP_INTERVAL
            sweep_host()
            self._extractor_updates.nudge()
            prewarm.rest(conf.WARM_FOR)
        is_steady = self._clock_steps.is_steady()
        if not take_turn(self._holder):
            return False
        self._acts = True
        self._next_turn = now + conf.MAINTENANCE_INTERVAL
        if now >= self._next_reap and is_steady:
            self._next_reap = now + conf.MAINTENANCE_INTERVAL
            if reap():  # what failed for good left its parts
                self._next_host_sweep = 0.0
            self._silent = forget_dead_workers(self._silent)
            expire()
            entries.ripen_after_step()
            counters.add_to_ledger()
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP_INTERVAL
            sweep()
            self._upkeep.nudge()
        if self._due_work.exists():
            wake_workers()
            self._deliverer.nudge()
        return True

    def _give_up_turn(self) -> None:
        """Let another loop act at once, not only when the turn of this one has lapsed."""
        try:
            MaintenanceTurn.objects.filter(holder=self._holder).update(expires_at=Now())
        except DatabaseError as error:
            log.warning("maintenance turn not given up error=%s", type(error).__name__)


def take_turn(holder: str) -> bool:
    """Take or keep the turn. A silent holder loses it after a while."""
    _turn, _ = MaintenanceTurn.objects.get_or_create(
        name=TURN, defaults={"holder": holder, "expires_at": Now() + conf.MAINTENANCE_TURN}
    )
    lapsed = Q(expires_at__lt=Now()) | Q(expires_at__gt=Now() + 2 * conf.MAINTENANCE_TURN)
    free = Q(holder=holder) | lapsed  # the second, if the clock was set back since
    # Most rounds end here, without a write: SQLite has one writer.
    if not MaintenanceTurn.objects.filter(free, name=TURN).exists():
        return False
    kept = MaintenanceTurn.objects.filter(free, name=TURN).update(
        holder=holder, expires_at=Now() + conf.MAINTENANCE_TURN, done_at=Now()
    )
    return kept == 1


def wake_workers() -> None:
    """Send at most as many wake-ups as there are free slots, and only while something is queued."""
    slots = free_slots()
    entries.ripen()
    if slots and QueueEntry.objects.filter(ready=True).exists():
        now = at_work()
        first = heads(alone=True)
        waiting = turns(now.by_user, limits_of(first).passed(now), first=first)
        wake.send(min(len(waiting), slots))
    if prober.waiting().exists():
        wake.send_probe()


def free_slots() -> int:
    live = [worker for worker in figures.live_workers() if not worker.stopping]
    return sum(max(worker.concurrency - worker.running, 0) for worker in live)


def expire() -> int:
    """Mark expired downloads and free unheld files. Return their number."""
    due = Download.objects.filter(expires_at__lte=Now(), expired_at=None, cancelled_at=None)
    if not due.exists():  # a tenth of what the query with the status takes
        return 0
    rows = due.with_status()[:500]
    expired = [download for download in rows if mark(download, "expired", expired_at=Now())]
    for download in expired:
        release_unheld(download.rendition_id)
    return len(expired)


def sweep() -> None:
    """Remove leftovers that the ledger names, and rows that have expired."""
    try:
        sweep_left_behind()
    except StorageUnavailable as error:
        log.warning("storage unavailable, leftovers kept detail=%r", error.detail)
    if repaired := repair_unfinished():
        log.warning("stored states repaired count=%d", repaired)
    Content.objects.of_gone_owners().delete()
    prune()
    IdempotencyKey.objects.filter(created_at__lt=Now() - conf.IDEMPOTENCY_KEPT).delete()
    RealtimeTicket.objects.filter(expires_at__lt=Now()).delete()
    SourceHost.objects.filter(over("cooling_until", "cooling_since")).delete()
