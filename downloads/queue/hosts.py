"""Source hosts: the downloads that run at each, and the hosts that limit requests."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Now

from downloads.engine.egress.rules import most_specific
from downloads.models import Rendition, SourceHost
from downloads.network import host_rules
from downloads.querysets import over


def cool_down(host: str, seconds: float) -> None:
    """Start nothing more at this host for ``seconds``."""
    until = Now() + timedelta(seconds=seconds)
    pause = {"cooling_until": until, "cooling_since": Now()}
    SourceHost.objects.update_or_create(name=host, defaults=pause)


def hosts_to_pass_over() -> list[str]:
    """Return the hosts at their cap, and those that cool down."""
    return [*full_hosts(), *cooling_hosts()]


def full_hosts() -> list[str]:
    """Return the hosts with as many downloads as may run: FETCH_HOST_CONCURRENCY, or their
    HostRule's."""
    running = Rendition.objects.leased().values("host").annotate(running=Count("pk"))
    counted = list(running.values_list("host", "running"))
    caps = host_rules.caps() if counted else {}
    return [host for host, count in counted if count >= _cap(host, caps)]


def is_full(host: str) -> bool:
    running = Rendition.objects.leased().filter(host=host).count()
    return running > 0 and running >= _cap(host, host_rules.caps())


def _cap(host: str, caps: dict[str, int]) -> int:
    pattern = most_specific(caps, host)
    return settings.FETCH_HOST_CONCURRENCY if pattern is None else caps[pattern]


def cooling_hosts() -> dict[str, datetime]:
    """Return the hosts that asked for fewer requests, each with the end of its pause."""
    cooling = SourceHost.objects.exclude(over("cooling_until", "cooling_since"))
    return dict(cooling.values_list("name", "cooling_until"))
