"""Celery's Redis transport without the books about messages that are not acknowledged yet.

Kombu writes each message down when a worker receives it, and crosses it out when that begins the
task: two transactions of Redis, a fifth of a worker's processor time for small files. They would
bring back the message of a worker that dies in between. Here a message only says that there may be
work: the database says what is unfinished, and maintenance sends again what was lost.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis


class UntrackedQoS(redis.QoS):
    """Has nothing to restore: what was received is gone."""

    def append(self, message: Any, delivery_tag: str) -> None:
        pass

    def ack(self, delivery_tag: str) -> None:
        pass

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        pass


class Channel(redis.Channel):
    QoS = UntrackedQoS

    def close(self) -> None:
        # Kombu waits for the answer to its BRPOP, so as to lose no message: for seconds, in which
        # a worker with nothing to do would not end.
        self._in_poll = False
        super().close()


class Transport(redis.Transport):
    Channel = Channel
