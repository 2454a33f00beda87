"""Webhooks, and messages brought to where a test wants them."""

from __future__ import annotations

import json
import threading
from typing import Any

from django.db.models.functions import Now

from downloads import services
from downloads.models import Webhook, WebhookDelivery
from downloads.webhooks.attempt import attempt
from downloads.webhooks.claim import claim
from downloads.webhooks.deliverer import Deliverer
from downloads.webhooks.outcome import DeliveryOutcome
from downloads.webhooks.settle import settle
from tests.support.stack import until

ANYWHERE = "https://hooks.example/ferry"


def hook(user: Any, url: str = ANYWHERE, **fields: Any) -> Webhook:
    return services.add_webhook(user, url, **fields).row


def owed(webhook: Webhook) -> list[dict[str, Any]]:
    """The messages' bodies, in the order in which they came about."""
    rows = WebhookDelivery.objects.filter(webhook=webhook)
    bodies = [json.loads(row.body) for row in rows]
    return sorted(bodies, key=lambda body: (body["timestamp"], body["data"].get("seq", 0)))


def types(webhook: Webhook) -> list[str]:
    return [body["type"] for body in owed(webhook)]


def message(webhook: Webhook, **facts: Any) -> WebhookDelivery:
    """One that is owed, about nothing in particular."""
    number = WebhookDelivery.objects.count()
    told = {"type": "download:queued", "timestamp": "2026-01-01T00:00:00Z", "data": {"n": number}}
    row = WebhookDelivery.objects.create(
        webhook=webhook,
        **{
            "type": "download:queued",
            "body": json.dumps(told),
            "message_id": f"00000000-0000-4000-8000-{number:012}",
            **facts,
        },
    )
    row.refresh_from_db()
    return row


def send(webhook: Webhook) -> DeliveryOutcome:
    """One attempt at one message that is due."""
    taken = claim()
    assert taken is not None
    assert taken.webhook_id == webhook.pk
    outcome = attempt(taken)
    assert settle(taken, outcome, chance=0.5)
    return outcome


def make_due() -> None:
    WebhookDelivery.objects.filter(status="pending").update(next_attempt_at=Now())


def run_until_idle(patience: float = 20.0) -> None:
    deliverer = Deliverer(threading.Event())
    deliverer.nudge()
    until(lambda: deliverer.is_idle, patience, 0.01)
