"""The payloads of content and its qualities."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Literal

from pydantic import computed_field

from downloads.engine.core import humanize
from downloads.engine.core.media import Quality
from downloads.engine.resolver.naming import provisional_title
from downloads.schemas.base import Payload
from downloads.schemas.labels import PROBING, ContentLabels, about
from downloads.schemas.paths import picture_url

if TYPE_CHECKING:
    from downloads.models import Content

ProbeStatus = Literal["pending", "ready", "failed"]
ContentKind = Literal["single", "playlist"]


class QualityFacts(Payload):
    """One quality as it is stored with its content. ``size`` in bytes."""

    quality: Quality
    height: int | None = None
    width: int | None = None
    fps: float | None = None
    ext: str
    video_codec: str | None = None
    audio_codec: str | None = None
    size: int | None = None
    size_is_estimate: bool = False


class QualityPayload(QualityFacts):
    """One available quality. ``sizeLabel`` and ``codecLabel`` are for people, empty if
    unknown; the codec is the video's, or the audio's if there is none."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def size_label(self) -> str:
        return about(self.size, self.size_is_estimate)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def codec_label(self) -> str:
        return humanize.codec_in_words(self.video_codec or self.audio_codec or "")


class SubtitleOffer(Payload):
    """Subtitles at the source. ``language`` is a BCP 47 tag to request them by. ``name``: the
    source's, often empty. ``automatic``: made by a machine."""

    language: str
    name: str
    automatic: bool


class ContentPayload(Payload):
    """One content. ``languages`` of the audio, as BCP 47 tags, the original first. ``labels``: for
    people.

    Of a playlist ``qualities`` is empty: its entries have their own. ``entryCount`` of them are
    known, ``entryTotal`` is the source's count; ``hasMore``: the source has more to load.
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
    labels: ContentLabels

    @classmethod
    def of(cls, content: Content) -> ContentPayload:
        """Return the payload. ``content``: from ``with_title_for(user)``, or as it is stored."""
        playlist = content.playlist if content.kind == "playlist" else None
        return cls(
            id=content.id,
            kind=content.kind,  # type: ignore[arg-type]
            title=getattr(content, "shown_title", content.title)
            or provisional_title(content.source_url),
            source_url=content.source_url,
            thumbnail_url=picture_url(content.thumbnail_url),
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
            labels=ContentLabels(
                status=PROBING if content.probe_status == "pending" else "",
                duration=humanize.clock(content.duration) if content.duration else "",
            ),
        )
