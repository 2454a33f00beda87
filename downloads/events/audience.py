"""The users who have a page open: for the others no event is put together.

A socket joins its user's group before it reads the ledger. So who is in no group after a commit
has nothing open, or will read what was committed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from typing import Any, Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from downloads.events.groups import user_group
from downloads.events.outbound_event import RESYNC
from downloads.events.publisher import publisher

log = logging.getLogger(__name__)

ANSWER_WITHIN: Final = 0.2  # seconds: the caller waits for it
PAUSE: Final = 5.0  # seconds without a question after one that was not answered
_PREFIX: Final = "asgi__group__"  # of the channel layer's groups, as Redis knows them


class Audience:
    """The groups in Redis, asked by one connection for each thread at most. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None
        self._silent_until = 0.0

    def among(self, user_ids: Collection[int]) -> Collection[int]:
        """Return those of the users who may have a page open; all of them if Redis does not say.

        While it is known to be away none: they read the ledger again once it is back.
        """
        if not user_ids:
            return ()
        if publisher().is_away:
            for user_id in user_ids:
                publisher().send_signal(RESYNC, user_id)
            return ()
        if time.monotonic() < self._silent_until:
            return user_ids
        try:
            groups = [_PREFIX + user_group(user_id) for user_id in user_ids]
            counts = self._redis().execute_command("PUBSUB NUMSUB", *groups)
        except (redis.RedisError, OSError) as error:
            log.debug("audience not known error=%s", type(error).__name__)
            self._silent_until = time.monotonic() + PAUSE
            return user_ids
        return [user_id for user_id, (_, count) in zip(user_ids, counts, strict=True) if count]

    def _redis(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = redis.Redis.from_url(
                    settings.CELERY_BROKER_URL,
                    socket_timeout=ANSWER_WITHIN,
                    socket_connect_timeout=ANSWER_WITHIN,
                    # One that was cut meanwhile is made again; what hangs is not waited for twice.
                    retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
                )
            return self._client


_audience: Final = Audience()


def heard_by(user_ids: Collection[int]) -> Collection[int]:
    """Return those of the users for whom events are of use now."""
    return _audience.among(user_ids)
