"""The messages on the socket: events with their data."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import SerializeAsAny

from downloads.engine.core.progress import Phase
from downloads.schemas.base import Payload
from downloads.schemas.content import ContentPayload
from downloads.schemas.download import DownloadPayload, DownloadStatus
from downloads.schemas.labels import ProgressLabels

EventName = Literal[
    "download:snapshot",
    "download:queued",
    "download:started",
    "download:progress",
    "download:paused",
    "download:cancelled",
    "download:deleted",
    "download:expired",
    "download:completed",
    "download:failed",
    "download:updated",
    "content:resolved",
    "content:failed",
]


class SnapshotData(Payload):
    """All active downloads of one user."""

    downloads: list[DownloadPayload]


class DownloadData(Payload):
    """The download as it is now: queued, started, paused, cancelled, expired or updated."""

    download_id: uuid.UUID
    download: DownloadPayload


class CompletedData(DownloadData):
    size: int | None
    file_url: str | None


class FailedData(DownloadData):
    error: str | None
    error_code: str | None


class DeletedData(Payload):
    download_id: uuid.UUID


class ProgressData(Payload):
    """Progress in percent, ``speed`` in bytes a second, ``eta`` in seconds; ``labels``: the same
    for people."""

    download_id: uuid.UUID
    progress: float
    phase: Phase | None
    bytes_done: int
    bytes_total: int | None
    speed: float
    eta: float | None
    labels: ProgressLabels


class ContentData(Payload):
    """The content, resolved or failed. Its title is the receiving user's own, or the source's."""

    content_id: uuid.UUID
    content: ContentPayload


class Event(Payload):
    """One message on the socket.

    ``seq`` is per download and grows with each change, so a client may drop an event that is not
    newer than its state; null for the snapshot and for content.
    """

    event: EventName
    data: SerializeAsAny[Payload]
    seq: int | None = None

    def text(self) -> str:
        return self.model_dump_json(by_alias=True)


_EVENT_OF_STATUS: dict[DownloadStatus, EventName] = {
    "queued": "download:queued",
    "running": "download:started",
    "paused": "download:paused",
    "completed": "download:completed",
    "failed": "download:failed",
    "cancelled": "download:cancelled",
    "expired": "download:expired",
}


def state_event(download: DownloadPayload) -> Event:
    """Return the event of the download's present status."""
    name, same = _EVENT_OF_STATUS[download.status], {"download_id": download.id}
    data: Payload
    match download.status:
        case "completed":
            data = CompletedData(
                **same, download=download, size=download.size, file_url=download.file_url
            )
        case "failed":
            data = FailedData(
                **same, download=download, error=download.error, error_code=download.error_code
            )
        case _:
            data = DownloadData(**same, download=download)
    return Event(event=name, data=data, seq=download.seq)


def updated_event(download: DownloadPayload) -> Event:
    """Return the event of a change other than its status: of title, expiry or priority."""
    data = DownloadData(download_id=download.id, download=download)
    return Event(event="download:updated", data=data, seq=download.seq)
