"""What webhooks are owed: one row for each message, written where it happens.

In the same transaction: what is rolled back was never owed, what is committed survives ``kill -9``
and a lost Redis. Each message is a snapshot of that moment. A user without a webhook costs one
small query. ``downloads.webhooks`` sends.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Container, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from downloads.models import Download, Webhook, WebhookDelivery
from downloads.querysets import DownloadQuerySet
from downloads.schemas import DownloadPayload, Event, Message, state_event

log = logging.getLogger(__name__)

Webhooks = dict[int, list[Webhook]]  # by user


def owe_states(rows: DownloadQuerySet, told: Container[str] | None = None) -> None:
    """The status that each of ``rows`` has now, to its owner; ``told``: only where it is one of
    these. ``rows`` is without annotations."""
    webhooks = hearing(Q(user_id__in=rows.values("user_id")))
    if webhooks:
        now = rows.filter(user_id__in=list(webhooks)).with_status(in_line=True)
        owe_shown(webhooks, now, told)


def owe_shown(
    webhooks: Webhooks, now: Iterable[Download], told: Container[str] | None = None
) -> None:
    """As ``owe_states``, for what is read already: ``now`` comes ``with_status(in_line=True)``."""
    enqueue_deliveries(
        webhooks,
        (
            (download.user_id, message_id_of(event, download.pk, event.seq), event)
            for download in now
            if (told is None or download.status in told)  # type: ignore[attr-defined]
            and (event := _event_of(download))
        ),
    )


def owe_deleted(user_id: int, event: Event, download_id: uuid.UUID) -> None:
    if webhooks := hearing(Q(user_id=user_id)):
        enqueue_deliveries(
            webhooks, [(user_id, message_id_of(event, download_id, event.seq), event)]
        )


def hearing(whose: Q) -> Webhooks:
    """The webhooks of these users to which anything is sent."""
    found: Webhooks = defaultdict(list)
    live = Webhook.objects.filter(whose, disabled_at=None, user__is_active=True).order_by()
    for webhook in live.only("user_id", "events"):
        found[webhook.user_id].append(webhook)
    return found


@transaction.atomic
def enqueue_deliveries(webhooks: Webhooks, events: Iterable[tuple[int, uuid.UUID, Event]]) -> None:
    """A row for each event and each of its user's webhooks that wants it; once, however often."""
    now = timezone.now()
    rows = [
        WebhookDelivery(webhook=webhook, message_id=message_id, type=event.event, body=body)
        for user_id, message_id, event in events
        if (wanting := [each for each in webhooks.get(user_id, []) if event.event in each.events])
        and (body := Message.of(event, now).text())
        for webhook in wanting
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=100)


def message_id_of(event: Event, subject: uuid.UUID, when: object) -> uuid.UUID:
    """One happening, one id. ``when``: what is another each time that it happens to ``subject``.
    All webhooks of its user get the same, so that a receiver behind two knows it again."""
    return uuid.uuid5(subject, f"{event.event} {when}")


def _event_of(download: Download) -> Event | None:
    try:
        return state_event(DownloadPayload.of(download))
    except ValueError:
        # a row that cannot be shown must not keep the queue from going on
        log.exception("no webhook is told of download=%s", download.pk)
        return None
