"""Inside the jail: answers what is in a manifest. Run by ``parsing``, never imported."""

from __future__ import annotations

import sys
from typing import Any

from downloads.engine.resolver.manifests import document, periods, playlist
from downloads.engine.resolver.manifests.errors import (
    ManifestError,
    ManifestTooLarge,
    UnsupportedScheme,
)
from downloads.engine.sandbox.serve import serve


def _handle(request: dict[str, Any]) -> Any:
    try:
        match request["do"]:
            case "playlist":
                return playlist.read(request["text"])
            case "mpd":
                return _presentation(request["text"], request["url"], request["representation"])
    except ManifestError as error:
        return {"bad": str(error)}
    except ManifestTooLarge as error:
        return {"big": str(error)}
    except UnsupportedScheme as error:
        return {"elsewhere": str(error)}
    return None


def _presentation(text: str, url: str, representation: str) -> dict[str, Any]:
    from downloads.engine.resolver.ytdlp import mpd  # yt-dlp: the other half of this child's start

    prepared = document.prepare(text, url)
    found = mpd.periods(prepared.root)
    offers, split = periods.joined(prepared, found)
    return {
        "live": prepared.live,
        "split": split,
        "duration": prepared.duration,
        "title": prepared.title,
        "representations": [offer.told(with_pieces=offer.id == representation) for offer in offers],
    }


if __name__ == "__main__":
    if "eager" in sys.argv:
        from downloads.engine.resolver.ytdlp import mpd  # noqa: F401
    serve(_handle)
