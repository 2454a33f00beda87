"""An MPD with its remote elements, which are fetched first."""

from __future__ import annotations

from downloads.engine.core.errors import (
    ExpiredLink,
    GeoBlocked,
    LoginRequired,
    NotMedia,
    Unavailable,
)
from downloads.engine.egress.client import Client
from downloads.engine.resolver.manifests import fetching, refusals
from downloads.engine.resolver.manifests.addresses import headers_for, join
from downloads.engine.resolver.manifests.answers import Presentation
from downloads.engine.resolver.manifests.fetching import MAX_BYTES, Manifest
from downloads.engine.resolver.manifests.parsing import Parser

_ROUNDS = 6  # nested links
_NOT_TO_BE_HAD = (ExpiredLink, GeoBlocked, LoginRequired, NotMedia, Unavailable)


def presentation(
    manifest: Manifest, client: Client, reader: Parser, representation: str = ""
) -> Presentation:
    """Return the presentation, with the pieces of one ``representation``.

    Raises BadManifest, BlockedAddress, Stopped, and the error of fetching a remote element if it
    may be temporary.
    """
    linked: dict[str, str | None] = {}
    for _ in range(_ROUNDS):
        found = reader.presentation(manifest.text, manifest.url, representation, linked, client)
        if not found.links:
            return found
        for url in found.links:
            linked[url] = _linked(join(manifest.url, url), manifest, client)
        if sum(len(text or "") for text in linked.values()) > MAX_BYTES:
            raise refusals.too_big(f"more than {MAX_BYTES} bytes in its parts")
    raise refusals.broken("links that lead to links")


def _linked(url: str, manifest: Manifest, client: Client) -> str | None:
    headers = headers_for(manifest.headers, manifest.url, [url])
    try:
        return fetching.fetch(url, headers, client).text
    except _NOT_TO_BE_HAD:
        return None  # the element's own content is used then
