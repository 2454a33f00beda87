"""Playlists and channels: a bounded listing, read page by page, by yt-dlp's real extractor."""

from __future__ import annotations

import json
from typing import Any

import pytest

from downloads.engine.core.listing import Listing
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.answers import page, reply
from tests.support.request import Request

HOST = "www.youtube.com"
LIST = "PLzH6n4zXuckpfMu_4Ff8E7Z1behQks5ba"
URL = f"https://{HOST}/playlist?list={LIST}"
PAGE = 100
TOTAL = 100_000  # it never ends, for what anybody has time for


def entry(number: int) -> dict[str, Any]:
    return {
        "playlistVideoRenderer": {
            "videoId": f"video{number:06d}",
            "title": {"runs": [{"text": f"Part {number}"}]},
            "lengthSeconds": "61",
            "thumbnail": {"thumbnails": [{"url": f"https://i.ytimg.com/vi/{number}/default.jpg"}]},
        }
    }


def contents(page: int) -> list[dict[str, Any]]:
    token = {"continuationCommand": {"token": str(page + 1), "request": "BROWSE"}}
    more = {"continuationItemRenderer": {"continuationEndpoint": token}}
    return [*(entry(page * PAGE + number) for number in range(PAGE)), more]


def first_data() -> dict[str, Any]:
    videos = {"playlistVideoListRenderer": {"contents": contents(0), "playlistId": LIST}}
    items = {"itemSectionRenderer": {"contents": [videos]}}
    section = {"sectionListRenderer": {"contents": [items]}}
    return {
        "contents": {
            "twoColumnBrowseResultsRenderer": {
                "tabs": [{"tabRenderer": {"selected": True, "content": section}}]
            }
        },
        "metadata": {"playlistMetadataRenderer": {"title": "All the parts"}},
        "sidebar": {
            "playlistSidebarRenderer": {
                "items": [
                    {
                        "playlistSidebarPrimaryInfoRenderer": {
                            "stats": [{"runs": [{"text": f"{TOTAL:,}"}, {"text": " videos"}]}]
                        }
                    }
                ]
            }
        },
    }


def first_page(_: Request) -> bytes:
    configuration = {"INNERTUBE_API_KEY": "key"}
    shown = (
        f"<html><script>ytcfg.set({json.dumps(configuration)});</script>"
        f"<script>var ytInitialData = {json.dumps(first_data())};</script></html>"
    )
    return page(shown)


def next_page(asked: Request) -> bytes:
    """The extractor asks for the first one once more, with what is unavailable in it."""
    token = json.loads(asked.body).get("continuation")
    action = {"appendContinuationItemsAction": {"continuationItems": contents(int(token or 0))}}
    data = {"onResponseReceivedActions": [action]} if token else first_data()
    return reply(json.dumps(data).encode(), "application/json")


@pytest.fixture
def playlist(site: Site) -> Site:
    site.pages |= {(HOST, "/playlist"): first_page, (HOST, "/youtubei/v1/browse"): next_page}
    return site


def listing(extraction: Extraction, client: Client, start: int, count: int) -> Listing:
    found = extraction.extract(UrlProbe(URL, client, start, count), generic=False)
    assert isinstance(found, Listing)
    return found


def test_the_first_two_hundred(playlist: Site, extraction: Extraction, site_client: Client) -> None:
    found = listing(extraction, site_client, 0, 200)
    assert found.title == "All the parts"
    assert found.identity == f"youtubetab:youtube.com:{LIST}"
    assert len(found.entries) == 200
    assert found.more
    assert found.start == 0
    first = found.entries[0]
    assert first.url == f"https://{HOST}/watch?v=video000000"
    assert (first.title, first.duration) == ("Part 0", 61)
    assert first.identity == "youtube:youtube.com:video000000"
    assert found.entries[-1].title == "Part 199"


def test_it_goes_no_further_than_asked(
    playlist: Site, extraction: Extraction, site_client: Client
) -> None:
    """Nor into the entries themselves."""
    listing(extraction, site_client, 0, 200)
    asked = playlist.paths()
    assert asked.count(f"{HOST}/youtubei/v1/browse") <= 3
    assert set(asked) == {f"{HOST}/playlist", f"{HOST}/youtubei/v1/browse"}


def test_more_on_asking(playlist: Site, extraction: Extraction, site_client: Client) -> None:
    found = listing(extraction, site_client, 150, 20)
    assert [found.entries[0].title, found.entries[-1].title] == ["Part 150", "Part 169"]
    assert found.start == 150
    assert found.more
