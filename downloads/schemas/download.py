"""The payload of one user's download."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import TYPE_CHECKING, Literal, get_args

from downloads.engine.core.errors import ERRORS_BY_CODE
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options
from downloads.engine.core.progress import Phase
from downloads.engine.resolver.naming import provisional_title
from downloads.models.subtitles import subtitles_of
from downloads.schemas.base import Payload
from downloads.schemas.labels import DownloadLabels
from downloads.schemas.paths import picture_url, site_path
from downloads.schemas.subtitles import SubtitlePayload
from downloads.storage.media_types import media_type

if TYPE_CHECKING:
    from downloads.models import Download, Rendition

DownloadStatus = Literal[
    "queued", "running", "paused", "completed", "failed", "cancelled", "expired"
]
STATUSES = get_args(DownloadStatus)
NOT_QUITE_DONE = 99.9  # percent: only a completed download shows 100


class OptionsPayload(Payload):
    """Options requested beyond the quality; null: as the source has it."""

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


class ResolvedOptionsPayload(Payload):
    """The options as they came out, once the download is completed. ``container``: the file's
    extension, which may be another than the container that was requested. ``audio``: null for
    sound as the source has it. ``subtitles``: the languages that came. ``language``: of the sound;
    null if the source does not say."""

    container: str
    audio: str | None
    subtitles: list[str]
    language: str | None

    @classmethod
    def of(cls, options: Options, rendition: Rendition) -> ResolvedOptionsPayload:
        return cls(
            container=rendition.ext,
            audio=options.audio if options.audio == rendition.ext else None,
            subtitles=[each.language for each in subtitles_of(rendition.subtitles)],
            language=rendition.language or None,
        )


class DownloadPayload(Payload):
    """One download. ``progress`` in percent, ``speed`` in bytes a second, ``eta`` and
    ``duration`` in seconds.

    ``resolvedOptions``: what came of ``options``; null until completed. ``note``: sentences about
    what the finished file lacks, and why; null if it lacks nothing.
    ``labels``: the same for people.
    """

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
    resolved_options: ResolvedOptionsPayload | None
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
    note: str | None
    filename: str | None
    mime_type: str | None
    size: int | None
    sha256: str | None
    file_url: str | None
    subtitles: list[SubtitlePayload]
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None
    expires_at: dt.datetime | None
    labels: DownloadLabels
    seq: int

    @classmethod
    def of(cls, download: Download) -> DownloadPayload:
        """Return the payload. ``download`` comes from ``with_status()``."""
        rendition, content = download.rendition, download.content
        status: DownloadStatus = download.status  # type: ignore[attr-defined]
        running, completed = status == "running", status == "completed"
        error, error_code = _error_of(download, status)
        options = Options.parse(download.options)
        return cls(
            id=download.id,
            content_id=content.id,
            group_id=download.group_id,
            title=download.shown_title  # type: ignore[attr-defined]
            or provisional_title(content.source_url),
            source_url=content.source_url,
            thumbnail_url=picture_url(content.thumbnail_url),
            duration=content.duration,
            quality=Quality(download.quality),
            options=OptionsPayload.of(options),
            resolved_quality=_quality_or_none(rendition.resolved_quality),
            resolved_options=ResolvedOptionsPayload.of(options, rendition) if completed else None,
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
            note=rendition.note or None if completed else None,
            filename=filename_of(download) if completed else None,
            mime_type=(media_type_of(download) if completed else rendition.mime_type) or None,
            size=rendition.size if rendition.size is not None else rendition.bytes_total,
            sha256=rendition.sha256 or None if completed else None,
            file_url=site_path(f"/api/v1/downloads/{download.id}/file/") if completed else None,
            subtitles=SubtitlePayload.all_of(download) if completed else [],
            created_at=download.created_at,
            started_at=_own_time(download, rendition.started_at),
            completed_at=_own_time(download, rendition.stored_at) if completed else None,
            expires_at=download.expires_at,
            labels=DownloadLabels.of(download, error),
            seq=download.seq,  # type: ignore[attr-defined]
        )


def _quality_or_none(text: str) -> Quality | None:
    return Quality(text) if text else None


def _own_time(download: Download, time: dt.datetime | None) -> dt.datetime | None:
    """Return the time, not before the request: another user may have had the file earlier."""
    return time and max(time, download.created_at)


def shown_progress(progress: float) -> float:
    """Return the percentage rounded down to a tenth, so that nothing unfinished shows 100."""
    return min(math.floor(progress * 10) / 10, NOT_QUITE_DONE)


def filename_of(download: Download) -> str:
    """Return the file's name for saving, without its folder in the storage."""
    return download.rendition.storage_name.rpartition("/")[2]


def media_type_of(download: Download) -> str:
    """Return the Content-Type that the stored file is served with."""
    return media_type(filename_of(download).rpartition(".")[2])


def _error_of(download: Download, status: DownloadStatus) -> tuple[str | None, str | None]:
    """Return error and code of a failure, of the last attempt while the next is queued, or why it
    expired before its time."""
    if status == "failed":
        return download.error, download.error_code
    if status == "expired" and download.lost:
        return download.lost, download.error_code
    rendition = download.rendition
    if status == "queued" and rendition.error_code:
        known = ERRORS_BY_CODE.get(rendition.error_code)
        return rendition.error or (known.default_message if known else None), rendition.error_code
    return None, None
