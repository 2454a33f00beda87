"""Figures of the queue, for the API, the pages and Prometheus alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now

from downloads import conf
from downloads.engine.resolver.ytdlp.releases.record import version_of
from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.models import Download, MaintenanceTurn, QueueEntry, Rendition, Worker
from downloads.querysets import TABS, DownloadQuerySet

if TYPE_CHECKING:
    from accounts.models import User

MAINTENANCE_SILENT_AFTER: Final = timedelta(seconds=30)
_ENDED: Final = ("completed", "failed", "cancelled", "expired")
_MANY: Final = 20_000  # downloads that have ended; from here on they are counted less often
_COUNTED_EVERY: Final = 5.0  # seconds
_KEPT: Final = 1000  # users


def counts(user: User | None) -> dict[str, int]:
    """Return the number of downloads by status: of this user, or of all.

    ``delayed`` are queued for a later attempt, ``waiting`` for their turn. Ended ones are counted
    every few seconds once there are many.
    """
    later = QueueEntry.objects.filter(ready=False)
    found = _states.of(user)
    delayed = (later if user is None else later.filter(user=user)).count()
    queued, active = found.get("queued", 0), found.get("running", 0)
    rest = {state: found.get(state, 0) for state in ("paused", *_ENDED)}
    return {"queued": queued, "active": active, "delayed": delayed, **rest} | {
        "waiting": queued - delayed
    }


def active_counts(user: User | None) -> tuple[int, int]:
    """Return the number of running and of queued downloads: of this user, or of all."""
    found = _rows(user).filter(state__in=TABS["active"]).number_in_states()
    return found.get("running", 0), found.get("queued", 0)


def tab_counts(user: User) -> dict[str, int]:
    """Return the number of this user's downloads in each tab, the ended ones as ``counts`` does."""
    found = _states.of(user)
    return {tab: sum(found.get(each, 0) for each in states) for tab, states in TABS.items()}


def _rows(user: User | None) -> DownloadQuerySet:
    return everybodys() if user is None else everybodys().of(user)


class _States:
    """The number of downloads in each state, of users and of all, in one query. That of ended ones
    is kept for a few seconds where it is large: to count them is to read the index of them all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended: dict[int | None, tuple[float, dict[str, int]]] = {}

    def of(self, user: User | None) -> dict[str, int]:
        pk = None if user is None else user.pk
        counted_at, ended = self._ended.get(pk, (-_COUNTED_EVERY, {}))
        rows = _rows(user)
        if self._clock() - counted_at < _COUNTED_EVERY:
            return rows.filter(state__in=TABS["active"]).number_in_states() | ended
        found = rows.number_in_states()
        ended = {state: count for state, count in found.items() if state in _ENDED}
        if sum(ended.values()) >= _MANY:
            if len(self._ended) >= _KEPT:
                self._ended.clear()
            self._ended[pk] = self._clock(), ended
        return found


_states = _States()


def bytes_per_second(downloads: DownloadQuerySet) -> float:
    """Return the speed of all that is fetched for these downloads; shared work counts once."""
    wanting = downloads.wanting().filter(rendition=OuterRef("pk")).order_by()
    fetched = Rendition.objects.leased().filter(Exists(wanting))
    return fetched.aggregate(speed=Sum("speed"))["speed"] or 0.0


def live_workers() -> QuerySet[Any]:
    """Return the workers with a heartbeat within a lease, each with ``running``: its number of
    jobs."""
    live = Worker.objects.alive(conf.LEASE)
    return live.annotate(running=running_of_worker()).order_by("started_at", "id")


def ytdlp_versions() -> list[str]:
    """Return the versions of yt-dlp that the live workers use, the oldest first; this host's if
    none of them lives."""
    live = Worker.objects.alive(conf.LEASE).exclude(ytdlp_version="")
    found = set(live.order_by().values_list("ytdlp_version", flat=True))
    return sorted(found, key=version_of) or [version_in_use()]


def recent_turns() -> QuerySet[MaintenanceTurn]:
    """Return the turn of maintenance, unless the last one is long ago."""
    return MaintenanceTurn.objects.filter(done_at__gte=Now() - MAINTENANCE_SILENT_AFTER)


def running_of_worker() -> Count:
    """Return the annotation of a worker with its number of jobs."""
    return Count("renditions", filter=Q(renditions__lease_token__isnull=False))


def everybodys() -> DownloadQuerySet:
    return Download.objects.order_by()
