"""Claims: the fairest work there is, taken exactly once."""

from __future__ import annotations

import uuid

from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now

from downloads import conf
from downloads.models import Rendition, Worker
from downloads.queue import counters
from downloads.queue.fairness import next_rendition
from downloads.queue.lease import Lease
from downloads.queue.retry import runs_alone
from downloads.queue.transitions import Status, TransitionNote, move

CLAIM_LOCK = 0x46455252  # a number that only Ferry uses


def claim(worker: Worker) -> Lease | None:
    """Lease the next rendition to this worker; None if there is nothing for it to do.

    Enforces the worker's concurrency, the users' and hosts' limits, and that suspect work runs
    alone.
    """
    # Most wake-ups find nothing: they must neither wait for SQLite's only write lock nor take it.
    if not Rendition.objects.due().wanted().exists():
        return None
    with transaction.atomic():
        _one_claim_at_a_time()
        return _claim(worker)


def _claim(worker: Worker) -> Lease | None:
    mine = list(Rendition.objects.leased().filter(worker=worker).only("reclaims"))
    if len(mine) >= worker.concurrency or any(runs_alone(one.reclaims) for one in mine):
        return None
    pk = next_rendition(alone=not mine)
    return None if pk is None else _take(pk, worker)


def _take(pk: uuid.UUID, worker: Worker) -> Lease | None:
    token = uuid.uuid4()
    taken = move(
        pk,
        Status.QUEUED,
        Status.RUNNING,
        TransitionNote("started", worker=str(worker)),
        lease_token=token,
        lease_expires_at=Now() + conf.LEASE,
        worker=worker,
        generation=F("generation") + 1,
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", Now()),
        phase="resolving",
        # without a checkpoint the attempt begins at zero
        progress=Case(When(checkpoint__isnull=True, then=Value(0.0)), default=F("progress")),
        error="",
        error_code="",
    )
    if not taken:
        return None
    rendition = Rendition.objects.get(pk=pk)
    assert rendition.lease_expires_at is not None  # it was set above
    # By the ledger's clock alone, which this host's may differ from.
    waited = rendition.lease_expires_at - conf.LEASE - rendition.next_attempt_at
    seconds = max(waited.total_seconds(), 0.0)
    transaction.on_commit(lambda: counters.QUEUE_WAIT.observe(seconds), robust=True)
    return Lease(
        rendition_id=pk,
        content_id=rendition.content_id,
        token=token,
        generation=rendition.generation,
        attempt=rendition.attempts,
        worker=str(worker),
        alone=runs_alone(rendition.reclaims),
    )


def _one_claim_at_a_time() -> None:
    """Serialise claims until the transaction ends."""
    # The limits are counts: two claims at once would both count before either writes. SQLite's
    # transactions begin IMMEDIATE, so there claims already are one at a time.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
