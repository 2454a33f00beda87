"""The resolvers in the order in which they are asked."""

from __future__ import annotations

from downloads.egress.client import Client
from downloads.exceptions import UnsupportedURL
from downloads.resolver import sniff
from downloads.resolver.base import Opening, Resolution, Resolver
from downloads.resolver.direct import DirectResolver
from downloads.resolver.quality import select
from downloads.resolver.urls import normalise
from downloads.streams import Quality, Source

RESOLVERS: tuple[Resolver, ...] = (DirectResolver(),)


def resolve(url: str, quality: Quality, client: Client) -> Resolution:
    """Find out what a URL offers, and what of it this quality means.

    Asks the source once. The answer may stay open, parked in ``client`` for the transfer to go
    on with; ``client.close()`` gives it up. Raises the errors of ``downloads.exceptions``.
    """
    source = probe(url, client)
    return Resolution(source, select(source, quality))


def probe(url: str, client: Client) -> Source:
    """What a URL offers. As :func:`resolve`, without choosing."""
    opening = Opening(normalise(url), client)
    try:
        for resolver in RESOLVERS:
            if resolver.claims(opening):
                return resolver.resolve(opening)
        raise _unclaimed(opening)
    except BaseException:
        opening.close()
        raise


def _unclaimed(opening: Opening) -> UnsupportedURL:
    if sniff.is_manifest(opening.content_type, opening.head):
        return UnsupportedURL(
            "a manifest",
            message="Streams (HLS/DASH) are not supported yet. Paste the direct link of a file.",
        )
    return UnsupportedURL(
        "a web page",
        message="This link leads to a web page, not to a file. Paste the direct link of the file.",
    )
