"""A clock that is set: no wait gets longer, no lease ends early, and none lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now

from downloads import services
from downloads.jobs.maintenance import free_slots, take_turn
from downloads.models import (
    MaintenanceTurn,
    QueueEntry,
    RealtimeTicket,
    Rendition,
    SourceHost,
    Worker,
)
from downloads.queue import entries, figures
from downloads.queue.claim import claim
from downloads.queue.clock import SETTLES_WITHIN, StepWatch, ledger_time
from downloads.queue.hosts import cool_down, cooling_hosts
from downloads.queue.reaper import forget_dead_workers, reap
from downloads.queue.waiting import Hold, Waiting, situation, why
from tests.support.ledger import ask, claim_by, person, settle, status, worker

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TIMES: dict[Any, tuple[str, ...]] = {
    QueueEntry: ("due_at", "waits_since", "queued_at"),
    Rendition: ("next_attempt_at", "waits_since", "lease_expires_at", "queued_at"),
    SourceHost: ("cooling_until", "cooling_since"),
    Worker: ("heartbeat_at",),
    MaintenanceTurn: ("expires_at", "done_at"),
    RealtimeTicket: ("expires_at",),
}


def set_back(by: timedelta = HOUR) -> None:
    """As if the clock had shown so much more when the rows were written."""
    for model, names in TIMES.items():
        model.objects.update(**{name: F(name) + by for name in names})


def back_off(seconds: float) -> None:
    Rendition.objects.update(
        status="queued", next_attempt_at=Now() + timedelta(seconds=seconds), waits_since=Now()
    )
    settle()


@pytest.mark.parametrize("by", [timedelta(minutes=1), HOUR, timedelta(days=400)])
def test_a_backoff_gets_no_longer(by: timedelta) -> None:
    ask(person("alice"))
    back_off(30)
    assert claim(worker()) is None
    set_back(by)
    entries.ripen_after_step()
    assert figures.counts(None)["delayed"] == 0
    assert claim(worker()) is not None


def test_what_waits_is_told_so() -> None:
    download = ask(person("alice"))
    back_off(30)
    waiting = Waiting.of(Rendition.objects.get(), [download.user_id])
    assert why(waiting, situation([], disk_full=False)).hold is Hold.BACKOFF
    set_back()
    waiting = Waiting.of(Rendition.objects.get(), [download.user_id])
    assert why(waiting, situation([], disk_full=False)).hold is not Hold.BACKOFF


def test_a_host_cools_down_no_longer() -> None:
    ask(person("alice"))
    cool_down("media.example", 30)
    assert claim(worker()) is None
    set_back()
    assert cooling_hosts() == {}
    assert claim(worker()) is not None


def test_a_dead_worker_s_lease_ends() -> None:
    download = ask(person("alice"))
    claim_by(worker())
    set_back()
    assert reap() == 1
    assert status(download) == "queued"


def test_a_dead_worker_is_not_alive_for_another_hour() -> None:
    dead = worker()
    ask(person("alice"))
    set_back()
    assert (free_slots(), figures.live_workers()) == (0, [])
    assert forget_dead_workers(frozenset()) == {dead.pk}


def test_a_dead_holder_s_turn_ends() -> None:
    assert take_turn("dead")
    set_back()
    assert take_turn("alive")
    assert not take_turn("another")


def test_a_ticket_opens_nothing_later() -> None:
    ticket = services.realtime_ticket(person("alice"))
    set_back()
    assert services.redeem_ticket(ticket) is None


def steps(*clocks: tuple[float, float]) -> Callable[[], bool]:
    """A watch over readings of the monotonic clock and of the ledger's."""
    times = iter(clocks)
    now: list[tuple[float, float]] = []
    watch = StepWatch(lambda: now[-1][0], lambda: now[-1][1])

    def is_steady() -> bool:
        now.append(next(times))
        return watch.is_steady()

    return is_steady


@pytest.mark.parametrize("step", [3600.0, -3600.0, 30.0])
def test_a_step_is_waited_out(step: float) -> None:
    """Hearts that beat every two seconds have written their leases by then."""
    after = SETTLES_WITHIN + 2
    is_steady = steps(
        (1, 101), (2, 102.1), (3, 103 + step), (4, 104 + step), (after, after + 100 + step)
    )
    assert [is_steady() for _ in range(5)] == [True, True, False, False, False]
    is_steady = steps((1, 101), (3, 103 + step), (8, 108 + step))
    assert [is_steady() for _ in range(3)] == [True, False, True]


def test_the_ledger_s_time_is_now() -> None:
    assert ledger_time() > 1.7e9
