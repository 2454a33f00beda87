"""Reasons why queued work does not run yet, for display; nothing depends on it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.utils import timezone

from config.prepared import PreparedValues
from downloads import conf
from downloads.line import at_work, heads, turns
from downloads.models import Rendition
from downloads.queue import broker
from downloads.queue.fairness import limits_of
from downloads.queue.hosts import full_hosts
from downloads.queue.retry import runs_alone


class Hold(StrEnum):
    """A cause of waiting, the most specific first."""

    BACKOFF = "backoff"
    COOLING = "cooling"
    HOST_FULL = "host_full"
    USER_LIMIT = "user_limit"
    DISK = "disk"
    NO_WORKER = "no_worker"
    BROKER = "broker"
    ALONE = "alone"
    TURN = "turn"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to wait. ``until``: when it ends by itself, if that is known. ``turn``: 1 is
    next."""

    hold: Hold
    until: dt.datetime | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queued rendition. ``holders``: the users who requested it."""

    pk: uuid.UUID
    host: str
    next_attempt_at: dt.datetime
    reclaims: int
    holders: frozenset[int]
    waits_since: dt.datetime | None = None

    @classmethod
    def of(cls, rendition: Rendition, holders: Iterable[int]) -> Waiting:
        """Return the value for a rendition; ``holders``: the users who requested it."""
        return cls(
            pk=rendition.pk,
            host=rendition.host,
            next_attempt_at=rendition.next_attempt_at,
            waits_since=rendition.waits_since,
            reclaims=rendition.reclaims,
            holders=frozenset(holders),
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """The state that all waiting work shares.

    ``free_slots`` of all live workers; ``idle_worker``: one of them runs nothing. ``turns``: the
    place in the queue of the first that may start, 1 is next.
    """

    now: dt.datetime
    broker_up: bool = True
    disk_full: bool = False
    workers: int = 1
    free_slots: int = 1
    idle_worker: bool = True
    users_at_limit: frozenset[int] = frozenset()
    full_hosts: frozenset[str] = frozenset()
    cooling_hosts: Mapping[str, dt.datetime] = field(default_factory=dict)
    turns: Mapping[uuid.UUID, int] = field(default_factory=dict)


def why(one: Waiting, now: Situation) -> Reason:
    """Return the one reason to show: the hold that must end first for it to run. Pure."""
    if one.next_attempt_at > now.now and (one.waits_since is None or one.waits_since <= now.now):
        return Reason(Hold.BACKOFF, until=one.next_attempt_at)
    if one.host in now.cooling_hosts:
        return Reason(Hold.COOLING, until=now.cooling_hosts[one.host])
    if one.host in now.full_hosts:
        return Reason(Hold.HOST_FULL)
    # A shared one takes its turn from any holder who is below their limit.
    if one.holders and one.holders <= now.users_at_limit:
        return Reason(Hold.USER_LIMIT)
    return _of_the_server(one, now)


def _of_the_server(one: Waiting, now: Situation) -> Reason:
    turn = now.turns.get(one.pk)
    if now.disk_full:
        return Reason(Hold.DISK)
    if not now.workers:
        return Reason(Hold.NO_WORKER)
    if not now.broker_up:
        return Reason(Hold.BROKER)
    if runs_alone(one.reclaims) and not now.idle_worker:
        return Reason(Hold.ALONE, turn=turn)
    if turn is not None and turn <= now.free_slots:
        return Reason(Hold.NEXT, turn=turn)
    return Reason(Hold.TURN, turn=turn)


def situation(workers: Sequence[Any], *, disk_full: bool) -> Situation:
    """Return the state now. ``workers``: the live ones, each with ``running``."""
    active = [worker for worker in workers if not worker.stopping]
    guarded = {worker for (worker,) in _guarded()}
    at = at_work()
    first = heads(alone=True)
    limits = limits_of(first)
    passed = limits.passed(at)
    line = turns(at.by_user, passed, first=first)
    taking = [worker for worker in active if worker.pk not in guarded]
    return Situation(
        now=timezone.now(),
        broker_up=broker.is_up(),
        disk_full=disk_full,
        workers=len(active),
        free_slots=sum(max(worker.concurrency - worker.running, 0) for worker in taking),
        idle_worker=any(worker.running == 0 for worker in active),
        users_at_limit=frozenset(passed.users),
        full_hosts=frozenset(full_hosts(at.by_host, limits.caps)),
        cooling_hosts=limits.cooling,
        turns={pk: place for place, pk in enumerate(line, start=1)},
    )


# The workers in which suspect work runs alone: they take nothing else meanwhile.
_guarded: Final = PreparedValues(
    lambda: (
        Rendition.objects.leased()
        .filter(reclaims__gte=conf.SOLO_FROM_RECLAIM)
        .order_by()
        .values_list("worker_id")
    )
)
