"""The order of users in the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from downloads import services
from downloads.models import Download, Rendition
from downloads.queue.claim import claim
from downloads.queue.hosts import cool_down
from tests.support.ledger import ask, claim_by, person, settle, stored, worker

pytestmark = pytest.mark.django_db


def claimed_by_user(by: Any) -> str:
    lease = claim_by(by)
    return Download.objects.get(rendition=lease.rendition_id).user.username


def test_the_user_with_the_fewest_running_goes_first() -> None:
    alice, bob = person("alice"), person("bob")
    for number in range(3):
        ask(alice, f"https://host{number}.example/a.mp4")
    ask(bob, "https://bob.example/b.mp4")
    by = worker(concurrency=9)
    assert [claimed_by_user(by) for _ in range(4)] == ["alice", "bob", "alice", "alice"]


def test_of_users_who_run_as_many_each_has_a_turn_in_turn() -> None:
    """However long the line of who came first is, and however few places there are."""
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    for who, many in ((alice, 4), (bob, 2), (carol, 2)):
        for number in range(many):
            ask(who, f"https://{who.username}.example/{number}.mp4")
    by = worker(concurrency=1)
    names = []
    for _ in range(8):
        lease = claim_by(by)
        names.append(Download.objects.get(rendition=lease.rendition_id).user.username)
        stored(lease)
    assert names == ["alice", "bob", "carol", "alice", "bob", "carol", "alice", "alice"]


def test_then_priority_then_age() -> None:
    alice = person("alice", max_active=9)
    first, second, urgent = (ask(alice, f"https://host{n}.example/a.mp4") for n in range(3))
    services.set_priority(alice, urgent.pk, 5)
    by = worker(concurrency=9)
    order = [claim_by(by).rendition_id for _ in range(3)]
    assert order == [urgent.rendition_id, first.rendition_id, second.rendition_id]


def test_a_user_at_their_limit_is_passed_over(settings: Any) -> None:
    settings.USER_MAX_ACTIVE = 1
    alice, bob = person("alice"), person("bob")
    ask(alice, "https://a.example/1.mp4")
    ask(alice, "https://b.example/2.mp4")
    ask(bob, "https://c.example/3.mp4")
    by = worker(concurrency=9)
    assert {claimed_by_user(by), claimed_by_user(by)} == {"alice", "bob"}
    assert claim(by) is None


def test_a_users_own_limit_overrides_the_servers(settings: Any) -> None:
    settings.USER_MAX_ACTIVE = 1
    alice = person("alice", max_active=2)
    barred = person("bob", max_active=0)
    ask(alice, "https://a.example/1.mp4")
    ask(alice, "https://b.example/2.mp4")
    ask(barred, "https://c.example/3.mp4")
    by = worker(concurrency=9)
    assert [claimed_by_user(by), claimed_by_user(by)] == ["alice", "alice"]
    assert claim(by) is None


def test_a_shared_rendition_takes_the_turn_of_its_least_busy_holder() -> None:
    alice, bob = person("alice"), person("bob")
    ask(alice, "https://a.example/1.mp4")
    by = worker(concurrency=9)
    claim_by(by)
    lonely = ask(alice, "https://b.example/2.mp4")
    shared = ask(alice, "https://c.example/3.mp4")
    ask(bob, "https://c.example/3.mp4")
    assert lonely.rendition_id != shared.rendition_id
    assert claim_by(by).rendition_id == shared.rendition_id


def test_a_host_at_its_cap_is_passed_over(settings: Any) -> None:
    settings.FETCH_HOST_CONCURRENCY = 1
    alice = person("alice", max_active=9)
    ask(alice, "https://slow.example/1.mp4")
    ask(alice, "https://slow.example/2.mp4")
    other = ask(alice, "https://other.example/3.mp4")
    by = worker(concurrency=9)
    claim_by(by)
    assert claim_by(by).rendition_id == other.rendition_id
    assert claim(by) is None


def test_a_host_that_cools_down_is_passed_over() -> None:
    alice = person("alice")
    ask(alice, "https://hot.example/1.mp4")
    cool_down("hot.example", 60)
    assert claim(worker()) is None
    cool_down("hot.example", -1)
    assert claim(worker()) is not None


def test_backoff_is_in_the_row() -> None:
    ask(person("alice"))
    Rendition.objects.update(next_attempt_at=Now() + timedelta(seconds=60))
    settle()
    assert claim(worker()) is None
    Rendition.objects.update(next_attempt_at=Now() - timedelta(seconds=1))
    settle()
    assert claim(worker()) is not None


def test_suspect_work_runs_alone() -> None:
    alice = person("alice", max_active=9)
    suspect = ask(alice, "https://poison.example/1.mp4")
    Rendition.objects.filter(pk=suspect.rendition_id).update(reclaims=2)
    settle()
    ask(alice, "https://good.example/2.mp4")
    busy = worker(concurrency=9)
    services.set_priority(alice, suspect.pk, 5)
    alone = claim_by(busy)
    assert (alone.rendition_id, alone.alone) == (suspect.rendition_id, True)
    assert claim(busy) is None, "nothing else dies with it"

    other = worker(concurrency=9)
    assert claim(other) is not None
    Rendition.objects.filter(pk=suspect.rendition_id).update(
        status="queued", lease_token=None, lease_expires_at=None, worker=None
    )
    settle()
    assert claim(other) is None, "it does not join what runs already"


def test_an_unwanted_rendition_is_not_claimed() -> None:
    alice = person("alice")
    download = ask(alice)
    services.pause(alice, download.pk)
    # as if the pause had crashed before it let go of the rendition
    Rendition.objects.update(status="queued")
    settle()
    assert claim(worker()) is None
