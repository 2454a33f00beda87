"""Claims on messages: each is taken by one sender at a time.

A compare-and-set on the row, the same on both databases. The claim ends by itself: a message that a
killed process had under way is due again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from downloads import conf
from downloads.models import WebhookDelivery
from downloads.network.encryption import EncryptionContext
from downloads.querysets import over
from downloads.webhooks import signing

Status = WebhookDelivery.Status
CANDIDATES = 8  # other senders take some of them meanwhile
_DUE = over("next_attempt_at", "last_attempt_at")


@dataclass(frozen=True, slots=True)
class DeliveryClaim:
    """A claim on one attempt. ``attempt`` counts from 1. ``ciphertext`` is the webhook's secret, in
    its ``context``. ``failing``: its last attempt went wrong."""

    delivery_id: uuid.UUID
    webhook_id: uuid.UUID
    user_id: int
    token: uuid.UUID
    message_id: uuid.UUID
    url: str
    body: str
    ciphertext: str
    context: EncryptionContext
    attempt: int
    failing: bool


def due(under_way: Collection[DeliveryClaim] = ()) -> QuerySet[WebhookDelivery]:
    """Return the messages to send now, except those of webhooks and users with all their slots in
    use."""
    webhooks = Counter(each.webhook_id for each in under_way)
    users = Counter(each.user_id for each in under_way)
    pending = WebhookDelivery.objects.filter(_DUE, status=Status.PENDING)
    live = pending.filter(webhook__disabled_at=None, webhook__user__is_active=True)
    if busy := [pk for pk, count in webhooks.items() if count >= conf.WEBHOOK_OWN_THREADS]:
        live = live.exclude(webhook_id__in=busy)
    if full := [pk for pk, count in users.items() if count >= conf.WEBHOOK_USER_THREADS]:
        live = live.exclude(webhook__user_id__in=full)
    if sum(each.failing for each in under_way) >= conf.WEBHOOK_FAILING_THREADS:
        live = live.filter(webhook__failing_since=None)
    return live.order_by("next_attempt_at")


def claim(under_way: Collection[DeliveryClaim] = ()) -> DeliveryClaim | None:
    """Claim the next message, for one attempt; ``under_way``: the claims of this process."""
    token = uuid.uuid4()
    for pk, attempts in list(due(under_way).values_list("pk", "attempts")[:CANDIDATES]):
        if _take(pk, attempts, token):
            return _claimed(token)
    return None


def _take(pk: uuid.UUID, attempts: int, token: uuid.UUID) -> bool:
    # By the number of attempts, too: a statement that began before another sender's and waited for
    # its row sees an attempt of the future there, which counts as a clock set back.
    still = WebhookDelivery.objects.filter(_DUE, pk=pk, attempts=attempts, status=Status.PENDING)
    taken = still.update(
        claim_token=token,
        next_attempt_at=Now() + conf.WEBHOOK_CLAIM,
        last_attempt_at=Now(),
        attempts=F("attempts") + 1,
    )
    return taken == 1


def _claimed(token: uuid.UUID) -> DeliveryClaim | None:
    """Return the claim, None if its webhook was deleted at that moment."""
    row = WebhookDelivery.objects.select_related("webhook").filter(claim_token=token).first()
    if row is None:
        return None
    return DeliveryClaim(
        delivery_id=row.pk,
        webhook_id=row.webhook_id,
        user_id=row.webhook.user_id,
        token=token,
        message_id=row.message_id,
        url=row.webhook.url,
        body=row.body,
        ciphertext=row.webhook.ciphertext,
        context=signing.context_of(row.webhook),
        attempt=row.attempts,
        failing=row.webhook.failing_since is not None,
    )
