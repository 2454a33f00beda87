"""Slow preparations, begun in the background while the rest of the program is being loaded."""

from __future__ import annotations

import threading

from downloads.cli.place import Place
from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.client import Client
from downloads.engine.resolver.manifests.parsing import parser
from downloads.engine.resolver.url_hints import asks_its_source, looks_like_manifest
from downloads.engine.resolver.urls import normalise
from downloads.engine.transfer.prefetch import PrefetchRequest


def look(url: str, place: Place, client: Client) -> PrefetchRequest | None:
    """Request the URL, if its source is asked first; for one that looks like a film, start the
    parser of its list, and ffmpeg. Errors are raised later, at the step that needs the result."""
    try:
        url = normalise(url)
    except DownloadError:
        return None
    if looks_like_manifest(url):
        parser().prepare()
        threading.Thread(target=_find_ffmpeg, args=(place,), daemon=True).start()
    return PrefetchRequest(url, client) if asks_its_source(url) else None


def _find_ffmpeg(place: Place) -> None:
    try:
        place.media()
    except ValueError:
        return
