"""The messages of a change: one each, for its owner alone, or none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from downloads import services
from downloads.engine.core.media import Quality, Source
from downloads.events.announce import announce_content
from downloads.jobs.maintenance import expire
from downloads.jobs.resolve import learn
from downloads.models import Content, Download, Webhook, WebhookDelivery
from downloads.queue.claim import claim
from downloads.queue.demand import merge
from downloads.schemas import ContentPayload, DownloadPayload
from tests.support.ledger import again, ask, claim_by, failed, stored, url, worker
from tests.webhooks.arrange import hook, message, owed, types

pytestmark = pytest.mark.django_db


def test_the_life_of_a_download(alice: Any) -> None:
    webhook = hook(alice)
    download = ask(alice)
    services.pause(alice, download.pk)
    services.resume(alice, download.pk)
    stored(claim_by(worker()))
    Download.objects.update(expires_at=Now())
    assert expire() == 1
    services.delete(alice, download.pk)
    assert types(webhook) == [
        "download:queued",
        "download:paused",
        "download:queued",
        "download:started",
        "download:completed",
        "download:expired",
        "download:deleted",
    ]
    seqs = [body["data"]["seq"] for body in owed(webhook)]
    assert seqs == sorted(set(seqs))
    assert {body["data"]["downloadId"] for body in owed(webhook)} == {str(download.pk)}


def test_failed_retried_cancelled(alice: Any) -> None:
    webhook = hook(alice)
    download = ask(alice)
    failed(claim_by(worker()))
    services.retry(alice, download.pk)
    services.cancel(alice, download.pk)
    assert types(webhook) == [
        "download:queued",
        "download:started",
        "download:failed",
        "download:queued",
        "download:cancelled",
    ]
    (told,) = [body for body in owed(webhook) if body["type"] == "download:failed"]
    assert (told["data"]["errorCode"], told["data"]["error"]) == ("unavailable", "It is gone.")


def test_the_message_holds_the_download_as_the_api_shows_it(alice: Any) -> None:
    webhook = hook(alice)
    download = ask(alice, title="A film")
    stored(claim_by(worker()), size=1234)
    told = owed(webhook)[-1]
    assert set(told) == {"type", "timestamp", "data"}
    assert told["type"] == "download:completed"
    assert told["data"]["download"] == DownloadPayload.of(again(download)).wire()
    assert (told["data"]["size"], told["data"]["download"]["title"]) == (1234, "A film")


def test_it_tells_of_that_moment_and_not_of_a_later_one(alice: Any) -> None:
    webhook = hook(alice)
    download = ask(alice)
    services.cancel(alice, download.pk)
    assert [body["data"]["download"]["status"] for body in owed(webhook)] == ["queued", "cancelled"]


def test_a_shared_rendition_tells_each_holder_of_their_own_alone(alice: Any, bob: Any) -> None:
    alices, bobs = hook(alice), hook(bob)
    at = url()
    first, second = ask(alice, at, title="Secret project"), ask(bob, at)
    assert first.rendition_id == second.rendition_id
    services.pause(alice, first.pk)
    stored(claim_by(worker()))
    assert {body["data"]["downloadId"] for body in owed(alices)} == {str(first.pk)}
    assert {body["data"]["downloadId"] for body in owed(bobs)} == {str(second.pk)}
    assert "download:paused" not in types(bobs)
    assert "download:started" not in types(alices)
    assert types(alices)[-1] == types(bobs)[-1] == "download:completed"
    assert "Secret project" not in str(owed(bobs))


def test_only_what_it_wants(alice: Any) -> None:
    webhook = hook(alice, events=["download:failed", "download:completed"])
    ask(alice)
    stored(claim_by(worker()))
    assert types(webhook) == ["download:completed"]


def test_each_webhook_gets_its_own_under_one_id(alice: Any) -> None:
    webhooks = [hook(alice), hook(alice)]
    ask(alice)
    rows = WebhookDelivery.objects.all()
    assert {row.webhook_id for row in rows} == {webhook.pk for webhook in webhooks}
    assert len({row.message_id for row in rows}) == 1


def test_what_leaves_the_status_as_it_was_is_not_told(alice: Any) -> None:
    webhook = hook(alice)
    download = ask(alice)
    services.keep_until(alice, download.pk, None)
    assert services.request(alice, content=download.content).created is False
    assert types(webhook) == ["download:queued"]


@pytest.mark.parametrize("why", ["disabled", "account"])
def test_nothing_is_owed_to_what_is_switched_off(alice: Any, why: str) -> None:
    webhook = hook(alice)
    if why == "disabled":
        services.change_webhook(alice, webhook.pk, enabled=False)
    else:
        alice.is_active = False
        alice.save()
    ask(alice)
    assert types(webhook) == []


def test_what_is_rolled_back_was_never_owed(alice: Any) -> None:
    webhook = hook(alice)
    with transaction.atomic():
        ask(alice)
        assert types(webhook) == ["download:queued"]
        transaction.set_rollback(True)
    assert types(webhook) == []


def test_what_cannot_be_written_did_not_happen(alice: Any) -> None:
    hook(alice)
    download = ask(alice)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE downloads_webhookdelivery RENAME TO elsewhere")
        with pytest.raises(DatabaseError):
            services.pause(alice, download.pk)
        cursor.execute("ALTER TABLE elsewhere RENAME TO downloads_webhookdelivery")
    assert again(download).status == "queued"
    assert [line.event for line in download.transitions.all()] == ["requested"]


def test_who_has_none_pays_one_small_query(alice: Any, bob: Any) -> None:
    hook(bob)
    ask(alice)
    with CaptureQueriesContext(connection) as queries:
        claim_by(worker())
    about = [query["sql"] for query in queries if "webhook" in query["sql"]]
    assert len(about) == 1
    assert about[0].startswith("SELECT")
    assert WebhookDelivery.objects.count() == 0


def test_two_wishes_that_come_to_the_same_are_not_begun_twice(alice: Any, bob: Any) -> None:
    webhook = hook(alice)
    at = url()
    own, other = ask(alice, at), ask(bob, at, Quality.P720)
    by = worker()
    while claim(by):
        pass
    before = types(webhook)
    assert before == ["download:queued", "download:started"]
    merge(own.rendition, other.rendition)
    assert types(webhook) == before
    assert again(own).status == "running"


def test_one_that_joins_what_is_stored_is_completed(alice: Any, bob: Any) -> None:
    webhook = hook(alice)
    at = url()
    other = ask(bob, at, Quality.P720)
    stored(claim_by(worker()))
    own = ask(alice, at)
    claim_by(worker())
    merge(own.rendition, other.rendition)
    assert types(webhook) == ["download:queued", "download:started", "download:completed"]


@pytest.mark.parametrize("status", ["ready", "failed"])
def test_content_is_told_to_who_asked_for_it(alice: Any, bob: Any, status: str) -> None:
    webhook, strangers = hook(alice), hook(bob)
    content, _ = services.add_content(alice, url(), title="As she calls it")
    probed = Content.objects.filter(pk=content.pk)
    probed.update(title="The source's", probe_status=status, probed_at=Now())
    with transaction.atomic():
        announce_content(content.pk)
        announce_content(content.pk)
    (told,) = owed(webhook)
    assert told["type"] == ("content:resolved" if status == "ready" else "content:failed")
    assert told["data"]["contentId"] == str(content.pk)
    assert set(told["data"]["content"]) == set(ContentPayload.of(content).wire())
    assert told["data"]["content"]["title"] == "As she calls it"
    assert owed(strangers) == []


def test_content_that_is_resolved_again_is_no_news(alice: Any) -> None:
    webhook = hook(alice)
    content, _ = services.add_content(alice, url())
    found = Source("site:1", "A film", ())
    for _ in range(2):  # as each download of it does
        learn(Content.objects.get(pk=content.pk), found)
    Content.objects.filter(pk=content.pk).update(probe_status="pending")
    learn(Content.objects.get(pk=content.pk), found)
    assert types(webhook) == ["content:resolved"] * 2


def test_what_two_resolve_at_the_same_time_is_told_once(alice: Any) -> None:
    """Both read it before either had resolved it."""
    webhook = hook(alice)
    content, _ = services.add_content(alice, url())
    before = [Content.objects.get(pk=content.pk) for _ in range(2)]
    for each in before:
        learn(each, Source("site:1", "A film", ()))
    assert types(webhook) == ["content:resolved"]


def test_what_came_about_while_it_was_being_disabled_is_never_sent(alice: Any) -> None:
    webhook = hook(alice)
    services.change_webhook(alice, webhook.pk, enabled=False)
    late = message(webhook)
    services.change_webhook(alice, webhook.pk, enabled=True)
    late.refresh_from_db()
    assert (late.status, late.next_attempt_at) == ("failed", None)


def test_another_address_has_not_failed_yet(alice: Any) -> None:
    webhook = hook(alice)
    Webhook.objects.update(failing_since=Now())
    changed = services.change_webhook(alice, webhook.pk, url="https://other.example/")
    assert changed.failing_since is None


@pytest.mark.django_db(transaction=True)
def test_who_joins_at_the_moment_of_storing_hears_of_the_end(alice: Any, bob: Any) -> None:
    """Their download is not committed yet when the bytes are there."""
    webhook = hook(bob)
    film = url()
    ask(alice, film)
    lease = claim_by(worker())
    storing = threading.Event()

    def store() -> None:
        try:
            storing.set()
            stored(lease)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ask(bob, film)
            done = pool.submit(store)
            assert storing.wait(10)
            with pytest.raises(TimeoutError):
                done.result(0.5)  # it waits for Bob
        done.result(30)
    assert types(webhook)[-1] == "download:completed"
