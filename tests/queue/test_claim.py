"""Claiming: exactly one owner, within every limit."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from downloads.models import Rendition, Transition
from downloads.queue.claim import claim
from tests.support.ledger import ask, claim_by, person, status, worker


@pytest.mark.django_db
def test_nothing_to_claim() -> None:
    assert claim(worker()) is None


@pytest.mark.django_db
def test_a_claim_is_a_lease_with_its_line_in_the_timeline() -> None:
    download = ask(person("alice"))
    by = worker()
    lease = claim_by(by)
    rendition = Rendition.objects.get(pk=lease.rendition_id)
    assert (rendition.lease_token, rendition.worker) == (lease.token, by)
    assert (lease.generation, lease.attempt) == (1, 1)
    assert status(download) == "running"
    line = Transition.objects.get(rendition=rendition, event="started")
    assert (line.from_status, line.to_status, line.worker) == ("queued", "running", str(by))


@pytest.mark.django_db
def test_what_is_leased_is_not_claimed_again() -> None:
    ask(person("alice"))
    claim_by(worker())
    assert claim(worker()) is None


@pytest.mark.django_db
def test_a_worker_takes_no_more_than_its_concurrency(settings: object) -> None:
    for name in ("alice", "bob", "charlie"):
        ask(person(name), f"https://{name}.example/a.mp4")
    by = worker(concurrency=2)
    assert claim(by)
    assert claim(by)
    assert claim(by) is None
    assert claim(worker()) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_workers_claim_at_once_and_one_owns_it() -> None:
    """200 races: every rendition is leased once, however the claims interleave."""
    alice = person("alice", max_active=1000)
    workers = [worker(concurrency=1000), worker(concurrency=1000)]
    barrier = threading.Barrier(2)

    def race(by: object) -> object:
        try:
            barrier.wait()
            return claim(by)  # type: ignore[arg-type]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for number in range(100):
            ask(alice, f"https://host{number}.example/a.mp4")
            leases = [lease for lease in pool.map(race, workers) if lease is not None]
            assert len(leases) == 1
    assert Transition.objects.filter(event="started").count() == 100


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_do_not_break_the_users_limit() -> None:
    """The limit is a count: two claims that both count before either writes would break it."""
    alice = person("alice", max_active=2)
    for number in range(12):
        ask(alice, f"https://host{number}.example/a.mp4")
    workers = [worker(concurrency=10) for _ in range(6)]
    barrier = threading.Barrier(6)

    def race(by: object) -> object:
        try:
            barrier.wait()
            return claim(by)  # type: ignore[arg-type]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(race, workers))
        list(pool.map(race, workers))
    assert Rendition.objects.leased().count() == 2
