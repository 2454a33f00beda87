"""Many messages, many receivers: each sent by one at a time, and none waits for a slow one."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from downloads import conf, services
from downloads.jobs.maintenance import Maintenance, sweep
from downloads.models import Webhook, WebhookDelivery
from downloads.webhooks.attempt import attempt
from downloads.webhooks.claim import DeliveryClaim, claim
from downloads.webhooks.deliverer import Deliverer
from downloads.webhooks.outcome import DeliveryOutcome
from downloads.webhooks.settle import settle
from tests.support.answers import then_hang
from tests.support.ledger import ask
from tests.support.stack import until
from tests.support.webhook_receiver import Receiver
from tests.webhooks.arrange import hook, make_due, message, run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("loopback")]


def test_a_turn_of_the_maintenance_sends_what_is_owed(alice: Any, receiver: Receiver) -> None:
    hook(alice, receiver.url())
    ask(alice)
    assert Maintenance().turn()
    until(lambda: receiver.types == ["download:queued"])
    until(lambda: WebhookDelivery.objects.filter(status="succeeded").exists())


def test_all_that_is_due_goes_out_once(alice: Any, bob: Any, receiver: Receiver) -> None:
    webhooks = [hook(alice, receiver.url()), hook(bob, receiver.url())]
    rows = [message(webhook) for webhook in webhooks for _ in range(15)]
    deliverers = [Deliverer(threading.Event()) for _ in range(3)]  # as in three processes
    for deliverer in deliverers:
        deliverer.nudge()
    until(lambda: all(deliverer.is_idle for deliverer in deliverers))
    run_until_idle()  # what all three lost to each other at the same moment
    assert sorted(got.id for got in receiver.got) == sorted(
        f"msg_{row.message_id.hex}" for row in rows
    )
    assert set(WebhookDelivery.objects.values_list("status", "attempts")) == {("succeeded", 1)}


def test_of_many_who_want_one_message_one_gets_it(alice: Any) -> None:
    webhook = hook(alice)
    at_once = threading.Barrier(8)

    def take(_: int) -> DeliveryClaim | None:
        try:
            at_once.wait()
            return claim()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            row = message(webhook)
            taken = [found for found in pool.map(take, range(8)) if found]
            assert [found.delivery_id for found in taken] == [row.pk]


@pytest.mark.parametrize("slow_ones", [1, 5])
def test_a_slow_receiver_holds_up_no_other(
    alice: Any, bob: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, slow_ones: int
) -> None:
    """Of one user's webhooks one alone leaves the others room; all of them, the other users."""
    monkeypatch.setattr(conf, "WEBHOOK_WITHIN", 120)  # none is given up meanwhile
    receiver.reply = then_hang()
    for webhook in [hook(alice, receiver.url()) for _ in range(slow_ones)]:
        for _ in range(10):
            message(webhook)
    with Receiver() as quick:
        other = hook(alice if slow_ones == 1 else bob, quick.url())
        for _ in range(5):
            message(other)
        stopped = threading.Event()
        deliverer = Deliverer(stopped)
        deliverer.nudge()
        until(lambda: len(quick.got) == 5, 30)
        wanted = min(slow_ones * conf.WEBHOOK_OWN_THREADS, conf.WEBHOOK_USER_THREADS)
        until(lambda: len(receiver.got) >= wanted)
        assert len(receiver.got) == receiver.most_answering == wanted
        stopped.set()  # or each would wait until its time is over, for nothing was answered
        receiver.hang_up()
        until(lambda: deliverer.is_idle)


def test_the_maintenance_does_not_wait(alice: Any, receiver: Receiver) -> None:
    receiver.reply = then_hang()
    message(hook(alice, receiver.url()))
    maintenance = Maintenance()
    assert maintenance.turn()
    until(lambda: receiver.got)
    assert maintenance.turn()
    assert WebhookDelivery.objects.exclude(claim_token=None).exists(), "it waited for the answer"
    maintenance.stop()
    receiver.hang_up()
    until(lambda: WebhookDelivery.objects.filter(claim_token=None).exists())


def test_a_claim_that_ended_is_taken_over_and_what_the_first_says_no_longer_counts(
    alice: Any, receiver: Receiver
) -> None:
    row = message(hook(alice, receiver.url()))
    first = claim()
    assert first is not None
    assert claim() is None
    make_due()  # as after WEBHOOK_CLAIM
    second = claim()
    assert second is not None
    assert not settle(first, DeliveryOutcome(error="It was late."))
    assert settle(second, attempt(second))
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("succeeded", 2, "")


def test_a_claim_outlasts_the_attempt(alice: Any) -> None:
    assert timedelta(seconds=2 * conf.WEBHOOK_WITHIN) < conf.WEBHOOK_CLAIM
    row = message(hook(alice))
    assert claim() is not None
    row.refresh_from_db()
    assert row.next_attempt_at is not None
    assert row.last_attempt_at is not None
    assert row.next_attempt_at - row.last_attempt_at >= timedelta(seconds=20)


@pytest.mark.parametrize("gone", ["webhook", "user"])
def test_a_webhook_that_is_deleted_takes_its_messages_along(alice: Any, gone: str) -> None:
    webhook = hook(alice)
    message(webhook)
    if gone == "webhook":
        services.delete_webhook(alice, webhook.pk)
    else:
        alice.delete()
    assert not WebhookDelivery.objects.exists()


def test_one_deleted_while_something_happens_breaks_nothing(alice: Any) -> None:
    """Its row was read, and was gone before the message was written."""
    webhook = hook(alice)
    kept = Webhook(pk=webhook.pk, user=alice, events=webhook.events)
    services.delete_webhook(alice, webhook.pk)
    message(kept)
    run_until_idle()
    WebhookDelivery.objects.update(created_at=Now() - timedelta(days=31))
    sweep()
    assert not WebhookDelivery.objects.exists()


def test_what_is_old_is_pruned(alice: Any) -> None:
    webhook = hook(alice)
    old, young = message(webhook), message(webhook)
    age = WebhookDelivery.objects.filter
    age(pk=old.pk).update(created_at=Now() - timedelta(days=31))
    age(pk=young.pk).update(created_at=Now() - timedelta(days=29))
    sweep()
    assert list(WebhookDelivery.objects.all()) == [young]


def test_an_account_that_is_closed_gets_nothing(alice: Any) -> None:
    message(hook(alice))
    alice.is_active = False
    alice.save()
    assert claim() is None


def test_those_that_fail_leave_room_for_the_others(alice: Any, bob: Any) -> None:
    failing, well = hook(alice), hook(bob)
    Webhook.objects.filter(pk=failing.pk).update(failing_since=Now())
    for webhook in (failing, well):
        message(webhook)
    first = claim()
    assert first is not None
    assert first.failing
    make_due()
    elsewhere = replace(first, webhook_id=uuid.uuid4(), user_id=0)
    found = claim([elsewhere] * conf.WEBHOOK_FAILING_THREADS)
    assert found is not None
    assert found.webhook_id == well.pk
    assert claim([elsewhere] * conf.WEBHOOK_FAILING_THREADS) is None


def test_a_mistake_of_ours_counts_as_an_attempt(
    alice: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the message would come back every half minute, without an end."""
    row = message(hook(alice, receiver.url()))
    monkeypatch.setattr(conf, "WEBHOOK_ANSWER_KEPT", None)  # the mistake: it is no figure
    run_until_idle()
    row.refresh_from_db()
    assert (row.status, row.attempts, row.claim_token) == ("pending", 1, None)
    assert "Ferry" in row.error
