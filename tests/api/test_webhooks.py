"""webhooks/: made, listed, changed, deleted; what was sent, and sending it again."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from downloads.models import Webhook, WebhookDelivery
from downloads.network.encryption import decrypt
from downloads.schemas import WEBHOOK_EVENTS
from downloads.webhooks import signing
from downloads.webhooks.claim import claim
from downloads.webhooks.settle import disable
from tests.api.arrange import UNKNOWN_ID, code, first_error
from tests.webhooks.arrange import ANYWHERE, hook, message

WEBHOOKS = "/api/v1/webhooks/"


def at(webhook: Webhook, rest: str = "") -> str:
    return f"{WEBHOOKS}{webhook.pk}/{rest}"


def redeliver(row: WebhookDelivery) -> str:
    return f"{WEBHOOKS}{row.webhook_id}/deliveries/{row.pk}/redeliver/"


def test_made(as_alice: Any, alice: Any) -> None:
    response = as_alice.post(WEBHOOKS, {"url": ANYWHERE, "description": " To the portal "})
    assert response.status_code == 201
    body = response.json()
    secret = body.pop("secret")
    assert len(signing.key_of(secret)) == 32
    assert body == {
        "id": body["id"],
        "url": ANYWHERE,
        "events": list(WEBHOOK_EVENTS),
        "description": "To the portal",
        "enabled": True,
        "disabledReason": None,
        "failingSince": None,
        "createdAt": body["createdAt"],
    }
    assert as_alice.get(WEBHOOKS).json()["results"] == [body]
    assert as_alice.get(f"{WEBHOOKS}{body['id']}/").json() == body
    row = Webhook.objects.get()
    assert row.user == alice
    assert decrypt(row.ciphertext, signing.context_of(row)) == secret


def test_the_secret_is_kept_encrypted_and_shown_once(as_alice: Any) -> None:
    made = as_alice.post(WEBHOOKS, {"url": ANYWHERE}).json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM downloads_webhook")
        assert made["secret"].removeprefix("whsec_") not in str(cursor.fetchall())
    changed = as_alice.patch(f"{WEBHOOKS}{made['id']}/", {"description": "x"})
    for answer in (as_alice.get(WEBHOOKS), as_alice.get(f"{WEBHOOKS}{made['id']}/"), changed):
        assert answer.status_code == 200
        assert "secret" not in json.dumps(answer.json())


def test_a_secret_and_events_of_ones_own(as_alice: Any) -> None:
    secret = "whsec_" + base64.b64encode(bytes(range(24))).decode()
    fields = {
        "url": ANYWHERE,
        "secret": secret,
        "events": ["download:failed", "download:completed"],
    }
    body = as_alice.post(WEBHOOKS, fields).json()
    assert body["secret"] == secret
    assert body["events"] == ["download:completed", "download:failed"]


REFUSED: list[tuple[Any, str, str]] = [
    ({}, "url", "required"),
    ({"url": 5}, "url", "invalid"),
    ({"url": ""}, "url", "unsupported_url"),
    ({"url": "hooks.example/ferry"}, "url", "unsupported_url"),
    ({"url": "ftp://hooks.example/"}, "url", "unsupported_url"),
    ({"url": "javascript:alert(1)"}, "url", "unsupported_url"),
    ({"url": "https:///path"}, "url", "unsupported_url"),
    ({"url": "https://hooks.example/a b"}, "url", "unsupported_url"),
    ({"url": "https://hooks.example/" + "x" * 2000}, "url", "unsupported_url"),
    ({"url": "https://name:password@hooks.example/"}, "url", "unsupported_url"),
    ({"url": "http://127.0.0.1/"}, "url", "blocked_address"),
    ({"url": "http://localhost:8000/"}, "url", "blocked_address"),
    ({"url": "http://2130706433/"}, "url", "blocked_address"),
    ({"url": "http://0x7f.1/"}, "url", "blocked_address"),
    ({"url": "http://[::ffff:10.0.0.1]/"}, "url", "blocked_address"),
    ({"url": "http://[fe80::1%25eth0]/"}, "url", "blocked_address"),
    ({"url": "http://169.254.169.254/latest/"}, "url", "blocked_address"),
    ({"url": ANYWHERE, "events": []}, "events", "min_length"),
    ({"url": ANYWHERE, "events": ["download:progress"]}, "events.0", "invalid_choice"),
    ({"url": ANYWHERE, "events": ["nonsense"]}, "events.0", "invalid_choice"),
    ({"url": ANYWHERE, "secret": "whsec_short"}, "secret", "invalid"),
    ({"url": ANYWHERE, "secret": "hunter2"}, "secret", "invalid"),
    ({"url": ANYWHERE, "description": "x" * 201}, "description", "max_length"),
    ({"url": ANYWHERE, "user": 1}, "user", "unknown_field"),
]


@pytest.mark.parametrize(("body", "attr", "wanted"), REFUSED, ids=lambda value: str(value)[:50])
def test_what_is_refused(as_alice: Any, body: Any, attr: str, wanted: str) -> None:
    response = as_alice.post(WEBHOOKS, body)
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)
    assert "hunter2" not in error["detail"]
    assert not Webhook.objects.exists()


def test_an_allowed_network_may_be_named(as_alice: Any, settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = "10.1.0.0/16"
    assert as_alice.post(WEBHOOKS, {"url": "http://10.1.2.3:9000/hook"}).status_code == 201
    assert as_alice.post(WEBHOOKS, {"url": "http://10.2.2.3:9000/hook"}).status_code == 400


def test_ten_and_no_more(as_alice: Any, as_bob: Any) -> None:
    for _ in range(10):
        assert as_alice.post(WEBHOOKS, {"url": ANYWHERE}).status_code == 201
    assert code(as_alice.post(WEBHOOKS, {"url": ANYWHERE})) == (409, "invalid_state")
    assert as_bob.post(WEBHOOKS, {"url": ANYWHERE}).status_code == 201


def test_changed(as_alice: Any, alice: Any) -> None:
    webhook = hook(alice)
    fields = {"url": "https://other.example/", "events": ["download:failed"]}
    body = as_alice.patch(at(webhook), fields).json()
    assert (body["url"], body["events"]) == (fields["url"], fields["events"])
    assert body["enabled"] is True
    kept = Webhook.objects.get()
    assert kept.ciphertext == webhook.ciphertext
    assert code(as_alice.patch(at(webhook), {})) == (400, "required")
    assert code(as_alice.patch(at(webhook), {"url": "http://10.0.0.1/"})) == (
        400,
        "blocked_address",
    )
    assert code(as_alice.patch(at(webhook), {"url": ""})) == (400, "unsupported_url")
    assert code(as_alice.patch(at(webhook), {"events": []})) == (400, "min_length")
    assert code(as_alice.patch(at(webhook), {"secret": "x"})) == (400, "unknown_field")


def test_disabled_and_enabled(as_alice: Any, alice: Any) -> None:
    webhook = hook(alice)
    row = message(webhook)
    Webhook.objects.update(failing_since=Now())
    body = as_alice.patch(at(webhook), {"enabled": False}).json()
    assert (body["enabled"], body["disabledReason"]) == (False, "You disabled it.")
    row.refresh_from_db()
    assert (row.status, row.error[:11]) == ("failed", "The webhook")
    body = as_alice.patch(at(webhook), {"enabled": True}).json()
    assert (body["enabled"], body["disabledReason"], body["failingSince"]) == (True, None, None)


def test_deleted(as_alice: Any, alice: Any) -> None:
    webhook = hook(alice)
    message(webhook)
    assert as_alice.delete(at(webhook)).status_code == 204
    assert not Webhook.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert code(as_alice.delete(at(webhook))) == (404, "not_found")


def test_a_strangers_are_not_there(as_bob: Any, alice: Any, bob: Any) -> None:
    row = message(hook(alice))
    bobs = hook(bob)
    assert [each["id"] for each in as_bob.get(WEBHOOKS).json()["results"]] == [str(bobs.pk)]
    for pk in (row.webhook_id, UNKNOWN_ID):
        path = f"{WEBHOOKS}{pk}/"
        for answer in (
            as_bob.get(path),
            as_bob.patch(path, {"enabled": False}),
            as_bob.delete(path),
            as_bob.get(f"{path}deliveries/"),
            as_bob.post(f"{path}deliveries/{row.pk}/redeliver/"),
        ):
            assert code(answer) == (404, "not_found")
    through_bobs = as_bob.post(at(bobs, f"deliveries/{row.pk}/redeliver/"))
    assert code(through_bobs) == (404, "not_found")
    row.refresh_from_db()
    assert (row.webhook.disabled_at, row.status) == (None, "pending")


def test_only_signed_in(anyone: Any) -> None:
    assert anyone.get(WEBHOOKS).status_code == 401
    assert anyone.post(WEBHOOKS, {"url": ANYWHERE}).status_code == 401


def test_deliveries(as_alice: Any, alice: Any) -> None:
    webhook = hook(alice)
    other = message(hook(alice))
    rows = [message(webhook) for _ in range(55)]
    found, path = [], at(webhook, "deliveries/")
    while path:
        answer = as_alice.get(path).json()
        found += answer["results"]
        path = answer["next"]
    assert {each["id"] for each in found} == {str(row.pk) for row in rows}
    assert str(other.pk) not in {each["id"] for each in found}
    times = [dt.datetime.fromisoformat(each["createdAt"]) for each in found]
    assert times == sorted(times, reverse=True)
    newest = next(each for each in found if each["id"] == str(rows[-1].pk))
    assert newest == {
        "id": str(rows[-1].pk),
        "messageId": f"msg_{rows[-1].message_id.hex}",
        "type": "download:queued",
        "status": "pending",
        "attempts": 0,
        "lastAttemptAt": None,
        "nextAttemptAt": newest["nextAttemptAt"],
        "responseStatus": None,
        "responseBody": None,
        "error": None,
        "createdAt": newest["createdAt"],
    }
    assert newest["nextAttemptAt"]


@pytest.mark.parametrize("status", ["succeeded", "failed"])
def test_sent_again(as_alice: Any, alice: Any, status: str) -> None:
    row = message(hook(alice), status=status, attempts=3, next_attempt_at=None)
    response = as_alice.post(redeliver(row))
    assert response.status_code == 202
    body = response.json()
    assert (body["id"], body["status"], body["attempts"]) == (str(row.pk), "pending", 0)
    assert body["messageId"] == f"msg_{row.message_id.hex}"
    taken = claim()
    assert taken is not None
    assert (taken.delivery_id, taken.message_id) == (row.pk, row.message_id)


def test_what_is_under_way_is_not_sent_twice_at_once(as_alice: Any, alice: Any) -> None:
    row = message(hook(alice))
    taken = claim()
    assert taken is not None
    assert as_alice.post(redeliver(row)).status_code == 202
    assert claim() is None
    row.refresh_from_db()
    assert row.claim_token == taken.token


def test_nothing_is_sent_again_to_what_is_disabled(as_alice: Any, alice: Any) -> None:
    row = message(hook(alice))
    disable(row.webhook_id, "It failed for long.")
    assert code(as_alice.post(redeliver(row))) == (409, "invalid_state")
    row.refresh_from_db()
    assert row.status == "failed"
