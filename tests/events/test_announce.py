"""The receivers of events: each holder gets their own outcome, whatever caused it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from django.db import connection, transaction

from downloads import services
from downloads.events.announce import (
    announce_access,
    announce_content,
    announce_deleted,
    announce_downloads,
    announce_paused_figures,
    announce_progress,
    announce_rendition,
    announce_requested,
    announce_resolved,
)
from downloads.models import Content, Download, Rendition
from downloads.queue.lease import report
from tests.events.ears import Ears
from tests.support.database import database_away
from tests.support.ledger import again, ask, claim_by, failed, person, stored, url, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> Any:
    return person("alice")


@pytest.fixture
def bob() -> Any:
    return person("bob")


@pytest.fixture
def shared(alice: Any, bob: Any) -> tuple[Download, Download]:
    """Both hold the same rendition; Bob has paused."""
    where = url()
    of_alice, of_bob = ask(alice, where), ask(bob, where)
    services.pause(bob, of_bob.pk)
    return of_alice, of_bob


def test_asked_for_is_queued(ears: Ears, alice: Any) -> None:
    ear = ears.of(alice.pk)
    download = ask(alice)
    event = ear.until("download:queued")
    assert event["data"]["downloadId"] == str(download.pk)
    assert event["data"]["download"]["queuePosition"] == 1
    assert event["seq"] == event["data"]["download"]["seq"]


def test_started_is_told_to_those_for_whom_it_runs(
    ears: Ears, alice: Any, bob: Any, shared: tuple[Download, Download]
) -> None:
    hears_alice, hears_bob = ears.of(alice.pk), ears.of(bob.pk)
    claim_by(worker())

    event = hears_alice.until("download:started")
    download = again(shared[0])
    assert event["seq"] == download.seq
    assert event["data"]["downloadId"] == str(download.pk)
    assert event["data"]["download"]["status"] == "running"
    assert "download:started" not in hears_bob.names


def test_stored_is_completed_for_all_who_hold_it(
    ears: Ears, alice: Any, bob: Any, shared: tuple[Download, Download]
) -> None:
    hears_alice, hears_bob = ears.of(alice.pk), ears.of(bob.pk)
    stored(claim_by(worker()), size=1234)

    for ear, download in ((hears_alice, shared[0]), (hears_bob, shared[1])):
        event = ear.until("download:completed")
        assert event["data"]["size"] == 1234
        assert event["data"]["fileUrl"] == f"/api/v1/downloads/{download.pk}/file/"
        assert event["data"]["download"]["status"] == "completed"


def test_a_failure_is_told_to_those_on_whom_it_is_stamped(
    ears: Ears, alice: Any, bob: Any, shared: tuple[Download, Download]
) -> None:
    hears_alice, hears_bob = ears.of(alice.pk), ears.of(bob.pk)
    failed(claim_by(worker()), "unavailable")

    event = hears_alice.until("download:failed")
    assert event["data"]["errorCode"] == "unavailable"
    assert event["data"]["error"] == "It is gone."

    # Bob retries the same, and Alice's failure stays as it is
    services.resume(bob, shared[1].pk)
    failed(claim_by(worker()), "login_required")
    assert hears_bob.until("download:failed")["data"]["errorCode"] == "login_required"
    assert hears_alice.names.count("download:failed") == 1


def test_progress_is_small_and_for_those_for_whom_it_runs(
    ears: Ears, alice: Any, bob: Any, shared: tuple[Download, Download]
) -> None:
    hears_alice, hears_bob = ears.of(alice.pk), ears.of(bob.pk)
    facts: dict[str, Any] = {"progress": 99.97, "phase": "downloading", "bytes_done": 10}
    lease = claim_by(worker())
    report(lease, **facts, bytes_total=20, eta=1.5)
    announce_progress(lease.rendition_id)

    assert hears_alice.until("download:progress")["data"] == {
        "downloadId": str(shared[0].pk),
        "progress": 99.9,
        "phase": "downloading",
        "bytesDone": 10,
        "bytesTotal": 20,
        "speed": 0.0,
        "eta": 1.5,
        "labels": {
            "status": "Downloading",
            "amount": "10 of 20 bytes",
            "speed": "",
            "eta": "2 s left",
        },
    }
    assert "download:progress" not in hears_bob.names


def test_progress_costs_one_query(
    alice: Any, django_assert_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:
    ask(alice)
    lease = claim_by(worker())
    with django_assert_num_queries(1):
        announce_progress(lease.rendition_id)


@pytest.mark.parametrize(
    ("act", "event"),
    [
        ("pause", "download:paused"),
        ("cancel", "download:cancelled"),
        ("delete", "download:deleted"),
    ],
)
def test_what_its_owner_does_is_told_to_him(ears: Ears, alice: Any, act: str, event: str) -> None:
    ear = ears.of(alice.pk)
    download = ask(alice)
    services.act(alice, download.pk, act)
    told = ear.until(event)
    assert told["data"]["downloadId"] == str(download.pk)
    assert told["seq"] > ear.until("download:queued")["seq"]


def test_a_mark_that_leaves_the_status_is_an_update(ears: Ears, alice: Any) -> None:
    ear = ears.of(alice.pk)
    services.keep_until(alice, ask(alice).pk, None)
    assert ear.until("download:updated")["data"]["download"]["status"] == "queued"


def test_what_was_learnt_is_an_update(ears: Ears, alice: Any) -> None:
    ear = ears.of(alice.pk)
    download = ask(alice)
    lease = claim_by(worker())
    ear.until("download:started")
    Content.objects.update(title="A film")
    with transaction.atomic():
        announce_resolved(lease.rendition_id)
        report(lease, bytes_total=5)
    event = ear.until("download:updated")
    assert event["data"]["download"]["title"] == "A film"
    assert event["data"]["downloadId"] == str(download.pk)


def test_content_is_told_to_each_by_their_own_title(ears: Ears, alice: Any, bob: Any) -> None:
    where = url()
    content, _ = services.add_content(alice, where, title="Mine")
    services.add_content(bob, where)
    stranger = person("charlie")
    hearing = {user: ears.of(user.pk) for user in (alice, bob, stranger)}
    Content.objects.update(probe_status="ready", title="Theirs")
    announce_content(content.pk)

    of_alice, of_bob = (hearing[user].until("content:resolved") for user in (alice, bob))
    assert of_alice["data"]["contentId"] == str(content.pk)
    assert of_alice["data"]["content"]["title"] == "Mine"
    assert of_bob["data"]["content"]["title"] == "Theirs"
    assert of_alice["seq"] is None
    assert hearing[stranger].news == []


def test_content_that_failed(ears: Ears, alice: Any) -> None:
    content, _ = services.add_content(alice, url())
    ear = ears.of(alice.pk)
    Content.objects.update(probe_status="failed", probe_error_code="unavailable")
    announce_content(content.pk)
    assert ear.until("content:failed")["data"]["content"]["errorCode"] == "unavailable"


def test_it_is_told_after_the_commit_as_it_then_is(ears: Ears, alice: Any) -> None:
    ear = ears.of(alice.pk)
    with transaction.atomic():
        services.pause(alice, ask(alice).pk)
    ear.until("download:paused")
    assert ear.names == ["download:paused"]


def test_what_nobody_hears_is_not_read(
    ears: Ears, alice: Any, bob: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The database is gone after the commit, and nothing misses it."""
    ears.of(bob.pk)
    held = ask(alice)
    with ExitStack() as after_the_commit, transaction.atomic():
        transaction.on_commit(lambda: after_the_commit.enter_context(database_away()))
        announce_rendition(held.rendition_id, Rendition.Status.RUNNING)
        announce_content(held.content_id)
        announce_downloads([held.pk], "paused")
    assert "event lost" not in caplog.text


