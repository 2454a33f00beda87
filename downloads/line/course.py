"""The course of the line: the turns, as they would come if nothing ended meanwhile."""

from __future__ import annotations

import heapq
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from downloads.line.order import COLUMNS, NOBODY, Passed, Place, heads, id_of, order_of, places_of

EXACT: Final = 100  # turns
_SELECTS: Final = 200  # of one statement; SQLite takes 500

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


def turns(
    running: Mapping[int, int],
    passed: Passed = NOBODY,
    until: Callable[[uuid.UUID], bool] = lambda _: False,
    first: Sequence[Place] | None = None,
) -> list[uuid.UUID]:
    """Return the renditions in the order in which they would start, if none ended meanwhile: EXACT
    of them, or as far as the one for which ``until`` is true. ``running``: claims by user;
    ``first``: the heads of all lanes, if they have been read already.

    A rendition that is shared has its turn with the first of its holders.
    """
    read = heads(alone=True) if first is None else first
    lanes = [head for head in read if not passed.has(head)]
    return _Course(running, lanes).run(until) if lanes else []


class _Course:
    """A user who starts something has more running, has just had a turn, and comes later with the
    next. ``first``: the heads of the lanes."""

    def __init__(self, running: Mapping[int, int], first: Sequence[Place]) -> None:
        lanes = [head.lane for head in first]
        self._load = Counter(running)
        self._last_turn = {head.user_id: head.last_turn for head in first}
        self._number = max(self._last_turn.values())
        self._claims: defaultdict[Any, list[int]] = defaultdict(list)  # users by rendition
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
            self._start(self._claims[entry.rendition_id])
            if until(rendition_id):
                break
        return list(line)

    def _start(self, claims: Sequence[int]) -> None:
        self._load.update(claims)
        self._number += 1
        self._last_turn.update(dict.fromkeys(claims, self._number))

    def _next(self) -> Place | None:
        """Take the first entry; None if its user has started something since it came into the
        heap: then it is further behind now."""
        key, lane = heapq.heappop(self._heap)
        waiting = self._waiting[lane]
        first = waiting[0]
        if key != self._key(first):
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
            self._claims[entry.rendition_id].append(entry.user_id)
        self._push(lane)

    def _push(self, lane: str) -> None:
        if waiting := self._waiting[lane]:
            heapq.heappush(self._heap, (self._key(waiting[0]), lane))

    def _key(self, place: Place) -> tuple[Any, ...]:
        return order_of(place, self._load[place.user_id], self._last_turn[place.user_id])


def _of_lanes(lanes: Sequence[str], most: int) -> dict[str, list[Place]]:
    """Return the first places of each lane, in order, ``most`` at most."""
    found: dict[str, list[Place]] = {lane: [] for lane in lanes}
    for place in sorted(_read_lanes(lanes, most), key=order_of):
        found[place.lane].append(place)
    return found


def _read_lanes(lanes: Sequence[str], most: int) -> Iterator[Place]:
    if connection.vendor == "postgresql":
        yield from places_of(_OF_LANES.format(columns=COLUMNS), [list(lanes), most])
        return
    for start in range(0, len(lanes), _SELECTS):
        some = lanes[start : start + _SELECTS]
        numbers = range(len(some))
        sql = "UNION ALL".join(_OF_LANE.format(columns=COLUMNS, number=each) for each in numbers)
        yield from places_of(sql, [value for lane in some for value in (lane, most)])
