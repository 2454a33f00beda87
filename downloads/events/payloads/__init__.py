"""Every payload, for the socket and the API alike. Nothing else may shape them."""

from downloads.events.payloads.base import (
    Payload,
)
from downloads.events.payloads.content import (
    ContentKind,
    ContentPayload,
    ProbeStatus,
    QualityPayload,
    SubtitleOffer,
)
from downloads.events.payloads.cookies import (
    CookiesPayload,
)
from downloads.events.payloads.download import (
    NOT_QUITE_DONE,
    DownloadPayload,
    DownloadStatus,
    OptionsPayload,
    filename_of,
    shown_progress,
)
from downloads.events.payloads.messages import (
    CompletedNews,
    ContentNews,
    DeletedNews,
    DownloadNews,
    Event,
    EventName,
    FailedNews,
    ProgressNews,
    SnapshotNews,
    state_event,
    updated_event,
)
from downloads.events.payloads.subtitles import (
    SubtitlePayload,
)
from downloads.events.payloads.timeline import (
    TransitionPayload,
)
from downloads.events.payloads.webhooks import (
    WEBHOOK_EVENTS,
    DeliveryPayload,
    Message,
    NewWebhookPayload,
    WebhookEvent,
    WebhookPayload,
    shown_message_id,
)

__all__ = [
    "NOT_QUITE_DONE",
    "WEBHOOK_EVENTS",
    "CompletedNews",
    "ContentKind",
    "ContentNews",
    "ContentPayload",
    "CookiesPayload",
    "DeletedNews",
    "DeliveryPayload",
    "DownloadNews",
    "DownloadPayload",
    "DownloadStatus",
    "Event",
    "EventName",
    "FailedNews",
    "Message",
    "NewWebhookPayload",
    "OptionsPayload",
    "Payload",
    "ProbeStatus",
    "ProgressNews",
    "QualityPayload",
    "SnapshotNews",
    "SubtitleOffer",
    "SubtitlePayload",
    "TransitionPayload",
    "WebhookEvent",
    "WebhookPayload",
    "filename_of",
    "shown_message_id",
    "shown_progress",
    "state_event",
    "updated_event",
]
