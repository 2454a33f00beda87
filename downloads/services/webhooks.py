"""A user's webhooks, and the messages sent to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from downloads import conf, network
from downloads.engine.resolver.text import without_controls
from downloads.models import Webhook, WebhookDelivery
from downloads.network.encryption import encrypt
from downloads.schemas import WEBHOOK_EVENTS
from downloads.services.actions import InvalidState
from downloads.webhooks import address, signing
from downloads.webhooks.settle import disable, fail_pending

if TYPE_CHECKING:
    from accounts.models import User

BY_OWNER = "You disabled it."
TOO_MANY = f"You have reached the limit of {conf.WEBHOOKS_MOST} webhooks. Delete one first."
IS_DISABLED = "This webhook is disabled. Enable it, then send the message again."


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """A new webhook. ``secret`` is shown to its owner now, and never again."""

    row: Webhook
    secret: str

    def __repr__(self) -> str:
        return f"MadeWebhook({self.row!r})"


def own_webhooks(user: User) -> QuerySet[Webhook]:
    return Webhook.objects.filter(user=user)


def add_webhook(
    user: User,
    url: str,
    *,
    events: Sequence[str] = WEBHOOK_EVENTS,
    description: str = "",
    secret: str = "",
) -> MadeWebhook:
    """Add a webhook. ``secret``: as in Standard Webhooks; generated if empty.

    Raises UnsupportedURL, BlockedAddress, ValueError for the secret, InvalidState.
    """
    secret = secret or signing.make_secret()
    signing.key_of(secret)
    row = Webhook(
        user=user,
        url=address.checked(url, network.address_policy()),
        events=_in_order(events),
        description=without_controls(description),
    )
    row.ciphertext = encrypt(secret, signing.context_of(row))
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)  # two at once count the same
        if own_webhooks(user).count() >= conf.WEBHOOKS_MOST:
            raise InvalidState(TOO_MANY)
        row.save()
    row.refresh_from_db()
    return MadeWebhook(row, secret)


def change_webhook(user: User, pk: uuid.UUID, **changes: Any) -> Webhook:
    """Change ``url``, ``events``, ``description``, ``enabled``; fields that are not given stay.

    Raises Webhook.DoesNotExist, UnsupportedURL, BlockedAddress.
    """
    fields: dict[str, Any] = {}
    if "description" in changes:
        fields["description"] = without_controls(changes["description"])
    if "url" in changes:
        fields["url"] = address.checked(changes["url"], network.address_policy())
        fields["failing_since"] = None  # another receiver, which has not failed yet
    if "events" in changes:
        fields["events"] = _in_order(changes["events"])
    with transaction.atomic():
        row = own_webhooks(user).select_for_update().get(pk=pk)
        if changes.get("enabled") is True and row.disabled_at is not None:
            fields |= {"disabled_at": None, "disabled_reason": "", "failing_since": None}
            fail_pending(pk)  # messages of the moment when it was disabled are outdated
        own_webhooks(user).filter(pk=pk).update(**fields)
        if changes.get("enabled") is False:
            disable(pk, BY_OWNER)
    return own_webhooks(user).get(pk=pk)


def delete_webhook(user: User, pk: uuid.UUID) -> None:
    """Delete the webhook; nothing more is sent to it. Raises Webhook.DoesNotExist."""
    with transaction.atomic():
        own_webhooks(user).select_for_update().get(pk=pk).delete()


def deliveries_of(user: User, pk: uuid.UUID) -> QuerySet[WebhookDelivery]:
    """Return the webhook's deliveries. Raises Webhook.DoesNotExist."""
    return WebhookDelivery.objects.filter(webhook=own_webhooks(user).get(pk=pk))


@transaction.atomic
def redeliver(user: User, pk: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery:
    """Send the message once more, at once and under the same id, unless an attempt is under way.

    Raises DoesNotExist of either, and InvalidState if the webhook is disabled.
    """
    webhook = own_webhooks(user).select_for_update().get(pk=pk)
    delivery = WebhookDelivery.objects.filter(webhook=webhook, pk=delivery_id)
    if webhook.disabled_at is not None and delivery.exists():
        raise InvalidState(IS_DISABLED)
    # Two attempts of one message must never overlap.
    at_rest = delivery.filter(Q(claim_token=None) | Q(next_attempt_at__lte=Now()))
    at_rest.update(
        status=WebhookDelivery.Status.PENDING, attempts=0, claim_token=None, next_attempt_at=Now()
    )
    return delivery.get()


def _in_order(events: Sequence[str]) -> list[str]:
    return [name for name in WEBHOOK_EVENTS if name in events]
