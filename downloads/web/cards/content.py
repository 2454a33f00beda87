"""The catalogue's card of content, for pages without JavaScript. Pure: a payload in, text out."""

from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.core.media import Quality
from downloads.schemas import ContentPayload, QualityPayload
from downloads.web.cards.download import is_shown


@dataclass(frozen=True, slots=True)
class CatalogueCard:
    """One catalogue item. ``qualities``: value and label of each choice."""

    content: ContentPayload
    picture: str
    facts: tuple[str, ...]
    qualities: tuple[tuple[str, str], ...]


def catalogue_card(content: ContentPayload) -> CatalogueCard:
    """Return the card of this content."""
    labels: dict[str, str] = {}
    for found in content.qualities:  # the first of a quality is the best of it
        labels.setdefault(found.quality.value, _label(found))
    return CatalogueCard(
        content=content,
        picture=content.thumbnail_url if is_shown(content.thumbnail_url) else "",
        facts=tuple(_facts(content)),
        qualities=tuple(labels.items()),
    )


def _facts(content: ContentPayload) -> list[str]:
    found = [content.labels.duration] if content.duration else []
    if content.kind == "playlist":
        found.append(playlist_in_words(content))
    if content.labels.status:
        found.append(content.labels.status)
    if len(content.qualities) == 1:
        (only,) = content.qualities
        found += [only.ext.upper()] + ([only.size_label] if only.size else [])
    return found


def _label(quality: QualityPayload) -> str:
    """Return ``720p, 48 MB`` or ``Original file, about 1.2 GB``."""
    name = quality.quality.value
    if quality.quality is Quality.AUTO:
        name = "Best quality" if quality.height else "Original file"
    return f"{name}, {quality.size_label}" if quality.size_label else name


def playlist_in_words(content: ContentPayload) -> str:
    """Return ``Playlist, 57 videos`` or ``Playlist, the first 200 of 340 videos``; else empty."""
    if content.kind != "playlist":
        return ""
    known = content.entry_count or 0
    videos = "video" if known == 1 else "videos"
    if not content.has_more:
        return f"Playlist, {known} {videos}"
    if content.entry_total is not None and content.entry_total > known:
        return f"Playlist, the first {known} of {content.entry_total} videos"
    return f"Playlist, the first {known} {videos}"
