"""Source hosts: how much runs at each, and which asked us to slow down."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Now

from downloads.engine.egress.rules import most_specific
from downloads.models import Rendition, SourceHost
from downloads.network import host_rules


def cool_down(host: str, seconds: float) -> None:
    """Start nothing more at this host for so long."""
    until = Now() + timedelta(seconds=seconds)
    SourceHost.objects.update_or_create(name=host, defaults={"cooling_until": until})


def hosts_to_pass_over() -> list[str]:
    """Hosts at their cap, and hosts that cool down."""
    return [*full_hosts(), *cooling_hosts()]


def full_hosts() -> list[str]:
    """Where as many downloads run as may: FETCH_HOST_CONCURRENCY, or what a HostRule says."""
    running = Rendition.objects.leased().values("host").annotate(running=Count("pk"))
    counted = list(running.values_list("host", "running"))
    caps = host_rules.caps() if counted else {}
    return [host for host, count in counted if count >= _cap(host, caps)]


def _cap(host: str, caps: dict[str, int]) -> int:
    pattern = most_specific(caps, host)
    return settings.FETCH_HOST_CONCURRENCY if pattern is None else caps[pattern]


def cooling_hosts() -> dict[str, datetime]:
    """Until when nothing is started at each host that asked us to slow down."""
    cooling = SourceHost.objects.filter(cooling_until__gt=Now())
    return dict(cooling.values_list("name", "cooling_until"))
