"""The resolvers, in the order in which they are tried. See docs/resolvers.md to add one."""

from __future__ import annotations

from collections.abc import Callable

from downloads.engine.core.errors import IS_A_PLAYLIST, UnsupportedURL
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import (
    Quality,
    Selection,
    Source,
)
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import LISTED, Resolution, Resolver, UrlProbe
from downloads.engine.resolver.dash import DashResolver
from downloads.engine.resolver.direct import DirectResolver
from downloads.engine.resolver.feeds.resolver import FeedResolver
from downloads.engine.resolver.hls import HlsResolver
from downloads.engine.resolver.quality import select
from downloads.engine.resolver.urls import normalise
from downloads.engine.resolver.ytdlp.resolver import PageResolver, SiteResolver

RESOLVERS: tuple[Resolver, ...] = (
    SiteResolver(),
    FeedResolver(),
    DirectResolver(),
    HlsResolver(),
    DashResolver(),
    PageResolver(),
)


def resolve(
    url: str,
    quality: Quality,
    client: Client,
    options: Options = Options(),  # noqa: B008
) -> Resolution:
    """Resolve a URL and select the formats of this quality.

    The answer of a file may stay open, parked in ``client`` for the transfer to continue;
    ``client.close()`` drops it. Raises the errors of ``downloads.engine.core.errors``.
    """

    def choose(source: Source) -> Selection:
        return select(source, quality, options)

    source = probe(url, client, choose)
    return Resolution(source, choose(source))


def probe(url: str, client: Client, choose: Callable[[Source], Selection] | None = None) -> Source:
    """Resolve a URL without choosing. Raises UnsupportedURL for a playlist, except for a player's
    list of one entry, which stands for that entry, as in mpv and VLC.

    ``choose``: selects what will be fetched, so that it is checked.
    """
    found = _followed(UrlProbe(normalise(url), client, count=1, choose=choose))
    if isinstance(found, Listing):
        raise UnsupportedURL("a playlist", message=IS_A_PLAYLIST)
    return found


def look(url: str, client: Client) -> Source | Listing:
    """Resolve a URL to one source, or to the first entries of many. A player's list of one entry
    stands for that entry, as in :func:`probe`."""
    return _followed(UrlProbe(normalise(url), client))


def listing(url: str, client: Client, start: int = 0, count: int = LISTED) -> Listing:
    """Return ``count`` entries of a playlist from index ``start`` on. Raises UnsupportedURL if it
    is none."""
    found = _ask(UrlProbe(normalise(url), client, start, count))
    if isinstance(found, Source):
        raise UnsupportedURL(
            "no playlist", message="This link is one video, not a playlist. Download it instead."
        )
    return found


def _followed(url_probe: UrlProbe) -> Source | Listing:
    """Return the answer, following a player's list of one entry to that entry, once."""
    found = _ask(url_probe)
    if isinstance(found, Listing) and found.for_players and found.total == len(found.entries) == 1:
        only = normalise(found.entries[0].url)
        found = _ask(
            UrlProbe(only, url_probe.client, count=url_probe.count, choose=url_probe.choose)
        )
    return found


def _ask(url_probe: UrlProbe) -> Source | Listing:
    try:
        for resolver in RESOLVERS:
            if resolver.claims(url_probe):
                if url_probe.client.trace is not None:
                    url_probe.client.trace.decide(f"resolved by {type(resolver).__name__}")
                return resolver.resolve(url_probe)
        raise UnsupportedURL("no resolver claims it")
    except BaseException:
        url_probe.close()
        raise
