"""Figures of the queue, for the API, the pages and Prometheus alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now

from downloads import conf
from downloads.engine.resolver.ytdlp.releases.record import version_of
from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.models import Download, MaintenanceTurn, Rendition, Worker
from downloads.querysets import DownloadQuerySet, over

MAINTENANCE_SILENT_AFTER: Final = timedelta(seconds=30)
LATER = Q(status="queued") & ~Q(over("rendition__next_attempt_at", "rendition__waits_since"))


def counts(downloads: DownloadQuerySet) -> dict[str, int]:
    """Return the number of downloads by status, in one query.

    ``delayed`` are queued for a later attempt, ``waiting`` for their turn.
    """

    def of(status: str) -> Count:
        return Count("pk", filter=Q(status=status))

    found: dict[str, int] = downloads.with_status().aggregate(
        queued=of("queued"),
        delayed=Count("pk", filter=LATER),
        active=of("running"),
        paused=of("paused"),
        completed=of("completed"),
        failed=of("failed"),
        cancelled=of("cancelled"),
        expired=of("expired"),
    )
    return {**found, "waiting": found["queued"] - found["delayed"]}


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
