"""The outbox of webhooks: one row for each message, written when it happens.

In the same transaction: a rollback takes the message back, and a committed one survives ``kill -9``
and a lost Redis. Each message is a snapshot of that moment. A user without a webhook costs one
small query. ``downloads.webhooks`` sends.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction
from django.db.models import BigIntegerField, FilteredRelation, Q, QuerySet
from django.utils import timezone

from config.prepared import Prepared, PreparedValues
from downloads.line import in_line
from downloads.models import ContentRequest, Download, Webhook, WebhookDelivery
from downloads.querysets import DownloadQuerySet
from downloads.schemas import DownloadPayload, Event, Message, state_event

log = logging.getLogger(__name__)

Webhooks = dict[int, list[Webhook]]  # by user


@dataclass(frozen=True, slots=True)
class Concerned:
    """The users whom an event concerns, and the enabled webhooks of those who have some."""

    users: Collection[int]
    webhooks: Webhooks

    @classmethod
    def of(cls, rows: Iterable[list[Any]]) -> Concerned:
        """``rows``: user, webhook or None, its events."""
        users: dict[int, None] = {}
        webhooks: dict[Any, Webhook] = {}
        for user_id, pk, events in rows:
            users[user_id] = None
            if pk is not None:
                webhooks[pk] = Webhook(pk=pk, user_id=user_id, events=events)
        by_user: Webhooks = defaultdict(list)
        for webhook in webhooks.values():
            by_user[webhook.user_id].append(webhook)
        return cls(list(users), by_user)


def holders_of(rendition_id: uuid.UUID) -> Concerned:
    """Return all who have a download of this rendition, in one statement."""
    return Concerned.of(_holders(rendition_id))


def followers_of(content_id: uuid.UUID) -> Concerned:
    """Return all who requested this content, or have a download of it, in one statement."""
    return Concerned.of(_followers(content_id, content_id))


def enqueue_states(
    webhooks: Webhooks, rows: DownloadQuerySet, only: Container[str] | None = None
) -> None:
    """Enqueue the current status of each of ``rows``, for its owner; ``only``: if it is one of
    these. ``rows`` is without annotations."""
    if webhooks:
        now = rows.filter(user_id__in=list(webhooks)).with_status()
        enqueue_current(webhooks, in_line(now), only)


def enqueue_current(
    webhooks: Webhooks, now: Iterable[Download], only: Container[str] | None = None
) -> None:
    """Do the same for downloads that are read already: ``now`` comes from ``in_line``."""
    enqueue_deliveries(
        webhooks,
        (
            (download.user_id, message_id_of(event, download.pk, event.seq), event)
            for download in now
            if (only is None or download.status in only)  # type: ignore[attr-defined]
            and (event := _event_of(download))
        ),
    )


def enqueue_deleted(user_id: int, events: Mapping[uuid.UUID, Event]) -> None:
    """Enqueue these events, by the ids of the deleted downloads."""
    if webhooks := webhooks_of(Q(user_id=user_id)):
        enqueue_deliveries(
            webhooks,
            ((user_id, message_id_of(event, pk, event.seq), event) for pk, event in events.items()),
        )


def webhooks_of(whose: Q) -> Webhooks:
    """Return the enabled webhooks of these users."""
    found: Webhooks = defaultdict(list)
    for webhook in _live(whose):
        found[webhook.user_id].append(webhook)
    return found


def _live(whose: Q) -> QuerySet[Webhook]:
    rows = Webhook.objects.filter(whose, disabled_at=None, user__is_active=True)
    return rows.order_by().only("user_id", "events")


@transaction.atomic
def enqueue_deliveries(webhooks: Webhooks, events: Iterable[tuple[int, uuid.UUID, Event]]) -> None:
    """Write a row for each event and each of its user's webhooks that wants it; once, however often
    called."""
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
    """Return the id of one event. ``when``: a value that differs each time that it happens to
    ``subject``.

    All webhooks of its user get the same, so that a receiver behind two recognises it.
    """
    return uuid.uuid5(subject, f"{event.event} {when}")


enabled_of: Final[Prepared[Webhook]] = Prepared(lambda user: _live(Q(user=user)), BigIntegerField())


def _with_webhooks(rows: Any) -> Any:
    live = Q(user__webhooks__disabled_at=None, user__is_active=True)
    hooked = rows.annotate(webhook=FilteredRelation("user__webhooks", condition=live)).order_by()
    return hooked.values_list("user_id", "webhook__pk", "webhook__events")


_holders: Final = PreparedValues(
    lambda rendition: _with_webhooks(Download.objects.filter(rendition=rendition)),
    models.UUIDField(),
)
_followers: Final = PreparedValues(
    lambda first, second: _with_webhooks(ContentRequest.objects.filter(content=first)).union(
        _with_webhooks(Download.objects.filter(content=second)), all=True
    ),
    models.UUIDField(),
    models.UUIDField(),
)


def _event_of(download: Download) -> Event | None:
    try:
        return state_event(DownloadPayload.of(download))
    except ValueError:
        # An invalid row must not stop the queue.
        log.exception("webhook message not written download=%s", download.pk)
        return None
