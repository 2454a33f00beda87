"""What takes time and waits for nobody begins while the rest of the program is being loaded."""

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
    """Ask the source, where it is what is asked first; for what looks like a film, have ready who
    reads its list, and ffmpeg. Whatever is wrong is told by whoever needs it."""
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
