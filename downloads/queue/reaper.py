"""The reaper: work whose worker is silent, or surely gone, goes back to the queue."""

from __future__ import annotations

import logging
import os
import socket
import uuid
from typing import Final

import psutil
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from downloads import conf
from downloads.engine.core.errors import WorkerLost
from downloads.models import Rendition, Worker
from downloads.querysets import RenditionQuerySet
from downloads.queue.demand import FORGET
from downloads.queue.process_space import gone_from_here
from downloads.queue.retry import lost_for_good
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, Status, move, stamp_failure

LONGEST_LEASE: Final = 2 * conf.LEASE
log = logging.getLogger(__name__)


def reap() -> int:
    """Take back every lapsed lease. Return their number."""
    return _take_back_all(Rendition.objects.lapsed(LONGEST_LEASE))


def reap_gone() -> int:
    """Take back the leases of workers that ran here and are surely gone, and drop their rows.
    Return the number of leases.

    Called by the worker that is started in the place of one that died: what is certain need not
    wait for a lease to lapse.
    """
    gone = gone_from_here()
    taken = _take_back_all(Rendition.objects.leased().filter(worker__in=gone))
    for worker in gone:
        log.info("worker gone worker=%s", worker)
        worker.delete()
    return taken


def _take_back_all(lost: RenditionQuerySet) -> int:
    return sum(_take_back(each, lost) for each in lost.select_related("worker"))


@transaction.atomic
def _take_back(rendition: Rendition, lost: RenditionQuerySet) -> bool:
    worker = str(rendition.worker or "")
    reclaims = rendition.reclaims + 1
    poison = rendition.status == Status.RUNNING and lost_for_good(reclaims)
    fields = {**NO_LEASE, "reclaims": reclaims, "next_attempt_at": Now(), "waits_since": Now()}
    if poison:
        note = TransitionNote("failed", WorkerLost.default_message, WorkerLost.code, worker)
        # As after any failure: the next attempt begins at zero, and its parts are swept.
        fields |= {**FORGET, "error_code": WorkerLost.code, "error": WorkerLost.default_message}
    else:
        note = TransitionNote(
            "worker_lost", "The worker stopped responding; another one resumes.", "", worker
        )
    # The token makes it a compare-and-set: a heartbeat that comes just in time wins.
    if not _is_still(lost, rendition) or not move(
        rendition.pk,
        rendition.status,
        Status.FAILED if poison else Status.QUEUED,
        note,
        lease=rendition.lease_token,
        **fields,
    ):
        return False
    if poison:
        stamp_failure(rendition, error_code=WorkerLost.code, error=WorkerLost.default_message)
    log.warning("lease lost rendition=%s worker=%s reclaims=%d", rendition.pk, worker, reclaims)
    return True


def _is_still(lost: RenditionQuerySet, rendition: Rendition) -> bool:
    """Lock the row and return if its lease is still lost."""
    # A late heartbeat may have renewed it since the first query.
    locked = lost.select_for_update().filter(pk=rendition.pk)
    return locked.filter(lease_token=rendition.lease_token).first() is not None


def forget_dead_workers(silent_before: frozenset[uuid.UUID]) -> frozenset[uuid.UUID]:
    """End processes of this host that hang, and drop the rows of those long gone.

    Return the workers that are silent now. Only one that was silent at the last check too is ended:
    when a machine wakes from sleep, all of them have been silent for long and are well.
    """
    silent = Worker.objects.exclude(pk__in=Worker.objects.alive(conf.LEASE))
    if not silent.exists():
        return frozenset()
    holding = Rendition.objects.leased().filter(worker=OuterRef("pk"))
    here = silent.filter(hostname=socket.gethostname(), pk__in=silent_before)
    for worker in here.exclude(Exists(holding)):
        _end(worker)
    silent.filter(heartbeat_at__lt=Now() - conf.WORKER_FORGOTTEN_AFTER).delete()
    return frozenset(silent.values_list("pk", flat=True))


def _end(worker: Worker) -> None:
    """Kill the process of this worker, if it is surely the same: all its leases have lapsed."""
    worker.delete()
    try:
        process = psutil.Process(worker.pid)
        same = abs(process.create_time() - worker.process_started_at) < 1
        if same and worker.pid != os.getpid():
            log.warning("worker hangs, killed worker=%s", worker)
            process.kill()
    except psutil.NoSuchProcess:
        log.info("worker gone worker=%s", worker)
