"""Web pages that point inside, through the chain as a worker asks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from downloads.engine.core.errors import (
    BlockedAddress,
    TooManyRedirects,
    UnsupportedURL,
)
from downloads.engine.egress.client import Client
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.support.answers import redirect, respond
from tests.support.origin import Origin

pytestmark = pytest.mark.usefixtures("chain")


def inside(canary: Origin, path: str = "/secret.mp4") -> str:
    return canary.url(path)


def test_a_page_that_redirects_inside(client: Client, origin: Origin, canary: Origin) -> None:
    origin.answers["/watch"] = redirect(inside(canary))
    with pytest.raises(BlockedAddress):
        registry.probe(origin.url("/watch"), client)


def test_a_page_that_redirects_the_extractor_alone(
    extraction: Extraction, client: Client, origin: Origin, canary: Origin
) -> None:
    """The chain's own look at it was answered with a harmless page."""
    origin.answers["/watch"] = redirect(inside(canary, "/"))
    with pytest.raises(BlockedAddress):
        extraction.extract(UrlProbe(origin.url("/watch"), client), generic=True)


@pytest.mark.parametrize("scheme", ["file", "ftp", "rtmp", "data"])
def test_a_page_that_redirects_to_another_scheme(
    scheme: str, extraction: Extraction, client: Client, origin: Origin
) -> None:
    origin.answers["/watch"] = redirect(f"{scheme}:///etc/passwd")
    with pytest.raises((UnsupportedURL, BlockedAddress)) as caught:
        registry.probe(origin.url("/watch"), client)
    assert "root:" not in caught.value.detail


@pytest.mark.parametrize(
    "markup",
    [
        '<video><source src="{inside}/x.m3u8" type="application/x-mpegURL"></video>',
        '<meta http-equiv="refresh" content="0; url={inside}/">',
        '<video><source src="{inside}/x.mpd" type="application/dash+xml"></video>',
    ],
)
def test_what_a_page_embeds_from_inside(
    markup: str, page: Callable[..., str], client: Client, canary: Origin
) -> None:
    url = page(markup.replace("{inside}", canary.url("")))
    with pytest.raises((BlockedAddress, UnsupportedURL)) as caught:
        registry.probe(url, client)
    assert caught.value.code == "blocked_address"


def test_smuggled_orders_in_a_link_are_left_out(
    extraction: Extraction, client: Client, origin: Origin
) -> None:
    smuggled = origin.url("/watch") + '#__youtubedl_smuggle={"to_generic": true}'
    origin.answers["/watch"] = respond(b"<html><p>", Content_Type="text/html")
    with pytest.raises(UnsupportedURL):
        registry.probe(smuggled, client)
    assert all("smuggle" not in request.path for request in origin.log)


def test_redirects_without_end(extraction: Extraction, client: Client, origin: Origin) -> None:
    origin.answers["/watch"] = redirect(origin.url("/watch"))
    with pytest.raises(TooManyRedirects):
        registry.probe(origin.url("/watch"), client)
    assert len(origin.log) < 30
