"""The order of the line: users with the fewest running first, then priority, then age.

The next is one of the heads of the lanes (see ``QueueEntry``), so that the cost grows with
the lanes, not with the line.
"""

from __future__ import annotations

import heapq
import threading
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Q, QuerySet

from config.prepared import PreparedValues
from downloads.models import Download, QueueEntry, Rendition
from downloads.querysets import WANTS

EXACT: Final = 100  # places; those behind them are told as "about"
FAR: Final = 1000  # places that are counted one by one
COUNTED_EVERY: Final = 5.0  # seconds between two counts of all that wait
_SELECTS: Final = 200  # of one statement; SQLite takes 500

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
SELECT {columns}, account.max_active
FROM lanes JOIN downloads_queueentry head ON head.download_id = (
    SELECT entry.download_id FROM downloads_queueentry entry
    WHERE entry.ready AND entry.lane = lanes.lane {condition}
    ORDER BY entry.priority DESC, entry.queued_at, entry.rendition_id LIMIT 1
) LEFT JOIN accounts_user account ON account.id = head.user_id
WHERE lanes.lane IS NOT NULL
"""
_OF_LANE: Final = """
SELECT * FROM (
    SELECT {columns} FROM downloads_queueentry head WHERE ready AND lane = %s
    ORDER BY priority DESC, queued_at, rendition_id LIMIT %s
) AS lane_{number}
"""
# PostgreSQL plans each SELECT of a union by itself; SQLite has no LATERAL.
_OF_LANES: Final = """
SELECT place.* FROM unnest(%s::text[]) AS lanes(lane) CROSS JOIN LATERAL (
    SELECT {columns} FROM downloads_queueentry head WHERE ready AND head.lane = lanes.lane
    ORDER BY priority DESC, queued_at, rendition_id LIMIT %s
) AS place
"""


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
    max_active: int | None = None  # the user's own limit; of heads


_COLUMNS: Final = ", ".join(f"head.{name}" for name in Place._fields[:-1])


def _places_of(sql: str, params: Sequence[Any] = ()) -> list[Place]:
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
    return Download.objects.filter(WANTS, rendition__lease_token__isnull=False).order_by()


_leased_at: Final = PreparedValues(
    lambda: Rendition.objects.leased().order_by().values_list("host").annotate(Count("pk"))
)
_claims_of: Final = PreparedValues(
    lambda: claims_at_work().values_list("user").annotate(Count("pk"))
)


def at_work() -> AtWork:
    """Read what runs now."""
    return AtWork(by_user=running_claims(), by_host=Counter(dict(_leased_at())))


def running_claims() -> Counter[int]:
    """Read what runs now by user, without the hosts: lists need no more."""
    return Counter(dict(_claims_of()))


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
    return _places_of(_HEADS.format(columns=_COLUMNS, condition=condition))


def order_of(entry: Place | QueueEntry, running: int) -> tuple[Any, ...]:
    """Return the key by which the fairest comes first. ``running``: claims of its user. Pure."""
    return (running, -entry.priority, entry.queued_at, entry.rendition_id)


def turns(
    running: Mapping[int, int],
    passed: Passed = NOBODY,
    until: Callable[[uuid.UUID], bool] = lambda _: False,
) -> list[uuid.UUID]:
    """Return the renditions in the order in which they would start, if none ended meanwhile: EXACT
    of them, or as far as the one for which ``until`` is true. ``running``: claims by user.

    A rendition that is shared has its turn with the first of its holders.
    """
    lanes = [head.lane for head in heads(alone=True) if not passed.has(head)]
    return _Course(running, lanes).run(until) if lanes else []


class _Course:
    """The course of the line while nothing ends: who starts something has more running, and comes
    later with the next."""

    def __init__(self, running: Mapping[int, int], lanes: Sequence[str]) -> None:
        self._load = Counter(running)
        self._claims: defaultdict[Any, Counter[int]] = defaultdict(Counter)
        self._deep = EXACT // len(lanes) + 2  # entries of each lane; more are read if needed
        self._taken: Counter[str] = Counter()
        self._heap: list[tuple[tuple[Any, ...], str]] = []
        self._waiting: dict[str, deque[Place]] = {}
        for lane, entries in _of_lanes(lanes, self._deep).items():
            self._line_up(lane, entries)

    def run(self, until: Callable[[uuid.UUID], bool]) -> list[uuid.UUID]:
        line: dict[uuid.UUID, None] = {}
        while self._heap and len(line) < EXACT:
            entry = self._next()
            if entry is None or (rendition_id := id_of(entry.rendition_id)) in line:
                continue
            line[rendition_id] = None
            self._load.update(self._claims[entry.rendition_id])
            if until(rendition_id):
                break
        return list(line)

    def _next(self) -> Place | None:
        """Take the first entry; None if its user has started something since it came into the
        heap: then it is further behind now."""
        key, lane = heapq.heappop(self._heap)
        waiting = self._waiting[lane]
        first = waiting[0]
        if key != order_of(first, self._load[first.user_id]):
            self._push(lane)
            return None
        waiting.popleft()
        self._taken[lane] += 1
        if self._taken[lane] == self._deep:
            self._line_up(lane, _of_lanes([lane], EXACT + 1)[lane][self._deep :])
        else:
            self._push(lane)
        return first

    def _line_up(self, lane: str, entries: list[Place]) -> None:
        self._waiting[lane] = deque(entries)
        for entry in entries:
            self._claims[entry.rendition_id][entry.user_id] += 1
        self._push(lane)

    def _push(self, lane: str) -> None:
        if waiting := self._waiting[lane]:
            first = waiting[0]
            heapq.heappush(self._heap, (order_of(first, self._load[first.user_id]), lane))


def _of_lanes(lanes: Sequence[str], most: int) -> dict[str, list[Place]]:
    """Return the first places of each lane, in order, ``most`` at most."""
    found: dict[str, list[Place]] = {lane: [] for lane in lanes}
    for place in sorted(_read_lanes(lanes, most), key=lambda place: order_of(place, 0)):
        found[place.lane].append(place)
    return found


def _read_lanes(lanes: Sequence[str], most: int) -> Iterator[Place]:
    if connection.vendor == "postgresql":
        yield from _places_of(_OF_LANES.format(columns=_COLUMNS), [list(lanes), most])
        return
    for start in range(0, len(lanes), _SELECTS):
        some = lanes[start : start + _SELECTS]
        numbers = range(len(some))
        sql = "UNION ALL".join(_OF_LANE.format(columns=_COLUMNS, number=each) for each in numbers)
        yield from _places_of(sql, [value for lane in some for value in (lane, most)])


# --- places, for display ------------------------------------------------------------------


def in_line(downloads: Iterable[Any]) -> list[Any]:
    """Read the downloads, and give each its ``queue_position``: 1 is next, None unless queued.

    ``downloads`` come ``with_status()``. The first EXACT places are the true turns, as things
    stand; those behind are estimates.
    """
    found = list(downloads)
    queued = [each.pk for each in found if each.status == "queued"]
    entries = QueueEntry.objects.in_bulk(queued) if queued else {}
    places = _places(list(entries.values())) if entries else {}
    for each in found:
        each.queue_position = places.get(each.pk)
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
    for entry in sorted(entries, key=lambda entry: order_of(entry, 0)):
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
