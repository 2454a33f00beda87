"""yt-dlp's own MPD reader, given a document. Imported inside the jail only."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor

from downloads.engine.resolver.manifests.errors import ManifestError

_reader = InfoExtractor(
    YoutubeDL({"quiet": True, "no_warnings": True, "cachedir": False}, auto_init=False)
)


def periods(root: Element) -> list[list[dict[str, Any]]]:
    """The formats of each period, as yt-dlp makes them, each with its ``kind`` (video, audio or
    text) and the ``lang`` that the document gave it. Storyboards are left out.

    Raises ManifestError."""
    try:
        return [_formats(period) for period in _reader._parse_mpd_periods(root)]
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise ManifestError(f"{type(error).__name__}: {error}"[:200]) from None


def _formats(period: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for form in period["formats"]:
        if form.get("ext") == "mhtml":
            continue
        kind = "audio" if form["format_note"].startswith("DASH audio") else "video"
        found.append({**form, "kind": kind, "lang": form["language"]})
    for lang, tracks in period["subtitles"].items():
        found.extend({**track, "kind": "text", "lang": lang} for track in tracks)
    return found