def test_what_is_rolled_back_is_not_told(ears: Ears, alice: Any) -> None:
    ear = ears.of(alice.pk)
    with transaction.atomic():
        ask(alice)
        transaction.set_rollback(True)
    second = ask(alice)
    ear.until("download:queued")
    assert [event["data"]["downloadId"] for event in ear.events] == [str(second.pk)]


def test_a_database_that_goes_away_raises_nothing(
    ears: Ears, alice: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ears.of(alice.pk)
    held = ask(alice)
    with ExitStack() as after_the_commit, transaction.atomic():
        transaction.on_commit(lambda: after_the_commit.enter_context(database_away()))
        announce_rendition(held.rendition_id, Rendition.Status.RUNNING)
        announce_progress(held.rendition_id)
        announce_content(held.content_id)
        announce_downloads([held.pk], "paused")
    lost = [line for line in caplog.messages if "event lost" in line]
    assert len(lost) == 4


def test_every_hook_has_the_name_that_django_logs_its_failure_by(alice: Any, bob: Any) -> None:
    """A robust hook without a ``__qualname__``, such as a partial, takes the others with it."""
    some = uuid.uuid4()
    with transaction.atomic():
        held = ask(alice)
        for status in Rendition.Status.values:
            announce_rendition(some, status)
        announce_resolved(some)
        announce_paused_figures(some)
        announce_requested(bob.pk, [])
        announce_downloads([held.pk], "paused")
        announce_deleted(alice.pk, {some: 1})
        announce_progress(some)
        announce_content(some)
        announce_access(alice.pk)
        hooks = [hook for _, hook, robust in connection.run_on_commit if robust]
        transaction.set_rollback(True)
    assert len(hooks) >= 9
    assert all(hook.__qualname__ for hook in hooks)
