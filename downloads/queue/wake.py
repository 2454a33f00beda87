"""Wake-ups: hints to workers that there may be work. Maintenance replaces a lost one.

A web process must not wait for Redis, whether it refuses or hangs: short limits, no retry, and
after a failure no attempt for a while.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis import RedisError

from downloads import conf

log = logging.getLogger(__name__)

RUN: Final = "downloads.tasks.run_next"
PROBE: Final = "downloads.tasks.probe_next"


class Waker:
    """A publisher of wake-ups. Thread-safe; one a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._connection: Connection | None = None

    def send(self, task: str, count: int = 1) -> bool:
        """Publish ``count`` wake-ups; False if the broker is unavailable."""
        if not self._lock.acquire(timeout=conf.WAKE_PATIENCE):
            return False  # another thread is just finding out that it hangs
        try:
            return self._clock() >= self._silent_until and self._try(task, count)
        finally:
            self._lock.release()

    def _try(self, task: str, count: int) -> bool:
        try:
            self._publish(task, count)
        except (OperationalError, RedisError, OSError) as error:  # the second of a full Redis
            log.warning("broker unavailable, wake-up not sent error=%s", type(error).__name__)
            self._silent_until = self._clock() + conf.WAKE_PAUSE
            self._drop()
            return False
        return True

    def _publish(self, task: str, count: int) -> None:
        if self._connection is None:
            limits = {
                "socket_connect_timeout": conf.WAKE_TIMEOUT,
                "socket_timeout": conf.WAKE_TIMEOUT,
                "retry_on_timeout": False,
                "max_retries": 0,
            }
            self._connection = current_app.connection_for_write(
                transport_options={**current_app.conf.broker_transport_options, **limits},
                connect_timeout=conf.WAKE_TIMEOUT,
            )
        with current_app.amqp.Producer(self._connection) as producer:
            for _ in range(count):
                current_app.send_task(task, producer=producer, retry=False, ignore_result=True)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.collect(conf.WAKE_TIMEOUT)
            self._connection = None


_waker = Waker()


def send(count: int = 1) -> bool:
    return _waker.send(RUN, count)


def send_probe(count: int = 1) -> bool:
    return _waker.send(PROBE, count)
