"""Inside the jail: the program that answers what a manifest holds. Run by ``parsing``, never
imported."""

from __future__ import annotations

from typing import Any

from downloads.engine.resolver.manifests import mpd, playlist
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
                return _playlist(request)
            case "mpd":
                return mpd.read(
                    request["text"], request["url"], request["representation"], request["linked"]
                )
            case "feed":
                from downloads.engine.resolver.feeds import reader

                return reader.read(
                    request["text"], request["url"], request["start"], request["count"]
                )
    except ManifestError as error:
        return {"bad": str(error)}
    except ManifestTooLarge as error:
        return {"big": str(error)}
    except UnsupportedScheme as error:
        return {"elsewhere": str(error)}
    return None


def _playlist(request: dict[str, Any]) -> dict[str, Any]:
    text = request.pop("text")  # may be long: held only once
    return playlist.read(text, request["url"], request["variables"])


if __name__ == "__main__":
    serve(_handle)
