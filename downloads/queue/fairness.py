"""The order of the queue: users with the fewest running first, then priority, then age."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from downloads import conf
from downloads.models import Download
from downloads.querysets import LEASED_RENDITION, over
from downloads.queue.hosts import hosts_to_pass_over

_DUE: Final = over("rendition__next_attempt_at", "rendition__waits_since")


def running_by_user() -> dict[int, int]:
    """Return the number of running claims of each user; users without one are left out."""
    running = Download.objects.wanting().filter(rendition__status__in=LEASED_RENDITION)
    counted = running.order_by().values("user").annotate(count=Count("pk"))
    return {row["user"]: row["count"] for row in counted}


def users_at_their_limit(running: dict[int, int]) -> list[int]:
    limits = (
        get_user_model()
        .objects.filter(Q(pk__in=running) | Q(max_active=0))
        .annotate(limit=Coalesce("max_active", Value(settings.USER_MAX_ACTIVE)))
        .values_list("pk", "limit")
    )
    return [pk for pk, limit in limits if running.get(pk, 0) >= limit]


def waiting_claims(*, alone: bool) -> QuerySet[Any]:
    """Return the claims that may start now, the fairest first.

    A shared rendition appears once for each holder, so that it takes its turn from the one with the
    fewest running. ``alone``: the asking worker runs nothing else.
    """
    running = running_by_user()
    known = (When(user=user, then=Value(count)) for user, count in running.items())
    # With nothing running it is a bare 0, which PostgreSQL would read as a column's position.
    load = Cast(Case(*known, default=Value(0)), IntegerField())
    claims = (
        Download.objects.wanting()
        .filter(_DUE, rendition__status="queued")
        .exclude(user__in=users_at_their_limit(running))
        .exclude(rendition__host__in=hosts_to_pass_over())
    )
    if not alone:
        claims = claims.filter(rendition__reclaims__lt=conf.SOLO_FROM_RECLAIM)
    return claims.annotate(load=load).order_by(
        "load", "-priority", "rendition__queued_at", "rendition_id"
    )


def next_rendition(*, alone: bool) -> uuid.UUID | None:
    return waiting_claims(alone=alone).values_list("rendition_id", flat=True).first()
