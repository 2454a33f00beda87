"""Source hosts: how much runs at each, and which asked us to slow down."""

from __future__ import annotations

from datetime import timedelta

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
    full = (
        Rendition.objects.leased()
        .values("host")
        .annotate(running=Count("pk"))
        .filter(running__gte=settings.FETCH_HOST_CONCURRENCY)
        .values_list("host", flat=True)
    )
    cooling = SourceHost.objects.filter(cooling_until__gt=Now()).values_list("name", flat=True)
    return [*full, *cooling]
