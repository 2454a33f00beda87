"""Settling of an attempt: its outcome written for the message and for its webhook."""

from __future__ import annotations

import logging
import random
import uuid
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from downloads import conf
from downloads.models import Webhook, WebhookDelivery
from downloads.webhooks.claim import DeliveryClaim, Status
from downloads.webhooks.outcome import DeliveryOutcome
from downloads.webhooks.schedule import wait_after

log = logging.getLogger(__name__)

FAILED_FOR_LONG: Final = (
    f"No delivery has succeeded for {conf.WEBHOOK_GIVES_UP_AFTER.days} days. "
    "Fix the receiver, then enable the webhook again."
)
DISABLED: Final = "The webhook was disabled before this was delivered."


@transaction.atomic
def settle(claim: DeliveryClaim, outcome: DeliveryOutcome, chance: float | None = None) -> bool:
    """Write the outcome. Return False if another sender holds the claim by now: its outcome
    counts."""
    lock(claim.webhook_id)
    mine = WebhookDelivery.objects.filter(pk=claim.delivery_id, claim_token=claim.token)
    wait = _wait(claim, outcome, random.random() if chance is None else chance)
    written = mine.update(
        status=_status(outcome, wait),
        claim_token=None,
        next_attempt_at=None if wait is None else Now() + timedelta(seconds=wait),
        response_status=outcome.status,
        response_body=outcome.body,
        error=outcome.error,
    )
    if written != 1:
        return False
    if outcome.succeeded:
        Webhook.objects.filter(pk=claim.webhook_id, failing_since__isnull=False).update(
            failing_since=None
        )
    else:
        _count_failure(claim.webhook_id, outcome, last=wait is None)
    return True


def lock(webhook_id: uuid.UUID) -> None:
    """Lock the webhook's row, before its deliveries, in every transaction that writes both."""
    list(Webhook.objects.select_for_update().filter(pk=webhook_id).values_list("pk"))


@transaction.atomic
def disable(webhook_id: uuid.UUID, reason: str) -> None:
    """Send nothing more to this webhook; its pending messages fail. ``reason``: for its owner."""
    lock(webhook_id)
    webhook = Webhook.objects.filter(pk=webhook_id, disabled_at=None)
    if webhook.update(disabled_at=Now(), disabled_reason=reason):
        log.info("webhook disabled webhook=%s reason=%r", webhook_id, reason)
    fail_pending(webhook_id)


def fail_pending(webhook_id: uuid.UUID) -> None:
    pending = WebhookDelivery.objects.filter(webhook=webhook_id, status=Status.PENDING)
    pending.update(status=Status.FAILED, claim_token=None, next_attempt_at=None, error=DISABLED)


def prune() -> None:
    """Delete old messages, and so also those that lost their webhook."""
    old = WebhookDelivery.objects.filter(created_at__lt=Now() - conf.WEBHOOK_DELIVERIES_KEPT)
    old.delete()


def _wait(claim: DeliveryClaim, outcome: DeliveryOutcome, chance: float) -> float | None:
    if outcome.succeeded or outcome.gone:
        return None
    return wait_after(claim.attempt, chance, outcome.retry_after)


def _status(outcome: DeliveryOutcome, wait: float | None) -> Status:
    if outcome.succeeded:
        return Status.SUCCEEDED
    return Status.FAILED if wait is None else Status.PENDING


def _count_failure(webhook_id: uuid.UUID, outcome: DeliveryOutcome, *, last: bool) -> None:
    """Note a failure of the webhook. ``last``: this message is given up."""
    # One that has only begun to fail disables nothing: the receiver may just be restarting, after
    # days in which nothing was sent.
    webhook = Webhook.objects.filter(pk=webhook_id)
    webhook.filter(failing_since=None).update(failing_since=Now())
    if outcome.gone:
        disable(webhook_id, outcome.error)
    elif last and webhook.filter(failing_since__lt=Now() - conf.WEBHOOK_GIVES_UP_AFTER).exists():
        disable(webhook_id, FAILED_FOR_LONG)
