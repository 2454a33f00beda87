"""A check of the broker, for display; nothing depends on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# seconds; the kernel of a frozen Redis still accepts, so connecting and answering add up
CONNECT_TIMEOUT: Final = 0.12
ANSWER_TIMEOUT: Final = 0.15
KEPT_FOR: Final = 2.0
CHECK_KEY: Final = "ferry.check"

_MEANWHILE: Final = "New downloads wait meanwhile."
AWAY: Final = f"Redis does not answer: check REDIS_URL. {_MEANWHILE}"
FULL: Final = f"Redis is out of memory: raise its maxmemory, or free some. {_MEANWHILE}"
READ_ONLY: Final = f"Redis is a read-only replica: set REDIS_URL to its primary. {_MEANWHILE}"
REFUSED: Final = f"Redis refuses the user or password of REDIS_URL. {_MEANWHILE}"
EVICTING: Final = (
    "Redis may evict the queue (maxmemory-policy {}): set it to noeviction. Lost wake-ups are sent "
    "again."
)


@dataclass(frozen=True, slots=True)
class BrokerState:
    """``fault``: why it takes no messages; empty if it does. ``warning``: what may become one."""

    fault: str = ""
    warning: str = ""


def ask(url: str) -> BrokerState:
    """Write to the broker once, on a connection of its own; no retry. Takes at most 0.3 s.

    A full Redis and a replica answer pings, and take no message.
    """
    client = redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=ANSWER_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        questions = client.pipeline(transaction=False)
        questions.set(CHECK_KEY, 1, ex=60)
        questions.info("memory")
        written, memory = questions.execute(raise_on_error=False)
    except (redis.RedisError, OSError) as error:
        return BrokerState(_fault(error))
    finally:
        client.close()
    if isinstance(written, Exception):
        return BrokerState(_fault(written))
    return BrokerState(warning=_warning(memory))


def _fault(error: Exception) -> str:
    match error:
        case redis.OutOfMemoryError():
            return FULL
        case redis.ReadOnlyError():
            return READ_ONLY
        case redis.AuthenticationError() | redis.exceptions.NoPermissionError():
            return REFUSED
        case redis.ResponseError():
            return f"Redis takes no writes ({error}). {_MEANWHILE}"
        case _:
            return AWAY


def _warning(memory: Any) -> str:
    """Return what is wrong with the policy; empty also if a hosted Redis does not tell it."""
    policy = str(memory.get("maxmemory_policy", "")) if isinstance(memory, dict) else ""
    return EVICTING.format(policy) if policy.startswith("allkeys-") else ""


class BrokerCheck:
    """The last answer, kept for two seconds. Thread-safe: many viewers cause one question."""

    def __init__(
        self,
        ask: Callable[[str], BrokerState] = ask,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._state = BrokerState(AWAY)
        self._checked_at: float | None = None

    def state(self) -> BrokerState:
        with self._lock:
            if self._checked_at is None or self._clock() - self._checked_at >= KEPT_FOR:
                self._state = self._ask(settings.CELERY_BROKER_URL)
                self._checked_at = self._clock()
            return self._state


_check = BrokerCheck()


def state() -> BrokerState:
    """Return what the broker answered within the last two seconds; takes at most 0.3 s."""
    return _check.state()


def is_up() -> bool:
    """Return True if the broker took a message within the last two seconds; takes at most
    0.3 s."""
    return not state().fault
