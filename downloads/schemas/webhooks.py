"""The payloads of webhooks and deliveries for their owner, and the message sent to a webhook."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from downloads.schemas.base import Payload
from downloads.schemas.messages import Event

if TYPE_CHECKING:
    from downloads.models import Webhook, WebhookDelivery

# Only events that change something: no snapshot, no progress.
WebhookEvent = Literal[
    "download:queued",
    "download:started",
    "download:paused",
    "download:cancelled",
    "download:deleted",
    "download:expired",
    "download:completed",
    "download:failed",
    "content:resolved",
    "content:failed",
]
WEBHOOK_EVENTS: Final[tuple[WebhookEvent, ...]] = get_args(WebhookEvent)
DeliveryStatus = Literal["pending", "succeeded", "failed"]


class WebhookPayload(Payload):
    """One webhook. ``disabledReason``: why Ferry has stopped sending to it. ``failingSince``: every
    attempt from then on has failed; null if the last one succeeded."""

    id: uuid.UUID
    url: str
    events: list[WebhookEvent]
    description: str
    enabled: bool
    disabled_reason: str | None
    failing_since: dt.datetime | None
    created_at: dt.datetime

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookPayload:
        return cls(**_facts(webhook))


class NewWebhookPayload(WebhookPayload):
    """A new webhook. ``secret`` verifies signatures and is shown only this once."""

    secret: str

    @classmethod
    def with_secret(cls, webhook: Webhook, secret: str) -> NewWebhookPayload:
        return cls(**_facts(webhook), secret=secret)


def _facts(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        # in one order; a name that is no longer sent is not shown
        "events": [name for name in WEBHOOK_EVENTS if name in webhook.events],
        "description": webhook.description,
        "enabled": webhook.disabled_at is None,
        "disabled_reason": webhook.disabled_reason or None,
        "failing_since": webhook.failing_since,
        "created_at": webhook.created_at,
    }


class DeliveryPayload(Payload):
    """One delivery. ``messageId`` is the header ``webhook-id``, the same for every attempt.
    ``responseBody``: the beginning of the last response. ``nextAttemptAt``: null once it has
    succeeded or failed."""

    id: uuid.UUID
    message_id: str
    type: str
    status: DeliveryStatus
    attempts: int
    last_attempt_at: dt.datetime | None
    next_attempt_at: dt.datetime | None
    response_status: int | None
    response_body: str | None
    error: str | None
    created_at: dt.datetime

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> DeliveryPayload:
        return cls(
            id=delivery.id,
            message_id=shown_message_id(delivery.message_id),
            type=delivery.type,
            status=delivery.status,  # type: ignore[arg-type]
            attempts=delivery.attempts,
            last_attempt_at=delivery.last_attempt_at,
            next_attempt_at=delivery.next_attempt_at,
            response_status=delivery.response_status,
            response_body=delivery.response_body or None,
            error=delivery.error or None,
            created_at=delivery.created_at,
        )


class Message(Payload):
    """The body sent to a webhook. ``data`` is the event's, with the ``seq`` of a download."""

    type: WebhookEvent
    timestamp: dt.datetime
    data: dict[str, object]

    @classmethod
    def of(cls, event: Event, at: dt.datetime) -> Message:
        seq = {} if event.seq is None else {"seq": event.seq}
        data = {**event.data.wire(), **seq}
        return cls(type=event.event, timestamp=at, data=data)  # type: ignore[arg-type]

    def text(self) -> str:
        return self.model_dump_json(by_alias=True)


def shown_message_id(message_id: uuid.UUID) -> str:
    return f"msg_{message_id.hex}"
