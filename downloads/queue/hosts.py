"""Source hosts: the downloads that run at each, and the hosts that limit requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models.functions import Now

from config.prepared import PreparedValues
from downloads.engine.egress.rules import most_specific
from downloads.models import SourceHost
from downloads.querysets import over


def cool_down(host: str, seconds: float) -> None:
    """Start nothing more at this host for ``seconds``."""
    until = Now() + timedelta(seconds=seconds)
    pause = {"cooling_until": until, "cooling_since": Now()}
    SourceHost.objects.update_or_create(name=host, defaults=pause)


def full_hosts(by_host: Mapping[str, int], caps: dict[str, int]) -> list[str]:
    """Return the hosts with as many downloads as may run: FETCH_HOST_CONCURRENCY, or as ``caps``
    say, by the patterns of HostRules. ``by_host``: what runs. Pure."""
    return [host for host, count in by_host.items() if count >= _cap_of(host, caps)]


def _cap_of(host: str, caps: dict[str, int]) -> int:
    pattern = most_specific(caps, host)
    return settings.FETCH_HOST_CONCURRENCY if pattern is None else caps[pattern]


_cooling: Final = PreparedValues(
    lambda: SourceHost.objects.exclude(over("cooling_until", "cooling_since")).values_list(
        "name", "cooling_until"
    )
)


def cooling_hosts() -> dict[str, datetime]:
    """Return the hosts that asked for fewer requests, each with the end of its pause."""
    return dict(_cooling())
