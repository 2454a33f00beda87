"""Claims: the fairest work there is, taken exactly once.

Users' and hosts' limits are counts: two claims at once would both count before either writes. So a
claim holds its user and its host while it counts and takes, and passes over lanes that others hold;
claims of different users at different hosts do not wait for each other. SQLite's transactions
begin IMMEDIATE, so there claims are one at a time anyway.
"""

from __future__ import annotations

import uuid
from typing import Final

from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

from downloads import conf
from downloads.line import Place, at_work, heads, id_of, order_of
from downloads.models import QueueEntry, Rendition, Worker
from downloads.queue import counters, entries
from downloads.queue.fairness import Limits, limits_of
from downloads.queue.lease import Lease
from downloads.queue.retry import runs_alone
from downloads.queue.transitions import Status, TransitionNote, move

# Kinds of PostgreSQL's advisory locks, numbers that only Ferry uses.
_OF_USER: Final = 0x46455255
_OF_HOST: Final = 0x46455248
_TRY: Final = (
    "SELECT pg_try_advisory_xact_lock(%s, %s) AND pg_try_advisory_xact_lock(%s, hashtext(%s))"
)
_WAIT: Final = (
    "SELECT pg_advisory_xact_lock(%s, %s)",
    "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
)


class _AllHeld(Exception):
    """There is work, but other claims hold all of its lanes. ``head``: the fairest."""

    def __init__(self, head: Place) -> None:
        self.head = head


def claim(worker: Worker) -> Lease | None:
    """Lease the next rendition to this worker; None if there is nothing for it to do.

    Enforces the worker's concurrency, the users' and hosts' limits, and that suspect work runs
    alone.
    """
    # Most wake-ups find nothing: they must neither wait for SQLite's only write lock nor take it.
    if not QueueEntry.objects.filter(ready=True).exists():
        return None
    held = None
    while True:
        try:
            with transaction.atomic():
                if held is not None:
                    _wait_for(held)
                return _claim(worker)
        except _AllHeld as busy:
            held = busy.head


def _claim(worker: Worker) -> Lease | None:
    # Its own claims come one after the other: else two would count the same free slot.
    if not Worker.objects.select_for_update(no_key=True).filter(pk=worker.pk).exists():
        return None
    now = at_work()
    mine = now.by_worker.get(worker.pk, ())
    if len(mine) >= worker.concurrency or any(map(runs_alone, mine)):
        return None
    first = heads(alone=not mine)
    limits = limits_of(head.user_id for head in first)
    passed = limits.passed(now)
    held: list[Place] = []
    for head in sorted(first, key=lambda head: order_of(head, now.by_user[head.user_id])):
        if passed.has(head):
            continue
        # Its host is most often what others hold: one look at each will do.
        if any(head.host == other.host for other in held) or not _hold(head):
            held.append(head)
        elif _may_start(head, limits) and (lease := _take(id_of(head.rendition_id), worker)):
            return lease
    if held:
        raise _AllHeld(held[0])
    return None


def _hold(head: Place) -> bool:
    """Hold its user and its host until the transaction ends. Return False if another claim does, or
    has just taken it: then its lane has another head."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [_OF_USER, head.user_id, _OF_HOST, head.host])
        (is_held,) = cursor.fetchone()
    return is_held and QueueEntry.objects.filter(pk=head.download_id, ready=True).exists()


def _wait_for(head: Place) -> None:
    """Wait until no other claim holds its user, then its host: always in this order, and with
    nothing else in hand, so that no two wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT[0], [_OF_USER, head.user_id])
        cursor.execute(_WAIT[1], [_OF_HOST, head.host])


def _may_start(head: Place, limits: Limits) -> bool:
    """Count again, now that no other claim can take a slot of its user or its host."""
    if connection.vendor != "postgresql":
        return True
    return not limits.passed(at_work()).has(head)


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
    if taken is None:
        # A process of an earlier version took or deleted it, and left it in the line.
        if not Rendition.objects.filter(pk=pk, status=Status.QUEUED).exists():
            entries.leave(Q(rendition=pk))
        return None
    assert taken.lease_expires_at is not None  # it was set above
    # By the ledger's clock alone, which this host's may differ from.
    waited = taken.lease_expires_at - conf.LEASE - taken.next_attempt_at
    seconds = max(waited.total_seconds(), 0.0)
    transaction.on_commit(lambda: counters.QUEUE_WAIT.observe(seconds), robust=True)
    return Lease(
        rendition_id=pk,
        content_id=taken.content_id,
        token=token,
        generation=taken.generation,
        attempt=taken.attempts,
        worker=str(worker),
        alone=runs_alone(taken.reclaims),
    )
