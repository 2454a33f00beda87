"""The page says it when the queue waits, and never hangs with the broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from downloads.models import Download
from downloads.queue import broker
from downloads.queue.broker import BrokerCheck, ping
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


@pytest.mark.timeout(20)
def test_a_frozen_broker_holds_no_request_up(redis_server: RedisServer) -> None:
    redis_server.freeze()

    assert not ping(settings.CELERY_BROKER_URL)


def test_the_answer_is_kept_for_two_seconds() -> None:
    asked: list[str] = []
    now = [0.0]

    def answer(url: str) -> bool:
        asked.append(url)
        return True

    check = BrokerCheck(answer, lambda: now[0])
    assert check.is_up()
    now[0] = 1.9
    assert check.is_up()
    assert len(asked) == 1
    now[0] = 2.0
    assert check.is_up()
    assert len(asked) == 2
