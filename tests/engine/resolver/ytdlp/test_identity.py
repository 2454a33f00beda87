"""The identity of content: an extractor's id at the host that it was found at, and nowhere else."""

from __future__ import annotations

import pytest
from msgspec import convert

from downloads.engine.resolver.ytdlp.answer import RawPlaylist, RawVideo
from downloads.engine.resolver.ytdlp.formats import listing_of, source_of

ID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
FILE = {"format_id": "1", "url": "https://cdn.example.com/1.mp4", "protocol": "https", "ext": "mp4"}


def identity(asked: str, page_url: str | None, key: str = "PeerTube") -> str:
    said = {"key": key, "id": ID, "title": "A film", "page_url": page_url, "formats": [FILE]}
    return source_of(convert(said, RawVideo), asked).identity


def test_another_host_cannot_give_out_the_same_thing() -> None:
    """Anyone can run PeerTube, and give a video another's id."""
    pages = [f"https://{host}/w/{ID}" for host in ("evil.example", "tube.example")]
    mine, theirs = (identity(page, page) for page in pages)
    assert mine == f"peertube:evil.example:{ID}"
    assert theirs == f"peertube:tube.example:{ID}"


def test_nor_another_port_of_the_host() -> None:
    pages = [f"http://127.0.0.1:{port}/w/{ID}" for port in (8001, 8002)]
    assert len({identity(page, page) for page in pages}) == 2


@pytest.mark.parametrize("page_url", [None, f"peertube:tube.example:{ID}", "file:///etc/passwd"])
def test_without_a_page_it_is_the_host_that_was_asked(page_url: str | None) -> None:
    assert identity("https://evil.example/page", page_url) == f"peertube:evil.example:{ID}"


@pytest.mark.parametrize(
    "page_url",
    ["https://tube.example/w/1", "https://www.tube.example/w/1", "http://m.tube.example/w/1",
     "https://Player.Tube.Example:443/w/1"],
)  # fmt: skip
def test_all_doors_of_a_site_lead_to_one_thing(page_url: str) -> None:
    assert identity("https://short.example/1", page_url) == f"peertube:tube.example:{ID}"


def test_a_top_level_domain_is_no_site() -> None:
    assert identity("https://m.example/1", None) == f"peertube:m.example:{ID}"


def test_an_entry_and_a_listing_are_of_their_hosts() -> None:
    said = {
        "key": "PeerTubePlaylist", "id": "list", "title": "All",
        "page_url": "https://tube.example/w/p/list",
        "entries": [
            {"url": f"https://evil.example/w/{ID}", "title": "One", "key": "PeerTube", "id": ID}
        ],
    }  # fmt: skip
    found = listing_of(convert(said, RawPlaylist), "https://short.example/list", 0)
    assert found.identity == "peertubeplaylist:tube.example:list"
    assert found.entries[0].identity == f"peertube:evil.example:{ID}"
