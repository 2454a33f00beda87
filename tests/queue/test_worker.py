"""A process as a worker: its heartbeat, its looks, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from downloads import conf, services
from downloads.engine.core.errors import StopReason
from downloads.models import Rendition, Worker
from downloads.queue import worker as module
from downloads.queue.worker import ClaimedJob, WorkerProcess
from tests.support.ledger import ask, person, settle
from tests.support.stack import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "HEARTBEAT_INTERVAL", 0.05)
    monkeypatch.setattr(module, "POLL_INTERVAL", 0.02)


@pytest.fixture
def process() -> Iterator[WorkerProcess]:
    running = WorkerProcess()
    running.start()
    yield running
    running.end()


def soon_lapsing() -> None:
    Rendition.objects.update(lease_expires_at=Now() + timedelta(seconds=1))


def renewed() -> bool:
    return bool(
        Rendition.objects.filter(lease_expires_at__gt=Now() + timedelta(seconds=5)).exists()
    )


def test_the_heartbeat_keeps_the_lease(process: WorkerProcess) -> None:
    ask(person("alice"))
    with process.claim() as job:
        assert job is not None
        soon_lapsing()
        until(renewed, 30)
        assert not job.stop.stopped


def test_a_hang_loses_its_lease_and_its_neighbour_does_not(
    process: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "HANG_AFTER", 0.5)
    alice = person("alice")
    ask(alice, "https://a.example/1")
    ask(alice, "https://b.example/2")

    def goes_on() -> bool:
        going.stop.beat()
        return renewed_one(going)

    with process.claim() as hanging, process.claim() as going:
        assert hanging is not None
        assert going is not None
        until(lambda: goes_on() and hanging.stop.idle_seconds > conf.HANG_AFTER, 30)
        for _ in range(2):  # a beat may have been under way already
            soon_lapsing()
            until(goes_on, 30)
        assert not renewed_one(hanging)


def renewed_one(job: ClaimedJob) -> bool:
    row = Rendition.objects.filter(pk=job.lease.rendition_id)
    return bool(row.filter(lease_expires_at__gt=Now() + timedelta(seconds=5)).exists())


def test_an_unwanted_rendition_is_released(process: WorkerProcess) -> None:
    alice = person("alice")
    download = ask(alice)
    with process.claim() as job:
        assert job is not None
        services.cancel(alice, download.pk)
        until(lambda: job.stop.reason is StopReason.UNWANTED, 30)


def test_a_lease_that_another_took_fences_the_work(process: WorkerProcess) -> None:
    ask(person("alice"))
    with process.claim() as job:
        assert job is not None
        Rendition.objects.update(
            status="queued", lease_token=None, lease_expires_at=None, worker=None
        )
        settle()
        until(lambda: job.stop.reason is StopReason.LEASE_LOST, 30)


def test_a_process_taken_for_dead_comes_back(process: WorkerProcess) -> None:
    until(Worker.objects.exists, 30)
    Worker.objects.all().delete()
    until(Worker.objects.exists, 30)


def test_shutting_down_stops_the_work_and_claims_no_more(process: WorkerProcess) -> None:
    alice = person("alice")
    ask(alice, "https://a.example/1")
    ask(alice, "https://b.example/2")
    with process.claim() as job:
        assert job is not None
        process.shut_down()
        assert job.stop.reason is StopReason.SHUTDOWN
        with process.claim() as another:
            assert another is None


def test_a_worker_whose_heart_hangs_claims_nothing(
    process: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claims may reach the database while the heartbeat waits: here for a lock on its row."""
    ask(person("alice"))
    monkeypatch.setattr(conf, "CLAIM_AFTER_BEAT", 0.3)
    until(Worker.objects.exists, 30)
    locked, healed = threading.Event(), threading.Event()

    def lock() -> None:
        with transaction.atomic():
            Worker.objects.update(stopping=False)
            locked.set()
            healed.wait(30)
        connection.close()

    locking = threading.Thread(target=lock)
    locking.start()
    assert locked.wait(30)
    until(lambda: process.beat_age > 0.3, 30)
    with process.claim() as none:
        assert none is None
    assert Rendition.objects.get().attempts == 0
    healed.set()
    locking.join()
    until(lambda: claims(process), 30)  # a beat is soon old again on a busy machine


def claims(process: WorkerProcess) -> bool:
    with process.claim() as job:
        return job is not None


def test_the_row_goes_with_the_process() -> None:
    process = WorkerProcess()
    process.start()
    until(Worker.objects.exists, 30)
    process.end()
    until(lambda: not Worker.objects.exists(), 30)
