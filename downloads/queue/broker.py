"""A check of the broker, for display; nothing depends on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# seconds; the kernel of a frozen Redis still accepts, so connecting and answering add up
CONNECT_TIMEOUT: Final = 0.12
ANSWER_TIMEOUT: Final = 0.15
KEPT_FOR: Final = 2.0


def ping(url: str) -> bool:
    """Ping the broker once, on a connection of its own; no retry."""
    client = redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=ANSWER_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


class BrokerCheck:
    """The last answer, kept for two seconds. Thread-safe: many viewers cause one ping."""

    def __init__(
        self, ping: Callable[[str], bool] = ping, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ping = ping
        self._clock = clock
        self._lock = threading.Lock()
        self._answer = False
        self._checked_at: float | None = None

    def is_up(self) -> bool:
        with self._lock:
            if self._checked_at is None or self._clock() - self._checked_at >= KEPT_FOR:
                self._answer = self._ping(settings.CELERY_BROKER_URL)
                self._checked_at = self._clock()
            return self._answer


_check = BrokerCheck()


def is_up() -> bool:
    """Return True if the broker answered within the last two seconds; takes at most 0.3 s."""
    return _check.is_up()
