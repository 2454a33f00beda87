"""The payload of subtitles beside a download's file."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import get_language_info

from downloads.models.subtitles import StoredSubtitle, subtitles_of
from downloads.schemas.base import Payload
from downloads.schemas.paths import site_path

if TYPE_CHECKING:
    from downloads.models import Download


class SubtitlePayload(Payload):
    """WebVTT at ``url``. ``language`` is a BCP 47 tag, unique in the download.
    ``name`` is for a menu. ``automatic``: made by a machine."""

    language: str
    name: str
    url: str
    automatic: bool

    @classmethod
    def all_of(cls, download: Download) -> list[SubtitlePayload]:
        """Return the subtitles of a completed download."""
        return [
            cls(
                language=each.language,
                name=name_of(each),
                url=_url(download.id, each.language),
                automatic=each.automatic,
            )
            for each in subtitles_of(download.rendition.subtitles)
        ]


def name_of(subtitle: StoredSubtitle) -> str:
    """Return the source's name, else the language's own name for itself, else its tag."""
    if subtitle.name:
        return subtitle.name
    try:
        name = str(get_language_info(subtitle.language.lower())["name_local"])
    except KeyError:
        return subtitle.language
    return f"{name[:1].upper()}{name[1:]}"


def _url(download_id: uuid.UUID, language: str) -> str:
    return site_path(f"/api/v1/downloads/{download_id}/subtitles/{language}/")
