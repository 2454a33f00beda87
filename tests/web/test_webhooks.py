"""/webhooks/: add, see their state and what was sent, switch, delete; without a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from downloads import services
from downloads.models import Webhook
from downloads.network.encryption import decrypt
from downloads.webhooks import signing
from tests.api.arrange import UNKNOWN_ID
from tests.web.reading import buttons, messages, read
from tests.webhooks.arrange import ANYWHERE, hook, message

WEBHOOKS = "/webhooks/"


def test_added_and_its_secret_is_shown_this_once(as_alice: Client) -> None:
    answer = as_alice.post(WEBHOOKS, {"url": ANYWHERE, "events": "ends"})
    assert answer.status_code == 201
    row = Webhook.objects.get()
    assert row.events == ["download:completed", "download:failed"]
    secret = decrypt(row.ciphertext, signing.context_of(row))
    assert secret in answer.content.decode()
    again = as_alice.get(WEBHOOKS)
    assert ANYWHERE in read(again).one("tbody").words
    assert "Working" in read(again).one("tbody").words
    assert secret not in again.content.decode()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"url": "", "events": "all"}, "This field is required"),
        ({"url": "hello", "events": "all"}, "whole http or https link"),
        ({"url": "http://10.0.0.1/", "events": "all"}, "Private"),
        ({"url": ANYWHERE, "events": "none"}, "Select a valid choice"),
    ],
)
def test_refused(as_alice: Client, sent: dict[str, str], told: str) -> None:
    answer = as_alice.post(WEBHOOKS, sent)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not Webhook.objects.exists()


def test_no_more_than_ten(as_alice: Client, alice: Any) -> None:
    for _ in range(10):
        hook(alice)
    answer = as_alice.post(WEBHOOKS, {"url": ANYWHERE, "events": "all"})
    assert answer.status_code == 400
    assert "Delete one first" in answer.content.decode()


def test_disabled_enabled_deleted(as_alice: Client, alice: Any) -> None:
    webhook = hook(alice)
    Webhook.objects.update(failing_since=Now())
    assert "Failing" in read(as_alice.get(WEBHOOKS)).one("tbody").words
    page = read(as_alice.post(f"{WEBHOOKS}{webhook.pk}/disable/", follow=True))
    assert "The webhook is disabled." in messages(page)
    assert "You disabled it." in page.one("tbody").words
    assert buttons(page.one("tbody")) == ["Enable", "Delete"]
    page = read(as_alice.post(f"{WEBHOOKS}{webhook.pk}/enable/", follow=True))
    assert "Working" in page.one("tbody").words
    page = read(as_alice.post(f"{WEBHOOKS}{webhook.pk}/delete/", follow=True))
    assert "You have no webhooks." in page.one("main").words
    assert not Webhook.objects.exists()


def test_what_was_sent_and_sending_it_again(as_alice: Client, alice: Any) -> None:
    webhook = hook(alice)
    assert "No messages yet." in read(as_alice.get(f"{WEBHOOKS}{webhook.pk}/")).words
    row = message(webhook, status="failed", error="The receiver answered <500>.")
    listed = read(as_alice.get(f"{WEBHOOKS}{webhook.pk}/")).one("tbody").words
    assert "download:queued" in listed
    assert "Failed The receiver answered <500>." in listed
    again = f"{WEBHOOKS}{webhook.pk}/deliveries/{row.pk}/redeliver/"
    page = read(as_alice.post(again, follow=True))
    assert "Sending the message again." in messages(page)
    assert "Waiting" in page.one("tbody").words
    services.change_webhook(alice, webhook.pk, enabled=False)
    assert "Enable it" in messages(read(as_alice.post(again, follow=True)))


def test_a_strangers_are_not_there(as_bob: Client, alice: Any) -> None:
    row = message(hook(alice))
    assert "You have no webhooks." in read(as_bob.get(WEBHOOKS)).one("main").words
    for pk in (row.webhook_id, UNKNOWN_ID, "f" * 36):
        assert as_bob.get(f"{WEBHOOKS}{pk}/").status_code == 404
        assert as_bob.post(f"{WEBHOOKS}{pk}/delete/").status_code == 404
        assert as_bob.post(f"{WEBHOOKS}{pk}/deliveries/{row.pk}/redeliver/").status_code == 404
    assert Webhook.objects.get().disabled_at is None


def test_only_signed_in(client: Client, db: None) -> None:
    assert client.get(WEBHOOKS).status_code == 302
    assert client.post(f"{WEBHOOKS}{UNKNOWN_ID}/delete/").status_code == 302


def test_the_account_leads_there(as_alice: Client) -> None:
    page = read(as_alice.get(reverse("accounts:account")))
    assert [link.words for link in page.all("a", href=WEBHOOKS)] == ["Webhooks"]
