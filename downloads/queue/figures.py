"""Figures of the queue, for the API, the pages and Prometheus alike."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.db.models import BigIntegerField, Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Now

from config.prepared import Prepared, PreparedValues
from downloads import conf
from downloads.engine.resolver.ytdlp.releases.record import version_of
from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.models import Download, MaintenanceTurn, QueueEntry, Rendition, Worker
from downloads.querysets import TABS, DownloadQuerySet

if TYPE_CHECKING:
    from accounts.models import User

MAINTENANCE_SILENT_AFTER: Final = timedelta(seconds=30)
_ENDED: Final = ("completed", "failed", "cancelled", "expired")
_MANY: Final = 10_000  # downloads in one state; from here on they are counted less often
_COUNTED_EVERY: Final = 5.0  # seconds
_KEPT: Final = 1000  # users


def counts(user: User | None) -> dict[str, int]:
    """Return the number of downloads by status: of this user, or of all.

    ``delayed`` are queued for a later attempt, ``waiting`` for their turn. Those in a state are
    counted every few seconds once there are many.
    """
    found = _states.of(user)
    delayed = sum(count for (count,) in (_later() if user is None else _own_later(user.pk)))
    queued, active = found.get("queued", 0), found.get("running", 0)
    rest = {state: found.get(state, 0) for state in ("paused", *_ENDED)}
    return {"queued": queued, "active": active, "delayed": delayed, **rest} | {
        "waiting": max(queued - delayed, 0)  # one of them may be of a moment ago
    }


def _delayed(rows: QuerySet[Any]) -> Any:
    later = rows.filter(ready=False).order_by()
    return later.values("ready").annotate(count=Count("*")).values_list("count")


_later: Final = PreparedValues(lambda: _delayed(QueueEntry.objects.all()))
# As an expression: by the index of users SQLite would read all that waits for the user.
_own_later: Final = PreparedValues(
    lambda user: _delayed(
        QueueEntry.objects.alias(owner=Coalesce("user_id", 0)).filter(owner=user)
    ),
    BigIntegerField(),
)


def active_counts(user: User | None) -> tuple[int, int]:
    """Return the number of running and of queued downloads: of this user, or of all."""
    found = _states.of(user)
    return found.get("running", 0), found.get("queued", 0)


def tab_counts(user: User) -> dict[str, int]:
    """Return the number of this user's downloads in each tab, counted as ``counts`` does."""
    found = _states.of(user)
    return {tab: sum(found.get(each, 0) for each in states) for tab, states in TABS.items()}


class _States:
    """The number of downloads in each state, of users and of all, in one query. A number that is
    large is kept for a few seconds: to count is to read that part of an index."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._many: dict[int | None, tuple[float, dict[str, int]]] = {}

    def of(self, user: User | None) -> dict[str, int]:
        pk = None if user is None else user.pk
        counted_at, many = self._many.get(pk, (-_COUNTED_EVERY, {}))
        if self._clock() - counted_at < _COUNTED_EVERY:
            return _count(pk, frozenset(many)) | many
        found = _count(pk)
        many = {state: count for state, count in found.items() if count >= _MANY}
        if many:
            if len(self._many) >= _KEPT:
                self._many.clear()
            self._many[pk] = self._clock(), many
        return found


_states = _States()


def _count(user: int | None, but: frozenset[str] = frozenset()) -> dict[str, int]:
    """Return the number in each state, but for these; states without any may be left out."""
    count = _counted(user is None, but)
    return dict(count() if user is None else count(user))


@cache  # of the few sets of states in which there are many
def _counted(of_all: bool, but: frozenset[str]) -> PreparedValues:
    states = sorted(set(Download.Status.values) - but)

    def build(*user: Any) -> Any:
        rows = everybodys() if of_all else everybodys().filter(user=user[0])
        # All states are not named: PostgreSQL would look each up.
        rows = rows.filter(state__in=states) if but else rows
        return rows.values_list("state").annotate(count=Count("*"))

    return PreparedValues(build) if of_all else PreparedValues(build, BigIntegerField())


def _fetched(downloads: DownloadQuerySet) -> Any:
    wanting = downloads.wanting().filter(rendition=OuterRef("pk"))
    return Rendition.objects.leased().filter(Exists(wanting)).values_list("speed")


_speeds: Final = PreparedValues(lambda: _fetched(everybodys()))
_own_speeds: Final = PreparedValues(
    lambda user: _fetched(everybodys().filter(user=user)), BigIntegerField()
)


def bytes_per_second(user: User | None) -> float:
    """Return the speed of all that is fetched for this user, or for all; shared work counts
    once."""
    return float(sum(speed for (speed,) in (_speeds() if user is None else _own_speeds(user.pk))))


_startable: Final = PreparedValues(
    lambda: Worker.objects.alive(conf.LEASE).filter(stopping=False).order_by().values_list("pk")[:1]
)


def has_worker() -> bool:
    """Return True if a live worker takes work."""
    return bool(_startable())


_live: Final[Prepared[Any]] = Prepared(
    lambda: Worker.objects.alive(conf.LEASE).order_by("started_at", "id")
)
# Counted here: SQLite would go through all renditions for each worker.
_at_work: Final = PreparedValues(
    lambda: Rendition.objects.leased().order_by().values_list("worker")
)


def live_workers() -> list[Any]:
    """Return the workers with a heartbeat within a lease, as ``with_running`` does."""
    workers = _live()
    return with_running(workers, (worker for (worker,) in _at_work())) if workers else []


def with_running(workers: list[Any], jobs: Iterable[uuid.UUID | None]) -> list[Any]:
    """Give each worker ``running``, its number of jobs, of which each is named by its worker.
    Return them."""
    count = Counter(jobs)
    for worker in workers:
        worker.running = count[worker.pk]
    return workers


def ytdlp_versions() -> list[str]:
    """Return the versions of yt-dlp that the live workers use, the oldest first; this host's if
    none of them lives."""
    live = Worker.objects.alive(conf.LEASE).exclude(ytdlp_version="")
    found = set(live.order_by().values_list("ytdlp_version", flat=True))
    return sorted(found, key=version_of) or [version_in_use()]


def recent_turns() -> QuerySet[MaintenanceTurn]:
    """Return the turn of maintenance, unless the last one is long ago."""
    return MaintenanceTurn.objects.filter(done_at__gte=Now() - MAINTENANCE_SILENT_AFTER)


def everybodys() -> DownloadQuerySet:
    return Download.objects.order_by()
