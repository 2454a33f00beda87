"""This process as a worker: its row, its heartbeat, and its running jobs."""

from __future__ import annotations

import logging
import math
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psutil
from django.conf import settings
from django.db import DatabaseError, connection, models
from django.db.models.functions import Now

from config.prepared import Prepared
from config.version import VERSION
from downloads import conf
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.models import Download, Worker
from downloads.querysets import WANTS
from downloads.queue import counters
from downloads.queue.claim import claim
from downloads.queue.lease import Lease, renew
from downloads.queue.process_space import process_space

log = logging.getLogger(__name__)

_worker: Final[Prepared[Worker]] = Prepared(
    lambda pk: Worker.objects.filter(pk=pk), models.UUIDField()
)
POLL_INTERVAL = 0.5  # seconds between two checks if the work is still wanted


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A lease, and the token that stops its work."""

    lease: Lease
    stop: StopToken


class WorkerProcess:
    """The worker of this process. Thread-safe.

    ``start()`` begins the heartbeat; ``shut_down()`` stops all running jobs.
    """

    def __init__(self) -> None:
        self._id = uuid.uuid4()
        self._jobs: dict[uuid.UUID, ClaimedJob] = {}
        self._lock = threading.Lock()
        self._ended = False
        self._alarm = threading.Event()  # ends a pause of the heart
        self._beat_at = math.inf  # on the monotonic clock; without a heart none is late
        self.stopping = threading.Event()
        self._heart = threading.Thread(target=self._live, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._beat_at = time.monotonic()
        self._heart.start()

    def row(self) -> Worker:
        """Return the worker's row: created here at first, and again if it was taken for dead."""
        if found := _worker(self._id):
            return found[0]
        worker, _ = Worker.objects.get_or_create(
            pk=self._id,
            defaults={
                "hostname": socket.gethostname(),
                "pid": os.getpid(),
                "process_started_at": psutil.Process().create_time(),
                "process_space": process_space(),
                "concurrency": settings.WORKER_CONCURRENCY,
                "version": VERSION,
                "ytdlp_version": version_in_use()[:64],
            },
        )
        return worker

    # --- work ---------------------------------------------------------------------------

    @contextmanager
    def claim(self) -> Iterator[ClaimedJob | None]:
        """Yield the next job, held with a heartbeat while the block runs; None if there is none."""
        # A claim has a connection of its own, which may work while the heart still waits on one
        # that was cut: it would take lease after lease, and lose them all.
        idle = self.stopping.is_set() or self.beat_age > conf.CLAIM_AFTER_BEAT
        job = None if idle else self._take()
        if job is None:
            yield None
            return
        try:
            yield job
        finally:
            with self._lock:
                del self._jobs[job.lease.token]

    def _take(self) -> ClaimedJob | None:
        claimed_at = time.monotonic()
        lease = claim(self.row())
        if lease is None:
            return None
        job = ClaimedJob(lease, StopToken())
        job.stop.hold_until(claimed_at + (conf.LEASE - conf.LEASE_MARGIN).total_seconds())
        with self._lock:
            self._jobs[lease.token] = job
        self._alarm.set()  # from here on someone may cancel it
        # shut_down() may have gone through the jobs between the claim and the line above.
        if self.stopping.is_set():
            job.stop.stop(StopReason.SHUTDOWN)
        return job

    @property
    def beat_age(self) -> float:
        """Seconds since the last heartbeat that the database took."""
        return time.monotonic() - self._beat_at

    @property
    def jobs(self) -> list[ClaimedJob]:
        with self._lock:
            return list(self._jobs.values())

    # --- ending -------------------------------------------------------------------------

    def shut_down(self) -> None:
        """Claim nothing more, and have all work checkpointed and handed back."""
        self.stopping.set()
        for job in self.jobs:
            job.stop.stop(StopReason.SHUTDOWN)

    def end(self) -> None:
        """Stop the heartbeat and delete the row."""
        self._ended = True
        self._alarm.set()
        # A beat under way would write the row again.
        self._heart.join(timeout=1)
        try:
            counters.add_to_ledger()
            Worker.objects.filter(pk=self._id).delete()
        except DatabaseError:
            log.warning("database unavailable, worker row left worker=%s", self._id)

    # --- heartbeat ----------------------------------------------------------------------

    def _live(self) -> None:
        next_beat = time.monotonic() + POLL_INTERVAL
        while self._pause(next_beat):
            try:
                if time.monotonic() >= next_beat:
                    next_beat = time.monotonic() + conf.HEARTBEAT_INTERVAL
                    self._beat()
                    counters.add_to_ledger()
                self._stop_unwanted()
            except DatabaseError as error:
                # The leases run out by themselves: StopToken fences the work in time.
                log.warning("database unavailable, heartbeat late error=%s", type(error).__name__)
                connection.close()

    def _pause(self, next_beat: float) -> bool:
        """Wait: with jobs, until their holders are to be asked; without, until the next beat or
        the first job. Return False at the end."""
        pause = POLL_INTERVAL if self.jobs else max(next_beat - time.monotonic(), 0.0)
        self._alarm.wait(pause)
        self._alarm.clear()
        return not self._ended

    def _beat(self) -> None:
        began = time.monotonic()
        beat = {
            "heartbeat_at": Now(),
            "stopping": self.stopping.is_set(),
            "ytdlp_version": version_in_use()[:64],
        }
        own = Worker.objects.filter(pk=self._id)
        if not own.update(**beat):
            self.row()
            own.update(**beat)
        for job in self.jobs:
            # A hang must lose its lease; a long mux, which beats, must not.
            if job.stop.idle_seconds < conf.HANG_AFTER:
                renew(job.lease, job.stop)
        self._beat_at = began

    def _stop_unwanted(self) -> None:
        """Stop work that no holder wants any more: all cancelled, paused or deleted it."""
        jobs = {job.lease.rendition_id: job for job in self.jobs}
        if not jobs:
            return
        wanted = Download.objects.filter(WANTS, rendition__in=jobs).order_by()
        for pk in jobs.keys() - set(wanted.values_list("rendition_id", flat=True)):
            jobs[pk].stop.stop(StopReason.UNWANTED)
