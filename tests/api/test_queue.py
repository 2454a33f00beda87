"""queue/: staff see everyone's, others their own; whether the broker answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from downloads.models import Rendition
from downloads.queue import broker
from tests.api.arrange import STATES, bring_to, make_delayed, make_running
from tests.support.ledger import ask, worker
from tests.support.redis_server import RedisServer

QUEUE = "/api/v1/queue/"


@pytest.fixture(autouse=True)
def _asks_the_broker_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_check", broker.BrokerCheck())


@pytest.fixture
def alices(alice: Any) -> None:
    """One download in each state, and one that waits for another attempt."""
    for state in sorted(STATES, key="completed failed running".find, reverse=True):
        bring_to(ask(alice), state)
    make_delayed(ask(alice))


def counts(body: dict[str, Any]) -> dict[str, int]:
    names = ("waiting", "active", "paused", "delayed", "completed", "failed")
    return {name: body[name] for name in names}


@pytest.mark.usefixtures("alices")
def test_ones_own(as_alice: Any, as_bob: Any, as_charlie: Any) -> None:
    one_each = dict.fromkeys(("waiting", "active", "paused", "delayed", "completed", "failed"), 1)
    assert counts(as_alice.get(QUEUE).json()) == one_each
    assert counts(as_bob.get(QUEUE).json()) == dict.fromkeys(one_each, 0)
    assert counts(as_charlie.get(QUEUE).json()) == one_each


def test_every_name_of_the_contract(as_alice: Any) -> None:
    names = "waiting active paused delayed completed failed bytesPerSecond broker workers"
    assert set(as_alice.get(QUEUE).json()) == set(names.split())


def test_what_is_shared_is_fetched_once(
    as_alice: Any, as_bob: Any, as_charlie: Any, alice: Any, charlie: Any
) -> None:
    own, _ = ask(alice, "https://media.example/1"), ask(charlie, "https://media.example/1")
    make_running(own)
    Rendition.objects.update(speed=1000.0)
    assert as_alice.get(QUEUE).json()["bytesPerSecond"] == 1000
    assert as_charlie.get(QUEUE).json()["bytesPerSecond"] == 1000
    assert as_charlie.get(QUEUE).json()["active"] == 2
    assert as_bob.get(QUEUE).json()["bytesPerSecond"] == 0


def test_workers_are_for_staff(as_alice: Any, as_charlie: Any, alice: Any) -> None:
    row = worker(concurrency=3)
    ask(alice)
    assert as_alice.get(QUEUE).json()["workers"] == []
    (found,) = as_charlie.get(QUEUE).json()["workers"]
    assert (found["name"], found["concurrency"], found["running"]) == (str(row), 3, 0)


@pytest.mark.usefixtures("redis_server")
def test_the_broker_is_up(as_alice: Any) -> None:
    assert as_alice.get(QUEUE).json()["broker"] == "up"


@pytest.fixture(params=["stop", "freeze"])
def away(request: Any, redis_server: RedisServer) -> Iterator[None]:
    """Redis refuses; Redis hangs."""
    getattr(redis_server, request.param)()
    yield
    redis_server.thaw()
    redis_server.start()


@pytest.mark.usefixtures("away")
def test_the_broker_is_down(as_alice: Any) -> None:
    response = as_alice.get(QUEUE)
    assert (response.status_code, response.json()["broker"]) == (200, "down")
