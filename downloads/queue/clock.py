"""Steps of the ledger's clock: of the database's on PostgreSQL, of this host's on SQLite."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from django.db import connection

TOLERANCE: Final = 2.0  # seconds between two clocks that are only read one after the other
SETTLES_WITHIN: Final = 4.0  # seconds: a heartbeat is written every 2 s


def ledger_time() -> float:
    """Return the ledger's time, in Unix seconds. Raises DatabaseError."""
    if connection.vendor != "postgresql":
        return time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchone()[0])


class StepWatch:
    """Notices steps, and machines that slept: the leases written before them mean nothing until
    their workers had the time to write them again."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        ledger: Callable[[], float] = ledger_time,
    ) -> None:
        self._monotonic = monotonic
        self._ledger = ledger
        self._offset, self._doubt = 0.0, math.inf  # unknown as yet
        self._settled_at = -math.inf

    def is_steady(self) -> bool:
        """Return False for a while after a step. To be called every second or so."""
        asked_at = self._monotonic()
        ledger = self._ledger()
        now = self._monotonic()
        offset, doubt = ledger - now, now - asked_at  # a slow answer is no step
        if abs(offset - self._offset) > TOLERANCE + doubt + self._doubt:
            self._settled_at = now + SETTLES_WITHIN
        self._offset, self._doubt = offset, doubt
        return now >= self._settled_at
