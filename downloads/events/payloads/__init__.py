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

__all__ = [
    "NOT_QUITE_DONE",
    "CompletedNews",
    "ContentKind",
    "ContentNews",
    "ContentPayload",
    "CookiesPayload",
    "DeletedNews",
    "DownloadNews",
    "DownloadPayload",
    "DownloadStatus",
    "Event",
    "EventName",
    "FailedNews",
    "OptionsPayload",
    "Payload",
    "ProbeStatus",
    "ProgressNews",
    "QualityPayload",
    "SnapshotNews",
    "SubtitleOffer",
    "SubtitlePayload",
    "TransitionPayload",
    "filename_of",
    "shown_progress",
    "state_event",
    "updated_event",
]
