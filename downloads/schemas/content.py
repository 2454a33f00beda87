"""What can be downloaded, and in which qualities."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Literal

from downloads.engine.core.media import Quality
from downloads.engine.resolver.naming import provisional_title
from downloads.schemas.base import Payload

if TYPE_CHECKING:
    from downloads.models import Content

ProbeStatus = Literal["pending", "ready", "failed"]
ContentKind = Literal["single", "playlist"]


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


class SubtitleOffer(Payload):
    """``language`` is a BCP 47 tag, to ask for. ``name``: what the source calls it, often
    nothing. ``automatic``: made by a machine."""

    language: str
    name: str
    automatic: bool


class ContentPayload(Payload):
    """``languages`` of the sound, as BCP 47 tags, the original first.

    Of a playlist ``qualities`` is empty: its entries have theirs. ``entryCount`` of them are
    known, ``entryTotal`` the source says there are; ``hasMore``: asking for more gives more.
    """

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
    subtitles: list[SubtitleOffer]
    languages: list[str]
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
            subtitles=[SubtitleOffer.model_validate(found) for found in content.subtitles],
            languages=content.languages,
            entry_count=None if playlist is None else playlist.count,
            entry_total=None if playlist is None else playlist.total,
            has_more=playlist is not None and playlist.has_more,
        )
