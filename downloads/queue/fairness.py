"""Users at their limit, and hosts at theirs or cooling down: it is not their turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from downloads.line import AtWork, Passed, Place
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


def limits_of(heads: Iterable[Place]) -> Limits:
    """Return the limits of the users of these, and those of all hosts."""
    own = {head.user_id: head.max_active for head in heads}
    default = settings.USER_MAX_ACTIVE
    return Limits(
        users={user: default if limit is None else limit for user, limit in own.items()},
        caps=host_rules.caps(),
        cooling=cooling_hosts(),
    )
