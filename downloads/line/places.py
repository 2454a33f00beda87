"""Places in line, for display."""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q, UUIDField

from config.prepared import Prepared
from downloads.line.course import EXACT, turns
from downloads.line.order import order_of, running_claims
from downloads.models import QueueEntry

FAR: Final = 1000  # places that are counted one by one
READ: Final = 50  # entries that are read at once
COUNTED_EVERY: Final = 5.0  # seconds between two counts of all that wait

# How many of one user's stand around a place: of higher priority, before it, of lower priority,
# behind it. Each a range of the index.
_OF_USER: Final = (
    "(SELECT COUNT(*) FROM (SELECT 1 FROM downloads_queueentry WHERE user_id = %s AND "
)
_AROUND: Final = f"""
SELECT {_OF_USER} priority > %s LIMIT %s) AS counted),
    {_OF_USER} priority = %s AND queued_at < %s LIMIT %s) AS counted),
    {_OF_USER} priority < %s LIMIT %s) AS counted),
    {_OF_USER} priority = %s AND queued_at > %s LIMIT %s) AS counted)
"""
_QUEUED_AT: Final = QueueEntry._meta.get_field("queued_at")


def in_line(downloads: Iterable[Any]) -> list[Any]:
    """Read the downloads, and give each its ``queue_position``: 1 is next, None unless queued.

    ``downloads`` come ``with_status()``. The first EXACT places are the true turns, as things
    stand; those behind are estimates.
    """
    found = list(downloads)
    queued = [each.pk for each in found if each.status == "queued"]
    entries = _entries_of(queued)
    places = _places(entries) if entries else {}
    for each in found:
        each.queue_position = places.get(each.pk)
    return found


# As the column, not as the relation: that takes no slots.
_entries: Final[Prepared[Any]] = Prepared(
    lambda *ids: QueueEntry.objects.filter(download__id__in=ids).order_by(), *[UUIDField()] * READ
)


def _entries_of(ids: list[uuid.UUID]) -> list[QueueEntry]:
    found: list[QueueEntry] = []
    for start in range(0, len(ids), READ):
        some = ids[start : start + READ]
        found += _entries(*some, *some[-1:] * (READ - len(some)))  # the last is named again
    return found


def _places(entries: list[QueueEntry]) -> dict[uuid.UUID, int]:
    """Return the place of each, by its download."""
    ahead = _ahead_of_each(entries)
    # One with so many of its user's before it is none of the first: the line need not be read.
    near = {each.rendition_id for each in entries if each.ready and ahead[each.pk] < EXACT}
    missing = set(near)

    def all_found(rendition_id: uuid.UUID) -> bool:
        missing.discard(rendition_id)
        return not missing

    line = turns(running_claims(), until=all_found) if near else []
    exact = {rendition_id: place for place, rendition_id in enumerate(line, start=1)}
    places = {}
    for entry in entries:
        if entry.rendition_id in exact:
            places[entry.pk] = exact[entry.rendition_id]
        else:
            about = 1 + _turns_before(ahead[entry.pk], entry.user_id, _waiting.by_user())
            places[entry.pk] = max(about, len(line) + 1)
    return places


def _ahead_of_each(entries: list[QueueEntry]) -> dict[uuid.UUID, int]:
    """Return how many of the same user's stand before each; of several of one user the first is
    counted, and the others follow it as if none stood between."""
    ahead: dict[uuid.UUID, int] = {}
    by_user: dict[int, list[QueueEntry]] = defaultdict(list)
    for entry in sorted(entries, key=order_of):
        by_user[entry.user_id].append(entry)
    for own in by_user.values():
        first = _ahead_of_own(own[0])
        ahead |= {entry.pk: first + number for number, entry in enumerate(own)}
    return ahead


def _ahead_of_own(entry: QueueEntry) -> int:
    """Return how many of the same user's stand before it: exactly if that is less than FAR, and
    if less than FAR stand behind it as of the last count of all."""
    at = _QUEUED_AT.get_db_prep_value(entry.queued_at, connection)
    user, priority = entry.user_id, entry.priority
    of_higher, of_lower = [user, priority, FAR], [user, priority, FAR]
    of_same = [user, priority, at, FAR]
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [*of_higher, *of_same, *of_lower, *of_same])
        higher, earlier, lower, later = cursor.fetchone()
    if higher < FAR and earlier < FAR:
        return int(higher + earlier)
    if lower < FAR and later < FAR:
        return max(_waiting.by_user().get(user, 0) - int(lower + later) - 1, FAR)
    own = QueueEntry.objects.filter(user=user)
    before = Q(priority=priority, queued_at__lt=entry.queued_at)
    return own.filter(Q(priority__gt=priority) | before).count()


def _turns_before(own: int, user_id: int, waiting: dict[int, int]) -> int:
    """Return the turns before one that has ``own`` of its user's ahead: while these go, each other
    user has as many turns, if that many wait. Pure."""
    others = (min(count, own) for other, count in waiting.items() if other != user_id)
    return own + sum(others)


class _Waiting:
    """The number that waits for each user, counted every few seconds: it reads the whole line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counted_at = -COUNTED_EVERY
        self._by_user: dict[int, int] = {}

    def by_user(self) -> dict[int, int]:
        with self._lock:
            if self._clock() - self._counted_at >= COUNTED_EVERY:
                counted = QueueEntry.objects.values("user").annotate(count=Count("pk"))
                self._by_user = {row["user"]: row["count"] for row in counted.order_by()}
                self._counted_at = self._clock()
            return self._by_user


_waiting = _Waiting()
