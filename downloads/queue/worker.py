"""This process as a worker: its row, its heartbeat, and the work it has in hand."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from downloads import conf
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.models import Rendition, Worker
from downloads.queue.claim import claim
from downloads.queue.lease import Lease, renew

log = logging.getLogger(__name__)

LOOK_INTERVAL = 0.5  # seconds between two looks at whether the work is still wanted


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    lease: Lease
    stop: StopToken


class WorkerProcess:
    """Thread-safe. ``start()`` begins the heartbeat; ``shut_down()`` ends all work in hand."""

    def __init__(self) -> None:
        self._id = uuid.uuid4()
        self._jobs: dict[uuid.UUID, ClaimedJob] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.stopping = threading.Event()
        self._heart = threading.Thread(target=self._live, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._heart.start()

    # --- work ---------------------------------------------------------------------------

    @contextmanager
    def claim(self) -> Iterator[ClaimedJob | None]:
        """The next piece of work, held with a heartbeat while the block runs; None: nothing."""
        job = None if self.stopping.is_set() else self._take()
        if job is None:
            yield None
            return
        try:
            yield job
        finally:
            with self._lock:
                del self._jobs[job.lease.token]

    def _take(self) -> ClaimedJob | None:
        asked_at = time.monotonic()
        lease = claim(self._row())
        if lease is None:
            return None
        job = ClaimedJob(lease, StopToken())
        job.stop.hold_until(asked_at + (conf.LEASE - conf.LEASE_MARGIN).total_seconds())
        with self._lock:
            self._jobs[lease.token] = job
        # shut_down() may have gone through the jobs between the claim and the line above
        if self.stopping.is_set():
            job.stop.stop(StopReason.SHUTDOWN)
        return job

    def _row(self) -> Worker:
        """The worker's row, made anew where somebody took this process for dead."""
        worker, _ = Worker.objects.get_or_create(
            pk=self._id,
            defaults={
                "hostname": socket.gethostname(),
                "pid": os.getpid(),
                "process_started_at": psutil.Process().create_time(),
                "concurrency": settings.WORKER_CONCURRENCY,
            },
        )
        return worker

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
        """The last word: no heartbeat after this, and no row."""
        self._ended.set()
        # a beat under way would write the row anew
        self._heart.join(timeout=1)
        try:
            Worker.objects.filter(pk=self._id).delete()
        except DatabaseError:
            log.warning("the worker's row stays: the database is away")

    # --- heartbeat ----------------------------------------------------------------------

    def _live(self) -> None:
        next_beat = 0.0
        while not self._ended.wait(LOOK_INTERVAL):
            try:
                if time.monotonic() >= next_beat:
                    next_beat = time.monotonic() + conf.HEARTBEAT_INTERVAL
                    self._beat()
                self._look()
            except DatabaseError as error:
                # the leases run out by themselves: StopToken fences the work in time
                log.warning("no heartbeat, the database is away: %s", type(error).__name__)
                connection.close()

    def _beat(self) -> None:
        self._row()
        Worker.objects.filter(pk=self._id).update(
            heartbeat_at=Now(), stopping=self.stopping.is_set()
        )
        for job in self.jobs:
            # a hang must lose its lease; a long mux, which beats, must not
            if job.stop.idle_seconds < conf.HANG_AFTER:
                renew(job.lease, job.stop)

    def _look(self) -> None:
        """Put down what nobody wants any more: cancelled, paused or deleted by every holder."""
        jobs = {job.lease.rendition_id: job for job in self.jobs}
        if not jobs:
            return
        wanted = Rendition.objects.filter(pk__in=jobs).wanted().values_list("pk", flat=True)
        for pk in jobs.keys() - set(wanted):
            jobs[pk].stop.stop(StopReason.UNWANTED)
