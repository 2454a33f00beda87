"""The queue in numbers, for the API, the pages and Prometheus alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now

from downloads import conf
from downloads.models import Download, Rendition, Worker
from downloads.querysets import DownloadQuerySet

LATER = Q(status="queued", rendition__next_attempt_at__gt=Now())


def counts(downloads: DownloadQuerySet) -> dict[str, int]:
    """In one query: ``delayed`` waits for its next attempt's time, ``waiting`` for its turn."""

    def with_the(status: str) -> Count:
        return Count("pk", filter=Q(status=status))

    found: dict[str, int] = downloads.with_status().aggregate(
        queued=with_the("queued"),
        delayed=Count("pk", filter=LATER),
        active=with_the("running"),
        paused=with_the("paused"),
        completed=with_the("completed"),
        failed=with_the("failed"),
        cancelled=with_the("cancelled"),
        expired=with_the("expired"),
    )
    return {**found, "waiting": found["queued"] - found["delayed"]}


def bytes_per_second(downloads: DownloadQuerySet) -> float:
    """Of all that is fetched for these downloads; what is shared counts once."""
    wanting = downloads.wanting().filter(rendition=OuterRef("pk")).order_by()
    fetched = Rendition.objects.leased().filter(Exists(wanting))
    return fetched.aggregate(speed=Sum("speed"))["speed"] or 0.0


def live_workers() -> QuerySet[Any]:
    """Those that gave a sign of life within a lease, with ``running``: what each works on."""
    live = Worker.objects.filter(heartbeat_at__gte=Now() - conf.LEASE)
    return live.annotate(running=running_of_worker()).order_by("started_at", "id")


def running_of_worker() -> Count:
    """To annotate a worker with: how many it works on."""
    return Count("renditions", filter=Q(renditions__lease_token__isnull=False))


def everybodys() -> DownloadQuerySet:
    return Download.objects.order_by()
