"""The page says it when the queue waits, and never hangs with the broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from downloads.models import Download
from downloads.queue import broker
from downloads.queue.broker import BrokerCheck, BrokerState
from downloads.queue.wake import Waker
from tests.support.ledger import worker
from tests.support.redis_server import RedisServer
from tests.web.reading import read


@pytest.fixture(autouse=True)
def fresh_check(monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer) -> Iterator[None]:
    monkeypatch.setattr(broker, "_check", BrokerCheck())
    yield
    redis_server.start()
    redis_server.thaw()


def test_the_page_says_that_the_broker_is_away(as_alice: Client, redis_server: RedisServer) -> None:
    assert "waiting for its broker" not in read(as_alice.get("/")).words
    redis_server.stop()
    broker._check = BrokerCheck()

    assert "waiting for its broker" in read(as_alice.get("/")).words


def test_the_page_says_that_no_worker_runs(as_alice: Client, download: Download) -> None:
    assert "No worker is running" in read(as_alice.get("/")).words
    worker()
    assert "No worker is running" not in read(as_alice.get("/")).words


def test_a_frozen_broker_holds_no_request_up(redis_server: RedisServer) -> None:
    redis_server.freeze()

    assert broker.ask(settings.CELERY_BROKER_URL) == BrokerState(broker.AWAY)


@pytest.mark.usefixtures("db")
def test_a_full_broker_takes_no_message_and_says_so(
    client: Client, redis_server: RedisServer
) -> None:
    with redis_server.client() as asking:
        asking.config_set("maxmemory", 1)
        try:
            assert broker.ask(settings.CELERY_BROKER_URL) == BrokerState(broker.FULL)
            assert not Waker().send("downloads.tasks.run_next")
            found = client.get("/readyz").json()["checks"]["broker"]
            assert found == {"state": "down", "hint": broker.FULL}
        finally:
            asking.config_set("maxmemory", "256mb")
    assert broker.ask(settings.CELERY_BROKER_URL) == BrokerState()


def test_a_policy_that_evicts_the_queue(redis_server: RedisServer) -> None:
    with redis_server.client() as asking:
        asking.config_set("maxmemory-policy", "allkeys-lru")
        try:
            found = broker.ask(settings.CELERY_BROKER_URL)
        finally:
            asking.config_set("maxmemory-policy", "noeviction")
    assert (found.fault, "allkeys-lru" in found.warning) == ("", True)


def test_a_replica_and_a_wrong_password(redis_server: RedisServer) -> None:
    with redis_server.client() as asking:
        asking.replicaof("127.0.0.1", "1")
        try:
            assert broker.ask(settings.CELERY_BROKER_URL) == BrokerState(broker.READ_ONLY)
        finally:
            asking.replicaof("NO", "ONE")
    wrong = settings.CELERY_BROKER_URL.replace("redis://:", "redis://:x")
    assert broker.ask(wrong) == BrokerState(broker.REFUSED)


def test_the_answer_is_kept_for_two_seconds() -> None:
    asked: list[str] = []
    now = [0.0]

    def answer(url: str) -> BrokerState:
        asked.append(url)
        return BrokerState()

    check = BrokerCheck(answer, lambda: now[0])
    assert not check.state().fault
    now[0] = 1.9
    assert not check.state().fault
    assert len(asked) == 1
    now[0] = 2.0
    assert not check.state().fault
    assert len(asked) == 2
