"""Every payload, for the socket and the API alike. Nothing else may shape them."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, SerializeAsAny
from pydantic.alias_generators import to_camel

from downloads import credentials
from downloads.exceptions import ERRORS_BY_CODE
from downloads.options import Options
from downloads.resolver.naming import provisional_title
from downloads.streams import Phase, Quality

if TYPE_CHECKING:
    from downloads.models import Content, Download, SiteCookies, Transition

DownloadStatus = Literal[
    "queued", "running", "paused", "completed", "failed", "cancelled", "expired"
]
ProbeStatus = Literal["pending", "ready", "failed"]
ContentKind = Literal["single", "playlist"]
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

NOT_QUITE_DONE = 99.9  # percent: 100 is said only of what is completed


class Payload(BaseModel):
    """Frozen, camelCase on the wire, and closed: an unknown field is a mistake."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid"
    )

    def wire(self) -> dict[str, object]:
        return self.model_dump(mode="json", by_alias=True)


class QualityPayload(Payload):
    quality: Quality
    height: int | None = None
    width: int | None = None
    fps: float | None = None
    ext: str
    video_codec: str | None = None
    audio_codec: str | None = None
    size: int | None = None
    size_is_estimate: bool = False


class ContentPayload(Payload):
    """Of a playlist ``qualities`` is empty: its entries have theirs. ``entryCount`` of them are
    known, ``entryTotal`` the source says there are; ``hasMore``: asking for more gives more."""

    id: uuid.UUID
    kind: ContentKind
    title: str
    source_url: str
    thumbnail_url: str
    duration: float | None
    probe_status: ProbeStatus
    error: str | None
    error_code: str | None
    qualities: list[QualityPayload]
    entry_count: int | None
    entry_total: int | None
    has_more: bool

    @classmethod
    def of(cls, content: Content) -> ContentPayload:
        """``content`` comes from ``with_title_for(user)``, or is the catalogue's own."""
        playlist = content.playlist if content.kind == "playlist" else None
        return cls(
            id=content.id,
            kind=content.kind,  # type: ignore[arg-type]
            title=getattr(content, "shown_title", content.title)
            or provisional_title(content.source_url),
            source_url=content.source_url,
            thumbnail_url=content.thumbnail_url,
            duration=content.duration,
            probe_status=content.probe_status,  # type: ignore[arg-type]
            error=content.probe_error or None,
            error_code=content.probe_error_code or None,
            qualities=[QualityPayload.model_validate(found) for found in content.qualities],
            entry_count=None if playlist is None else playlist.count,
            entry_total=None if playlist is None else playlist.total,
            has_more=playlist is not None and playlist.has_more,
        )


class OptionsPayload(Payload):
    """What was wished beyond the quality; null: as the source has it."""

    container: str | None = None
    audio: str | None = None
    subtitles: list[str]
    language: str | None = None

    @classmethod
    def of(cls, options: Options) -> OptionsPayload:
        return cls(
            container=options.container or None,
            audio=options.audio or None,
            subtitles=list(options.subtitles),
            language=options.language or None,
        )


class DownloadPayload(Payload):
    """``progress`` in percent, ``speed`` in bytes a second, ``eta`` and ``duration`` in seconds."""

    id: uuid.UUID
    content_id: uuid.UUID
    group_id: uuid.UUID | None
    title: str
    source_url: str
    thumbnail_url: str
    duration: float | None
    quality: Quality
    options: OptionsPayload
    resolved_quality: Quality | None
    status: DownloadStatus
    phase: Phase | None
    progress: float
    bytes_done: int
    bytes_total: int | None
    speed: float
    eta: float | None
    queue_position: int | None
    attempts: int
    error: str | None
    error_code: str | None
    filename: str | None
    mime_type: str | None
    size: int | None
    sha256: str | None
    file_url: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    expires_at: dt.datetime | None
    seq: int

    @classmethod
    def of(cls, download: Download) -> DownloadPayload:
        """``download`` comes from ``with_status()``."""
        rendition, content = download.rendition, download.content
        status: DownloadStatus = download.status  # type: ignore[attr-defined]
        running, completed = status == "running", status == "completed"
        error, error_code = _error_of(download, status)
        return cls(
            id=download.id,
            content_id=content.id,
            group_id=download.group_id,
            title=download.shown_title  # type: ignore[attr-defined]
            or provisional_title(content.source_url),
            source_url=content.source_url,
            thumbnail_url=content.thumbnail_url,
            duration=content.duration,
            quality=Quality(download.quality),
            options=OptionsPayload.of(Options.parse(download.options)),
            resolved_quality=Quality(rendition.resolved_quality)
            if rendition.resolved_quality
            else None,
            status=status,
            phase=Phase(rendition.phase) if running and rendition.phase else None,
            progress=100.0 if completed else shown_progress(rendition.progress),
            bytes_done=rendition.bytes_done,
            bytes_total=rendition.bytes_total,
            speed=rendition.speed if running else 0.0,
            eta=rendition.eta if running else None,
            queue_position=getattr(download, "queue_position", None),
            attempts=rendition.attempts,
            error=error,
            error_code=error_code,
            filename=filename_of(download) if completed else None,
            mime_type=rendition.mime_type or None,
            size=rendition.size if rendition.size is not None else rendition.bytes_total,
            sha256=rendition.sha256 or None if completed else None,
            file_url=f"/api/v1/downloads/{download.id}/file/" if completed else None,
            created_at=download.created_at,
            started_at=rendition.started_at,
            completed_at=max(rendition.stored_at, download.created_at)
            if completed and rendition.stored_at
            else None,
            expires_at=download.expires_at,
            seq=download.seq,  # type: ignore[attr-defined]
        )


