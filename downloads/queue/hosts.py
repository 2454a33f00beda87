"""Source hosts: how much runs at each, and which asked us to slow down."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Now

from downloads.models import Rendition, SourceHost


def cool_down(host: str, seconds: float) -> None:
    """Start nothing more at this host for so long."""
    until = Now() + timedelta(seconds=seconds)
    SourceHost.objects.update_or_create(name=host, defaults={"cooling_until": until})


def hosts_to_pass_over() -> list[str]:
    """Hosts at their cap, and hosts that cool down."""
    return [*full_hosts(), *cooling_hosts()]


def full_hosts() -> list[str]:
    """Where FETCH_HOST_CONCURRENCY downloads run already."""
    running = Rendition.objects.leased().values("host").annotate(running=Count("pk"))
    full = running.filter(running__gte=settings.FETCH_HOST_CONCURRENCY)
    return list(full.values_list("host", flat=True))


def cooling_hosts() -> dict[str, datetime]:
    """Until when nothing is started at each host that asked us to slow down."""
    cooling = SourceHost.objects.filter(cooling_until__gt=Now())
    return dict(cooling.values_list("name", "cooling_until"))
