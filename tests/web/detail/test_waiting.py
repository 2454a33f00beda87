"""The reason of a wait: the one that has to end first."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from downloads.models import Download, Rendition, Worker
from downloads.queue import figures
from downloads.queue.hosts import cool_down
from downloads.queue.waiting import Hold, Reason, Situation, Waiting, situation, why
from tests.api.arrange import make_running
from tests.support.ledger import ask, claim_by, person, settle, url, worker

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=3)
ONE = uuid.uuid4()
WELL = Situation(now=NOW, turns={ONE: 1})
WAITING = Waiting(ONE, "media.example", NOW, 0, frozenset({1}))


@pytest.mark.parametrize(
    ("one", "now", "reason"),
    [
        ({}, {}, Reason(Hold.NEXT, turn=1)),
        ({"next_attempt_at": LATER}, {"workers": 0}, Reason(Hold.BACKOFF, until=LATER)),
        ({}, {"cooling_hosts": {"media.example": LATER}}, Reason(Hold.COOLING, until=LATER)),
        ({}, {"cooling_hosts": {"other.example": LATER}}, Reason(Hold.NEXT, turn=1)),
        ({}, {"full_hosts": frozenset({"media.example"})}, Reason(Hold.HOST_FULL)),
        ({}, {"users_at_limit": frozenset({1, 2})}, Reason(Hold.USER_LIMIT)),
        ({}, {"disk_full": True, "broker_up": False}, Reason(Hold.DISK)),
        ({}, {"workers": 0, "broker_up": False}, Reason(Hold.NO_WORKER)),
        ({}, {"broker_up": False}, Reason(Hold.BROKER)),
        ({"reclaims": 2}, {"idle_worker": False}, Reason(Hold.ALONE, turn=1)),
        ({"reclaims": 2}, {}, Reason(Hold.NEXT, turn=1)),
        ({"reclaims": 1}, {"idle_worker": False}, Reason(Hold.NEXT, turn=1)),
        ({}, {"free_slots": 0}, Reason(Hold.TURN, turn=1)),
        ({}, {"turns": {ONE: 5}, "free_slots": 4}, Reason(Hold.TURN, turn=5)),
        ({}, {"turns": {}}, Reason(Hold.TURN)),
        # a shared one starts for any holder who is below their limit
        (
            {"holders": frozenset({1, 2})},
            {"users_at_limit": frozenset({1})},
            Reason(Hold.NEXT, turn=1),
        ),
    ],
)
def test_why(one: dict[str, object], now: dict[str, object], reason: Reason) -> None:
    assert why(replace(WAITING, **one), replace(WELL, **now)) == reason  # type: ignore[arg-type]


def reason_of(download: Download) -> Hold:
    rendition = Rendition.objects.get(pk=download.rendition_id)
    claims = Download.objects.filter(rendition=rendition).wanting()
    now = situation(figures.live_workers(), disk_full=False)
    return why(Waiting.of(rendition, [claim.user_id for claim in claims]), now).hold


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_as_the_queue_itself_sees_it() -> None:
    """Each is told as waiting by what ``claim`` really passes over."""
    alice, bob = person("alice", max_active=1), person("bob")
    first = ask(alice, url("one.example"))
    make_running(first)
    limited = ask(alice, url("two.example"))
    cooled = ask(bob, url("hot.example"))
    cool_down("hot.example", 60)
    free = ask(bob, url("three.example"))

    assert reason_of(limited) is Hold.USER_LIMIT
    assert reason_of(cooled) is Hold.COOLING
    assert reason_of(free) is Hold.NEXT
    assert claim_by(Worker.objects.get()).rendition_id == free.rendition_id


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_a_worker_with_suspect_work_is_no_free_slot() -> None:
    alice = person("alice")
    suspect, other = ask(alice), ask(alice)
    Rendition.objects.filter(pk=suspect.rendition_id).update(reclaims=2)
    settle()
    claim_by(worker())

    assert reason_of(other) is Hold.TURN


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_no_worker_and_a_worker_that_stops_are_the_same() -> None:
    one = ask(person("alice"))
    assert reason_of(one) is Hold.NO_WORKER
    worker()
    assert reason_of(one) is Hold.NEXT
    Worker.objects.update(stopping=True)
    assert reason_of(one) is Hold.NO_WORKER
