"""Calm when all is well; loud, with what to do, when something is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from downloads.models import Rendition
from downloads.queue import broker
from downloads.queue.broker import BrokerCheck
from downloads.queue.hosts import cool_down
from downloads.web.health.strip import State, strip_of
from tests.api.arrange import make_completed, make_running
from tests.support.ledger import ask, url, worker
from tests.support.redis_server import RedisServer
from tests.web.reading import read

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
GB = 10**9
WELL = State(now=NOW, room=400 * GB)


def test_calm_when_all_is_well() -> None:
    strip = strip_of(WELL)
    assert strip.troubles == ()
    assert strip.figures == ("Idle", "400 GB free")


def test_figures() -> None:
    strip = strip_of(replace(WELL, speed=2.5e6, running=2, waiting=5, used=GB, quota=10 * GB))
    assert strip.figures == (
        "2.5 MB/s",
        "2 running",
        "5 waiting",
        "400 GB free",
        "9 GB of your quota left",
    )


@pytest.mark.parametrize(
    ("wrong", "tone", "text"),
    [
        ({"broker_up": False}, "bad", "The queue is waiting for its broker."),
        ({"worker_there": False}, "bad", "No worker is running, so downloads do not start."),
        ({"room": 0}, "bad", "The disk is full."),
        ({"room": 4 * GB}, "warn", "Only 4 GB free on the disk."),
        ({"used": GB, "quota": GB}, "bad", "Your quota of 1 GB is used up."),
        ({"used": 95 * GB, "quota": 100 * GB}, "warn", "95 GB of your quota of 100 GB are used."),
        (
            {"cooling": {"media.example": NOW + dt.timedelta(minutes=4)}},
            "warn",
            "media.example is limiting requests.",
        ),
    ],
)
def test_loud_with_what_to_do(wrong: dict[str, Any], tone: str, text: str) -> None:
    (trouble,) = strip_of(replace(WELL, **wrong)).troubles
    assert (trouble.tone, trouble.text) == (tone, text)
    assert trouble.advice.endswith((".", "manage.py up"))


@pytest.fixture
def fresh_check(monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer) -> Iterator[None]:
    monkeypatch.setattr(broker, "_check", BrokerCheck())
    yield
    redis_server.start()


@pytest.mark.usefixtures("fresh_check")
def test_the_broker_and_the_worker(as_alice: Client, redis_server: RedisServer) -> None:
    assert "No worker is running" in read(as_alice.get("/health/")).words
    worker()
    calm = read(as_alice.get("/health/"))
    assert "No worker" not in calm.words
    assert "broker" not in calm.words
    redis_server.stop()
    broker._check = BrokerCheck()

    assert "waiting for its broker" in read(as_alice.get("/health/")).words


def test_others_are_not_told_of(as_alice: Client, as_bob: Client, as_charlie: Client) -> None:
    from django.contrib.auth import get_user_model

    alice = get_user_model().objects.get(username="alice")
    make_running(ask(alice))
    Rendition.objects.update(speed=3e6)
    ask(alice, url("hot.example"))
    cool_down("hot.example", 60)

    for client, knows in ((as_alice, True), (as_bob, False), (as_charlie, True)):
        words = read(client.get("/health/")).words
        assert ("3 MB/s" in words) is knows
        assert ("1 waiting" in words) is knows
        assert ("hot.example" in words) is knows


def test_the_quota_counts_ones_own(as_alice: Client, alice: Any) -> None:
    type(alice).objects.filter(pk=alice.pk).update(storage_quota=100)
    make_completed(ask(alice), content=b"x" * 60)
    assert "40 bytes of your quota left" in read(as_alice.get("/health/")).words


def test_the_queue_page_is_a_step_away_for_staff(as_alice: Client, as_charlie: Client) -> None:
    assert "Queue" in [link.words for link in read(as_charlie.get("/health/")).all("a")]
    assert not read(as_alice.get("/health/")).all("a")


def test_no_other_user_is_told(client: Client) -> None:
    assert client.get("/health/").headers["Location"].startswith("/accounts/login/")
