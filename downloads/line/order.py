"""The order of the line, and the heads of its lanes.

Users with the fewest running come first, then priority, then who had a turn longest ago, then age:
of users who all wait for much each has a turn before one has another.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet

from config.prepared import PreparedValues
from downloads.models import Download, QueueEntry, Rendition
from downloads.querysets import WANTS

# The lanes one after the other, each found by one look into the index; a DISTINCT would read all
# entries. The same SQL on both databases.
_HEADS: Final = """
WITH RECURSIVE lanes(lane) AS (
    SELECT MIN(lane) FROM downloads_queueentry WHERE ready
    UNION ALL
    SELECT (
        SELECT MIN(entry.lane) FROM downloads_queueentry entry
        WHERE entry.ready AND entry.lane > lanes.lane
    ) FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT {columns}, account.max_active, COALESCE(last.number, 0)
FROM lanes JOIN downloads_queueentry head ON head.download_id = (
    SELECT entry.download_id FROM downloads_queueentry entry
    WHERE entry.ready AND entry.lane = lanes.lane {condition}
    ORDER BY entry.priority DESC, entry.queued_at, entry.rendition_id LIMIT 1
) LEFT JOIN accounts_user account ON account.id = head.user_id
LEFT JOIN downloads_lastturn last ON last.user_id = head.user_id
WHERE lanes.lane IS NOT NULL
"""


class Place(NamedTuple):
    """A place in line, as the driver reads it: of many at once a model's instances cost more than
    the query."""

    lane: str
    user_id: int
    host: str
    priority: int
    queued_at: Any
    rendition_id: Any  # text on SQLite
    download_id: Any
    max_active: int | None = None  # the user's own limit; this and the next of heads alone
    last_turn: int = 0  # the user's, of LastTurn


COLUMNS: Final = ", ".join(f"head.{name}" for name in Place._fields[:-2])


def places_of(sql: str, params: Sequence[Any] = ()) -> list[Place]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Place(*row) for row in cursor.fetchall()]


def id_of(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


@dataclass(frozen=True, slots=True)
class AtWork:
    """The running work. ``by_user``: claims, of a shared rendition one for each holder;
    ``by_host``: renditions."""

    by_user: Counter[int]
    by_host: Counter[str]


def claims_at_work() -> QuerySet[Any]:
    # Not as a join: SQLite would begin it with all downloads.
    return Download.objects.filter(WANTS, rendition__in=Rendition.objects.leased()).order_by()


_leased_at: Final = PreparedValues(
    lambda: Rendition.objects.leased().order_by().values_list("host").annotate(Count("pk"))
)
# Counted here: to group them SQLite would read all downloads, in the order of their users.
_claims: Final = PreparedValues(lambda: claims_at_work().values_list("user"))


def at_work() -> AtWork:
    """Read what runs now."""
    return AtWork(by_user=running_claims(), by_host=Counter(dict(_leased_at())))


def running_claims() -> Counter[int]:
    """Read what runs now by user, without the hosts: lists need no more."""
    return Counter(user for (user,) in _claims())


@dataclass(frozen=True, slots=True)
class Passed:
    """Users and hosts that have no turn now: at their limit, or cooling down."""

    users: Collection[int] = frozenset()
    hosts: Collection[str] = frozenset()

    def has(self, entry: Place) -> bool:
        return entry.user_id in self.users or entry.host in self.hosts


NOBODY: Final = Passed()


def heads(*, alone: bool) -> list[Place]:
    """Return the first of each lane that may start. ``alone``: the asking worker runs nothing else,
    so that it may take what is suspect."""
    condition = "" if alone else "AND NOT entry.suspect"
    return places_of(_HEADS.format(columns=COLUMNS, condition=condition))


def order_of(entry: Place | QueueEntry, running: int = 0, last_turn: int = 0) -> tuple[Any, ...]:
    """Return the key by which the fairest comes first. ``running``: claims of its user, whose last
    turn had that number; both are of no matter among entries of one user. Pure."""
    return (running, -entry.priority, last_turn, entry.queued_at, entry.rendition_id)
