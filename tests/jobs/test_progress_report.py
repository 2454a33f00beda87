"""The one throttle between engine and viewers, and what the row keeps besides."""

from __future__ import annotations

import time
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
    report = ProgressReporter(lease)
    began = time.monotonic()
    for done in range(1, 25):
        report(fetched(done))
        time.sleep(0.05)
    report(fetched(SIZE))
    for tick in range(5):
        report(merged(tick / 5))
    took = time.monotonic() - began

    ear.wait_for(4)
    time.sleep(0.2)
    told = [event for event in ear.events if event["event"] == "download:progress"]
    assert 4 <= len(told) <= took / INTERVAL + 1
    shown = [event["data"]["progress"] for event in told]
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
