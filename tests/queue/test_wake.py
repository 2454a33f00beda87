"""A wake-up is a hint, and sending one must never hold a request up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import current_app
from redis.connection import Connection

from downloads import conf
from downloads.queue import wake
from downloads.queue.wake import Waker
from tests.support.redis_server import RedisServer
from tests.support.stack import until

LONGEST = 1.0  # seconds that a POST may wait for Redis


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[RedisServer]:
    """With a queue of its own; running again afterwards, whatever was done to it."""
    redis_server.client().flushall()
    yield redis_server
    redis_server.thaw()
    redis_server.start()
    for _ in range(2):  # what arrived while it was frozen is taken in before the next test
        redis_server.client().ping()


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that each attempt to connect allows itself: for connecting, and for an answer."""
    seen: list[float] = []
    connect = Connection._connect

    def counted(self: Connection) -> object:
        seen.extend([self.socket_connect_timeout, self.socket_timeout])
        return connect(self)

    monkeypatch.setattr(Connection, "_connect", counted)
    return seen


def waiting(redis: RedisServer) -> int:
    return int(redis.client().llen("ferry"))  # type: ignore[arg-type]


def test_a_wake_up_reaches_the_queue(redis: RedisServer) -> None:
    assert Waker().send(wake.RUN, 3)
    assert waiting(redis) == 3


def test_a_message_that_was_received_leaves_nothing_in_redis(redis: RedisServer) -> None:
    """No list of what is not acknowledged: writing it costs more than the message."""
    assert Waker().send(wake.RUN)
    received: list[object] = []
    with current_app.connection_for_read() as connection:
        queue = current_app.amqp.queues["ferry"]
        with connection.Consumer(queue, callbacks=[lambda _, message: received.append(message)]):
            connection.drain_events(timeout=10)
            names = redis.client().keys("unacked*")
    assert (len(received), names) == (1, [])


@pytest.mark.parametrize("how", ["stop", "freeze"])
def test_a_broker_that_refuses_or_hangs_is_given_up_soon(
    redis: RedisServer, limits: list[float], how: str
) -> None:
    getattr(redis, how)()
    assert not Waker().send(wake.RUN)
    assert 0 < sum(limits) < LONGEST


def test_a_broker_that_begins_to_hang_is_given_up_soon(
    redis: RedisServer, limits: list[float]
) -> None:
    """A connection that was good before it froze."""
    waker = Waker()
    assert waker.send(wake.RUN)
    limits.clear()
    redis.freeze()
    assert not waker.send(wake.RUN)
    # an answer on the good one is waited for; then it may connect once again
    assert conf.WAKE_TIMEOUT + sum(limits) < LONGEST


def test_no_worker_waits_for_anothers_attempt(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "WAKE_TIMEOUT", 60.0)
    waker = Waker()
    redis.freeze()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(waker.send, wake.RUN)
        until(waker._lock.locked, pause=0.001)
        assert not waker.send(wake.RUN)
        assert not first.done()
        redis.thaw()
        assert first.result(30)


def test_after_a_failure_there_is_no_attempt_for_a_while(redis: RedisServer) -> None:
    now = 100.0
    waker = Waker(clock=lambda: now)
    redis.stop()
    assert not waker.send(wake.RUN)
    redis.start()
    assert not waker.send(wake.RUN)
    assert waiting(redis) == 0
    now += conf.WAKE_PAUSE
    assert waker.send(wake.RUN)
    assert waiting(redis) == 1


def test_a_restarted_broker_is_found_again(redis: RedisServer) -> None:
    waker = Waker(clock=iter(range(0, 1000, 10)).__next__)
    assert waker.send(wake.RUN)
    redis.stop()
    redis.start()
    waker.send(wake.RUN)
    assert waker.send(wake.RUN)
