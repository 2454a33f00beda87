"""Claims: the fairest work there is, taken exactly once.

Users' and hosts' limits are counts: two claims at once would both count before either writes. So a
claim holds its user and its host while it counts and takes, and passes over lanes that others hold;
claims of different users at different hosts do not wait for each other. SQLite's transactions
begin IMMEDIATE, so there claims are one at a time anyway.
"""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models import Case, F, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from config.prepared import PreparedValues
from downloads import conf
from downloads.line import AtWork, Place, at_work, heads, id_of, order_of
from downloads.models import Download, QueueEntry, Rendition, Worker
from downloads.queue import counters, entries
from downloads.queue.fairness import limits_of
from downloads.queue.lease import Lease
from downloads.queue.retry import runs_alone
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import Status, move

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


def _count(rows: QuerySet[Any]) -> Subquery:
    count = Func(F("pk"), function="COUNT", output_field=models.IntegerField())
    return Subquery(rows.order_by().annotate(count=count).values("count"))


_any_ready: Final = PreparedValues(
    lambda: QueueEntry.objects.filter(ready=True).order_by().values_list("pk")[:1]
)
_lock: Final = PreparedValues(
    lambda pk: Worker.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk"),
    models.UUIDField(),
)
_reclaims_of: Final = PreparedValues(
    lambda worker: (
        Rendition.objects.leased().filter(worker=worker).order_by().values_list("reclaims")
    ),
    models.UUIDField(),
)
# Of an entry that may still start: the claims of its user, and what runs at its host. The claims
# by their stored states, for else all that the user has would be read.
_load_of: Final = PreparedValues(
    lambda pk: QueueEntry.objects.filter(pk=pk, ready=True).values_list(
        _count(Download.objects.filter(user=OuterRef("user"), state=Download.Status.RUNNING)),
        _count(Rendition.objects.leased().filter(host=OuterRef("host"))),
    ),
    models.UUIDField(),
)

# What a claim writes, built once: see PreparedUpdate.
_EXPIRES: Final = Now() + conf.LEASE
_ONE_MORE: Final = {name: F(name) + 1 for name in ("generation", "attempts")}
_STARTED: Final = Coalesce("started_at", Now())
# without a checkpoint the attempt begins at zero
_PROGRESS: Final = Case(When(checkpoint__isnull=True, then=Value(0.0)), default=F("progress"))


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
    if not _any_ready():
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
    if not _lock(worker.pk):
        return None
    mine = [reclaims for (reclaims,) in _reclaims_of(worker.pk)]
    if len(mine) >= worker.concurrency or any(map(runs_alone, mine)):
        return None
    first, now = heads(alone=not mine), at_work()
    limits = limits_of(first)
    passed = limits.passed(now)
    held: list[Place] = []
    for head in sorted(
        first, key=lambda head: order_of(head, now.by_user[head.user_id], head.last_turn)
    ):
        if passed.has(head):
            continue
        # Its host is most often what others hold: one look at each will do.
        if any(head.host == other.host for other in held) or (load := _hold(head, now)) is None:
            held.append(head)
        elif limits.passed(load).has(head):
            continue
        elif lease := _take(id_of(head.rendition_id), worker):
            return lease
    if held:
        raise _AllHeld(held[0])
    return None


def _hold(head: Place, now: AtWork) -> AtWork | None:
    """Hold its user and its host until the transaction ends. Return what they run, counted again,
    for no other claim can add to it now; None if another one holds them, or has just taken it."""
    if connection.vendor != "postgresql":
        return now
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [_OF_USER, head.user_id, _OF_HOST, head.host])
        (is_held,) = cursor.fetchone()
    if is_held:
        for of_user, at_host in _load_of(head.download_id):
            return AtWork(Counter({head.user_id: of_user}), Counter({head.host: at_host}))
    return None


def _wait_for(head: Place) -> None:
    """Wait until no other claim holds its user, then its host: always in this order, and with
    nothing else in hand, so that no two wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT[0], [_OF_USER, head.user_id])
        cursor.execute(_WAIT[1], [_OF_HOST, head.host])


def _take(pk: uuid.UUID, worker: Worker) -> Lease | None:
    token = uuid.uuid4()
    taken = move(
        pk,
        Status.QUEUED,
        Status.RUNNING,
        TransitionNote("started", worker=str(worker)),
        lease_token=token,
        lease_expires_at=_EXPIRES,
        worker=worker,
        generation=_ONE_MORE["generation"],
        attempts=_ONE_MORE["attempts"],
        started_at=_STARTED,
        phase="resolving",
        progress=_PROGRESS,
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