class TransitionPayload(Payload):
    """One line of a download's timeline. ``worker`` is null for those who are not staff."""

    at: dt.datetime
    event: str
    from_status: str | None
    to_status: str | None
    reason: str | None
    error_code: str | None
    attempt: int | None
    worker: str | None

    @classmethod
    def of(cls, transition: Transition, *, for_staff: bool) -> TransitionPayload:
        return cls(
            at=transition.at,
            event=transition.event,
            from_status=transition.from_status or None,
            to_status=transition.to_status or None,
            reason=transition.reason or None,
            error_code=transition.error_code or None,
            attempt=transition.attempt or None,
            worker=(transition.worker or None) if for_staff else None,
        )


class CookiesPayload(Payload):
    """What a user keeps for a site, without a value. ``advice``: what to do about its health."""

    id: uuid.UUID
    site: str
    count: int
    names: list[str]
    health: credentials.Health
    advice: str | None
    expires_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    last_used_at: dt.datetime | None

    @classmethod
    def of(cls, cookies: SiteCookies) -> CookiesPayload:
        health = credentials.health_of(cookies)
        return cls(
            id=cookies.id,
            site=cookies.site,
            count=cookies.count,
            names=cookies.names,
            health=health,
            advice=credentials.advice(health, cookies.site) or None,
            expires_at=cookies.expires_at,
            created_at=cookies.created_at,
            updated_at=cookies.updated_at,
            last_used_at=cookies.last_used_at,
        )


# --- events ---------------------------------------------------------------------------------


class SnapshotNews(Payload):
    """Everything active of one user."""

    downloads: list[DownloadPayload]


class DownloadNews(Payload):
    """Queued, started, paused, cancelled, expired, updated: the download as it is now."""

    download_id: uuid.UUID
    download: DownloadPayload


class CompletedNews(DownloadNews):
    size: int | None
    file_url: str | None


class FailedNews(DownloadNews):
    error: str | None
    error_code: str | None


class DeletedNews(Payload):
    download_id: uuid.UUID


class ProgressNews(Payload):
    """``progress`` in percent, ``speed`` in bytes a second, ``eta`` in seconds."""

    download_id: uuid.UUID
    progress: float
    phase: Phase | None
    bytes_done: int
    bytes_total: int | None
    speed: float
    eta: float | None


class ContentNews(Payload):
    """Resolved or failed. The title is the one that its reader gave it, or the source's."""

    content_id: uuid.UUID
    content: ContentPayload


class Event(Payload):
    """What every message on the socket looks like.

    ``seq`` is the download's own and grows with it, so that whoever reads may drop what is not
    newer than what it has; null for the snapshot and for content.
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
    """The event that says that the download has come to the status it has."""
    name, same = _EVENT_OF_STATUS[download.status], {"download_id": download.id}
    data: Payload
    match download.status:
        case "completed":
            data = CompletedNews(
                **same, download=download, size=download.size, file_url=download.file_url
            )
        case "failed":
            data = FailedNews(
                **same, download=download, error=download.error, error_code=download.error_code
            )
        case _:
            data = DownloadNews(**same, download=download)
    return Event(event=name, data=data, seq=download.seq)


def updated_event(download: DownloadPayload) -> Event:
    """Something other than its status has changed: its title, expiry, priority."""
    data = DownloadNews(download_id=download.id, download=download)
    return Event(event="download:updated", data=data, seq=download.seq)


def shown_progress(progress: float) -> float:
    """Rounded down to a tenth: nothing unfinished ever reads 100."""
    return min(math.floor(progress * 10) / 10, NOT_QUITE_DONE)


def filename_of(download: Download) -> str:
    """What the file is called when it is saved, without its folder in the storage."""
    return download.rendition.storage_name.rpartition("/")[2]


def _error_of(download: Download, status: DownloadStatus) -> tuple[str | None, str | None]:
    """A failure's own stamp; while it waits for another attempt, why it waits."""
    if status == "failed":
        return download.error, download.error_code
    rendition = download.rendition
    if status == "queued" and rendition.error_code:
        known = ERRORS_BY_CODE.get(rendition.error_code)
        return rendition.error or (known.default_message if known else None), rendition.error_code
    return None, None
