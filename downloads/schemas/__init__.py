"""Every payload, for the socket and the API alike. Nothing else may shape them."""

from downloads.schemas.base import Payload
from downloads.schemas.content import (
    ContentKind,
    ContentPayload,
    ProbeStatus,
    QualityFacts,
    QualityPayload,
    SubtitleOffer,
)
from downloads.schemas.cookies import CookiesPayload
from downloads.schemas.download import (
    NOT_QUITE_DONE,
    DownloadPayload,
    DownloadStatus,
    OptionsPayload,
    filename_of,
    shown_progress,
)
from downloads.schemas.labels import ProgressLabels
from downloads.schemas.messages import (
    CompletedData,
    ContentData,
    DeletedData,
    DownloadData,
    Event,
    EventName,
    FailedData,
    ProgressData,
    SnapshotData,
    state_event,
    updated_event,
)
from downloads.schemas.subtitles import SubtitlePayload
from downloads.schemas.timeline import TransitionPayload
from downloads.schemas.webhooks import (
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
    "CompletedData",
    "ContentData",
    "ContentKind",
    "ContentPayload",
    "CookiesPayload",
    "DeletedData",
    "DeliveryPayload",
    "DownloadData",
    "DownloadPayload",
    "DownloadStatus",
    "Event",
    "EventName",
    "FailedData",
    "Message",
    "NewWebhookPayload",
    "OptionsPayload",
    "Payload",
    "ProbeStatus",
    "ProgressData",
    "ProgressLabels",
    "QualityFacts",
    "QualityPayload",
    "SnapshotData",
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
