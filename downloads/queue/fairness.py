"""Users at their limit, and hosts at theirs or cooling down: it is not their turn."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from downloads.line import Passed, Place
from downloads.models import Download
from downloads.queue.hosts import hosts_to_pass_over, is_full


def users_at_their_limit(running: dict[int, int]) -> list[int]:
    limits = (
        get_user_model()
        .objects.filter(Q(pk__in=running) | Q(max_active=0))
        .annotate(limit=Coalesce("max_active", Value(settings.USER_MAX_ACTIVE)))
        .values_list("pk", "limit")
    )
    return [pk for pk, limit in limits if running.get(pk, 0) >= limit]


def passed_over(running: dict[int, int]) -> Passed:
    """Return who has no turn now. ``running``: claims by user."""
    return Passed(frozenset(users_at_their_limit(running)), frozenset(hosts_to_pass_over()))


def has_room(entry: Place) -> bool:
    """Return True if its user and its host may start one more, counted again."""
    running = Download.objects.wanting().filter(
        user=entry.user_id, rendition__lease_token__isnull=False
    )
    limit = get_user_model().objects.get(pk=entry.user_id).active_limit
    return running.count() < limit and not is_full(entry.host)
