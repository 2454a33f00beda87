"""The one throttle between engine and viewers, and what the row keeps besides."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from downloads.engine.core.progress import INTERVAL, Phase, Progress, Throttle
from downloads.jobs.progress_report import ProgressReporter
from downloads.models import Rendition
from downloads.queue.lease import Lease
from tests.events.conftest import ears
from tests.events.ears import Ears
from tests.support.ledger import ask, claim_by, person, worker

__all__ = ["ears"]

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = 1000


@pytest.fixture
def alice() -> Any:
    return person("alice")


@pytest.fixture
def lease(alice: Any) -> Lease:
    ask(alice)
    return claim_by(worker())


def fetched(done: int) -> Progress:
    return Progress(done, SIZE, 10.0, 1.0, percent=done / SIZE * 90)


def merged(fraction: float) -> Progress:
    return Progress(SIZE, SIZE, phase=Phase.PROCESSING, percent=90 + 9 * fraction)


def test_a_throttle_lets_one_through_in_each_interval() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    shown = []
    for tick in range(101):
        now = tick * 0.05
        if throttle.is_due():
            shown.append(now)
    assert all(later - earlier >= INTERVAL for earlier, later in pairwise(shown))
    assert len(shown) == pytest.approx(5 / INTERVAL, abs=5)


@pytest.mark.processes
def test_pages_are_told_four_times_a_second(ears: Ears, alice: Any, lease: Lease) -> None:
    ear = ears.of(alice.pk)
    now = 0.0
    report = ProgressReporter(lease, clock=lambda: now)
    for tick in range(20):  # a second
        now = tick * 0.05
        report(fetched(tick + 1))
        ear.wait_for(int(now / INTERVAL) + 1)  # newer progress would take its place
    report(fetched(SIZE))
    for tick in range(5):
        report(merged(tick / 5))
    now += INTERVAL
    report(merged(1))

    shown = [event["data"]["progress"] for event in ear.wait_for(5)]
    assert [event["event"] for event in ear.events] == ["download:progress"] * 5
    assert shown == sorted(shown)
    row = Rendition.objects.get()
    assert (row.phase, row.bytes_done) == (Phase.PROCESSING, SIZE)


def test_the_row_has_the_last_byte_and_each_phase_at_once(lease: Lease) -> None:
    report = ProgressReporter(lease, clock=lambda: 0.0)
    report(fetched(1))
    report(fetched(2))
    assert Rendition.objects.get().bytes_done == 1
    report(fetched(SIZE))
    assert Rendition.objects.get().bytes_done == SIZE
    report(merged(0.0))
    report(merged(0.5))
    row = Rendition.objects.get()
    assert (row.phase, row.progress) == (Phase.PROCESSING, 90.0)


def test_the_work_of_another_process_does_not_let_a_bar_fall(lease: Lease) -> None:
    ProgressReporter(lease)(fetched(800))
    ProgressReporter(lease)(fetched(200))  # resumed: a bar of its own
    row = Rendition.objects.get()
    assert (row.bytes_done, row.progress) == (200, 72.0)
