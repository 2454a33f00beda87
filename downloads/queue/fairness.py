"""Users at their limit, and hosts at theirs or cooling down: it is not their turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Value
from django.db.models.functions import Coalesce

from downloads.line import AtWork, Passed
from downloads.network import host_rules
from downloads.queue.hosts import cooling_hosts, full_hosts


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on what runs. ``users``: of each that waits; ``caps``: of the patterns of hosts
    that have one of their own; ``cooling``: hosts at which nothing starts, and until when."""

    users: Mapping[int, int]
    caps: dict[str, int]
    cooling: Mapping[str, datetime]

    def passed(self, now: AtWork) -> Passed:
        """Return who has no turn while so much runs."""
        full = full_hosts(now.by_host, self.caps)
        return Passed(
            frozenset(user for user, limit in self.users.items() if now.by_user[user] >= limit),
            frozenset((*full, *self.cooling)),
        )


def limits_of(users: Iterable[int]) -> Limits:
    """Read the limits of these users and of all hosts."""
    rows = get_user_model().objects.filter(pk__in=set(users)).order_by()
    limit = Coalesce("max_active", Value(settings.USER_MAX_ACTIVE))
    return Limits(
        users=dict(rows.annotate(limit=limit).values_list("pk", "limit")),
        caps=host_rules.caps(),
        cooling=cooling_hosts(),
    )
